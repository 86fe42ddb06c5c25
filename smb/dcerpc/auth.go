package dcerpc

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/wire"
)

// An Auth is the auth verifier at the end of a PDU, the sec_trailer of [MS-RPCE] 2.2.2.11 with the padding before it
// and the token behind it. It is there when Value is not empty. The token stays raw.
type Auth struct {
	Pad       []byte // auth_pad: what brings the trailer to its alignment; aliases the message
	Type      uint8  // auth_type, [MS-RPCE] 2.2.1.1.7: 9 SPNEGO, 10 NTLMSSP, 16 Kerberos, 68 Netlogon
	Level     uint8  // auth_level, [MS-RPCE] 2.2.1.1.8: 2 connect, 5 integrity, 6 privacy
	Reserved  uint8
	ContextID uint32
	Value     []byte // auth_value; aliases the message
}

// readAuth reads the verifier of a PDU that is there as a whole. It returns where the body ends, and what is odd
// about the verifier; one that does not fit counts as none.
func readAuth(whole *wire.Cursor, h Header) (auth Auth, end int, odd string) {
	if h.AuthLength == 0 {
		return Auth{}, h.FragLength, ""
	}
	end = h.FragLength - secTrailerSize - h.AuthLength
	if end < HeaderSize {
		return Auth{}, h.FragLength, fmt.Sprintf("%d bytes do not fit a PDU of %d bytes", h.AuthLength, h.FragLength)
	}
	c := wire.NewCursor("sec_trailer", whole.At("auth_verifier", end, h.FragLength-end))
	auth.Type = c.U8("auth_type")
	auth.Level = c.U8("auth_level")
	pad := c.Len8("auth_pad_length")
	auth.Reserved = c.U8("auth_reserved")
	auth.ContextID = c.U32("auth_context_id")
	auth.Value = c.Rest()
	if pad > end-HeaderSize {
		return auth, end, fmt.Sprintf("%d bytes of padding, but %d are before it", pad, end-HeaderSize)
	}
	end -= pad
	auth.Pad = whole.At("auth_pad", end, pad)
	return auth, end, ""
}

func (t Auth) append(a *wire.Appender) {
	if len(t.Value) == 0 {
		return
	}
	a.Bytes(t.Pad)
	a.U8(t.Type)
	a.U8(t.Level)
	a.Len8("auth_pad_length", len(t.Pad))
	a.U8(t.Reserved)
	a.U32(t.ContextID)
	a.Bytes(t.Value)
}
