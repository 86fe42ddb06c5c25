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
	"github.com/smbscope/smbscope/smb/wire"
)

const usage = `Asks SMB servers what they are, without credentials, and prints a table.

usage: go run ./examples/scan [flags] [target ...]

A target is host, host:port, an address or [v6%zone]:port, or a prefix, which stands for all addresses of its network,
the first and the last too: 192.0.2.0/24, 192.0.2.0/24:8445, 2001:db8::/120, [2001:db8::/120]:8445. A - reads targets
from standard input, one a line, and passes over empty lines and what follows a #. Without a target, recorded servers
are scanned, without a network.

flags:
  -json         print one JSON report a line, in the order of the targets
  -level LEVEL  how much to ask: quick (one connection), standard (the default: every dialect by itself)
  -timeout D    time for one target, such as 2s or 500ms (default 5s)
  -port N       port of targets that name none (default 445)
  -all          a row for every target; else, with a prefix or more than 64 targets, those that are refused, timed-out,
                unreachable or canceled are only counted, but for servers that take the connection and are silent
                (the JSON has every target always)
  -max N        how many targets a run may have (default 65536)
  -j N          targets at the same time (default 64)
  -v            show under each row what every answer rests on
  -raw          show the bytes of each request and response: in the JSON, or under each row
  -h            print this text

exit codes:
  0  every target was scanned, whatever became of it: a closed port is an outcome
  1  interrupted, or the output failed; what was learnt until then is printed
  2  a wrong flag or target, or more targets than -max; nothing was scanned

Colour is for terminals only; NO_COLOR=1 switches it off. COLUMNS sets the width of the table.
`

type options struct {
	json, verbose, raw bool
	all                bool
	level              fingerprint.Level
	timeout            time.Duration
	port               uint16
	parallel           int
	max                uint64
	args               []string
}

// parseOptions reads the command line. It prints the usage text, and nothing else, where that is asked for.
func parseOptions(args []string, stdout io.Writer) (options, error) {
	o := options{level: fingerprint.LevelStandard, parallel: 64, max: defaultMax}
	flags := flag.NewFlagSet("scan", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // one sentence of ours is clearer than the error and all of the usage
	flags.BoolVar(&o.json, "json", false, "")
	flags.BoolVar(&o.verbose, "v", false, "")
	flags.BoolVar(&o.raw, "raw", false, "")
	flags.BoolVar(&o.all, "all", false, "")
	level := flags.String("level", string(o.level), "")
	flags.Func("timeout", "", o.setTimeout)
	flags.Func("port", "", o.setPort)
	flags.Func("j", "", o.setParallel)
	flags.Func("max", "", o.setMax)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, _ = io.WriteString(stdout, usage)
		return o, err
	case err != nil:
		return o, fmt.Errorf("%s (-h shows the flags)", wire.EscapeText(err.Error()))
	case !slices.Contains(fingerprint.Levels(), fingerprint.Level(*level)):
		return o, fmt.Errorf("there is no level %s; levels: %s", wire.EscapeText(*level), levels())
	}
	o.level = fingerprint.Level(*level)
	o.args = flags.Args()
	return o, nil
}

func levels() string {
	var names []string
	for _, l := range fingerprint.Levels() {
		names = append(names, string(l))
	}
	return strings.Join(names, ", ")
}

func (o *options) setTimeout(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return errors.New("not a time such as 2s or 500ms")
	}
	o.timeout = d
	return nil
}

func (o *options) setPort(s string) error {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return errors.New("not a port from 1 to 65535")
	}
	o.port = uint16(n)
	return nil
}

func (o *options) setParallel(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > mostParallel {
		return fmt.Errorf("not a number from 1 to %d", mostParallel)
	}
	o.parallel = n
	return nil
}

func (o *options) setMax(s string) error {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n == 0 || n > highestMax {
		return fmt.Errorf("not a number from 1 to %d", uint64(highestMax))
	}
	o.max = n
	return nil
}

func (o options) scanner() fingerprint.Scanner {
	return fingerprint.Scanner{Level: o.level, Port: o.port, Timeout: o.timeout, Raw: o.raw}
}
