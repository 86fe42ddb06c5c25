package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/smb/wire"
)

const usage = `Logs on to SMB servers as nobody and prints what they tell such a session: shares and what may be done with them,
users, groups, the password policy, domains, pipes. It needs no account, reads, and writes nothing.

usage: go run ./examples/nullsession [flags] [TARGET ...]

A target is host, host:port, an address or [v6%zone]:port. Ask servers that are yours, or that you were asked to ask:
they may log each logon, each pipe and each share. Without a target, recorded servers are asked, without a network: what
was asked of them when they were recorded, whatever the flags say.

flags:
  -json         print one JSON report a line, in the order of the targets
  -v            show each logon, each call and its status, all entries of long lists, and every endpoint
  -guest        log on once a target with an account that does not exist, too: is it let in as a guest? This leaves one
                failed logon in the server's log, once a target
  -pipe-audit   open the pipes of further services and bind their interfaces, but call nothing there. Some servers start
                a service for it: -pipes tells which
  -pipe NAME    open one more pipe and bind its interface, such as winreg, which nothing else opens: on Windows that may
                start the Remote Registry service. May be repeated; -pipes lists the names
  -pipes        print the pipes that can be opened and what opening each does, and end
  -rids FROM-TO look up the accounts of these relative identifiers, one by one: so accounts come to light where lists
                are refused. May be repeated, at most 4096 together (default 500-520 and 1000-1050)
  -no-access    do not ask what may be done with each share
  -max N        entries of each list (default 10000)
  -timeout D    time for the scan of a target, such as 10s, and as much again for the reading (default 35s and 30s)
  -j N          targets at the same time (default 8)
  -h            print this text

exit codes:
  0  every target was asked, whatever became of it: a refusal is an outcome
  1  interrupted, or the output failed; what was learnt until then is printed
  2  a wrong flag or target; nothing was asked

Colour is for terminals only; NO_COLOR=1 switches it off. COLUMNS sets the width.
`

const (
	mostParallel = 1024
	mostEntries  = 1 << 20
	mostRIDs     = 4096 // that a Reader looks up
)

type options struct {
	json, verbose  bool
	guest          bool
	listPipes      bool
	reader         nullsession.Reader
	timeout        time.Duration
	parallel       int
	targets        []string
	ridsAltogether uint64
}

// parseOptions reads the command line. It prints the usage text, and nothing else, where that is asked for.
func parseOptions(args []string, stdout io.Writer) (options, error) {
	o := options{parallel: 8}
	flags := flag.NewFlagSet("nullsession", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // one sentence of ours is clearer than the error and all of the usage
	flags.BoolVar(&o.json, "json", false, "")
	flags.BoolVar(&o.verbose, "v", false, "")
	flags.BoolVar(&o.guest, "guest", false, "")
	flags.BoolVar(&o.listPipes, "pipes", false, "")
	flags.BoolVar(&o.reader.PipeAudit, "pipe-audit", false, "")
	flags.BoolVar(&o.reader.NoShareAccess, "no-access", false, "")
	flags.Func("pipe", "", o.addPipe)
	flags.Func("rids", "", o.addRIDs)
	flags.Func("max", "", number(&o.reader.MaxEntries, mostEntries))
	flags.Func("j", "", number(&o.parallel, mostParallel))
	flags.Func("timeout", "", o.setTimeout)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, _ = io.WriteString(stdout, usage)
		return o, err
	case err != nil:
		return o, fmt.Errorf("%s (-h shows the flags)", wire.EscapeText(err.Error()))
	}
	for _, target := range flags.Args() {
		if strings.HasPrefix(target, "-") { // as a name it would be looked up, and a flag passed over
			return o, fmt.Errorf("%s is no target, and flags come before all targets", wire.EscapeText(target))
		}
		if _, err := fingerprint.ParseTarget(target); err != nil {
			return o, err
		}
		o.targets = append(o.targets, target)
	}
	return o, nil
}

func number(to *int, most int) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > most {
			return fmt.Errorf("not a number from 1 to %d", most)
		}
		*to = n
		return nil
	}
}

func (o *options) setTimeout(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return errors.New("not a time such as 10s or 500ms")
	}
	o.timeout, o.reader.Timeout = d, d
	return nil
}

func (o *options) addPipe(s string) error {
	var names []string
	for _, p := range nullsession.Pipes() {
		names = append(names, p.Name)
	}
	if !slices.Contains(names, s) {
		return fmt.Errorf("not one of %s", strings.Join(names, ", "))
	}
	o.reader.Pipes = append(o.reader.Pipes, s)
	return nil
}

func (o *options) addRIDs(s string) error {
	first, last, isRange := strings.Cut(s, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.ParseUint(first, 10, 32)
	to, toErr := strconv.ParseUint(last, 10, 32)
	if err != nil || toErr != nil || from > to {
		return errors.New("not a range such as 1000-1050")
	}
	if o.ridsAltogether += to - from + 1; o.ridsAltogether > mostRIDs {
		return fmt.Errorf("more than %d altogether", mostRIDs)
	}
	o.reader.RIDs = append(o.reader.RIDs, nullsession.RIDRange{From: uint32(from), To: uint32(to)})
	return nil
}

// scanner asks for the server's best dialect and a null session in it, and goes on to read.
func (o options) scanner() fingerprint.Scanner {
	return fingerprint.Scanner{
		Level: fingerprint.LevelQuick, Timeout: o.timeout, NullSession: true, GuestMapping: o.guest, Extend: o.reader.Read,
	}
}
