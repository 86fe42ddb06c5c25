package dtyp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/smbscope/smbscope/smb/wire"
)

const maxSubAuthorities = 15 // [MS-DTYP] 2.4.2.2

// A SID is a security identifier, as described in [MS-DTYP] 2.4.2.2.
type SID struct {
	Revision            uint8
	IdentifierAuthority [6]byte // big-endian
	SubAuthority        []uint32
}

// ErrSID says that a text is no SID.
var ErrSID = errors.New("no SID of the form S-1-5-…")

// ParseSID parses a SID at the start of msg, whatever follows. More than fifteen sub-authorities are a wire.ErrFormat
// error.
func ParseSID(msg []byte) (SID, error) {
	c := wire.NewCursor("SID", msg)
	s := SID{Revision: c.U8("Revision")}
	count := c.Len8("SubAuthorityCount")
	if count > maxSubAuthorities {
		c.Fail("SubAuthorityCount", wire.ErrFormat)
	}
	c.Copy("IdentifierAuthority", s.IdentifierAuthority[:])
	raw := c.Bytes("SubAuthority", 4*count)
	if err := c.Err(); err != nil {
		return SID{}, err
	}
	for ; len(raw) > 0; raw = raw[4:] {
		s.SubAuthority = append(s.SubAuthority, binary.LittleEndian.Uint32(raw))
	}
	return s, nil
}

// AppendBinary appends the SID; more than fifteen sub-authorities are a wire.ErrTooLong error.
func (s SID) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SID", b)
	a.U8(s.Revision)
	if len(s.SubAuthority) > maxSubAuthorities {
		a.Fail("SubAuthorityCount", wire.ErrTooLong)
	}
	a.Len8("SubAuthorityCount", len(s.SubAuthority))
	a.Bytes(s.IdentifierAuthority[:])
	for _, v := range s.SubAuthority {
		a.U32(v)
	}
	return a.Result()
}

// String prints the SID as [MS-DTYP] 2.4.2.1 says: "S-1-5-21-1-2-3", with an authority of 2^32 and more in hex.
func (s SID) String() string {
	authority := uint64(0)
	for _, b := range s.IdentifierAuthority {
		authority = authority<<8 | uint64(b)
	}
	var out strings.Builder
	if authority < 1<<32 {
		fmt.Fprintf(&out, "S-%d-%d", s.Revision, authority)
	} else {
		fmt.Fprintf(&out, "S-%d-0x%012x", s.Revision, authority)
	}
	for _, v := range s.SubAuthority {
		fmt.Fprintf(&out, "-%d", v)
	}
	return out.String()
}

// ParseSIDText reads what String prints. Errors match ErrSID.
func ParseSIDText(text string) (SID, error) {
	parts := strings.Split(text, "-")
	if len(parts) < 3 || len(parts) > 3+maxSubAuthorities || parts[0] != "S" {
		return SID{}, fmt.Errorf("%q: %w", text, ErrSID)
	}
	revision, err1 := strconv.ParseUint(parts[1], 10, 8)
	authority, err2 := parseAuthority(parts[2])
	if err := errors.Join(err1, err2); err != nil {
		return SID{}, fmt.Errorf("%q: %w", text, ErrSID)
	}
	s := SID{Revision: uint8(revision)}
	for i := range s.IdentifierAuthority {
		s.IdentifierAuthority[i] = byte(authority >> (8 * (5 - i)))
	}
	for _, part := range parts[3:] {
		v, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return SID{}, fmt.Errorf("%q: %w", text, ErrSID)
		}
		s.SubAuthority = append(s.SubAuthority, uint32(v))
	}
	return s, nil
}

// parseAuthority reads decimal, or hex behind 0x. ParseUint's base 0 would take octal and underscores as well.
func parseAuthority(text string) (uint64, error) {
	if digits, ok := strings.CutPrefix(text, "0x"); ok {
		return strconv.ParseUint(digits, 16, 48)
	}
	return strconv.ParseUint(text, 10, 48)
}

// MarshalText writes what String prints; more than fifteen sub-authorities are a wire.ErrTooLong error, since they could
// not be read back.
func (s SID) MarshalText() ([]byte, error) {
	if len(s.SubAuthority) > maxSubAuthorities {
		return nil, fmt.Errorf("%d sub-authorities: %w", len(s.SubAuthority), wire.ErrTooLong)
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads what ParseSIDText reads.
func (s *SID) UnmarshalText(text []byte) error {
	v, err := ParseSIDText(string(text))
	if err != nil {
		return err
	}
	*s = v
	return nil
}
