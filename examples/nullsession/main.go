// Nullsession logs on to SMB servers as nobody and prints what they tell such a session. -h tells its flags and exit
// codes.
//
//	go run ./examples/nullsession [flags] [TARGET ...]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"

	"golang.org/x/term"

	"github.com/smbscope/smbscope/examples/internal/jsonline"
	"github.com/smbscope/smbscope/fingerprint"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	p := program{stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, size: terminalSize}
	os.Exit(p.run(ctx, os.Args[1:]))
}

// The exit codes, which the usage text explains.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// A program is one run with all that it touches, so that tests can put something else in its place.
type program struct {
	stdout, stderr io.Writer
	getenv         func(string) string
	size           func(io.Writer) (columns int, terminal bool)
	scan           scanFunc // nil asks over the network
}

func (p *program) run(ctx context.Context, args []string) int {
	o, err := parseOptions(args, p.stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		p.complain(err)
		return exitUsage
	case o.listPipes:
		if err := p.view(o).pipeList(p.stdout); err != nil {
			p.complain(fmt.Errorf("the output failed: %w", err))
			return exitFailed
		}
		return exitDone
	}
	scan := p.scan
	if scan == nil {
		s := o.scanner()
		scan = s.Scan
	}
	if len(o.targets) == 0 {
		replay, err := newReplay()
		if err != nil {
			p.complain(err)
			return exitFailed
		}
		defer replay.stop()
		o.targets, scan = replay.names, replay.scan(o)
		fmt.Fprintf(p.stderr, "No target given: this is a replay of %s, without a network, of what was asked of them then.\n"+
			"To ask a real server: go run ./examples/nullsession 192.0.2.10\n\n", count(len(o.targets), "recorded server"))
	}
	return p.all(ctx, o, scan)
}

// all asks all targets, prints and tells the exit code.
func (p *program) all(ctx context.Context, o options, scan scanFunc) int {
	v := p.view(o)
	done := 0
	finished, err := inOrder(ctx, o.targets, o.parallel, scan, func(r *fingerprint.Report) error {
		if o.json {
			return jsonline.Write(p.stdout, r)
		}
		done++
		return v.write(p.stdout, r, done > 1)
	})
	switch {
	case err != nil:
		p.complain(fmt.Errorf("the output failed: %w", err))
		return exitFailed
	case ctx.Err() != nil:
		p.complain(fmt.Errorf("interrupted: %d of %s asked to the end", finished, count(len(o.targets), "target")))
		return exitFailed
	}
	return exitDone
}

func (p *program) complain(err error) { fmt.Fprintln(p.stderr, "nullsession:", err) }

// view tells how standard output wants its text. Where its width is unknown, as in a pipe, lines are as long as they are.
func (p *program) view(o options) view {
	v := view{verbose: o.verbose, guest: o.guest}
	columns, terminal := p.size(p.stdout)
	v.width = columns
	if n, err := strconv.Atoi(p.getenv("COLUMNS")); err == nil && n > 0 {
		v.width = n
	}
	v.colour = terminal && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb"
	return v
}

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

// count prints a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
