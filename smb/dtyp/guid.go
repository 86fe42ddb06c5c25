package dtyp

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
)

// A GUID is a globally unique identifier in the order of the wire, as described in [MS-DTYP] 2.3.4.2: three
// little-endian integers and eight bytes.
type GUID [16]byte

// ErrGUID says that a text is no GUID.
var ErrGUID = errors.New("no GUID of the form 8-4-4-4-12")

// IsZero tells whether all bytes are zero.
func (g GUID) IsZero() bool { return g == GUID{} }

// String prints the GUID as Windows does: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", the first three parts as integers.
func (g GUID) String() string {
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", binary.LittleEndian.Uint32(g[0:]), binary.LittleEndian.Uint16(g[4:]),
		binary.LittleEndian.Uint16(g[6:]), g[8:10], g[10:])
}

// ParseGUID reads what String prints, in lower or upper case, with or without braces. Errors match ErrGUID.
func ParseGUID(s string) (GUID, error) {
	if len(s) == 38 && s[0] == '{' && s[37] == '}' {
		s = s[1:37]
	}
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return GUID{}, fmt.Errorf("%q: %w", s, ErrGUID)
	}
	b, err := hex.DecodeString(s[0:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
	if err != nil || len(b) != len(GUID{}) {
		return GUID{}, fmt.Errorf("%q: %w", s, ErrGUID)
	}
	g := GUID(b)
	g[0], g[1], g[2], g[3] = b[3], b[2], b[1], b[0]
	g[4], g[5] = b[5], b[4]
	g[6], g[7] = b[7], b[6]
	return g, nil
}

// MarshalText writes what String prints.
func (g GUID) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads what ParseGUID reads.
func (g *GUID) UnmarshalText(text []byte) error {
	v, err := ParseGUID(string(text))
	if err != nil {
		return err
	}
	*g = v
	return nil
}
