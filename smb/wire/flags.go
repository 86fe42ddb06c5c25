package wire

import (
	"fmt"
	"math/bits"
	"strings"
)

// A FlagName is a row of a flag set's table: the specification's token of one bit.
type FlagName struct {
	Bit   uint64
	Token string
}

// FlagTokens returns the tokens of the bits that are set in v, in the order of the table, and after them each bit that
// the table does not know in hex ("0x40"). Zero gives an empty slice, not nil: an observed zero is printed.
func FlagTokens(v uint64, table []FlagName) []string {
	tokens := make([]string, 0, bits.OnesCount64(v))
	for _, f := range table {
		if v&f.Bit != 0 {
			tokens = append(tokens, f.Token)
			v &^= f.Bit
		}
	}
	for v != 0 {
		bit := v & -v
		tokens = append(tokens, fmt.Sprintf("0x%x", bit))
		v &^= bit
	}
	return tokens
}

// FlagString prints a flag set as "A|B|0x40", and zero as "0".
func FlagString(v uint64, table []FlagName) string {
	if v == 0 {
		return "0"
	}
	return strings.Join(FlagTokens(v, table), "|")
}
