package main

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// terminalSize tells whether w is a terminal, and its width where that is known, else 0.
func terminalSize(w io.Writer) (columns int, terminal bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, true
	}
	return columns, true
}

// view tells how standard output wants its table. Where its width is unknown, as in a pipe, rows are as wide as they
// are, so that one target is one line.
func (p *program) view(o options) view {
	v := view{verbose: o.verbose, explain: o.explain, raw: o.raw}
	columns, terminal := p.size(p.stdout)
	v.width = columns
	if n, err := strconv.Atoi(p.getenv("COLUMNS")); err == nil && n > 0 {
		v.width = n
	}
	v.paint = paint(terminal && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb")
	return v
}
