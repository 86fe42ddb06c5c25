package smb

import (
	"errors"
	"fmt"
)

// The protocol identifiers: the first four bytes of every message.
const (
	magicSMB1       = "\xFFSMB" // [MS-CIFS] 2.2.3.1
	magicSMB2       = "\xFESMB" // [MS-SMB2] 2.2.1
	magicTransform  = "\xFDSMB" // [MS-SMB2] 2.2.41
	magicCompressed = "\xFCSMB" // [MS-SMB2] 2.2.42
)

var (
	// ErrNotSMB says that a message has not the protocol identifier that its parser reads. To a scan that is an
	// outcome; only parsers return it.
	ErrNotSMB = errors.New("not an SMB message")
	// ErrErrorResponse says that a response carries a status of failure and therefore the body of an error response,
	// which ParseSMB2ErrorResponse or ParseSMB1ErrorResponse reads.
	ErrErrorResponse = errors.New("an error response")
	// ErrCommand says that a message is of another command than its parser reads, or is a request where a response
	// was to be read, or the other way round.
	ErrCommand = errors.New("another command or direction")
)

// IsSMB1 tells whether b begins with the identifier of an SMB1 message. That is no proof of SMB1 support: servers
// without it answer in its format too.
func IsSMB1(b []byte) bool { return hasMagic(b, magicSMB1) }

// IsSMB2 tells whether b begins with the identifier of an SMB2 message of any dialect from 2.0.2 to 3.1.1.
func IsSMB2(b []byte) bool { return hasMagic(b, magicSMB2) }

// IsTransform tells whether b begins with the identifier of an encrypted SMB2 message ([MS-SMB2] 2.2.41).
func IsTransform(b []byte) bool { return hasMagic(b, magicTransform) }

// IsCompressed tells whether b begins with the identifier of a compressed SMB2 message ([MS-SMB2] 2.2.42).
func IsCompressed(b []byte) bool { return hasMagic(b, magicCompressed) }

// IsSMB tells whether b begins with any of the four protocol identifiers.
func IsSMB(b []byte) bool {
	return IsSMB1(b) || IsSMB2(b) || IsTransform(b) || IsCompressed(b)
}

func hasMagic(b []byte, magic string) bool {
	return len(b) >= len(magic) && string(b[:len(magic)]) == magic
}

// A Dialect is an SMB2 dialect revision as described in [MS-SMB2] 2.2.3 and 2.2.4.
type Dialect uint16

// The dialect revisions of [MS-SMB2] 2.2.4.
const (
	DialectSMB202   Dialect = 0x0202
	DialectSMB210   Dialect = 0x0210
	DialectSMB300   Dialect = 0x0300
	DialectSMB302   Dialect = 0x0302
	DialectSMB311   Dialect = 0x0311
	DialectWildcard Dialect = 0x02FF // answers "SMB 2.???": an SMB2 negotiate must follow
)

// String prints the revision as products name it: "3.1.1".
func (d Dialect) String() string {
	switch d {
	case DialectSMB202:
		return "2.0.2"
	case DialectSMB210:
		return "2.1"
	case DialectSMB300:
		return "3.0"
	case DialectSMB302:
		return "3.0.2"
	case DialectSMB311:
		return "3.1.1"
	case DialectWildcard:
		return "2.???"
	}
	return fmt.Sprintf("Dialect(0x%04X)", uint16(d))
}

// Dialects returns the five SMB2 dialect revisions in ascending order.
func Dialects() []Dialect {
	return []Dialect{DialectSMB202, DialectSMB210, DialectSMB300, DialectSMB302, DialectSMB311}
}

// The dialect strings of SMB1 that are no names of the five above in other words: of DOS, Xenix and Windows for
// Workgroups clients, and an early one of NT ([MS-CIFS] 1.7 has most; Samba 4.17 takes three of them).
const (
	DialectMSNet103    = "MICROSOFT NETWORKS 1.03"
	DialectMSNet30     = "MICROSOFT NETWORKS 3.0"
	DialectDOSLM12X002 = "DOS LM1.2X002"
	DialectDOSLANMAN21 = "DOS LANMAN2.1"
	DialectXenixCore   = "XENIX CORE"
	DialectWfW31a      = "Windows for Workgroups 3.1a"
	DialectNTLANMAN10  = "NT LANMAN 1.0"
)

// The dialect strings of SMB1, [MS-CIFS] 1.7 and 2.2.4.52.1, [MS-SMB2] 3.3.5.3.
const (
	DialectCore     = "PC NETWORK PROGRAM 1.0"
	DialectLANMAN10 = "LANMAN1.0"
	DialectLM12X002 = "LM1.2X002"
	DialectLANMAN21 = "LANMAN2.1"
	DialectNTLM012  = "NT LM 0.12"
	DialectSMB2002  = "SMB 2.002" // multi-protocol negotiate: take me to SMB 2.0.2
	DialectSMB2Any  = "SMB 2.???" // multi-protocol negotiate: take me to any later revision
	NoDialect       = 0xFFFF      // DialectIndex of a server that takes none of those offered
)

// SMB1Dialects returns the SMB1 dialects in ascending order, from the core protocol to NT LM 0.12: servers take the last
// that they know.
func SMB1Dialects() []string {
	return []string{DialectCore, DialectLANMAN10, DialectLM12X002, DialectLANMAN21, DialectNTLM012}
}

// OtherSMB1Dialects returns the dialect strings beside those of SMB1Dialects, as old clients sent them.
func OtherSMB1Dialects() []string {
	return []string{
		DialectMSNet103, DialectMSNet30, DialectDOSLM12X002, DialectDOSLANMAN21, DialectXenixCore, DialectWfW31a, DialectNTLANMAN10,
	}
}
