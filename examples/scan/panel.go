package main

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// The gaps between the columns of a panel, where there is room and where there is not.
const (
	wideGap   = "    "
	narrowGap = "  "
)

// A panelLine is a title, or a name with its answer.
type panelLine struct {
	title string
	name  string
	value line
}

// panel prints what one server takes, in columns side by side as far as there is room.
func (v view) panel(out *strings.Builder, r *fingerprint.Report, columns ...[]factGroup) {
	var lists [][]panelLine
	for _, groups := range columns {
		if list := panelColumn(r, groups); len(list) > 0 {
			lists = append(lists, list)
		}
	}
	const indent = "  "
	for band := 0; len(lists) > 0; band++ {
		if band > 0 {
			out.WriteString("\n")
		}
		between := wideGap
		n := v.fitting(lists, len(indent), wideGap)
		if m := v.fitting(lists, len(indent), narrowGap); m > n {
			n, between = m, narrowGap
		}
		v.panelBand(out, indent, between, lists[:n])
		lists = lists[n:]
	}
}

// fitting tells how many columns fit side by side; one always does.
func (v view) fitting(lists [][]panelLine, indent int, between string) int {
	width := indent + panelWidth(lists[0])
	for n, list := range lists[1:] {
		width += len(between) + panelWidth(list)
		if v.width > 0 && width > v.width {
			return n + 1
		}
	}
	return len(lists)
}

// panelColumn lists what the level of a report asks for.
func panelColumn(r *fingerprint.Report, groups []factGroup) []panelLine {
	var list []panelLine
	for _, g := range groups {
		titled := false
		for _, f := range g.facts {
			if f.has != nil && !f.has(r) {
				continue
			}
			if !titled {
				list = append(list, panelLine{title: g.title})
				titled = true
			}
			list = append(list, panelLine{name: f.name, value: f.cell(r)})
		}
	}
	return list
}

// panelWidth is that of the names, with a gap and the answers behind it.
func panelWidth(list []panelLine) int {
	names, values := nameWidth(list), 0
	width := 0
	for _, l := range list {
		width = max(width, text.StringWidthWithoutEscSequences(l.title))
		values = max(values, text.StringWidthWithoutEscSequences(l.value.text))
	}
	return max(width, names+len(gap)+values)
}

// nameWidth is that of the longest name, with its indentation.
func nameWidth(list []panelLine) int {
	width := 0
	for _, l := range list {
		width = max(width, len(gap)+text.StringWidthWithoutEscSequences(l.name))
	}
	return width
}

func (v view) panelBand(out *strings.Builder, indent, between string, lists [][]panelLine) {
	height := 0
	for _, list := range lists {
		height = max(height, len(list))
	}
	for i := range height {
		row := indent
		for _, list := range lists {
			width := panelWidth(list) + len(between)
			if i >= len(list) {
				row += strings.Repeat(" ", width)
				continue
			}
			plain, painted := v.panelText(list[i], nameWidth(list))
			row += painted + strings.Repeat(" ", width-text.StringWidthWithoutEscSequences(plain))
		}
		out.WriteString(strings.TrimRight(row, " ") + "\n")
	}
}

// panelText returns a line of a panel as it is and as it is painted.
func (v view) panelText(l panelLine, names int) (plain, painted string) {
	if l.title != "" {
		return l.title, v.paint.on(l.title, bold)
	}
	name := gap + l.name
	name += strings.Repeat(" ", names-text.StringWidthWithoutEscSequences(name)) + gap
	return name + l.value.text, name + v.paint.on(l.value.text, l.value.shade)
}

// algorithms prints what a server takes of everything but dialects, where anything is known of it.
func (v view) algorithms(out *strings.Builder, r *fingerprint.Report) {
	if !hasAlgorithms(r) {
		return
	}
	out.WriteString("\n")
	v.panel(out, r,
		[]factGroup{cipherFacts()},
		[]factGroup{signingFacts(), rdmaFacts(), posixFacts()},
		[]factGroup{compressionFacts()})
}

func hasAlgorithms(r *fingerprint.Report) bool {
	return r.Outcome == report.OutcomeSMB && (atFull(r) || r.Encryption != nil || r.Compression != nil)
}

// everything prints all that a server takes, in one panel.
func (v view) everything(out *strings.Builder, r *fingerprint.Report) {
	v.panel(out, r,
		[]factGroup{dialectFacts()},
		[]factGroup{cipherFacts(), signingFacts()},
		[]factGroup{compressionFacts(), rdmaFacts(), posixFacts()})
	if lines := otherLines(r); len(lines) > 1 { // else the panel tells all
		out.WriteString("\n")
		for _, l := range lines {
			out.WriteString(v.paragraph("  ", "other dialects of SMB1, "+string(l.answer)+": "+l.name))
		}
	}
}
