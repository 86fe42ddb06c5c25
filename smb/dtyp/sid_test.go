package dtyp_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

var sids = map[string]string{ // hex: text
	"010100000000000100000000":                                 "S-1-1-0",
	"01020000000000052000000020020000":                         "S-1-5-32-544",
	"010500000000000515000000010000000200000003000000f4010000": "S-1-5-21-1-2-3-500",
	"0100000000000005":                                         "S-1-5",
	"01010000ffffffff01000000":                                 "S-1-4294967295-1",
	"010100010000000001000000":                                 "S-1-0x000100000000-1",
}

func TestSID(t *testing.T) {
	for raw, text := range sids {
		b, err := hex.DecodeString(raw)
		require.NoError(t, err)
		s := wiretest.RoundTrip(t, dtyp.ParseSID, b)
		wiretest.Prefixes(t, dtyp.ParseSID, b)
		require.Equal(t, text, s.String())
		again, err := dtyp.ParseSIDText(text)
		require.NoError(t, err)
		require.Equal(t, s, again)
		var back dtyp.SID
		b, err = s.MarshalText()
		require.NoError(t, err)
		require.NoError(t, back.UnmarshalText(b))
		require.Equal(t, s, back)
	}
}

// A leading zero does not make a number octal.
func TestSIDTextIsDecimal(t *testing.T) {
	s, err := dtyp.ParseSIDText("S-1-010-007")
	require.NoError(t, err)
	require.Equal(t, "S-1-10-7", s.String())
}

func TestNoSID(t *testing.T) {
	_, err := dtyp.ParseSID(append([]byte{1, 16, 0, 0, 0, 0, 0, 5}, make([]byte, 64)...))
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = dtyp.SID{SubAuthority: make([]uint32, 16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
	_, err = dtyp.SID{SubAuthority: make([]uint32, 16)}.MarshalText()
	require.ErrorIs(t, err, wire.ErrTooLong)
	for _, text := range []string{
		"", "S-1", "X-1-5", "S-1-5-", "S-1-5-4294967296", "S-256-5", "S-1-0x1000000000000", "S-1-0b101", "S-1-1_0", "S-1-0x",
		"S-1-5" + strings.Repeat("-1", 16),
	} {
		_, err := dtyp.ParseSIDText(text)
		require.ErrorIs(t, err, dtyp.ErrSID, text)
		var s dtyp.SID
		require.ErrorIs(t, s.UnmarshalText([]byte(text)), dtyp.ErrSID)
	}
}

func FuzzParseSID(f *testing.F) {
	for raw := range sids {
		b, err := hex.DecodeString(raw)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Stable(t, dtyp.ParseSID, b) })
}

func FuzzParseSIDText(f *testing.F) {
	for _, text := range sids {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := dtyp.ParseSIDText(text)
		if err != nil {
			require.ErrorIs(t, err, dtyp.ErrSID)
			return
		}
		again, err := dtyp.ParseSIDText(s.String())
		require.NoError(t, err)
		require.Equal(t, s, again)
	})
}
