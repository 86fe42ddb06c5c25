package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// answers turns a letter each for NT LM 0.12 and, after a space, 2.0.2, 2.1, 3.0, 3.0.2 and 3.1.1 into answers: y, n, u
// for unknown and - for a dialect that the report does not have.
func answers(s string) map[string]report.Answer {
	names := []string{ntlm012, "", "2.0.2", "2.1", "3.0", "3.0.2", "3.1.1"}
	dialects := map[string]report.Answer{}
	for i, c := range s {
		if a, ok := map[rune]report.Answer{'y': report.Yes, 'n': report.No, 'u': report.Unknown}[c]; ok {
			dialects[names[i]] = a
		}
	}
	return dialects
}

// smb1Of is the SMB1 part of a report with such answers.
func smb1Of(s string) *report.SMB1 {
	return &report.SMB1{Supported: answers(s)[ntlm012]}
}

func TestDialects(t *testing.T) {
	cases := map[string]string{
		"n yyyyy": "2.0.2–3.1.1",
		"y yyyyy": "SMB1, 2.0.2–3.1.1",
		"u yyyyy": "SMB1?, 2.0.2–3.1.1",
		"- yyyyy": "SMB1?, 2.0.2–3.1.1",
		// Only is said where every other dialect was refused.
		"n nnnny": "3.1.1 only",
		"u nnnny": "SMB1?, 3.1.1",
		"n nnuny": "3.0?, 3.1.1",
		"y nnnnn": "SMB1 only",
		"y nnnnu": "SMB1, 3.1.1?",
		"n ynnnn": "2.0.2 only",
		// Maxima.
		"n yynnn": "2.0.2, 2.1",
		"y yynnn": "SMB1, 2.0.2, 2.1",
		"n yyynn": "2.0.2–3.0",
		// Holes.
		"n nynyn": "2.1, 3.0.2",
		"n yynyy": "2.0.2, 2.1, 3.0.2, 3.1.1",
		"n ynyyy": "2.0.2, 3.0–3.1.1",
		"y nyyyn": "SMB1, 2.1–3.0.2",
		// Holes that are unknown, which join nothing.
		"n yyuyy": "2.0.2, 2.1, 3.0?, 3.0.2, 3.1.1",
		"n yuuuy": "2.0.2, 2.1–3.0.2?, 3.1.1",
		"n yu-uy": "2.0.2, 2.1–3.0.2?, 3.1.1",
		"n yuuny": "2.0.2, 2.1?, 3.0?, 3.1.1",
		"y uuuuu": "SMB1, 2.0.2–3.1.1?",
		"n uuuuy": "2.0.2–3.0.2?, 3.1.1",
		"n yyyyu": "2.0.2–3.0.2, 3.1.1?",
		"u uyuuu": "SMB1?, 2.0.2?, 2.1, 3.0–3.1.1?",
		"u nunuy": "SMB1?, 2.1?, 3.0.2?, 3.1.1",
		// One offer of all tells the newest, and no to all above it.
		"u uuuuy": "3.1.1, older?",
		"- ----y": "3.1.1, older?",
		"u uynnn": "2.1, older?",
		"u uyynn": "2.1, 3.0, older?",
		"u ynnnn": "SMB1?, 2.0.2",
		// Nothing is taken.
		"n nnnnn": "none",
		"u uuuuu": "?",
		"- -----": "?",
		"n uuuuu": "2.0.2–3.1.1?",
		"u nnnnn": "SMB1?",
		"n nnnnu": "3.1.1?",
	}
	for in, want := range cases {
		t.Run(in, func(t *testing.T) {
			got := dialectCell(&fingerprint.Report{Dialects: answers(in), SMB1: smb1Of(in)})
			require.Len(t, got, 1)
			require.Equal(t, want, got[0].text)
		})
	}
}

// parseDialects reads a cell back: what it names is taken or, with its mark, unknown, and what it does not name is refused.
func parseDialects(t *testing.T, s string) map[string]report.Answer {
	t.Helper()
	order := append([]string{allSMB1}, smb2Dialects()...)
	got := map[string]report.Answer{}
	fill := func(from, to int, a report.Answer) {
		for _, d := range order[from : to+1] {
			require.NotContains(t, got, d, s)
			got[d] = a
		}
	}
	older := false
	index := func(d string) int {
		require.Contains(t, order, d, s)
		return slices.Index(order, d)
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(s, " only"), ", ") {
		a := report.Yes
		if unmarked, ok := strings.CutSuffix(part, "?"); ok {
			part, a = unmarked, report.Unknown
		}
		switch from, to, isRange := strings.Cut(part, "–"); {
		case part == "" && a == report.Unknown:
			fill(0, len(order)-1, a)
		case part == "older":
			older = true
		case part == "none":
		case isRange:
			fill(index(from), index(to), a)
		default:
			fill(index(part), index(part), a)
		}
	}
	for _, d := range order {
		_, named := got[d]
		older = older && !named
		switch {
		case older:
			got[d] = report.Unknown
		case !named:
			got[d] = report.No
		}
	}
	return got
}

// Each of all 729 combinations can be read back from its cell: no unknown looks like a no, or the other way round.
func TestDialectsSayAll(t *testing.T) {
	letters := "ynu"
	for n := range 729 {
		in := []byte("- -----")
		for i, rest := 0, n; i < len(in); i++ {
			if i != 1 {
				in[i] = letters[rest%3]
				rest /= 3
			}
		}
		s := string(in)
		want := answers(s)
		want[allSMB1] = want[ntlm012]
		delete(want, ntlm012)
		text := dialectCell(&fingerprint.Report{Dialects: answers(s), SMB1: smb1Of(s)})[0].text
		require.Equal(t, want, parseDialects(t, text), "%s: %s", s, text)
	}
}

func TestPreferredDialect(t *testing.T) {
	cases := map[string]struct {
		preferred string
		want      cell
	}{
		"newest":    {preferred: "3.0.2", want: cell{{text: "2.0.2–3.0.2"}}},
		"not":       {preferred: "2.1", want: cell{{text: "2.0.2–3.0.2"}, {text: "prefers 2.1"}}},
		"none":      {want: cell{{text: "2.0.2–3.0.2"}}},
		"unheardof": {preferred: "0x0400\x1b", want: cell{{text: "2.0.2–3.0.2"}, {text: `prefers 0x0400\x1b`}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := &fingerprint.Report{Dialects: answers("n yyyyn"), SMB1: smb1Of("n"), PreferredDialect: c.preferred}
			require.Equal(t, c.want, dialectCell(r))
		})
	}
}

func TestSMB1Column(t *testing.T) {
	yes := risky("yes")
	cases := map[string]struct {
		smb1     *report.SMB1
		dialects map[string]report.Answer
		want     cell
	}{
		"yes":          {smb1: smb1Of("y"), dialects: answers("y"), want: cell{yes}},
		"no":           {smb1: smb1Of("n"), dialects: answers("n"), want: cell{{text: "no"}}},
		"unknown":      {smb1: smb1Of("u"), want: cell{{text: "?", shade: faint}}},
		"one refusal":  {dialects: answers("n"), want: cell{{text: "?", shade: faint}}},
		"dialect only": {dialects: answers("y"), want: cell{yes}},
		"old": {
			smb1:     smb1Of("y"),
			dialects: map[string]report.Answer{"LANMAN1.0": report.Yes, "LANMAN2.1": report.Yes, ntlm012: report.No},
			want:     cell{yes, {text: "LANMAN2.1"}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, smb1Cell(&fingerprint.Report{SMB1: c.smb1, Dialects: c.dialects}))
		})
	}
}
