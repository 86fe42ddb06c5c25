package dtyp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
)

func TestGUID(t *testing.T) {
	g := dtyp.GUID{0x02, 0x5a, 0x89, 0x91, 0xc7, 0x59, 0x30, 0x47, 0x8d, 0xca, 0xe1, 0x29, 0x12, 0xfc, 0x89, 0xb6}
	const text = "91895a02-59c7-4730-8dca-e12912fc89b6"
	require.Equal(t, text, g.String())
	for _, s := range []string{text, strings.ToUpper(text), "{" + text + "}"} {
		got, err := dtyp.ParseGUID(s)
		require.NoError(t, err)
		require.Equal(t, g, got)
	}
	var back dtyp.GUID
	b, err := g.MarshalText()
	require.NoError(t, err)
	require.NoError(t, back.UnmarshalText(b))
	require.Equal(t, g, back)
	require.False(t, g.IsZero())
	require.True(t, dtyp.GUID{}.IsZero())
}

func TestNoGUID(t *testing.T) {
	for _, s := range []string{
		"", "91895a02", "91895a0259c747308dcae12912fc89b6", "91895a02-59c7-4730-8dca-e12912fc89bg",
		"{91895a02-59c7-4730-8dca-e12912fc89b6", "91895a02-59c7-4730-8dca-e12912fc89b6}", "91895a02-59c74-730-8dca-e12912fc89b6",
	} {
		_, err := dtyp.ParseGUID(s)
		require.ErrorIs(t, err, dtyp.ErrGUID, s)
		g := dtyp.GUID{1}
		require.Error(t, g.UnmarshalText([]byte(s)))
		require.Equal(t, dtyp.GUID{1}, g, "a failed read changes nothing")
	}
}

func FuzzParseGUID(f *testing.F) {
	f.Add("91895a02-59c7-4730-8dca-e12912fc89b6")
	f.Add("{91895A02-59C7-4730-8DCA-E12912FC89B6}")
	f.Fuzz(func(t *testing.T, s string) {
		g, err := dtyp.ParseGUID(s)
		if err != nil {
			require.ErrorIs(t, err, dtyp.ErrGUID)
			return
		}
		require.Equal(t, strings.ToLower(strings.Trim(s, "{}")), g.String())
	})
}
