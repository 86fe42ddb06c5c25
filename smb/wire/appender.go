package wire

import (
	"encoding/binary"
	"math"
)

// An Appender builds one message at the end of a slice that may already hold others. Its first error is sticky, as
// in Cursor, so that a builder writes straight through and returns Result.
type Appender struct {
	message string
	buf     []byte
	base    int
	err     error
}

// NewAppender returns an appender whose message begins at the end of b.
func NewAppender(message string, b []byte) Appender {
	return Appender{message: message, buf: b, base: len(b)}
}

// U8 appends one byte.
func (a *Appender) U8(v uint8) { a.buf = append(a.buf, v) }

// U16 appends a little-endian 16-bit integer.
func (a *Appender) U16(v uint16) { a.buf = binary.LittleEndian.AppendUint16(a.buf, v) }

// U32 appends a little-endian 32-bit integer.
func (a *Appender) U32(v uint32) { a.buf = binary.LittleEndian.AppendUint32(a.buf, v) }

// U64 appends a little-endian 64-bit integer.
func (a *Appender) U64(v uint64) { a.buf = binary.LittleEndian.AppendUint64(a.buf, v) }

// Bytes appends v as it is.
func (a *Appender) Bytes(v []byte) { a.buf = append(a.buf, v...) }

// Text appends the bytes of s without a terminator.
func (a *Appender) Text(s string) { a.buf = append(a.buf, s...) }

// Zero appends n zero bytes.
func (a *Appender) Zero(n int) {
	for range n {
		a.buf = append(a.buf, 0)
	}
}

// Len8 appends a count or length as 8 bits; what does not fit is an ErrTooLong failure.
func (a *Appender) Len8(field string, n int) { a.U8(uint8(a.fit(field, n, math.MaxUint8))) }

// Len16 appends a count, length or offset as 16 bits; what does not fit is an ErrTooLong failure.
func (a *Appender) Len16(field string, n int) { a.U16(uint16(a.fit(field, n, math.MaxUint16))) }

// Len32 appends a count, length or offset as 32 bits; what does not fit is an ErrTooLong failure.
func (a *Appender) Len32(field string, n int) { a.U32(uint32(a.fit(field, n, math.MaxUint32))) }

// Patch16 writes n over the 16 bits at offset, which were appended before n was known.
func (a *Appender) Patch16(field string, offset, n int) {
	binary.LittleEndian.PutUint16(a.buf[a.base+offset:], uint16(a.fit(field, n, math.MaxUint16)))
}

// Patch32 writes n over the 32 bits at offset, which were appended before n was known.
func (a *Appender) Patch32(field string, offset, n int) {
	binary.LittleEndian.PutUint32(a.buf[a.base+offset:], uint32(a.fit(field, n, math.MaxUint32)))
}

func (a *Appender) fit(field string, n int, limit int64) int64 {
	if n < 0 || int64(n) > limit {
		a.Fail(field, ErrTooLong)
		return 0
	}
	return int64(n)
}

// Pad appends zeros until the message's length is a multiple of align.
func (a *Appender) Pad(align int) {
	for a.Offset()%align != 0 {
		a.buf = append(a.buf, 0)
	}
}

// Append appends a part that can build itself.
func (a *Appender) Append(part interface {
	AppendBinary([]byte) ([]byte, error)
}) {
	buf, err := part.AppendBinary(a.buf)
	if err != nil {
		if a.err == nil {
			a.err = err
		}
		return
	}
	a.buf = buf
}

// Offset returns the length of the message so far, which is the offset of what is appended next.
func (a *Appender) Offset() int { return len(a.buf) - a.base }

// Fail stops the appender with a kind of error. Only the first failure is kept.
func (a *Appender) Fail(field string, kind error) {
	if a.err == nil {
		a.err = &ParseError{Message: a.message, Field: field, Offset: a.Offset(), Err: kind}
	}
}

// Result returns the slice with the message at its end; after a failure, the slice as it was, and the error.
func (a *Appender) Result() ([]byte, error) {
	if a.err != nil {
		return a.buf[:a.base], a.err
	}
	return a.buf, nil
}
