package spnego

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func TestNegTokenInit2RoundTrip(t *testing.T) {
	for name, hex := range inits2() {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, hex)
			wiretest.RoundTrip(t, ParseNegTokenInit2, msg)
			wiretest.Prefixes(t, ParseNegTokenInit2, msg)
		})
	}
}

func TestNegTokenInit2Fields(t *testing.T) {
	ntlm := []OID{OIDNTLMSSP}
	for name, want := range map[string]NegTokenInit2{
		"samba 4.17": {MechTypes: ntlm, NegHints: &NegHints{HintName: []byte(HintPleaseIgnore)}},
		"bare":       {MechTypes: ntlm, NegHints: &NegHints{HintName: []byte("NONE")}, Bare: true},
		"every field": {
			MechTypes: ntlm, ReqFlags: []byte{0}, MechToken: []byte{0xAA},
			NegHints: &NegHints{HintName: []byte("H"), HintAddress: []byte{}}, MechListMIC: []byte{0xFF},
		},
		"MIC only":    {MechTypes: ntlm, MechListMIC: []byte{0xFF}},
		"empty hints": {MechTypes: ntlm, NegHints: &NegHints{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseNegTokenInit2(unhex(t, inits2()[name]))
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestNegTokenInit2Oddities(t *testing.T) {
	got, err := ParseNegTokenInit2(unhex(t, inits2()["unknown hint"]))
	require.NoError(t, err)
	require.Nil(t, got.NegHints.HintName)
	require.Equal(t, [][]byte{{0xA0, 3, 0x0C, 1, 'H'}, {5, 0}}, got.NegHints.Unknown)
	require.Equal(t, []string{
		"hintName: not an element with tag 0x1b", "negHints: element with tag 0xa0 is kept as it is",
		"negHints: element with tag 0x05 is kept as it is",
	}, odd(got.Anomalies))

	got, err = ParseNegTokenInit2(unhex(t, inits2()["bad hints"]))
	require.NoError(t, err)
	require.Nil(t, got.NegHints)
	require.Equal(t, [][]byte{{0xA3, 3, 0x30, 2, 0xFF}}, got.Unknown)
	require.Equal(t, []string{"negHints: not an element with tag 0x30"}, odd(got.Anomalies))
	require.Equal(t, []OID{OIDNTLMSSP}, got.MechTypes)
}

// Field [3] decides, and field [4] exists in one of the two notations only.
func TestNegTokenInit2OrNot(t *testing.T) {
	_, err := ParseNegTokenInit2(unhex(t, inits()["every field"]))
	require.ErrorIs(t, err, wire.ErrFormat)
	require.ErrorContains(t, err, "negHints at byte 53")

	got, err := ParseNegTokenInit2(unhex(t, inits()["mechanism"]))
	require.NoError(t, err)
	require.Equal(t, NegTokenInit2{MechTypes: []OID{OIDNTLMSSP}}, got)

	both := unhex(t, "a00c 300a a303 0401aa a403 0401bb")
	got, err = ParseNegTokenInit2(both)
	require.NoError(t, err)
	require.Equal(t, []byte{0xBB}, got.MechListMIC)
	require.Equal(t, [][]byte{{0xA3, 3, 4, 1, 0xAA}}, got.Unknown)
	_, err = ParseNegTokenInit(both)
	require.ErrorIs(t, err, wire.ErrFormat)
}

func FuzzNegTokenInit2(f *testing.F) {
	for _, hex := range inits2() {
		f.Add(unhex(f, hex))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseNegTokenInit2, data) })
}
