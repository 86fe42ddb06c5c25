package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb/wire"
)

// details prints what stands under a row: with -v what was asked and what each answer rests on, with -explain
// what the server is and what is wrong with it, with -raw the bytes.
func (v view) details(out *strings.Builder, r *fingerprint.Report) {
	before := out.Len()
	if v.verbose {
		v.transports(out, r)
		v.netBIOS(out, r)
		v.dialects(out, r)
		v.algorithms(out, r)
		v.questions(out, r)
		v.behaviours(out, r)
		v.nullSession(out, r)
		v.checks(out, r)
		v.evidence(out, r)
		v.anomalies(out, r)
	}
	if v.explain {
		v.explanation(out, r)
	}
	if v.raw {
		v.bytes(out, r)
	}
	if out.Len() > before {
		out.WriteString("\n")
	}
}

func (v view) heading(out *strings.Builder, s string) {
	out.WriteString("\n  " + v.paint.on(s, bold) + "\n")
}

// questions prints what was asked over each transport, and what came.
func (v view) questions(out *strings.Builder, r *fingerprint.Report) {
	over, width := -1, 0
	for _, p := range r.Probes {
		if !isBehaviour(p.ID) {
			width = max(width, len(questionHead(p)))
		}
	}
	for _, p := range r.Probes {
		if isBehaviour(p.ID) {
			continue
		}
		if over != p.Transport {
			over = p.Transport
			title := "questions"
			if len(r.Transports) > 1 {
				title += " over " + transportName(r, over)
			}
			v.heading(out, title)
		}
		v.question(out, width, questionHead(p), p)
	}
}

func questionHead(p report.Probe) string {
	return fmt.Sprintf("%d %s", p.Connection, wire.EscapeText(p.ID))
}

// behaviours prints the unusual questions.
func (v view) behaviours(out *strings.Builder, r *fingerprint.Report) {
	width := 0
	for _, p := range r.Probes {
		if isBehaviour(p.ID) {
			width = max(width, len(wire.EscapeText(p.ID)))
		}
	}
	if width == 0 {
		return
	}
	odd := map[string]string{}
	for _, b := range negotiate.Behaviours() {
		odd[b.ID] = b.Odd
	}
	v.heading(out, "behaviour probes")
	for _, p := range r.Probes {
		if isBehaviour(p.ID) {
			if text := odd[p.ID]; text != "" && !strings.Contains(p.Sent, text) {
				p.Sent += ": " + text
			}
			v.question(out, width, wire.EscapeText(p.ID), p)
		}
	}
}

// isBehaviour tells whether a question is one of Scanner.BehaviourProbes.
func isBehaviour(id string) bool { return strings.HasPrefix(id, "behaviour-") }

func (v view) question(out *strings.Builder, width int, head string, p report.Probe) {
	const most = 24 // what is longer has its text below it
	result := joined(string(p.Result), p.Status)
	v.entry(out, min(width, most), head, fmt.Sprintf("%s → %s, %sms", wire.EscapeText(p.Sent), result, milliseconds(p.DurationMS)))
}

func (v view) evidence(out *strings.Builder, r *fingerprint.Report) {
	if len(r.Evidence) == 0 {
		return
	}
	v.heading(out, "evidence")
	lookup := answersOf(r)
	for _, path := range slices.Sorted(maps.Keys(r.Evidence)) {
		answer := lookup(path)
		for i, e := range r.Evidence[path] {
			head := ""
			if i == 0 {
				head = fmt.Sprintf("%-7s  %s", answer, wire.EscapeText(path))
			}
			v.entry(out, 9+38, head, support(e))
		}
	}
}

func support(e report.Evidence) string {
	s := joined(string(e.Result), e.Status)
	if e.Probe != "" {
		s = wire.EscapeText(e.Probe) + ": " + s
	}
	if e.Text != "" {
		s += ": " + wire.EscapeText(e.Text)
	}
	return s
}

func joined(result, status string) string {
	return wire.EscapeText(strings.TrimSpace(result + " " + status))
}

// entry prints what something is called and, beside it, or below where there is no room, what there is to say.
func (v view) entry(out *strings.Builder, width int, head, body string) {
	const indent, leastBody = "    ", 48
	if body == "" {
		out.WriteString(v.paragraph(indent, strings.TrimRight(head, " ")))
		return
	}
	head += strings.Repeat(" ", max(0, width-text.StringWidthWithoutEscSequences(head)))
	if v.width > 0 && v.width-len(indent)-len(head)-len(gap) < leastBody {
		if strings.TrimSpace(head) != "" {
			out.WriteString(v.paragraph(indent, strings.TrimRight(head, " ")))
		}
		out.WriteString(v.paragraph(indent+strings.Repeat(" ", 9), body))
		return
	}
	first := indent + head + gap
	rest := v.paragraph(strings.Repeat(" ", len(first)), body)
	out.WriteString(first + strings.TrimLeft(rest, " "))
}

func (v view) anomalies(out *strings.Builder, r *fingerprint.Report) {
	if len(r.Anomalies) == 0 {
		return
	}
	v.heading(out, "anomalies")
	for _, a := range r.Anomalies {
		out.WriteString(v.paragraph("    ", wire.EscapeText(a.Where)+": "+wire.EscapeText(a.What)))
	}
}

// bytes prints dumps: their right column has only printable ASCII.
func (v view) bytes(out *strings.Builder, r *fingerprint.Report) {
	for _, p := range r.Probes {
		v.dump(out, p.ID+" request", p.Request)
		v.dump(out, p.ID+" response", p.Response)
	}
}

func (v view) dump(out *strings.Builder, title, digits string) {
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) == 0 {
		return
	}
	v.heading(out, fmt.Sprintf("%s, %s", wire.EscapeText(title), count(len(b), "byte")))
	for l := range strings.Lines(hex.Dump(b)) {
		out.WriteString("  " + l)
	}
}

// answersOf returns a function that finds an answer under its path, a JSON Pointer (RFC 6901) into the report.
func answersOf(r *fingerprint.Report) func(path string) string {
	pointed := pointer(r)
	return func(path string) string {
		if answer, ok := pointed(path).(string); ok {
			return clean(answer)
		}
		return string(report.Unknown)
	}
}

// pointer returns a function that finds what is under a path in the report's JSON; nil where there is nothing.
func pointer(r *fingerprint.Report) func(path string) any {
	var document any
	if b, err := json.Marshal(r); err == nil {
		_ = json.Unmarshal(b, &document) // it was made the line before; else there is nothing anywhere
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	return func(path string) any {
		value := document
		for step := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
			switch v := value.(type) {
			case map[string]any:
				value = v[unescape.Replace(step)]
			case []any:
				i, err := strconv.Atoi(step)
				if value = nil; err == nil && i >= 0 && i < len(v) {
					value = v[i]
				}
			default:
				value = nil
			}
		}
		return value
	}
}
