package wire

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFlags(t *testing.T) {
	table := []FlagName{{Bit: 4, Token: "FOUR"}, {Bit: 1, Token: "ONE"}, {Bit: 1 << 63, Token: "LAST"}}
	for _, c := range []struct {
		value  uint64
		text   string
		tokens []string
	}{
		{0, "0", []string{}},
		{1, "ONE", []string{"ONE"}},
		{5, "FOUR|ONE", []string{"FOUR", "ONE"}},
		{0x42, "0x2|0x40", []string{"0x2", "0x40"}},
		{1<<63 | 1<<62 | 1, "ONE|LAST|0x4000000000000000", []string{"ONE", "LAST", "0x4000000000000000"}},
	} {
		require.Equal(t, c.text, FlagString(c.value, table))
		require.Equal(t, c.tokens, FlagTokens(c.value, table))
	}
	require.Equal(t, "0x8", FlagString(8, nil))
}
