package smb

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"

	"github.com/smbscope/smbscope/smb/wire"
)

// A NetBIOSName is a name of the NetBIOS name and session services: 15 bytes padded with spaces and a suffix that
// tells its use, as described in RFC 1001 14.1 and [MS-NBTE] 1.8.
type NetBIOSName [16]byte

// MaxNetBIOSName is the length of the longest NetBIOS name, in bytes, without its suffix.
const MaxNetBIOSName = 15

// The suffixes that a session request uses ([MS-NBTE] 1.8).
const (
	SuffixWorkstation = 0x00
	SuffixFileServer  = 0x20
)

// MakeNetBIOSName returns the upper-case form of name, cut to 15 bytes, with a suffix. Names that begin with '*' are
// padded with spaces too, as servers expect in a session request ("*SMBSERVER").
func MakeNetBIOSName(name string, suffix byte) NetBIOSName {
	n := NetBIOSName(bytes.Repeat([]byte{' '}, 16))
	copy(n[:15], strings.ToUpper(name))
	n[15] = suffix
	return n
}

// String prints the name without its padding and with its suffix: "FILESERVER<20>".
func (n NetBIOSName) String() string { return fmt.Sprintf("%s<%02X>", n.Text(), n[15]) }

// Text returns the name without its padding and its suffix. The wildcard of the name service is padded with zeros (RFC
// 1002 4.2.17), all other names with spaces.
func (n NetBIOSName) Text() string { return wire.DecodeOEM(bytes.TrimRight(n[:15], " \x00")) }

// encodedNameSize is the size of a name in first-level encoding: a length byte, 32 letters and a zero (empty scope).
const encodedNameSize = 34

// AppendEncodedName appends the 34 bytes of a name in the first-level encoding of RFC 1001 14.1, in which each half byte
// becomes a letter from 'A' on, between a length byte and the zero of an empty scope (RFC 1002 4.1).
func AppendEncodedName(a *wire.Appender, n NetBIOSName) {
	a.U8(32)
	for _, c := range n {
		a.U8('A' + c>>4)
		a.U8('A' + c&0x0F)
	}
	a.U8(0)
}

// ReadEncodedName reads the 34 bytes of a name in the first-level encoding of RFC 1001 14.1. A name that is not encoded
// so, that has a scope, or that is a pointer to another name, fails the cursor with wire.ErrFormat.
func ReadEncodedName(c *wire.Cursor, field string) NetBIOSName {
	var n NetBIOSName
	raw := c.Bytes(field, encodedNameSize)
	if raw == nil {
		return n
	}
	bad := raw[0] != 32 || raw[33] != 0
	for i := range n {
		hi, lo := raw[1+2*i]-'A', raw[2+2*i]-'A'
		bad = bad || hi > 15 || lo > 15
		n[i] = hi<<4 | lo&0x0F
	}
	if bad {
		c.Fail(field, wire.ErrFormat)
	}
	return n
}

// A SessionRequest is the first packet of a NetBIOS session as described in RFC 1002 4.3.2. Scopes are not used.
type SessionRequest struct {
	Called  NetBIOSName // the server's name
	Calling NetBIOSName // the client's name
}

// ParseSessionRequest parses what follows the frame header of a session request. Names that are not encoded as
// RFC 1001 14.1 says, or that have a scope, give a wire.ErrFormat error.
func ParseSessionRequest(body []byte) (SessionRequest, error) {
	c := wire.NewCursor("SESSION REQUEST", body)
	r := SessionRequest{
		Called:  ReadEncodedName(&c, "CALLED NAME"),
		Calling: ReadEncodedName(&c, "CALLING NAME"),
	}
	if err := c.Err(); err != nil {
		return SessionRequest{}, err
	}
	return r, nil
}

// AppendBinary appends the body of the request, without its frame header.
func (r SessionRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SESSION REQUEST", b)
	AppendEncodedName(&a, r.Called)
	AppendEncodedName(&a, r.Calling)
	return a.Result()
}

// A SessionError is the code of a negative session response as described in RFC 1002 4.3.4.
type SessionError uint8

// The codes of RFC 1002 4.3.4.
const (
	SessionNotListeningOnCalled  SessionError = 0x80
	SessionNotListeningToCalling SessionError = 0x81
	SessionCalledNotPresent      SessionError = 0x82
	SessionNoResources           SessionError = 0x83
	SessionUnspecified           SessionError = 0x8F
)

// Known tells whether the code is one of RFC 1002 4.3.4.
func (e SessionError) Known() bool {
	return e >= SessionNotListeningOnCalled && e <= SessionNoResources || e == SessionUnspecified
}

// String prints RFC 1002's words for the code.
func (e SessionError) String() string {
	switch e {
	case SessionNotListeningOnCalled:
		return "not listening on called name"
	case SessionNotListeningToCalling:
		return "not listening for calling name"
	case SessionCalledNotPresent:
		return "called name not present"
	case SessionNoResources:
		return "called name present, but insufficient resources"
	case SessionUnspecified:
		return "unspecified error"
	}
	return fmt.Sprintf("SessionError(0x%02X)", uint8(e))
}

// ParseSessionError parses the one byte that follows the frame header of a negative session response.
func ParseSessionError(body []byte) (SessionError, error) {
	c := wire.NewCursor("NEGATIVE SESSION RESPONSE", body)
	code := SessionError(c.U8("ERROR_CODE"))
	return code, c.Err()
}

// AppendBinary appends the code.
func (e SessionError) AppendBinary(b []byte) ([]byte, error) { return append(b, byte(e)), nil }

// A Retarget is the place that a retarget session response sends the client to, as described in RFC 1002 4.3.5.
type Retarget struct {
	Address netip.AddrPort // IPv4
}

// ParseRetarget parses the six bytes that follow the frame header of a retarget session response.
func ParseRetarget(body []byte) (Retarget, error) {
	c := wire.NewCursor("RETARGET SESSION RESPONSE", body)
	var ip [4]byte
	c.Copy("RETARGET_IP_ADDRESS", ip[:])
	hi, lo := c.U8("PORT"), c.U8("PORT")
	if err := c.Err(); err != nil {
		return Retarget{}, err
	}
	return Retarget{Address: netip.AddrPortFrom(netip.AddrFrom4(ip), uint16(hi)<<8|uint16(lo))}, nil
}

// AppendBinary appends the six bytes; an address that is not IPv4 is a wire.ErrFormat error.
func (r Retarget) AppendBinary(b []byte) ([]byte, error) {
	if !r.Address.Addr().Is4() {
		return b, &wire.ParseError{Message: "RETARGET SESSION RESPONSE", Field: "RETARGET_IP_ADDRESS", Err: wire.ErrFormat}
	}
	ip, port := r.Address.Addr().As4(), r.Address.Port()
	return append(append(b, ip[:]...), byte(port>>8), byte(port)), nil
}
