package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/wire"
)

// labelWidth is that of the labels of an explanation.
const labelWidth = 10

// explanation prints what a server is and what is wrong with it, with all that either rests on.
func (v view) explanation(out *strings.Builder, r *fingerprint.Report) {
	v.explainIdentity(out, r)
	v.explainStack(out, r)
	if !v.verbose { // which has printed them
		v.checks(out, r)
	}
	v.explainFindings(out, r)
}

func (v view) explainIdentity(out *strings.Builder, r *fingerprint.Report) {
	i := r.Identity
	if i == nil {
		return
	}
	v.heading(out, "identity")
	v.labelled(out, "product", identityText(i))
	if i.Vendor != "" {
		v.labelled(out, "vendor", wire.EscapeText(i.Vendor))
	}
	if i.Version != "" {
		v.labelled(out, "version", wire.EscapeText(i.Version))
	}
	var candidates, roles []string
	for _, c := range i.Candidates {
		candidates = append(candidates, confidence(c.Confidence)+" "+candidateName(c)+supportText(c.SupportEnds, r.ObservedAt))
	}
	for _, c := range i.RoleCandidates {
		roles = append(roles, confidence(c.Confidence)+" "+clean(string(c.Role)))
	}
	v.labelled(out, "candidates", candidates...)
	v.labelled(out, "may be", roles...)
	v.labelled(out, "because", escaped(i.Reasons)...)
	v.labelled(out, "but", escaped(i.Contradictions)...)
	v.labelled(out, "CPE", escaped(i.CPE)...)
}

// supportText tells until when anybody gets updates, as seen on the day of the scan.
func supportText(ends string, observed time.Time) string {
	switch {
	case ends == "":
		return ""
	case !observed.IsZero() && ends < observed.UTC().Format(time.DateOnly):
		return ", support ended " + clean(ends)
	}
	return ", support ends " + clean(ends)
}

func (v view) explainStack(out *strings.Builder, r *fingerprint.Report) {
	if r.Stack == nil {
		return
	}
	v.heading(out, "stack")
	v.labelled(out, "hash", wire.EscapeText(r.Stack.Hash))
	v.labelled(out, "canonical", wire.EscapeText(r.Stack.Canonical))
}

// explainFindings prints each finding with what was seen, what it rests on, and what to do about it.
func (v view) explainFindings(out *strings.Builder, r *fingerprint.Report) {
	if len(r.Findings) == 0 {
		return
	}
	v.heading(out, "findings")
	lookup := valuesOf(r)
	for n, f := range bySeverity(r) {
		if n > 0 {
			out.WriteString("\n")
		}
		title := wire.EscapeText(f.Title)
		if f.ID != "" {
			title = strings.TrimSpace(title + " (" + wire.EscapeText(f.ID) + ")")
		}
		v.item(out, "    ", labelWidth, clean(string(f.Severity)), severityShade(f.Severity), title)
		v.labelled(out, "seen", wire.EscapeText(f.Detail))
		v.labelled(out, "evidence", evidenceLines(r, f, lookup)...)
		v.labelled(out, "remedy", strings.Split(escapedLines(remedyFor(r, f.Remediation)), "\n")...)
		v.labelled(out, "see", escaped(f.References)...)
	}
}

// remedyFor leaves out what is for another product than a server's, where that is all but certain.
func remedyFor(r *fingerprint.Report, text string) string {
	if r.Identity == nil || r.Identity.Confidence < sureFrom {
		return text
	}
	var lines, all []string
	for line := range strings.Lines(text) {
		all = append(all, line)
		other := false
		for _, product := range []string{"Windows", "Samba"} {
			other = other || product != r.Identity.Product && strings.HasPrefix(line, product+": ")
		}
		if !other {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 { // for a product that nobody has written anything for
		lines = all
	}
	return strings.TrimSuffix(strings.Join(lines, ""), "\n")
}

// evidenceLines has each path that a finding rests on, with the value that stands there and what it rests on in turn.
func evidenceLines(r *fingerprint.Report, f report.Finding, lookup func(string) string) []string {
	var lines []string
	for _, path := range f.Evidence {
		l := wire.EscapeText(path)
		if value := lookup(path); value != "" {
			l += ": " + value
		}
		lines = append(lines, l)
		for _, e := range r.Evidence[path] {
			lines = append(lines, "← "+support(e))
		}
	}
	return lines
}

// labelled prints lines with a label before the first, and nothing where there is nothing to say.
func (v view) labelled(out *strings.Builder, label string, lines ...string) {
	for _, l := range lines {
		if l == "" {
			continue
		}
		v.item(out, "    ", labelWidth, label, faint, l)
		label = ""
	}
}

func escaped(list []string) []string {
	var safe []string
	for _, s := range list {
		safe = append(safe, wire.EscapeText(s))
	}
	return safe
}

// escapedLines escapes all but line breaks.
func escapedLines(s string) string {
	return strings.Join(escaped(slices.Collect(strings.SplitSeq(s, "\n"))), "\n")
}

// valuesOf returns a function that finds what is under a path and prints it short: nothing where there is nothing.
func valuesOf(r *fingerprint.Report) func(path string) string {
	pointed := pointer(r)
	return func(path string) string {
		switch value := pointed(path).(type) {
		case nil:
			return ""
		case string:
			return clean(value)
		case float64:
			return strconv.FormatFloat(value, 'f', -1, 64)
		case []any:
			return listText(value)
		default:
			b, err := json.Marshal(value)
			if err != nil {
				return ""
			}
			return clean(string(b))
		}
	}
}

// listText prints a list of texts, and only counts one of anything else.
func listText(list []any) string {
	var names []string
	for _, e := range list {
		s, ok := e.(string)
		if !ok {
			return fmt.Sprintf("%d entries", len(list))
		}
		names = append(names, s)
	}
	if len(names) == 0 {
		return "none"
	}
	return clean(strings.Join(names, " "))
}
