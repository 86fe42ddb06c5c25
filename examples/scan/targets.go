package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/smb/wire"
)

// readTargets returns the targets of the command line, with those of standard input in the place of "-". All are
// checked, so that nothing is scanned when one is wrong. No argument gives no target.
func readTargets(ctx context.Context, args []string, stdin io.Reader) ([]string, error) {
	var targets []string
	read := false
	for _, arg := range args {
		switch {
		case arg == "-" && read:
			return nil, errors.New("standard input (-) can be read only once")
		case arg == "-":
			read = true
			lines, err := readLines(ctx, stdin)
			if err != nil {
				return nil, err
			}
			targets = append(targets, lines...)
		case strings.HasPrefix(arg, "-"): // as a name it would be looked up, and a flag passed over
			return nil, fmt.Errorf("%s is no target, and flags come before all targets", wire.EscapeText(arg))
		default:
			if _, err := fingerprint.ParseTarget(arg); err != nil {
				return nil, err
			}
			targets = append(targets, arg)
		}
	}
	return targets, nil
}

// readLines reads targets until the end of the input or of ctx: a signal does not interrupt the read of a terminal.
func readLines(ctx context.Context, stdin io.Reader) ([]string, error) {
	type result struct {
		targets []string
		err     error
	}
	done := make(chan result, 1)
	go func() {
		targets, err := parseLines(stdin)
		done <- result{targets, err}
	}()
	select {
	case r := <-done:
		return r.targets, r.err
	case <-ctx.Done():
		return nil, errors.New("interrupted before the end of standard input")
	}
}

func parseLines(r io.Reader) ([]string, error) {
	var targets []string
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimPrefix(lines.Text(), "\ufeff") // editors of Windows begin a file with it
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if _, err := fingerprint.ParseTarget(line); err != nil {
			return nil, fmt.Errorf("line %d of standard input: %w", n, err)
		}
		targets = append(targets, line)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	if len(targets) == 0 {
		return nil, errors.New("there is no target on standard input")
	}
	return targets, nil
}
