// Package lsarpc reads and writes the stubs of the calls of the local security authority that a null session asks: which
// domains the server is in (LsarQueryInformationPolicy) and which accounts have which identifiers (LsarLookupSids2), as
// described in [MS-LSAD] and [MS-LSAT].
//
// Texts in a value alias the stub that it was parsed from.
package lsarpc

// The interface and its named pipe, [MS-LSAD] 1.9 and 2.1.
const (
	PipeName = "lsarpc"
	UUID     = "12345778-1234-abcd-ef00-0123456789ab"
	Major    = 0
	Minor    = 0
)

// The numbers of the calls, [MS-LSAD] 3.1.4 and [MS-LSAT] 3.1.4.
const (
	OpClose                   uint16 = 0
	OpQueryInformationPolicy  uint16 = 7
	OpOpenPolicy2             uint16 = 44
	OpQueryInformationPolicy2 uint16 = 46
	OpLookupSids2             uint16 = 57
)

// Rights to the policy object, [MS-LSAD] 2.2.1.1.2: those that reading needs.
const (
	AccessViewLocalInformation uint32 = 0x00000001
	AccessLookupNames          uint32 = 0x00000800
	AccessMaximumAllowed       uint32 = 0x02000000 // whatever the server grants
)
