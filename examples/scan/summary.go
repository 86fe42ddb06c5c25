package main

import (
	"encoding/hex"
	"fmt"
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
	risks, unknowns, exact := marks(s.rows)
	if risks {
		out.WriteString(v.paragraph("", "! is a risk: unsigned messages are taken, or SMB1 is on"))
	}
	if unknowns {
		out.WriteString(v.paragraph("", "? is not known, which is no \"no\": not asked at this level, or not answered"))
	}
	if exact {
		out.WriteString(v.paragraph("", "± is a clock without skew, as exactly as that could be measured"))
	}
}

// marks tells which of the marks the rows have.
func marks(reports []*fingerprint.Report) (risks, unknowns, exact bool) {
	for _, r := range reports {
		for _, c := range answerColumns()[1:] { // but not the target
			for _, l := range c.cell(r) {
				risks = risks || l.shade == alarm
				unknowns = unknowns || strings.Contains(l.text, unknown)
			}
		}
		for _, l := range skewCell(r) {
			exact = exact || strings.HasPrefix(l.text, "±")
		}
	}
	return risks, unknowns, exact
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
		text := reason(r)
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
