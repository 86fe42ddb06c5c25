package main

import (
	"io"
	"os"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"
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
	v := view{verbose: o.verbose, raw: o.raw}
	columns, terminal := p.size(p.stdout)
	v.width = columns
	if n, err := strconv.Atoi(p.getenv("COLUMNS")); err == nil && n > 0 {
		v.width = n
	}
	v.paint = paint(terminal && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb")
	return v
}

// fewTargets are not worth a progress bar.
const fewTargets = 4

// A progress shows how many targets are done, on a terminal. The zero value shows nothing.
type progress struct {
	bar *progressbar.ProgressBar
}

func (p *program) progress(o options, targets int) progress {
	_, terminal := p.size(p.stderr)
	if !terminal || targets <= fewTargets || p.getenv("TERM") == "dumb" {
		return progress{}
	}
	if _, mixed := p.size(p.stdout); mixed && o.json {
		return progress{} // lines come while the bar stands
	}
	return progress{progressbar.NewOptions(targets,
		progressbar.OptionSetWriter(p.stderr),
		progressbar.OptionSetDescription("scanning"),
		progressbar.OptionSetWidth(24),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetRenderBlankState(true),
	)}
}

func (p progress) step() {
	if p.bar != nil {
		_ = p.bar.Add(1) // only the terminal can fail
	}
}

func (p progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
