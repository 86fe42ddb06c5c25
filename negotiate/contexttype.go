package negotiate

import (
	"fmt"

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

// String prints the specification's token.
func (t ContextType) String() string {
	switch t {
	case ContextPreauthIntegrity:
		return "SMB2_PREAUTH_INTEGRITY_CAPABILITIES"
	case ContextEncryption:
		return "SMB2_ENCRYPTION_CAPABILITIES"
	case ContextCompression:
		return "SMB2_COMPRESSION_CAPABILITIES"
	case ContextNetname:
		return "SMB2_NETNAME_NEGOTIATE_CONTEXT_ID"
	case ContextTransport:
		return "SMB2_TRANSPORT_CAPABILITIES"
	case ContextRDMATransform:
		return "SMB2_RDMA_TRANSFORM_CAPABILITIES"
	case ContextSigning:
		return "SMB2_SIGNING_CAPABILITIES"
	case ContextPOSIX:
		return "SMB2_POSIX_EXTENSIONS_AVAILABLE"
	}
	return fmt.Sprintf("0x%04x", uint16(t))
}

// MarshalText writes what String prints.
func (t ContextType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (t *ContextType) UnmarshalText(text []byte) error {
	for known := range ContextReserved + 1 {
		if known.String() == string(text) {
			*t = known
			return nil
		}
	}
	return scanHex(text, (*uint16)(t))
}

func scanHex(text []byte, v *uint16) error {
	if _, err := fmt.Sscanf(string(text), "0x%04x", v); err != nil {
		return fmt.Errorf("%q is no token and no hex number: %w", text, err)
	}
	return nil
}

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

// readContexts reads a list of count contexts that begins at offset, and returns what of it lies inside the message.
func readContexts(c *wire.Cursor, offset, count, fixedEnd int) []Context {
	if count == 0 {
		return nil
	}
	if offset%contextAlignment != 0 {
		c.Note("NegotiateContextOffset", fixedEnd, "%d is no multiple of %d", offset, contextAlignment)
	}
	if offset < fixedEnd {
		c.Note("NegotiateContextOffset", fixedEnd, "%d lies before the end of the fixed part at %d", offset, fixedEnd)
	}
	if count > maxContexts {
		c.Note("NegotiateContextCount", fixedEnd, "%d contexts, read %d", count, maxContexts)
		count = maxContexts
	}
	// One allocation for all lists that exist; the capacity is bounded by a constant, not by the wire.
	list := make([]Context, 0, min(count, 8))
	for range count {
		raw := c.At("NegotiateContextList", offset, contextHeaderSize)
		if raw == nil {
			break
		}
		h := wire.NewCursor("", raw)
		ctx := Context{Type: ContextType(h.U16("ContextType"))}
		length := h.Len16("DataLength")
		ctx.Reserved = h.U32("Reserved")
		ctx.Data = c.At("Data", offset+contextHeaderSize, length)
		list = append(list, ctx)
		offset += contextHeaderSize + length
		if ctx.Data == nil && length > 0 {
			break
		}
		offset = align(offset)
	}
	return list
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
