// Package samr reads and writes the stubs of the calls of the security account manager that a null session asks: domains,
// users, groups, aliases, and the rules for passwords and lockout, as described in [MS-SAMR]. It has no call that changes
// anything.
//
// Texts in a value alias the stub that it was parsed from.
package samr

// The interface and its named pipe, [MS-SAMR] 1.9 and 2.1.
const (
	PipeName = "samr"
	UUID     = "12345778-1234-abcd-ef00-0123456789ac"
	Major    = 1
	Minor    = 0
)

// The numbers of the calls, [MS-SAMR] 3.1.5.
const (
	OpCloseHandle              uint16 = 1
	OpLookupDomain             uint16 = 5
	OpEnumerateDomains         uint16 = 6
	OpOpenDomain               uint16 = 7
	OpQueryInformationDomain   uint16 = 8
	OpEnumerateGroups          uint16 = 11
	OpEnumerateUsers           uint16 = 13
	OpEnumerateAliases         uint16 = 15
	OpQueryDisplayInformation  uint16 = 40
	OpQueryInformationDomain2  uint16 = 46
	OpQueryDisplayInformation2 uint16 = 48
	OpQueryDisplayInformation3 uint16 = 51
	OpConnect2                 uint16 = 57
	OpConnect5                 uint16 = 64
)

// Rights to the server object and to a domain, [MS-SAMR] 2.2.1.3 and 2.2.1.4: those that reading needs.
const (
	ServerConnect                uint32 = 0x00000001
	ServerEnumerateDomains       uint32 = 0x00000010
	ServerLookupDomain           uint32 = 0x00000020
	DomainReadPasswordParameters uint32 = 0x00000001
	DomainReadOtherParameters    uint32 = 0x00000004
	DomainGetAliasMembership     uint32 = 0x00000080
	DomainListAccounts           uint32 = 0x00000100
	DomainLookup                 uint32 = 0x00000200
)
