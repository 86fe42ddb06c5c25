package srvsvc

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/smbscope/smbscope/smb/wire"
)

// ErrText says that a text is not one that a type of this package writes.
var ErrText = errors.New("no such text")

func hex(v uint32) string { return fmt.Sprintf("0x%x", v) }

// flag returns the bit that a token of wire.FlagString stands for, and what a number says.
func flag(token string, table []wire.FlagName) (uint32, bool) {
	for _, row := range table {
		if row.Token == token {
			return uint32(row.Bit), true
		}
	}
	v, err := strconv.ParseUint(token, 0, 32)
	return uint32(v), err == nil
}

// unmarshal reads tokens with bars between them. A text that its own value would write otherwise is refused, so that
// one value has one spelling.
func unmarshal[T interface {
	~uint32
	fmt.Stringer
}](text []byte, v *T, token func(string) (T, bool)) error {
	var sum T
	for part := range strings.SplitSeq(string(text), "|") {
		bits, ok := token(part)
		if !ok {
			return fmt.Errorf("%q: %w", text, ErrText)
		}
		sum |= bits
	}
	if sum.String() != string(text) {
		return fmt.Errorf("%q: %w", text, ErrText)
	}
	*v = sum
	return nil
}
