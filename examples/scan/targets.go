package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	defaultMax = 1 << 16 // targets of a run: a /16 is meant, a /8 is mostly a slip
	highestMax = 1 << 32
)

// A targetList is what to scan. Prefixes in it stay prefixes until their addresses are due.
type targetList struct {
	max      uint64 // how many targets it takes
	total    uint64 // how many it has
	prefixes bool   // whether any came from a prefix
	blocks   []block
}

// A block is a target, or, where it has no text, the addresses of a prefix.
type block struct {
	text   string
	prefix prefix
}

// all yields the targets in their order.
func (l *targetList) all() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, b := range l.blocks {
			if b.text == "" && !b.prefix.each(yield) || b.text != "" && !yield(b.text) {
				return
			}
		}
	}
}

// add checks a target or prefix and puts it at the end.
func (l *targetList) add(s string) error {
	b, size, shown := block{text: s}, uint64(1), wire.EscapeText(s)
	if strings.Contains(s, "/") {
		p, err := parsePrefix(s)
		if err != nil {
			return err
		}
		b, size, shown = block{prefix: p}, p.size(), fmt.Sprintf("%s (%s)", s, p.sizeText())
		l.prefixes = true
	} else if _, err := fingerprint.ParseTarget(s); err != nil {
		return err
	}
	if size > l.max-l.total {
		return fmt.Errorf("with %s there are more than %s; -max allows more, up to %d", shown,
			count(l.max, "target"), uint64(highestMax))
	}
	l.blocks = append(l.blocks, b)
	l.total += size
	return nil
}

// readTargets returns the targets of the command line, with those of standard input in the place of "-". All are
// checked, so that nothing is scanned when one is wrong. No argument gives no target.
func readTargets(ctx context.Context, o options, stdin io.Reader) (*targetList, error) {
	list := &targetList{max: o.max}
	read := false
	for _, arg := range o.args {
		var err error
		switch {
		case arg == "-" && read:
			err = errors.New("standard input (-) can be read only once")
		case arg == "-":
			read = true
			err = list.readLines(ctx, stdin)
		case strings.HasPrefix(arg, "-"): // as a name it would be looked up, and a flag passed over
			err = fmt.Errorf("%s is no target, and flags come before all targets", wire.EscapeText(arg))
		default:
			err = list.add(arg)
		}
		if err != nil {
			return nil, err // an interrupted read may still be filling the list
		}
	}
	return list, nil
}

// readLines reads targets until the end of the input or of ctx: a signal does not interrupt the read of a terminal.
func (l *targetList) readLines(ctx context.Context, stdin io.Reader) error {
	done := make(chan error, 1)
	go func() { done <- l.parseLines(stdin) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errors.New("interrupted before the end of standard input")
	}
}

func (l *targetList) parseLines(r io.Reader) error {
	before := l.total
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimPrefix(lines.Text(), "\ufeff") // editors of Windows begin a file with it
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if err := l.add(line); err != nil {
			return fmt.Errorf("line %d of standard input: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	if l.total == before {
		return errors.New("there is no target on standard input")
	}
	return nil
}
