package spnego

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNegHintsText(t *testing.T) {
	require.Equal(t, "", NegHints{}.Text())
	require.Equal(t, HintPleaseIgnore, NegHints{HintName: []byte("not_defined_in_RFC4178@please_ignore")}.Text())
	require.Equal(t, `srv\xd0\x92`, NegHints{HintName: []byte("srvВ")}.Text())
}
