package main

import (
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/wire"
)

// A checkWords is how a weakness check and its answers are called.
type checkWords struct {
	id      report.CheckID
	name    string
	yes, no string
}

func checkWordings() []checkWords {
	return []checkWords{
		{report.CheckMS17010, "MS17-010", "vulnerable", "not vulnerable"},
		{report.CheckDoublePulsar, "DoublePulsar", "implanted", "not found"},
	}
}

// wordsOf returns the words for a check, also for one that this program does not know.
func wordsOf(id report.CheckID) checkWords {
	for _, w := range checkWordings() {
		if w.id == id {
			return w
		}
	}
	return checkWords{id: id, name: clean(string(id)), yes: "yes", no: "no"}
}

// cell shows what came of the check; nothing where it was not asked for.
func (w checkWords) cell(r *fingerprint.Report) cell {
	i := slices.IndexFunc(r.Checks, func(c report.Check) bool { return c.ID == w.id })
	if i < 0 {
		return nil
	}
	switch r.Checks[i].Answer {
	case report.Yes:
		return cell{risky(w.yes)}
	case report.No:
		return cell{{text: w.no}}
	}
	return answerCell(report.Unknown)
}

func checkColumns() []column {
	var list []column
	for _, w := range checkWordings() {
		list = append(list, column{title: strings.ToUpper(w.name), cell: w.cell})
	}
	return list
}

// checks returns what is shown of them: what was asked for and has no answer is unknown, what was not has no place.
func (s *results) checks(r *fingerprint.Report) []report.Check {
	if !s.checked || r.Outcome != report.OutcomeSMB {
		return nil
	}
	list := slices.Clone(r.Checks)
	for _, w := range checkWordings() {
		if !slices.ContainsFunc(list, func(c report.Check) bool { return c.ID == w.id }) {
			list = append(list, report.Check{ID: w.id, Answer: report.Unknown})
		}
	}
	return list
}

// untested says why checks have no answer, each reason once.
func untested(r *fingerprint.Report) []string {
	var reasons []string
	names := map[string][]string{}
	for _, c := range r.Checks {
		if c.Answer.Known() || c.Reason == "" {
			continue
		}
		if names[c.Reason] == nil {
			reasons = append(reasons, c.Reason)
		}
		names[c.Reason] = append(names[c.Reason], wordsOf(c.ID).name)
	}
	for i, reason := range reasons {
		reasons[i] = strings.Join(names[reason], " and ") + " could not be tested: " + wire.EscapeText(reason)
	}
	return reasons
}

// checks prints what came of each check, and what that rests on.
func (v view) checks(out *strings.Builder, r *fingerprint.Report) {
	if len(r.Checks) == 0 {
		return
	}
	v.heading(out, "weakness checks")
	for _, c := range r.Checks {
		v.entry(out, 20, wordsOf(c.ID).name, verdictText(c))
	}
}

func verdictText(c report.Check) string {
	words, text := wordsOf(c.ID), "could not test"
	switch c.Answer {
	case report.Yes:
		text = words.yes + riskMark
	case report.No:
		text = words.no
	}
	if c.Status != "" {
		text += " · " + wire.EscapeText(c.Status)
	}
	if c.Reason != "" {
		text += " · " + wire.EscapeText(c.Reason)
	}
	return text
}
