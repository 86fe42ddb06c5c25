package nbns

import (
	"errors"
	"fmt"

	"github.com/smbscope/smbscope/smb/wire"
)

// Port is the UDP port of the name service (RFC 1002 4.2).
const Port = 137

// ErrNegative says that a response carries an RCODE of failure. The flags of the value that comes with it tell which.
var ErrNegative = errors.New("a negative response")

// HeaderFlags are the second 16 bits of a header as described in RFC 1002 4.2.1.1: R, OPCODE, NM_FLAGS and RCODE.
type HeaderFlags uint16

// The single bits of RFC 1002 4.2.1.1.
const (
	FlagResponse           HeaderFlags = 0x8000 // R
	FlagAuthoritative      HeaderFlags = 0x0400 // AA: set in every node status response
	FlagTruncated          HeaderFlags = 0x0200 // TC
	FlagRecursionDesired   HeaderFlags = 0x0100 // RD
	FlagRecursionAvailable HeaderFlags = 0x0080 // RA
	FlagBroadcast          HeaderFlags = 0x0010 // B
)

// Has tells whether all of the given bits are set.
func (f HeaderFlags) Has(bits HeaderFlags) bool { return f&bits == bits }

// Opcode returns the operation: 0 is a query.
func (f HeaderFlags) Opcode() uint8 { return uint8(f >> 11 & 0x0F) }

// RCode returns the result of a response.
func (f HeaderFlags) RCode() RCode { return RCode(f & 0x0F) }

// An RCode is the result code of a response as described in RFC 1002 4.2.6 and 4.2.14.
type RCode uint8

// The codes of RFC 1002 4.2.6, 4.2.11 and 4.2.14.
const (
	RCodeNone         RCode = 0x0
	RCodeFormat       RCode = 0x1
	RCodeServer       RCode = 0x2
	RCodeName         RCode = 0x3
	RCodeImplementing RCode = 0x4
	RCodeRefused      RCode = 0x5
	RCodeActive       RCode = 0x6
	RCodeConflict     RCode = 0x7
)

// String prints RFC 1002's token of the code.
func (c RCode) String() string {
	switch c {
	case RCodeNone:
		return "0"
	case RCodeFormat:
		return "FMT_ERR"
	case RCodeServer:
		return "SRV_ERR"
	case RCodeName:
		return "NAM_ERR"
	case RCodeImplementing:
		return "IMP_ERR"
	case RCodeRefused:
		return "RFS_ERR"
	case RCodeActive:
		return "ACT_ERR"
	case RCodeConflict:
		return "CFT_ERR"
	}
	return fmt.Sprintf("RCode(0x%X)", uint8(c))
}

// The type and class of both messages (RFC 1002 4.2.17, 4.2.18).
const (
	typeNBSTAT = 0x0021
	classIN    = 0x0001
)

// A header is what every packet of the name service begins with (RFC 1002 4.2.1.1).
type header struct {
	id     uint16
	flags  HeaderFlags
	counts [4]uint16 // QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT
}

// countNames returns the specification's names of the counts. A function, so that no package variable can change.
func countNames() [4]string { return [4]string{"QDCOUNT", "ANCOUNT", "NSCOUNT", "ARCOUNT"} }

func readHeader(c *wire.Cursor) header {
	h := header{id: readU16(c, "NAME_TRN_ID"), flags: HeaderFlags(readU16(c, "OPCODE"))}
	for i, name := range countNames() {
		h.counts[i] = readU16(c, name)
	}
	return h
}

// noteCounts notes counts that are not those of the message. The records that they announce are trailing bytes to its
// parser.
func (h header) noteCounts(c *wire.Cursor, want [4]uint16) {
	for i, name := range countNames() {
		if h.counts[i] != want[i] {
			c.Note(name, 4+2*i, "%d, should be %d", h.counts[i], want[i])
		}
	}
}

func (h header) append(a *wire.Appender) {
	appendU16(a, h.id)
	appendU16(a, uint16(h.flags))
	for _, n := range h.counts {
		appendU16(a, n)
	}
}

func readU16(c *wire.Cursor, field string) uint16 {
	if b := c.Bytes(field, 2); b != nil {
		return uint16(b[0])<<8 | uint16(b[1])
	}
	return 0
}

func readU32(c *wire.Cursor, field string) uint32 {
	if b := c.Bytes(field, 4); b != nil {
		return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	}
	return 0
}

func appendU16(a *wire.Appender, v uint16) {
	a.U8(uint8(v >> 8))
	a.U8(uint8(v))
}

func appendU32(a *wire.Appender, v uint32) {
	appendU16(a, uint16(v>>16))
	appendU16(a, uint16(v))
}
