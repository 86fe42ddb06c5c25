// Package ndr reads and writes the Network Data Representation of the stubs of RPC calls ([C706] chapter 14,
// [MS-RPCE] 2.2.4, transfer syntax NDR 2.0), little-endian.
//
// It holds what the few calls of the packages beside it need: integers at their alignment, unique pointers with their
// referents, conformant and varying arrays of characters, RPC_UNICODE_STRING, RPC_SID and context handles. Counts from
// the wire size nothing: a list is read element by element until its bytes are used up.
package ndr

import (
	"errors"
	"math"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A Reader reads one stub. Its integers stand at their natural alignment, counted from the start of the stub. Its first
// error is sticky, as the Cursor's within it.
type Reader struct {
	wire.Cursor
}

// NewReader returns a reader at the start of a stub. The call's name goes into errors and anomalies.
func NewReader(call string, stub []byte) Reader {
	return Reader{Cursor: wire.NewCursor(call, stub)}
}

// Align skips to a multiple of n bytes, 1 to 8. What was skipped is not looked at: senders leave garbage there.
func (r *Reader) Align(n int) {
	if over := r.Offset() % n; over != 0 {
		r.Bytes("alignment", n-over)
	}
}

// U16 reads an unsigned short.
func (r *Reader) U16(field string) uint16 {
	r.Align(2)
	return r.Cursor.U16(field)
}

// U32 reads an unsigned long.
func (r *Reader) U32(field string) uint32 {
	r.Align(4)
	return r.Cursor.U32(field)
}

// U64 reads an unsigned hyper.
func (r *Reader) U64(field string) uint64 {
	r.Align(8)
	return r.Cursor.U64(field)
}

// Len16 reads an unsigned short that counts something.
func (r *Reader) Len16(field string) int {
	r.Align(2)
	return r.Cursor.Len16(field)
}

// Len32 reads an unsigned long that counts something. Where int has 32 bits, what does not fit becomes the largest int and
// not -1: a loop over so many elements runs out of bytes, where one over -1 would take them for an empty list.
func (r *Reader) Len32(field string) int {
	r.Align(4)
	if n := r.Cursor.Len32(field); n >= 0 {
		return n
	}
	return math.MaxInt
}

// Pointer reads the referent identifier of a unique pointer ([C706] 14.3.10) and tells whether there is a referent, which
// follows after the structure or array that the pointer stands in.
func (r *Reader) Pointer(field string) bool { return r.U32(field) != 0 }

// Count reads the maximum count of a conformant array that should have want elements; another one is noted and does not
// count.
func (r *Reader) Count(field string, want int) {
	r.Align(4)
	at := r.Offset()
	if n := r.Len32(field); !r.Failed() && n != want {
		r.Note(field, at, "maximum count %d of an array of %d", n, want)
	}
}

// varying reads maximum count, offset and actual count of a conformant and varying array of 16-bit characters, and its
// characters ([C706] 14.3.4.2).
func (r *Reader) varying(field string) []byte {
	r.Align(4)
	at := r.Offset()
	most := r.Len32(field)
	offset := r.Len32(field)
	count := r.Len32(field)
	if r.Failed() {
		return nil
	}
	if offset != 0 || count > most {
		r.Note(field, at, "maximum count %d, offset %d, actual count %d", most, offset, count)
	}
	if count > r.Remaining() { // before the product, which may not fit an int
		r.Fail(field, wire.ErrTruncated)
		return nil
	}
	return r.Bytes(field, 2*count)
}

// String reads the referent of a pointer to a [string] of 16-bit characters, without its terminator. A missing one is
// noted. The text aliases the stub.
func (r *Reader) String(field string) Text {
	raw := r.varying(field)
	if r.Failed() {
		return nil
	}
	if n := len(raw); n >= 2 && raw[n-1] == 0 && raw[n-2] == 0 {
		return Text(raw[: n-2 : n-2])
	}
	r.Note(field, r.Offset(), "no terminator")
	return present(raw)
}

// present makes an empty text that was there tell from one that was not.
func present(raw []byte) Text {
	if raw == nil {
		return Text{}
	}
	return raw
}

// A StringHeader is the part of an RPC_UNICODE_STRING that stands in its structure ([MS-DTYP] 2.3.10).
type StringHeader struct {
	Length, MaximumLength int // in bytes
	Referent              bool
}

// UnicodeString reads the part of an RPC_UNICODE_STRING that stands in its structure.
func (r *Reader) UnicodeString(field string) StringHeader {
	r.Align(4)
	return StringHeader{Length: r.Len16(field), MaximumLength: r.Len16(field), Referent: r.Pointer(field)}
}

// UnicodeText reads the characters of an RPC_UNICODE_STRING, which follow after the structure or array that it stands in;
// nil where it has none. The text aliases the stub.
func (r *Reader) UnicodeText(field string, h StringHeader) Text {
	if !h.Referent || r.Failed() {
		return nil
	}
	at := r.Offset()
	raw := r.varying(field)
	if r.Failed() {
		return nil
	}
	if len(raw) != h.Length {
		r.Note(field, at, "length %d of a text of %d bytes", h.Length, len(raw))
	}
	return present(raw)
}

// SID reads the referent of a pointer to an RPC_SID ([MS-DTYP] 2.4.2.3).
func (r *Reader) SID(field string) dtyp.SID {
	r.Align(4)
	at := r.Offset()
	count := r.Len32(field)
	if r.Failed() {
		return dtyp.SID{}
	}
	sid, err := dtyp.ParseSID(r.rest())
	if err != nil {
		kind := wire.ErrFormat
		if errors.Is(err, wire.ErrTruncated) {
			kind = wire.ErrTruncated
		}
		r.Fail(field, kind)
		return dtyp.SID{}
	}
	if len(sid.SubAuthority) != count {
		r.Note(field, at, "maximum count %d of a SID with %d sub-authorities", count, len(sid.SubAuthority))
	}
	r.Bytes(field, 8+4*len(sid.SubAuthority))
	return sid
}

// rest returns what is left without moving on.
func (r *Reader) rest() []byte {
	ahead := r.Cursor
	return ahead.Rest()
}

// Handle reads a context handle ([C706] 14.2.13).
func (r *Reader) Handle(field string) Handle {
	var h Handle
	r.Align(4)
	r.Copy(field, h[:])
	return h
}

// End notes what follows the last parameter.
func (r *Reader) End() { r.NoteTrailing(r.Offset()) }
