// Scan asks SMB servers what they are and prints a table for people or JSON for machines. Without a target it scans the
// recorded servers that are embedded in it, over no network. -h tells its flags and exit codes.
//
//	go run ./examples/scan [flags] [target ...]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"time"

	"github.com/smbscope/smbscope/examples/internal/jsonline"
	"github.com/smbscope/smbscope/fingerprint"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := program{stdin: stdin, stdout: &interruptible{ctx: ctx, to: stdout}, stderr: stderr, getenv: os.Getenv}
	p.size = func(w io.Writer) (int, bool) {
		if w == p.stdout {
			w = stdout
		}
		return terminalSize(w)
	}
	return p.run(ctx, args)
}

// The exit codes, which the usage text explains.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// A program is one run with all that it touches, so that tests can put something else in its place.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	size           func(io.Writer) (columns int, terminal bool)
	scan           scanFunc // nil asks over the network
}

func (p *program) run(ctx context.Context, args []string) int {
	o, err := parseOptions(args, p.stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	if err != nil {
		p.complain(err)
		return exitUsage
	}
	targets, err := readTargets(ctx, o, p.stdin)
	if err != nil {
		p.complain(err)
		if ctx.Err() != nil {
			return exitFailed
		}
		return exitUsage
	}
	scan := p.scan
	if scan == nil {
		scan = new(o.scanner()).Scan
	}
	if targets.total == 0 {
		build, what := newReplay, "this is a replay of %s, without a network; times and skew are the replay's"
		kind := "recorded server"
		if o.synthetic {
			build, what, kind = newSynthetic, "these are %s, made up of documented values, without a network", "synthetic server"
		}
		replay, err := build()
		if err != nil {
			p.complain(err)
			return exitFailed
		}
		defer replay.stop()
		targets, scan = &replay.targets, replay.scan(o.scanner())
		fmt.Fprintf(p.stderr, "No target given: "+what+".\nTo scan a real server: go run ./examples/scan 192.0.2.10\n\n",
			count(targets.total, kind))
		for _, s := range replay.unasked(o) {
			fmt.Fprintf(p.stderr, "%s were asked of none of them.\n\n", s)
		}
	}
	return p.scanAll(ctx, o, targets, scan)
}

// scanAll scans, prints and tells the exit code.
func (p *program) scanAll(ctx context.Context, o options, targets *targetList, scan scanFunc) int {
	began := time.Now()
	bar := p.progress(o, targets.total)
	shown := newResults(o, targets)
	parallel := int(min(uint64(o.parallel), targets.total))
	finished, err := inOrder(ctx, targets.all(), parallel, scan, bar.step, func(r *fingerprint.Report) error {
		if o.json {
			return jsonline.Write(p.stdout, r)
		}
		shown.add(r)
		return nil
	})
	bar.clear()
	if !o.json && err == nil {
		err = p.view(o).write(p.stdout, shown, time.Since(began))
	}
	if err != nil {
		p.complain(fmt.Errorf("the output failed: %w", err))
		return exitFailed
	}
	if ctx.Err() != nil {
		p.complain(fmt.Errorf("interrupted: %d of %s scanned to the end", finished, count(targets.total, "target")))
		return exitFailed
	}
	return exitDone
}

// complain prints an error, without the user and password of a URL that was put in the wrong place.
func (p *program) complain(err error) {
	fmt.Fprintln(p.stderr, "scan:", regexp.MustCompile(`://\S*@`).ReplaceAllString(err.Error(), "://…@"))
}

// count prints a number with its noun.
func count[N int | uint64](n N, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		noun += "e"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
