package main

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/wire"
)

// summary tells why targets gave no answer, what the marks mean and how many there are of each outcome.
func (v view) summary(out *strings.Builder, s *results, took time.Duration) {
	notes := notesOf(s.rows)
	for _, n := range notes {
		out.WriteString(v.paragraph("", n.targets()+": "+n.text))
	}
	if len(notes) > 0 {
		out.WriteString("\n")
	}
	v.tally(out, s.findings)
	var parts []string
	for _, o := range report.OutcomeSMB.Enum() {
		if n := s.outcomes[report.Outcome(o)]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	head := fmt.Sprintf("%s in %s", count(s.total, "target"), span(float64(took)/float64(time.Millisecond)))
	if len(parts) > 0 {
		head += ": " + strings.Join(parts, ", ")
	}
	out.WriteString(v.paragraph("", head))
	if s.left > 0 {
		out.WriteString(v.paragraph("", fmt.Sprintf("%s without a server not shown; -all shows all", count(s.left, "target"))))
	}
	m := v.marksOf(s.rows)
	for _, legend := range []struct {
		shown bool
		text  string
	}{
		{m.risk, "! is a risk: unsigned messages are taken, SMB1 is on, somebody without an account is let in, or a weakness " +
			"check found what it looks for"},
		{m.unknown, `? is not known, which is no "no": not asked at this level, or not answered`},
		{m.facts, "* is what the server chooses in whatever order algorithms are offered; order tells whose order decides, – that " +
			"there are no two to choose from"},
		{m.facts, "required is yes or ?: what a single share asks for is not seen"},
		{m.sure, "the number behind a product, as in (0.90), is how sure that is, from 0 to 1"},
		{m.exact, "± is a clock without skew, as exactly as that could be measured"},
	} {
		if legend.shown {
			out.WriteString(v.paragraph("", legend.text))
		}
	}
}

// marks are what the output has that needs a word.
type marks struct{ risk, unknown, facts, exact, sure bool }

func (m *marks) note(l line) {
	m.risk = m.risk || l.shade == alarm
	m.unknown = m.unknown || strings.Contains(l.text, unknown)
}

// matrix notes the marks in the matrix of a report, and in the part of it that -v shows at any level.
func (m *marks) matrix(v view, r *fingerprint.Report) {
	shown := blocks()
	full := len(inMatrix([]*fingerprint.Report{r})) > 0
	m.facts = m.facts || full
	switch {
	case full:
	case v.verbose && hasAlgorithms(r):
		shown = shown[1:]
	default:
		return
	}
	for _, b := range shown {
		for _, g := range b.groups {
			for _, f := range g.facts {
				if f.has == nil || f.has(r) {
					m.note(f.cell(r))
				}
			}
		}
	}
}

// marksOf tells which of the marks the rows have, and what is printed with them.
func (v view) marksOf(reports []*fingerprint.Report) marks {
	var m marks
	for _, r := range reports {
		for _, c := range answerColumns()[1:] { // but not the target
			for _, l := range c.cell(r) {
				m.note(l)
			}
		}
		for _, l := range slices.Concat(nullCell(r), guestCell(r)) {
			m.note(l)
		}
		for _, w := range checkWordings() {
			for _, l := range w.cell(r) {
				m.note(l)
			}
		}
		m.sure = m.sure || r.Identity != nil
		for _, l := range skewCell(r) {
			m.exact = m.exact || strings.HasPrefix(l.text, "±")
		}
	}
	for _, r := range reports {
		m.matrix(v, r)
	}
	return m
}

// A note is a sentence about one or more targets.
type note struct {
	text string
	of   []string
}

// notesOf returns the reasons of all reports, each once.
func notesOf(reports []*fingerprint.Report) []*note {
	var notes []*note
	known := map[string]*note{}
	for _, r := range reports {
		for _, text := range append(untested(r), reason(r)) {
			if text == "" {
				continue
			}
			n, ok := known[text]
			if !ok {
				n = &note{text: text}
				known[text] = n
				notes = append(notes, n)
			}
			n.of = append(n.of, wire.EscapeText(r.Target))
		}
	}
	return notes
}

func (n *note) targets() string {
	const named = 3
	if len(n.of) <= named {
		return strings.Join(n.of, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(n.of[:named], ", "), len(n.of)-named)
}

// reason says why there is no answer, or not all of it, and what a server that is not SMB said.
func reason(r *fingerprint.Report) string {
	text := wire.EscapeText(r.Reason)
	if r.ProtocolGuess != "" {
		text += "; it looks like " + wire.EscapeText(r.ProtocolGuess)
	}
	if b, err := hex.DecodeString(r.FirstBytes); err == nil && len(b) > 0 {
		text += fmt.Sprintf("; its first bytes are %+q", b) // in ASCII, all else as escapes
	}
	return text
}
