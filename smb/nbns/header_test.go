package nbns

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRCode(t *testing.T) {
	for code, want := range map[RCode]string{
		RCodeNone: "0", RCodeFormat: "FMT_ERR", RCodeServer: "SRV_ERR", RCodeName: "NAM_ERR", RCodeImplementing: "IMP_ERR",
		RCodeRefused: "RFS_ERR", RCodeActive: "ACT_ERR", RCodeConflict: "CFT_ERR", 0xE: "RCode(0xE)",
	} {
		require.Equal(t, want, code.String())
	}
}

func TestHeaderFlags(t *testing.T) {
	f := HeaderFlags(0xAD93) // R, OPCODE 5, AA, RD, RA, B, NAM_ERR
	require.EqualValues(t, 5, f.Opcode())
	require.Equal(t, RCodeName, f.RCode())
	require.True(t, f.Has(FlagResponse|FlagAuthoritative|FlagRecursionDesired|FlagRecursionAvailable|FlagBroadcast))
	require.False(t, f.Has(FlagTruncated))
	require.False(t, f.Has(FlagTruncated|FlagResponse))
}

func TestNameFlags(t *testing.T) {
	for flags, want := range map[NameFlags]string{
		0: "B", NameActive: "B|ACT", NameGroup | 0x2000: "P|G", 0x4000: "M", 0x6000 | NameActive: "H|ACT",
		NameDeregister | NameConflict | NamePermanent | 0x0041: "B|DRG|CNF|PRM|0x1|0x40", 0x01FF &^ 0x00FF: "B|0x100",
	} {
		require.Equal(t, want, flags.String())
	}
	require.Equal(t, NodeM, (NameGroup | 0x4000).NodeType())
	require.True(t, (NameGroup | NameActive).Has(NameGroup))
	require.False(t, NameGroup.Has(NameGroup|NameActive))
	require.Equal(t, "NodeType(0x04)", NodeType(4).String())
}
