package main

import (
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// The dialects, oldest first.
func smb1Dialects() []string {
	return []string{"PC NETWORK PROGRAM 1.0", "LANMAN1.0", "LM1.2X002", "LANMAN2.1", ntlm012}
}

func smb2Dialects() []string { return []string{"2.0.2", "2.1", "3.0", "3.0.2", "3.1.1"} }

const (
	ntlm012 = "NT LM 0.12" // what everybody means by SMB1
	allSMB1 = "SMB1"
)

// A rung is a dialect, or all of SMB1, with its answer.
type rung struct {
	name   string
	answer report.Answer
}

// ladder returns SMB1 as a whole and the dialects after it, oldest first.
func ladder(r *fingerprint.Report) []rung {
	rungs := []rung{{allSMB1, smb1Answer(r)}}
	for _, d := range smb2Dialects() {
		rungs = append(rungs, rung{d, r.Dialects[d]})
	}
	return rungs
}

func smb1Answer(r *fingerprint.Report) report.Answer {
	switch {
	case r.SMB1 != nil && r.SMB1.Supported.Known():
		return r.SMB1.Supported
	case newestSMB1(r) != "":
		return report.Yes
	}
	return report.Unknown
}

// newestSMB1 returns the newest SMB1 dialect that was chosen.
func newestSMB1(r *fingerprint.Report) string {
	for _, d := range slices.Backward(smb1Dialects()) {
		if r.Dialects[d] == report.Yes {
			return d
		}
	}
	return ""
}

// dialectCell shows every dialect that the server takes and, with a question mark, every one that it might. What is
// missing from it is refused.
func dialectCell(r *fingerprint.Report) cell {
	rungs := ladder(r)
	l := line{text: strings.Join(dialectParts(rungs), ", ")}
	newest := ""
	for _, g := range rungs {
		if g.answer == report.Yes {
			newest = g.name
		}
	}
	if newest == "" && strings.Contains(l.text, unknown) {
		l.shade = faint
	}
	if r.PreferredDialect == "" || r.PreferredDialect == newest {
		return cell{l}
	}
	return cell{l, {text: "prefers " + clean(r.PreferredDialect)}} // an oddity: clients get the newest elsewhere
}

func dialectParts(rungs []rung) []string {
	taken := slices.IndexFunc(rungs, func(g rung) bool { return g.answer == report.Yes })
	yes, open := 0, 0
	for _, g := range rungs {
		switch {
		case g.answer == report.Yes:
			yes++
		case !g.answer.Known():
			open++
		}
	}
	switch {
	case open == len(rungs):
		return []string{unknown}
	case open == 0 && yes == 0:
		return []string{"none"}
	case open == 0 && yes == 1:
		return []string{rungs[taken].name + " only"}
	case open > 1 && taken == open && !slices.ContainsFunc(rungs[:taken], func(g rung) bool { return g.answer.Known() }):
		return append(spans(rungs[taken:]), "older"+unknown) // all below the oldest that is taken, and no other
	}
	return spans(rungs)
}

// spans names what is taken and, marked, what is not known, each run of three or more as a range. SMB1 is in none: it is
// a protocol of its own, and a risk. The mark stands without a space, so that no line breaks before it.
func spans(rungs []rung) []string {
	var parts []string
	for len(rungs) > 0 {
		a := rungs[0].answer
		n := 1
		for n < len(rungs) && rungs[0].name != allSMB1 && same(rungs[n].answer, a) {
			n++
		}
		run := rungs[:n]
		rungs = rungs[n:]
		if a == report.No {
			continue
		}
		mark := ""
		if !a.Known() {
			mark = unknown
		}
		if n > 2 {
			parts = append(parts, run[0].name+"–"+run[n-1].name+mark)
			continue
		}
		for _, g := range run {
			parts = append(parts, g.name+mark)
		}
	}
	return parts
}

// same tells whether answers are the same to a reader.
func same(a, b report.Answer) bool { return a == b || !a.Known() && !b.Known() }

// smb1Cell shows whether SMB1 is on, and its newest dialect where that is one before NT LM 0.12.
func smb1Cell(r *fingerprint.Report) cell {
	answer := smb1Answer(r)
	if answer != report.Yes {
		return answerCell(answer)
	}
	c := cell{risky("yes")}
	if d := newestSMB1(r); d != "" && d != ntlm012 {
		c = append(c, line{text: d})
	}
	return c
}
