package negotiate

import (
	"slices"

	"github.com/smbscope/smbscope/smb/wire"
)

// A ContextType tells what a negotiate context holds, [MS-SMB2] 2.2.3.1.
type ContextType uint16

// The context types of [MS-SMB2] 2.2.3.1, and the one of the POSIX extensions (Samba and the Linux client).
const (
	ContextPreauthIntegrity ContextType = 0x0001
	ContextEncryption       ContextType = 0x0002
	ContextCompression      ContextType = 0x0003
	ContextNetname          ContextType = 0x0005
	ContextTransport        ContextType = 0x0006
	ContextRDMATransform    ContextType = 0x0007
	ContextSigning          ContextType = 0x0008
	ContextReserved         ContextType = 0x0100 // the specification's name; the POSIX extensions use it
	ContextPOSIX                        = ContextReserved
)

var contextNames = names[ContextType]{
	{ContextPreauthIntegrity, "SMB2_PREAUTH_INTEGRITY_CAPABILITIES"}, {ContextEncryption, "SMB2_ENCRYPTION_CAPABILITIES"},
	{ContextCompression, "SMB2_COMPRESSION_CAPABILITIES"}, {ContextNetname, "SMB2_NETNAME_NEGOTIATE_CONTEXT_ID"},
	{ContextTransport, "SMB2_TRANSPORT_CAPABILITIES"}, {ContextRDMATransform, "SMB2_RDMA_TRANSFORM_CAPABILITIES"},
	{ContextSigning, "SMB2_SIGNING_CAPABILITIES"}, {ContextPOSIX, "SMB2_POSIX_EXTENSIONS_AVAILABLE"},
}

// String prints the specification's token.
func (t ContextType) String() string { return contextNames.text(t) }

// MarshalText writes what String prints.
func (t ContextType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (t *ContextType) UnmarshalText(text []byte) error { return contextNames.parse(text, t) }

// A Context is a negotiate context as described in [MS-SMB2] 2.2.3.1, of any type, known or not.
type Context struct {
	Type     ContextType
	Reserved uint32
	Data     []byte // aliases the message
}

const (
	contextHeaderSize = 8
	contextAlignment  = 8
	maxContexts       = 64 // a longer list is cut and noted; the specification knows seven types
)

// A contextList is where a message says that its contexts are.
type contextList struct {
	offset, offsetAt int // NegotiateContextOffset, and the place of that field
	count, countAt   int // NegotiateContextCount, and the place of that field
	end              int // of what comes before the list
}

// read returns what of the list lies inside the message, and notes what is odd about it.
func (l contextList) read(c *wire.Cursor) []Context {
	if l.count == 0 {
		c.NoteTrailing(l.end)
		return nil
	}
	if l.offset%contextAlignment != 0 {
		c.Note("NegotiateContextOffset", l.offsetAt, "%d is no multiple of %d", l.offset, contextAlignment)
	}
	if l.offset < l.end {
		c.Note("NegotiateContextOffset", l.offsetAt,
			"%d lies before the end of the fixed part or the security buffer at %d", l.offset, l.end)
	}
	if l.count > maxContexts {
		c.Note("NegotiateContextCount", l.countAt, "%d contexts, read %d", l.count, maxContexts)
	}
	// One allocation for all lists that exist; the capacity is bounded by a constant, not by the wire.
	list := make([]Context, 0, min(l.count, 8))
	end := l.offset
	for range min(l.count, maxContexts) {
		offset := l.offset + align(end-l.offset) // from the first context on, also where that is not aligned
		notePadding(c, end, offset)
		raw := c.At("NegotiateContextList", offset, contextHeaderSize)
		if raw == nil {
			return list
		}
		h := wire.NewCursor("", raw)
		ctx := Context{Type: ContextType(h.U16("ContextType"))}
		length := h.Len16("DataLength")
		ctx.Reserved = h.U32("Reserved")
		end = offset + contextHeaderSize + length
		ctx.Data = c.At("Data", offset+contextHeaderSize, length)
		if _, twice := find(list, ctx.Type); twice {
			c.Note("NegotiateContextList", offset, "%v again", ctx.Type)
		}
		list = append(list, ctx)
		if ctx.Data == nil && length > 0 {
			return list
		}
	}
	if l.count <= maxContexts {
		noteTail(c, max(end, l.end))
	}
	return list
}

// notePadding notes what between two contexts is not zero, as where a wrong length makes the rest of a context padding.
func notePadding(c *wire.Cursor, from, to int) {
	if to > c.Offset()+c.Remaining() {
		return
	}
	if padding := c.At("padding", from, to-from); slices.ContainsFunc(padding, func(b byte) bool { return b != 0 }) {
		c.Note("NegotiateContextList", from, "the padding is not zero")
	}
}

// noteTail notes what follows the last context, if that is more than the zeros that would align another one.
func noteTail(c *wire.Cursor, end int) {
	tail := c.At("padding", end, c.Offset()+c.Remaining()-end)
	if len(tail) > align(end)-end || slices.ContainsFunc(tail, func(b byte) bool { return b != 0 }) {
		c.NoteTrailing(end)
	}
}

func align(n int) int { return (n + contextAlignment - 1) / contextAlignment * contextAlignment }

// appendContexts appends the list behind padding, with padding between contexts but none after the last.
func appendContexts(a *wire.Appender, contexts []Context) {
	for _, ctx := range contexts {
		a.Pad(contextAlignment)
		a.U16(uint16(ctx.Type))
		a.Len16("DataLength", len(ctx.Data))
		a.U32(ctx.Reserved)
		a.Bytes(ctx.Data)
	}
}

// find returns the first context of a type.
func find(contexts []Context, t ContextType) (Context, bool) {
	for _, ctx := range contexts {
		if ctx.Type == t {
			return ctx, true
		}
	}
	return Context{}, false
}

// maxAlgorithms bounds a list of algorithms, of which the specification knows at most six.
const maxAlgorithms = 256

// readList reads count 16-bit identifiers behind the cursor. A list that does not fit is noted and stays empty.
func readList[T ~uint16](c *wire.Cursor, field string, count int) []T {
	at := c.Offset()
	if count > maxAlgorithms {
		c.Note(field, at, "%d identifiers, at most %d are read", count, maxAlgorithms)
		return nil
	}
	raw := c.At(field, at, 2*count)
	if raw == nil {
		return nil
	}
	c.Seek(field, at+len(raw))
	list := make([]T, 0, len(raw)/2)
	ids := wire.NewCursor("", raw)
	for ids.Remaining() > 0 {
		list = append(list, T(ids.U16(field)))
	}
	return list
}

func appendList[T ~uint16](a *wire.Appender, list []T) {
	for _, id := range list {
		a.U16(uint16(id))
	}
}
