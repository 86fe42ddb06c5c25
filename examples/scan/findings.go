package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// fewRows are so few that each finding has a line of its own; of more servers each severity has one.
const fewRows = 4

// severities are ordered from the most to the least urgent.
func severities() []report.Severity {
	var list []report.Severity
	for _, s := range slices.Backward(report.SeverityInfo.Enum()) {
		list = append(list, report.Severity(s))
	}
	return list
}

// rank orders severities; one that is not known stands behind all that are.
func rank(s report.Severity) int {
	if i := slices.Index(severities(), s); i >= 0 {
		return i
	}
	return len(severities())
}

func severityShade(s report.Severity) shade {
	switch s {
	case report.SeverityCritical, report.SeverityHigh:
		return alarm
	case report.SeverityMedium:
		return notice
	case report.SeverityInfo:
		return faint
	}
	return plain
}

// severityWidth is that of the longest word.
func severityWidth() int {
	width := 0
	for _, s := range severities() {
		width = max(width, len(s))
	}
	return width
}

// bySeverity returns the findings, most severe first.
func bySeverity(r *fingerprint.Report) []report.Finding {
	list := slices.Clone(r.Findings)
	slices.SortStableFunc(list, func(a, b report.Finding) int { return rank(a.Severity) - rank(b.Severity) })
	return list
}

// findings prints what is wrong with a server: one finding a line, each with what it rests on, or one severity a line
// where there are many servers. With -explain all of it is told elsewhere.
func (v view) findings(out *strings.Builder, r *fingerprint.Report, rows int) {
	list := bySeverity(r)
	if v.explain || len(list) == 0 {
		return
	}
	if rows <= fewRows {
		lookup := valuesOf(r)
		for _, f := range list {
			v.item(out, "  ", severityWidth(), clean(string(f.Severity)), severityShade(f.Severity), headline(f, lookup))
		}
		return
	}
	for len(list) > 0 {
		n, titles := 0, []string(nil)
		for n < len(list) && list[n].Severity == list[0].Severity {
			titles = append(titles, titleText(list[n]))
			n++
		}
		v.item(out, "  ", severityWidth(), clean(string(list[0].Severity)), severityShade(list[0].Severity), strings.Join(titles, " · "))
		list = list[n:]
	}
}

// headline is a finding's title, with the first value that it rests on.
func headline(f report.Finding, lookup func(string) string) string {
	for _, path := range f.Evidence {
		if value := lookup(path); value != "" {
			return fmt.Sprintf("%s (%s: %s)", titleText(f), clean(strings.TrimPrefix(path, "/")), value)
		}
	}
	return titleText(f)
}

func titleText(f report.Finding) string {
	if f.Title == "" {
		return clean(f.ID)
	}
	return clean(f.Title)
}

// item prints what something is called, in its shade, and beside it what there is to say.
func (v view) item(out *strings.Builder, indent string, width int, head string, s shade, body string) {
	fill := strings.Repeat(" ", max(0, width-text.StringWidthWithoutEscSequences(head))) + gap
	column := text.StringWidthWithoutEscSequences(indent + head + fill)
	rest := strings.TrimLeft(v.paragraph(strings.Repeat(" ", column), body), " ")
	if body == "" {
		fill = ""
	}
	out.WriteString(indent + v.paint.on(head, s) + fill + rest)
}

// A tally counts what was found at all servers, those without a row too.
type tally struct {
	servers uint64
	found   map[report.Severity]uint64 // findings
	with    map[report.Severity]uint64 // servers that have one or more
}

func newTally() tally {
	return tally{found: map[report.Severity]uint64{}, with: map[report.Severity]uint64{}}
}

func (t *tally) add(r *fingerprint.Report) {
	if r.Outcome != report.OutcomeSMB {
		return
	}
	t.servers++
	last := report.Severity("")
	for i, f := range bySeverity(r) {
		t.found[f.Severity]++
		if i == 0 || f.Severity != last {
			t.with[f.Severity]++
		}
		last = f.Severity
	}
}

// tally prints how many findings there are of each severity: in a line for one server, and for several with the share of
// them that has one, as a bar.
func (v view) tally(out *strings.Builder, t tally) {
	if len(t.found) == 0 {
		return
	}
	list := slices.SortedFunc(maps.Keys(t.found), func(a, b report.Severity) int { return rank(a) - rank(b) })
	if t.servers == 1 {
		var parts []string
		for _, s := range list {
			parts = append(parts, fmt.Sprintf("%d %s", t.found[s], clean(string(s))))
		}
		out.WriteString(v.paragraph("", "findings: "+strings.Join(parts, ", ")))
		return
	}
	out.WriteString(v.paint.on("findings", bold) + "\n")
	for _, s := range list {
		body := fmt.Sprintf("%d of %s, %s", t.with[s], count(t.servers, "server"), count(t.found[s], "finding"))
		head := clean(string(s)) + strings.Repeat(" ", max(0, severityWidth()-len(s))) + gap + bar(t.with[s], t.servers)
		v.item(out, "  ", 0, head, severityShade(s), body)
	}
	out.WriteString("\n")
}

// bar draws a share. It is empty only where there is none, and full only where there is all.
func bar(part, all uint64) string {
	const width = 20
	n := 0
	if all > 0 {
		n = int(math.Round(width * float64(part) / float64(all)))
	}
	if part > 0 {
		n = max(n, 1)
	}
	if part < all {
		n = min(n, width-1)
	}
	return strings.Repeat("█", n) + strings.Repeat("░", width-n)
}
