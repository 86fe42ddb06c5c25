package ndr

import (
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A Writer builds one stub at the end of a slice. Its integers stand at their natural alignment, counted from the start
// of the stub. Its first error is sticky, as the Appender's within it.
type Writer struct {
	wire.Appender
	referents uint32
}

// NewWriter returns a writer whose stub begins at the end of b.
func NewWriter(call string, b []byte) Writer {
	return Writer{Appender: wire.NewAppender(call, b)}
}

// U16 appends an unsigned short.
func (w *Writer) U16(v uint16) {
	w.Pad(2)
	w.Appender.U16(v)
}

// U32 appends an unsigned long.
func (w *Writer) U32(v uint32) {
	w.Pad(4)
	w.Appender.U32(v)
}

// U64 appends an unsigned hyper.
func (w *Writer) U64(v uint64) {
	w.Pad(8)
	w.Appender.U64(v)
}

// Len16 appends a count as an unsigned short.
func (w *Writer) Len16(field string, n int) {
	w.Pad(2)
	w.Appender.Len16(field, n)
}

// Len32 appends a count as an unsigned long.
func (w *Writer) Len32(field string, n int) {
	w.Pad(4)
	w.Appender.Len32(field, n)
}

// Pointer appends the referent identifier of a unique pointer: zero where there is no referent, else one that no other
// pointer of the stub has.
func (w *Writer) Pointer(referent bool) {
	if !referent {
		w.U32(0)
		return
	}
	w.U32(0x00020000 + 4*w.referents) // as Windows and Samba count them
	w.referents++
}

// varying appends a conformant and varying array of 16-bit characters.
func (w *Writer) varying(field string, most int, raw []byte) {
	if len(raw)%2 != 0 {
		w.Fail(field, wire.ErrFormat)
		return
	}
	w.Len32(field, most)
	w.U32(0)
	w.Len32(field, len(raw)/2)
	w.Bytes(raw)
}

// String appends the referent of a pointer to a [string] of 16-bit characters; its terminator is added.
func (w *Writer) String(field string, t Text) {
	n := len(t)/2 + 1
	if len(t)%2 != 0 {
		w.Fail(field, wire.ErrFormat)
		return
	}
	w.Len32(field, n)
	w.U32(0)
	w.Len32(field, n)
	w.Bytes(t)
	w.Appender.U16(0)
}

// UnicodeString appends the part of an RPC_UNICODE_STRING that stands in its structure; without a referent where t is nil.
func (w *Writer) UnicodeString(field string, t Text) {
	w.Pad(4)
	w.Len16(field, len(t))
	w.Len16(field, len(t))
	w.Pointer(t != nil)
}

// UnicodeText appends the characters of an RPC_UNICODE_STRING; nothing where t is nil.
func (w *Writer) UnicodeText(field string, t Text) {
	if t != nil {
		w.varying(field, len(t)/2, t)
	}
}

// SID appends the referent of a pointer to an RPC_SID.
func (w *Writer) SID(field string, s dtyp.SID) {
	w.Len32(field, len(s.SubAuthority))
	w.Append(s)
}

// Handle appends a context handle.
func (w *Writer) Handle(h Handle) {
	w.Pad(4)
	w.Bytes(h[:])
}
