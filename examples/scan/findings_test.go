package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// Of few servers each finding is a line, most severe first, with what it rests on.
func TestFindings(t *testing.T) {
	w := world{scan: answering(judged())}
	require.Equal(t, exitDone, w.run(t.Context(), "a"))
	require.Contains(t, w.stdout.String(), `…
  high      SMB2 signing is not required (signing/smb2/required: no)
  info      Its clock is off (clock_skew_ms: 1.5)
`)
	require.Contains(t, w.stdout.String(), "\nfindings: 1 high, 1 info\n1 target in ")
	require.NotContains(t, w.stdout.String(), "█")
}

// Of many, each severity is a line.
func TestFindingsOfMany(t *testing.T) {
	r := judged()
	r.Findings = append(r.Findings, report.Finding{ID: "smb1-enabled", Severity: report.SeverityHigh, Title: "SMB1 is on"},
		report.Finding{ID: "untitled", Severity: "fatal"})
	w := world{scan: answering(r)}
	require.Equal(t, exitDone, w.run(t.Context(), "a", "b", "c", "d", "e"))
	require.Equal(t, 5, strings.Count(w.stdout.String(), `…
  high      SMB2 signing is not required · SMB1 is on
  info      Its clock is off
  fatal     untitled
`), w.stdout.String())
	require.NotContains(t, w.stdout.String(), "clock_skew_ms")
}

// The summary has all targets, those without a row too, and draws the share of servers.
func TestTally(t *testing.T) {
	high := report.Finding{Severity: report.SeverityHigh, Title: "x"}
	one := sample()
	one.Findings = []report.Finding{high, high, {Severity: report.SeverityLow}}
	two := sample()
	two.Findings = []report.Finding{high, {Severity: report.SeverityCritical}}
	clear := sample()
	dead := fingerprint.Report{Outcome: report.OutcomeRefused, Findings: []report.Finding{high}}
	w := world{scan: reports(map[string]fingerprint.Report{"t1": one, "t2": two, "t3": clear, "t4": clear, "t5": dead})}
	require.Equal(t, exitDone, w.run(t.Context(), "t1", "t2", "t3", "t4", "t5"))
	require.Contains(t, w.stdout.String(), `
findings
  critical  █████░░░░░░░░░░░░░░░  1 of 4 servers, 1 finding
  high      ██████████░░░░░░░░░░  2 of 4 servers, 3 findings
  low       █████░░░░░░░░░░░░░░░  1 of 4 servers, 1 finding

5 targets in `)

	w = world{scan: answering(sample())}
	require.Equal(t, exitDone, w.run(t.Context(), "a", "b"))
	require.NotContains(t, w.stdout.String(), "findings", "there are none")
}

func TestBar(t *testing.T) {
	for _, c := range []struct {
		part, all uint64
		full      int
	}{{0, 0, 0}, {0, 7, 0}, {1, 1000, 1}, {1, 2, 10}, {999, 1000, 19}, {7, 7, 20}, {1 << 63, 1<<64 - 1, 10}} {
		require.Equal(t, strings.Repeat("█", c.full)+strings.Repeat("░", 20-c.full), bar(c.part, c.all), "%d of %d", c.part, c.all)
	}
}

// A severity is told by its word; colour only repeats it.
func TestSeverityColours(t *testing.T) {
	r := judged()
	r.Findings = nil
	for _, s := range severities() {
		r.Findings = append(r.Findings, report.Finding{ID: "x", Severity: s, Title: "title of " + string(s), Detail: "x"})
	}
	for _, flag := range []string{"-j=1", "-explain"} {
		var plain string
		for _, terminal := range []bool{false, true} {
			w := world{scan: answering(r), terminal: terminal}
			require.Equal(t, exitDone, w.run(t.Context(), flag, "a", "b"))
			out := regexp.MustCompile(` in \S+: `).ReplaceAllString(w.stdout.String(), " in …: ")
			stripped := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(out, "")
			require.Equal(t, terminal, out != stripped)
			if terminal {
				require.Equal(t, plain, stripped, "colour moves nothing")
				for s, code := range map[string]string{"critical": "1;31", "high": "1;31", "medium": "33", "info": "2"} {
					require.Contains(t, out, " \x1b["+code+"m"+s+"\x1b[0m ")
				}
			}
			plain = stripped
			for _, s := range severities() {
				require.Regexp(t, fmt.Sprintf(`(?m)^ +%s +title of %s`, s, s), stripped)
			}
		}
	}
}

// hostileConclusions has evil text wherever a server's text may come to stand in a conclusion.
func hostileConclusions() fingerprint.Report {
	r := hostile()
	evil := r.Reason
	long := r.NTLM.NetBIOSComputer
	r.NTLM.Flags = []string{evil}
	r.Identity = &report.Identity{
		Vendor: evil, Product: evil, Version: long, Confidence: 1, CPE: []string{evil}, Role: report.Role(evil),
		Candidates: []report.Candidate{
			{Product: evil, Release: long, SupportEnds: evil}, {Product: "x", Release: evil, SupportEnds: "0" + evil},
		},
		RoleCandidates: []report.RoleCandidate{{Role: report.Role(long)}},
		Reasons:        []string{evil}, Contradictions: []string{evil},
	}
	r.ObservedAt = judged().ObservedAt
	r.Stack = &report.Stack{Hash: evil + "_b_c_" + long, Canonical: evil + "\n" + evil}
	r.Findings = []report.Finding{{
		ID: evil, Severity: report.Severity(evil), Title: long, Detail: evil, Remediation: evil, References: []string{evil},
		Evidence: []string{evil, "/ntlm/netbios_computer", "/ntlm/flags", "/transports", "/smb1", "/probes/0/" + evil},
	}}
	r.Checks = []report.Check{
		{ID: report.CheckID(long), Answer: report.Answer(evil), Status: evil, Reason: evil},
		{ID: report.CheckMS17010, Answer: report.Yes, Status: evil, Reason: evil},
	}
	return r
}

func TestHostileConclusions(t *testing.T) {
	for _, flags := range [][]string{{}, {"-explain"}, {"-v", "-explain", "-checks"}, {"-checks"}, {"b", "c", "d", "e"}} {
		for _, width := range []string{"", "80", "120"} {
			w := world{scan: answering(hostileConclusions()), env: map[string]string{"COLUMNS": width}}
			require.Equal(t, exitDone, w.run(t.Context(), append(flags, "a")...))
			for _, c := range w.stdout.String() {
				require.True(t, unicode.IsPrint(c) || c == '\n', "%U in %v", c, flags)
			}
			if len(flags) == 0 {
				require.Less(t, w.stdout.Len(), 8_000, "a name is not a flood")
			}
		}
	}
}

// No line is wider than the terminal.
func TestWidthsOfConclusions(t *testing.T) {
	r := judged()
	r.Findings[1].Detail = strings.Repeat("a sentence of some words and ", 12)
	r.Checks = []report.Check{{ID: report.CheckMS17010, Answer: report.Yes, Status: "STATUS_INSUFF_SERVER_RESOURCES", Reason: r.Findings[1].Detail}}
	for _, width := range []int{80, 100, 120} {
		for _, flags := range [][]string{nil, {"-explain"}, {"-explain", "-checks"}, {"b", "c", "d", "e"}} {
			w := world{scan: answering(r), env: map[string]string{"COLUMNS": fmt.Sprint(width)}}
			require.Equal(t, exitDone, w.run(t.Context(), append(flags, "192.0.2.1")...))
			for l := range strings.Lines(w.stdout.String()) {
				require.LessOrEqual(t, text.StringWidthWithoutEscSequences(strings.TrimSuffix(l, "\n")), width, l)
			}
		}
	}
}
