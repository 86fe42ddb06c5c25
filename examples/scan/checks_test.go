package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/testdata"
)

const smb1Off = "SMB1 was not proven on"

// What was asked for stands in the table, in columns or on the line below a narrow row; what was not does not.
func TestCheckCells(t *testing.T) {
	ms17, pulsar := report.CheckMS17010, report.CheckDoublePulsar
	for name, c := range map[string]struct {
		checks     []report.Check
		want, note string
	}{
		"there":     {[]report.Check{{ID: ms17, Answer: report.Yes}, {ID: pulsar, Answer: report.Yes}}, "vulnerable ! implanted !", ""},
		"not there": {[]report.Check{{ID: ms17, Answer: report.No}, {ID: pulsar, Answer: report.No}}, "not vulnerable not found", ""},
		"not tested": {
			[]report.Check{{ID: pulsar, Answer: report.Unknown}, {ID: ms17, Answer: report.Unknown, Reason: smb1Off}}, "? ?",
			"a: MS17-010 could not be tested: " + smb1Off,
		},
		"same reason": {
			[]report.Check{{ID: ms17, Reason: smb1Off}, {ID: pulsar, Reason: smb1Off}}, "? ?",
			"a: MS17-010 and DoublePulsar could not be tested: " + smb1Off,
		},
		"other reason": {
			[]report.Check{{ID: ms17, Reason: "x"}, {ID: pulsar, Reason: smb1Off}}, "? ?",
			"a: MS17-010 could not be tested: x a: DoublePulsar could not be tested: " + smb1Off,
		},
		"new answer": {[]report.Check{{ID: ms17, Answer: "perhaps"}, {ID: pulsar}}, "? ?", ""},
		"no answer":  {nil, "? ?", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := sample()
			r.Checks = c.checks
			wide, narrow := tableText(t, r, "", "-checks"), tableText(t, r, "80", "-checks")
			require.Contains(t, wide, " SMB1 MS17-010 DOUBLEPULSAR NAME ")
			require.Contains(t, wide, " yes ? "+c.want+" DC1 ")
			for _, w := range checkWordings() {
				require.Contains(t, narrow, "· "+w.name+" ")
			}
			require.Contains(t, wide, c.note)
			require.NotContains(t, wide, "a, a:", "a reason is told once")
			require.Equal(t, c.note != "", strings.Contains(wide, "could not be tested"))
			require.Contains(t, tableText(t, r, ""), " SMB1 NAME ", "nothing was asked for")
			require.NotContains(t, tableText(t, r, ""), "could not be tested")
		})
	}
}

func TestChecksInDetail(t *testing.T) {
	r := sample()
	r.Checks = []report.Check{
		{ID: report.CheckMS17010, Answer: report.Yes, Status: "STATUS_INSUFF_SERVER_RESOURCES", Reason: "the update is missing"},
		{ID: "new-check", Answer: report.No},
	}
	for _, flags := range [][]string{{"-v"}, {"-explain"}, {"-v", "-explain"}} {
		w := world{scan: answering(r)}
		require.Equal(t, exitDone, w.run(t.Context(), append(flags, "-checks", "a")...))
		require.Equal(t, 1, strings.Count(w.stdout.String(), `
  weakness checks
    MS17-010              vulnerable ! · STATUS_INSUFF_SERVER_RESOURCES · the update is missing
    new-check             no
    DoublePulsar          could not test
`), w.stdout.String())
		w = world{scan: answering(r)}
		require.Equal(t, exitDone, w.run(t.Context(), append(flags, "a")...))
		require.NotContains(t, w.stdout.String(), "weakness checks", "not asked for")
	}
}

// A server that is none was not checked, and the legend tells of the mark.
func TestCheckMarks(t *testing.T) {
	s := newResults(options{checks: true}, &targetList{})
	s.add(&fingerprint.Report{Outcome: report.OutcomeRefused})
	require.Empty(t, s.rows[0].Checks)
	r := &fingerprint.Report{Signing: &report.Signing{SMB2: &report.SigningMode{Required: report.Yes}}}
	require.False(t, view{}.marksOf([]*fingerprint.Report{r}).risk)
	r.Checks = []report.Check{{ID: report.CheckDoublePulsar, Answer: report.Yes}}
	require.True(t, view{}.marksOf([]*fingerprint.Report{r}).risk)
}

// A replay asks only those for weaknesses that were asked when they were recorded.
func TestReplayOfChecks(t *testing.T) {
	var w world
	require.Equal(t, exitDone, w.run(t.Context(), "-checks", "-json"))
	recorded := false
	for _, r := range parse(t, w.stdout.String()) {
		dialogues, err := testdata.Dialogues(r.Target)
		require.NoError(t, err)
		var asked extras
		for _, d := range dialogues {
			for _, f := range d.Frames {
				asked.note(f.Probe)
			}
		}
		recorded = recorded || asked.checks
		require.Equal(t, asked.checks, r.Checks != nil, r.Target)
	}
	require.Equal(t, !recorded, strings.Contains(w.stderr.String(), "Weakness checks were asked of none of them."))

	var e extras
	e.note(verdict.ChecksNegotiate)
	require.Equal(t, extras{checks: true}, e)
}
