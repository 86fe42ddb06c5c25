package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVerbose(t *testing.T) {
	for _, width := range []string{"", "80"} {
		w := world{scan: answering(sample()), env: map[string]string{"COLUMNS": width}}
		require.Equal(t, exitDone, w.run(t.Context(), "-v", "first", "second"))
		// The evidence of a row comes before the next row.
		require.Regexp(t, `(?s)\nfirst .*`+
			`1 all-offer +SMB2 NEGOTIATE → supported.*`+
			`no +/signing/smb2/required\s+all-offer: supported STATUS_SUCCESS: SecurityMode 1\n.*`+
			`unknown +/smb1/supported\s+all-offer: not-tested\n.*`+
			`\nsecond .*/signing/smb2/required`, w.stdout.String())
	}
}

func TestRaw(t *testing.T) {
	w := world{scan: answering(sample())}
	require.Equal(t, exitDone, w.run(t.Context(), "-raw", "a"))
	require.Contains(t, w.stdout.String(), "all-offer request, 4 bytes\n  00000000  fe 53 4d 42")
	require.Contains(t, w.stdout.String(), "|.SMB|")
	require.NotContains(t, w.stdout.String(), "evidence")
}

func TestRawReachesTheScanner(t *testing.T) {
	o, err := parseOptions([]string{"-raw", "-timeout", "3s", "-port", "1445", "-level", "quick"}, nil)
	require.NoError(t, err)
	s := o.scanner()
	require.True(t, s.Raw)
	require.EqualValues(t, 1445, s.Port)
	require.Equal(t, "3s", s.Timeout.String())
	require.Equal(t, "quick", string(s.Level))
	require.Equal(t, 64, o.parallel)
}

func TestAnswersOf(t *testing.T) {
	r := sample()
	r.Dialects = nil
	lookup := answersOf(&r)
	require.Equal(t, "no", lookup("/signing/smb2/required"))
	require.Equal(t, "unknown", lookup("/smb1/supported"))
	require.Equal(t, "unknown", lookup("/dialects/3.1.1"), "absent")
	require.Equal(t, "unknown", lookup("/encryption"), "no answer")
	require.Equal(t, "unknown", lookup(""))
}
