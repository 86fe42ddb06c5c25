package main

import (
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/smb/wire"
)

// A view is how the table is shown.
type view struct {
	width                 int // of the terminal, in columns; 0 is any
	paint                 paint
	verbose, explain, raw bool
}

// write prints all reports and what they come to.
func (v view) write(w io.Writer, s *results, took time.Duration) error {
	var out strings.Builder
	if len(s.rows) > 0 {
		l := arrange(s.rows, v.width)
		out.WriteString(l.header(v.paint))
		for _, r := range s.rows {
			out.WriteString(l.row(r, v.paint))
			if l.narrow {
				out.WriteString(v.below(r))
			}
			out.WriteString(v.transportLine(r))
			out.WriteString(v.identityLine(r))
			v.findings(&out, r, len(s.rows))
			v.details(&out, r)
		}
		if !strings.HasSuffix(out.String(), "\n\n") {
			out.WriteString("\n")
		}
		v.matrices(&out, s.rows)
	}
	v.summary(&out, s, took)
	_, err := io.WriteString(w, out.String())
	return err
}

// matrices prints what servers that were asked for everything take: one by itself, of which -v has told already, or all
// of them side by side.
func (v view) matrices(out *strings.Builder, rows []*fingerprint.Report) {
	full := inMatrix(rows)
	switch {
	case len(full) > 1:
		v.matrix(out, full)
	case len(full) == 1 && !v.verbose:
		if len(rows) > 1 {
			out.WriteString(v.paint.on(wire.EscapeText(full[0].Target), bold) + "\n")
		}
		v.everything(out, full[0])
		out.WriteString("\n")
	}
}

// below puts what a narrow table has no column for into a line.
func (v view) below(r *fingerprint.Report) string {
	var parts []string
	add := func(prefix string, c cell) {
		var list []string
		for _, l := range c {
			list = append(list, l.text)
		}
		if len(list) > 0 {
			parts = append(parts, prefix+strings.Join(list, ", "))
		}
	}
	add("", nameCell(r))
	add("domain ", domainCell(r))
	add("", productCell(r))
	add("skew ", skewCell(r))
	add("null session ", nullCell(r))
	add("invented account ", guestCell(r))
	for _, w := range checkWordings() {
		add(w.name+" ", w.cell(r))
	}
	if len(parts) == 0 {
		return ""
	}
	return v.paragraph("  ", strings.Join(parts, " · "))
}

// paragraph wraps text into lines with the same indentation.
func (v view) paragraph(indent, s string) string {
	if v.width > len(indent)+20 {
		s = text.WrapSoft(s, v.width-len(indent))
	}
	var out strings.Builder
	for l := range strings.SplitSeq(s, "\n") {
		out.WriteString(indent + strings.TrimRight(l, " ") + "\n")
	}
	return out.String()
}
