package wire

import (
	"encoding/binary"
	"fmt"
)

// maxAnomalies bounds what one message can make a parser note: a hostile message of 64 KiB could name thousands.
const maxAnomalies = 32

// A Cursor reads one message. Its first error is sticky: after it every read gives zero, so that a parser reads
// straight through the fixed part in the order of the specification and checks once, with Err.
//
// Offsets are counted from the first byte of the message, which is the specification's base for offset fields
// (for SMB2 the first byte of the SMB2 header, for SMB1 the 0xFF, for NTLMSSP the 'N').
//
// A Cursor lives on the stack of its parser; reading allocates nothing until something is wrong.
type Cursor struct {
	message   string
	msg       []byte
	off       int
	failField string
	failOff   int
	failKind  error
	anomalies []Anomaly
}

// NewCursor returns a cursor at the first byte of msg. The message's name goes into errors and anomalies.
func NewCursor(message string, msg []byte) Cursor {
	return Cursor{message: message, msg: msg}
}

// take returns the next n bytes and moves on, or nil once the cursor has failed.
func (c *Cursor) take(field string, n int) []byte {
	if c.failKind != nil {
		return nil
	}
	if n < 0 || n > len(c.msg)-c.off {
		c.Fail(field, ErrTruncated)
		return nil
	}
	b := c.msg[c.off : c.off+n : c.off+n]
	c.off += n
	return b
}

// U8 reads one byte.
func (c *Cursor) U8(field string) uint8 {
	if b := c.take(field, 1); b != nil {
		return b[0]
	}
	return 0
}

// U16 reads a little-endian 16-bit integer.
func (c *Cursor) U16(field string) uint16 {
	if b := c.take(field, 2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

// U32 reads a little-endian 32-bit integer.
func (c *Cursor) U32(field string) uint32 {
	if b := c.take(field, 4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// U64 reads a little-endian 64-bit integer.
func (c *Cursor) U64(field string) uint64 {
	if b := c.take(field, 8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// Len8 reads an 8-bit count, length or offset as an int: sums and products of wire values are made in int only.
func (c *Cursor) Len8(field string) int { return int(c.U8(field)) }

// Len16 reads a 16-bit count, length or offset as an int.
func (c *Cursor) Len16(field string) int { return int(c.U16(field)) }

// Len32 reads a 32-bit count, length or offset as an int. Where int has 32 bits, what does not fit becomes -1,
// which At and Bytes refuse.
func (c *Cursor) Len32(field string) int {
	n := int(c.U32(field))
	if n < 0 {
		return -1
	}
	return n
}

// Bytes reads the next n bytes; the slice aliases the message.
func (c *Cursor) Bytes(field string, n int) []byte { return c.take(field, n) }

// Copy reads len(dst) bytes into dst, for identifiers of fixed size.
func (c *Cursor) Copy(field string, dst []byte) {
	copy(dst, c.take(field, len(dst)))
}

// Rest reads all that is left; the slice aliases the message.
func (c *Cursor) Rest() []byte { return c.take("rest", len(c.msg)-c.off) }

// Offset returns the place of the next byte, counted from the start of the message.
func (c *Cursor) Offset() int { return c.off }

// Remaining returns how many bytes are left after the cursor.
func (c *Cursor) Remaining() int { return len(c.msg) - c.off }

// Seek moves to an offset inside the message or at its end; anything else is an ErrOffset failure.
func (c *Cursor) Seek(field string, offset int) {
	if c.failKind != nil {
		return
	}
	if offset < 0 || offset > len(c.msg) {
		c.Fail(field, ErrOffset)
		return
	}
	c.off = offset
}

// At returns the variable part of length bytes at offset, without moving the cursor; the slice aliases the message
// and cannot be appended into what follows it. A part of length zero is nil wherever it claims to be. A part out of
// bounds is nil too and is noted as an anomaly. After a failure At gives nil.
func (c *Cursor) At(field string, offset, length int) []byte {
	if c.failKind != nil || length == 0 {
		return nil
	}
	if offset < 0 || length < 0 || offset > len(c.msg) || length > len(c.msg)-offset {
		c.noteAt(field, offset, fmt.Sprintf("%d bytes at offset %d do not fit a message of %d bytes", length, offset, len(c.msg)))
		return nil
	}
	return c.msg[offset : offset+length : offset+length]
}

// Fail stops the cursor with a kind of error at the current place. Only the first failure is kept.
func (c *Cursor) Fail(field string, kind error) {
	if c.failKind == nil {
		c.failField, c.failOff, c.failKind = field, c.off, kind
	}
}

// Note records an anomaly of the field that begins at offset.
func (c *Cursor) Note(field string, offset int, format string, args ...any) {
	c.noteAt(field, offset, fmt.Sprintf(format, args...))
}

func (c *Cursor) noteAt(field string, offset int, what string) {
	if len(c.anomalies) < maxAnomalies {
		c.anomalies = append(c.anomalies, Anomaly{Message: c.message, Field: field, Offset: offset, What: what})
	}
}

// NoteTrailing notes the bytes that follow end, where the message should have ended.
func (c *Cursor) NoteTrailing(end int) {
	if n := len(c.msg) - end; c.failKind == nil && n > 0 {
		c.Note("trailing bytes", end, "%d bytes follow the message", n)
	}
}

// Failed tells whether a read has failed.
func (c *Cursor) Failed() bool { return c.failKind != nil }

// Err returns the first failure as a *ParseError, or nil.
func (c *Cursor) Err() error {
	if c.failKind == nil {
		return nil
	}
	return &ParseError{Message: c.message, Field: c.failField, Offset: c.failOff, Err: c.failKind}
}

// Anomalies returns what was noted so far, in order; nil for a message without any.
func (c *Cursor) Anomalies() []Anomaly { return c.anomalies }
