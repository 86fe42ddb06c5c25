package ntlmssp

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/wire"
)

const signature = "NTLMSSP\x00"

// A MessageType tells the three messages apart as described in [MS-NLMP] 2.2.1.
type MessageType uint32

// The message types of [MS-NLMP] 2.2.1.
const (
	TypeNegotiate    MessageType = 0x00000001
	TypeChallenge    MessageType = 0x00000002
	TypeAuthenticate MessageType = 0x00000003
)

// String prints the specification's token.
func (t MessageType) String() string {
	switch t {
	case TypeNegotiate:
		return "NtLmNegotiate"
	case TypeChallenge:
		return "NtLmChallenge"
	case TypeAuthenticate:
		return "NtLmAuthenticate"
	}
	return fmt.Sprintf("MessageType(0x%08X)", uint32(t))
}

// IsMessage tells whether b begins with the signature of an NTLMSSP message.
func IsMessage(b []byte) bool {
	return len(b) >= len(signature) && string(b[:len(signature)]) == signature
}

// TypeOf returns the type of the NTLMSSP message that b begins with, and false where b does not begin with one. The
// type may be one that no parser here reads.
func TypeOf(b []byte) (MessageType, bool) {
	c := wire.NewCursor("NTLMSSP", b)
	c.Bytes("Signature", len(signature))
	t := MessageType(c.U32("MessageType"))
	return t, IsMessage(b) && !c.Failed()
}

// readStart reads Signature and MessageType; anything but a message of the wanted type is a wire.ErrFormat failure.
func readStart(c *wire.Cursor, want MessageType) {
	start := c.Bytes("Signature", len(signature))
	if start != nil && string(start) != signature {
		c.Seek("Signature", 0)
		c.Fail("Signature", wire.ErrFormat)
	}
	at := c.Offset()
	if t := MessageType(c.U32("MessageType")); !c.Failed() && t != want {
		c.Seek("MessageType", at)
		c.Fail("MessageType", wire.ErrFormat)
	}
}

func appendStart(a *wire.Appender, t MessageType) {
	a.Text(signature)
	a.U32(uint32(t))
}

// A part is where a variable part says it is: the Len, MaxLen and BufferOffset fields that [MS-NLMP] 2.2.1 has for
// each of them.
type part struct {
	name                string
	at                  int // of the fields themselves
	length, max, offset int
}

func readPart(c *wire.Cursor, name string) part {
	return part{
		name: name, at: c.Offset(),
		length: c.Len16(name), max: c.Len16(name), offset: c.Len32(name),
	}
}

// value returns the bytes of the part; one out of bounds becomes an anomaly.
func (p part) value(c *wire.Cursor) []byte { return c.At(p.name, p.offset, p.length) }

// payloadStart returns where the payload of a message of size bytes begins: at the lowest offset of a part that is not
// empty and lies behind the fixed bytes that are certain. Offsets of empty parts say nothing: Windows sends zero,
// others the place where the part would be, macOS 24 in a type 1 message. Without any part the header takes it all.
func payloadStart(size, fixed int, parts ...part) int {
	start := size
	for _, p := range parts {
		if p.length > 0 && p.offset >= fixed {
			start = min(start, p.offset)
		}
	}
	return start
}

// notePayload notes what is odd about parts in a message of size bytes whose payload begins at start.
func notePayload(c *wire.Cursor, size, start int, parts ...part) {
	sum, end := start, start
	for _, p := range parts {
		if p.max != p.length {
			c.Note(p.name, p.at+2, "MaxLen is %d, Len is %d", p.max, p.length)
		}
		if p.length == 0 || p.offset < 0 || p.offset > size || p.length > size-p.offset {
			continue // absent, or noted as out of bounds when its bytes were read
		}
		if p.offset < start {
			c.Note(p.name, p.offset, "lies in the fixed part")
			continue
		}
		sum += p.length
		end = max(end, p.offset+p.length)
	}
	switch {
	case sum < end:
		c.Note("Payload", start, "%d bytes belong to no field", end-sum)
	case sum > end:
		c.Note("Payload", start, "fields overlap by %d bytes", sum-end)
	}
	c.NoteTrailing(end)
}

// readExtra reads what lies between the last field of the header and the payload at start.
func readExtra(c *wire.Cursor, start int) []byte {
	at := c.Offset()
	if start <= at {
		return nil
	}
	extra := c.Bytes("Payload", start-at)
	c.Note("Payload", at, "%d bytes of unknown use before it", len(extra))
	return extra
}

// appendPart appends the three fields of a part that will lie at *offset, and moves the offset behind it.
func appendPart(a *wire.Appender, name string, value []byte, offset *int) {
	a.Len16(name, len(value))
	a.Len16(name, len(value))
	a.Len32(name, *offset)
	*offset += len(value)
}
