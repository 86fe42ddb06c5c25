package dcerpc

import (
	"encoding/binary"

	"github.com/smbscope/smbscope/smb/wire"
)

const (
	// HeaderSize is the size of the common header in bytes.
	HeaderSize = 16
	// MaxFragment is the size of the largest PDU that Windows offers to take over a named pipe, in bytes.
	MaxFragment = 4280

	version        = 5 // rpc_vers of the connection-oriented protocol
	secTrailerSize = 8 // sec_trailer without its auth_value, [MS-RPCE] 2.2.2.11
)

// A DataRep is the packed_drep of a PDU, [C706] 14.1: how its sender writes integers, characters and floating point.
type DataRep [4]byte

// IsLittleEndian tells whether integers are little-endian.
func (d DataRep) IsLittleEndian() bool { return d[0]>>4 == 1 }

// usualDataRep is little-endian, ASCII, IEEE.
func usualDataRep() DataRep { return DataRep{0: 0x10} }

// A Header is the common header of the connection-oriented PDUs as described in [C706] 12.6.3.1. In a PDU that is
// built, the zero DRep stands for little-endian, and Type, FragLength and AuthLength are filled in.
type Header struct {
	VersionMinor uint8 // rpc_vers_minor; rpc_vers is always 5
	Type         PDUType
	Flags        PFCFlags
	DRep         DataRep
	FragLength   int // of the whole PDU, in bytes
	AuthLength   int // of the auth_value at its end, in bytes; 0 without a verifier
	CallID       uint32
}

// IsPDU tells whether b begins with the header of a connection-oriented PDU, in either byte order: those that cannot
// be read are recognised too.
func IsPDU(b []byte) bool {
	if len(b) < HeaderSize || b[0] != version || b[1] > 1 || int(b[2]) >= len(pduTypeNames) {
		return false
	}
	length := binary.BigEndian.Uint16(b[8:])
	if DataRep(b[4:8]).IsLittleEndian() {
		length = binary.LittleEndian.Uint16(b[8:])
	}
	return b[4]>>4 <= 1 && length >= HeaderSize
}

// ParseHeader parses the header of the PDU at the start of msg, which may end behind the header or go on behind the
// PDU. Errors match ErrNotPDU, ErrDataRepresentation, wire.ErrFormat for a frag_length below HeaderSize, or
// wire.ErrTruncated.
func ParseHeader(msg []byte) (Header, error) {
	c := wire.NewCursor("PDU", msg)
	h := readHeader(&c)
	if err := c.Err(); err != nil {
		return Header{}, err
	}
	return h, nil
}

// readHeader stops at the first byte that rules the message out, so that a reader need not wait for the rest.
func readHeader(c *wire.Cursor) Header {
	var h Header
	if v := c.U8("rpc_vers"); v != version && !c.Failed() {
		failAt(c, "rpc_vers", 0, ErrNotPDU)
	}
	h.VersionMinor = c.U8("rpc_vers_minor")
	h.Type = PDUType(c.U8("PTYPE"))
	h.Flags = PFCFlags(c.U8("pfc_flags"))
	c.Copy("packed_drep", h.DRep[:])
	if !h.DRep.IsLittleEndian() {
		failAt(c, "packed_drep", 4, ErrDataRepresentation)
	}
	h.FragLength = c.Len16("frag_length")
	if h.FragLength < HeaderSize {
		failAt(c, "frag_length", 8, wire.ErrFormat)
	}
	h.AuthLength = c.Len16("auth_length")
	h.CallID = c.U32("call_id")
	return h
}

// failAt stops the cursor at a field that it has read already.
func failAt(c *wire.Cursor, field string, offset int, kind error) {
	c.Seek(field, offset)
	c.Fail(field, kind)
}

// AppendBinary appends the header with the lengths that it has. A Header with FragLength 16 is a whole PDU of a type
// without a body, such as PDUShutdown or PDUOrphaned.
func (h Header) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("PDU", b)
	h.append(&a)
	return a.Result()
}

func (h Header) append(a *wire.Appender) {
	if h.DRep == (DataRep{}) {
		h.DRep = usualDataRep()
	}
	if !h.DRep.IsLittleEndian() {
		a.Fail("packed_drep", ErrDataRepresentation)
	}
	a.U8(version)
	a.U8(h.VersionMinor)
	a.U8(uint8(h.Type))
	a.U8(uint8(h.Flags))
	a.Bytes(h.DRep[:])
	a.Len16("frag_length", h.FragLength)
	a.Len16("auth_length", h.AuthLength)
	a.U32(h.CallID)
}

// openPDU reads the header and the auth verifier of a whole PDU that is of one of two types, and returns a cursor at
// the first byte behind the header which ends where the body does.
func openPDU(message string, msg []byte, either, or PDUType) (wire.Cursor, Header, Auth) {
	whole := wire.NewCursor(message, msg)
	h := readHeader(&whole)
	if h.Type != either && h.Type != or && !whole.Failed() {
		failAt(&whole, "PTYPE", 2, ErrPDUType)
	}
	if h.FragLength > len(msg) && !whole.Failed() {
		failAt(&whole, "frag_length", 8, wire.ErrTruncated)
	}
	if whole.Failed() {
		return whole, Header{}, Auth{}
	}
	auth, end, odd := readAuth(&whole, h)
	body := wire.NewCursor(message, whole.At("body", 0, end))
	body.Seek("body", HeaderSize)
	if odd := h.DRep; odd != usualDataRep() {
		body.Note("packed_drep", 4, "% x, should be % x", odd, usualDataRep())
	}
	if odd != "" {
		body.Note("auth_verifier", end, "%s", odd)
	}
	if n := len(msg) - h.FragLength; n > 0 {
		body.Note("trailing bytes", h.FragLength, "%d bytes follow the message", n)
	}
	return body, h, auth
}

// begin appends the header of a PDU of type t.
func (h Header) begin(a *wire.Appender, t PDUType) {
	h.Type, h.FragLength, h.AuthLength = t, 0, 0
	h.append(a)
}

// end appends the auth verifier and fills the lengths in.
func (h Header) end(a *wire.Appender, auth Auth) {
	auth.append(a)
	a.Patch16("frag_length", 8, a.Offset())
	a.Patch16("auth_length", 10, len(auth.Value))
}

// rest returns what is left of the body, and nil for nothing.
func rest(c *wire.Cursor) []byte {
	if c.Remaining() == 0 {
		return nil
	}
	return c.Rest()
}
