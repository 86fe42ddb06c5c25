package jsonline_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/examples/internal/jsonline"
	"github.com/smbscope/smbscope/fingerprint"
)

// A reader of the line gets the text that was there; a terminal gets nothing to act upon.
func TestWrite(t *testing.T) {
	const text = "общая 📁 \x1b[31m\u202e\x00\n\u2028\U000e0041"
	var out strings.Builder
	require.NoError(t, jsonline.Write(&out, &fingerprint.Report{Target: text}))
	line, ok := strings.CutSuffix(out.String(), "\n")
	require.True(t, ok)
	for _, c := range line {
		require.True(t, unicode.IsGraphic(c), "%U", c)
	}
	require.Contains(t, line, "общая 📁")
	var back fingerprint.Report
	require.NoError(t, json.Unmarshal([]byte(line), &back))
	require.Equal(t, text, back.Target)
}
