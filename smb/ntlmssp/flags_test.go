package ntlmssp

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFlags(t *testing.T) {
	for _, tc := range []struct {
		flags Flags
		text  string
	}{
		{0, "0"},
		{FlagNegotiateUnicode, "NTLMSSP_NEGOTIATE_UNICODE"},
		{0x00010002, "NTLM_NEGOTIATE_OEM|NTLMSSP_TARGET_TYPE_DOMAIN"},
		{0x80004008, "NTLMSSP_NEGOTIATE_56|0x8|0x4000"}, // bits without a token come last
	} {
		require.Equal(t, tc.text, tc.flags.String())
	}
	require.Equal(t, []string{"NTLMSSP_NEGOTIATE_UNICODE", "0x100"}, Flags(0x101).Tokens())
	require.NotNil(t, Flags(0).Tokens(), "an observed zero is a list without entries")
}

// The bits of [MS-NLMP] 2.2.2.5 that have a letter; the ten reserved ones, r1 to r10, have no token.
func TestFlagTable(t *testing.T) {
	var all Flags
	for _, f := range flagNames() {
		require.Zero(t, all&Flags(f.Bit), "%s: bit twice", f.Token)
		require.Greater(t, Flags(f.Bit), all, "%s: out of order", f.Token)
		all |= Flags(f.Bit)
	}
	const reserved Flags = 0x10000000 | 0x08000000 | 0x04000000 | 0x01000000 | 0x00200000 | 0x00040000 | 0x00004000 |
		0x00000400 | 0x00000100 | 0x00000008
	require.Equal(t, ^reserved, all)
}

func TestFlagsHas(t *testing.T) {
	require.True(t, Flags(3).Has(FlagNegotiateUnicode|FlagNegotiateOEM))
	require.False(t, Flags(1).Has(FlagNegotiateUnicode|FlagNegotiateOEM))
}

func TestFlagsText(t *testing.T) {
	name := []byte{0x12, 0x04, 0x35, 0x04}
	require.Equal(t, "Ве", FlagNegotiateUnicode.Text(name))
	require.Equal(t, "Ве", (FlagNegotiateUnicode | FlagNegotiateOEM).Text(name))
	require.Equal(t, "\U0001F600", FlagNegotiateUnicode.Text([]byte{0x3D, 0xD8, 0x00, 0xDE}))
	require.Equal(t, `caf\x82`, FlagNegotiateOEM.Text([]byte("caf\x82")))
	require.Equal(t, "SRV", Flags(0).Text([]byte("SRV")))
}
