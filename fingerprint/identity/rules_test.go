package identity

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/testdata"
	"github.com/smbscope/smbscope/testdata/truth"
)

// exampleOf returns the report of an example: a recording, "file#stream" of a shared capture, or a piece of a report.
func exampleOf(t *testing.T, example string) *report.Report {
	t.Helper()
	if strings.HasPrefix(example, "{") {
		r := &report.Report{Outcome: report.OutcomeSMB}
		require.NoError(t, json.Unmarshal([]byte(example), r))
		if r.Transports == nil {
			r.Transports = []report.Transport{{Transport: "direct-tcp", Outcome: report.OutcomeSMB}}
		}
		return r
	}
	if file, stream, ok := strings.Cut(example, "#"); ok {
		for _, s := range truth.Streams(t) {
			if s.File == file && s.TCPStream != nil && strconv.Itoa(*s.TCPStream) == stream {
				return verdict.Of([]*dialogue.Dialogue{s.Dialogue()}, verdict.Options{})
			}
		}
		t.Fatalf("no capture has %s", example)
	}
	text, err := testdata.Report(example)
	require.NoError(t, err)
	r := new(report.Report)
	require.NoError(t, json.Unmarshal(text, r))
	return r
}

// TestEveryRuleHasAnExample runs the example of each rule: a row that nothing makes fire is dead.
func TestEveryRuleHasAnExample(t *testing.T) {
	for i, r := range rules {
		t.Run(r.stack+"/"+strconv.Itoa(i), func(t *testing.T) {
			require.NotEmpty(t, r.source)
			require.NotEmpty(t, r.example)
			require.NotZero(t, r.weight)
			require.NotEmpty(t, stackByID(r.stack).product)
			require.NotEmpty(t, r.sees(traitsOf(exampleOf(t, r.example))), r.example)
			require.Empty(t, r.sees(traitsOf(&report.Report{Outcome: report.OutcomeSMB})), "a report without answers says nothing")
		})
	}
}

func TestEveryLieHasAnExample(t *testing.T) {
	for _, l := range lies() {
		require.NotEmpty(t, l.source)
		sentence := l.sees(traitsOf(exampleOf(t, l.example)))
		require.NotEmpty(t, sentence, l.example)
		require.Contains(t, Of(exampleOf(t, l.example)).Reasons, sentence)
	}
}

func TestEveryContradictionHasAnExample(t *testing.T) {
	for _, c := range contradictions() {
		require.NotEmpty(t, c.sees(traitsOf(exampleOf(t, c.example))), c.example)
	}
}

func TestEveryLineOfSambaHasAnExample(t *testing.T) {
	for _, l := range sambaLines() {
		require.Equal(t, l.release, sambaLine(traitsOf(exampleOf(t, l.example))), l.example)
	}
}

// TestEveryStackCanBeNamed holds that what speaks for a stack is enough to name it.
func TestEveryStackCanBeNamed(t *testing.T) {
	for _, s := range stacks {
		most := 0.0
		for _, r := range rules {
			if r.stack == s.id && r.weight > 0 {
				most += r.weight
			}
		}
		require.Greater(t, most, unknownWeight, s.id)
	}
}

// TestWeakSignsNameNothing holds that a report without a strong sign names no product.
func TestWeakSignsNameNothing(t *testing.T) {
	r := exampleOf(t, `{"negotiated":[{"dialect":"3.1.1","transport":0,"max_transact_size":8388608,"max_read_size":8388608,"max_write_size":8388608}]}`)
	id := Of(r)
	require.Empty(t, id.Product)
	require.Empty(t, id.Version)
	require.Zero(t, id.Confidence)
	require.Nil(t, Of(&report.Report{Outcome: report.OutcomeTimedOut}))
	require.NotEmpty(t, Of(&report.Report{Outcome: report.OutcomeSMB}).Reasons)
}

func stackByID(id string) stack {
	for _, s := range stacks {
		if s.id == id {
			return s
		}
	}
	return stack{}
}
