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
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

const usage = `Asks SMB servers what they are, without credentials, and prints a table.

usage: go run ./examples/scan [flags] [target ...]

A target is host, host:port, an address or [v6%zone]:port, or a prefix, which stands for all addresses of its network,
the first and the last too: 192.0.2.0/24, 192.0.2.0/24:8445, 2001:db8::/120, [2001:db8::/120]:8445. A - reads targets
from standard input, one a line, and passes over empty lines and what follows a #. Without a target, recorded servers
are scanned, without a network, or with -synthetic made-up ones.

flags:
  -json         print one JSON report a line, in the order of the targets
  -level LEVEL  how much to ask:
                quick     the best dialect and the names: one connection
                standard  each dialect: 7 connections (the default)
                full      each cipher, signing and compression algorithm and each old dialect too: 12 connections where
                          SMB1 is off, 15 where it takes NT LM 0.12, 19 where it takes the LANMAN dialects as well
  -ports LIST   ports of targets that name none, asked one after the other, such as 445,139 (default 445). At 139 SMB is
                asked for over NetBIOS sessions. Each port costs what the level costs
  -called NAME  the NetBIOS name by which servers are called first over NetBIOS sessions (default *SMBSERVER)
  -behaviour    ask unusual things too, whose answers tell implementations apart: at most 15 connections more, one at a
                time. A server may log them; -v shows what came of each
  -null         log on as nobody in each dialect and connect IPC$ in that session: what a server grants so, it grants to
                everybody. A server may log each of these logons. examples/nullsession reads what such a session is told
  -guest        log on once a target with an account that does not exist: is it let in as a guest? This leaves one
                failed logon in the server's log, once a target; one connection more
  -checks       look for MS17-010 and DoublePulsar, only where SMB1 was proven on. Sends what nmap's harmless checks of
                these names send: a logon as nobody and IPC$ over SMB1, then one PeekNamedPipe transaction on FID 0,
                whose status tells whether the update of March 2017 is there, and one TRANS2 SESSION_SETUP, which only
                the implant answers with another MID; one connection more. Intrusion detection alarms on both
  -proxy URL    go through a SOCKS5 proxy, socks5://[user:password@]HOST:PORT, which resolves the names as well
  -nosmb1       ask nothing in SMB1
  -nontlm       send no NTLM message, on which some networks alarm; most names and versions stay unknown
  -sequential   one connection at a time to each target
  -timeout D    time for one target, such as 2s or 500ms (default 5s, at level full 15s, with -behaviour 30s more,
                with -null 30s more, with -checks 30s more)
  -all          a row for every target; else, with a prefix or more than 64 targets, those that are refused, timed-out,
                unreachable or canceled are only counted, but for servers that take the connection and are silent
                (the JSON has every target always)
  -max N        how many targets a run may have (default 65536)
  -j N          targets at the same time (default 64)
  -explain      show under each row what a server is and why, and each finding with what it rests on and what to do
  -v            show under each row what every answer rests on
  -raw          show the bytes of each request and response: in the JSON, or under each row
  -synthetic    without a target: scan servers that were made up of documented values, Windows 7 to Server 2025 and
                others, which nobody has recorded
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
	ports              []uint16
	calledName         string
	behaviour          bool
	null, guest        bool
	checks, explain    bool
	synthetic          bool
	noSMB1, noNTLM     bool
	sequential         bool
	proxy              *proxyDialer
	parallel           int
	max                uint64
	args               []string
}

// mostPorts is what a Scanner takes.
const mostPorts = 16

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
	flags.Func("ports", "", o.setPorts)
	flags.Func("port", "", o.setPorts) // as it was called before it took several
	flags.Func("called", "", o.setCalledName)
	flags.BoolVar(&o.behaviour, "behaviour", false, "")
	flags.BoolVar(&o.null, "null", false, "")
	flags.BoolVar(&o.guest, "guest", false, "")
	flags.BoolVar(&o.checks, "checks", false, "")
	flags.BoolVar(&o.explain, "explain", false, "")
	proxyURL := flags.String("proxy", "", "") // no Func: its errors repeat the value, and that has a password in it
	flags.BoolVar(&o.synthetic, "synthetic", false, "")
	flags.BoolVar(&o.noSMB1, "nosmb1", false, "")
	flags.BoolVar(&o.noNTLM, "nontlm", false, "")
	flags.BoolVar(&o.sequential, "sequential", false, "")
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
	case o.noNTLM && (o.null || o.guest || o.checks):
		return o, errors.New("-null, -guest and -checks log on with NTLM, which -nontlm leaves out")
	case o.synthetic && flags.NArg() > 0:
		return o, errors.New("-synthetic is for runs without a target")
	}
	o.level = fingerprint.Level(*level)
	o.args = flags.Args()
	if *proxyURL != "" {
		if o.proxy, err = newProxy(*proxyURL); err != nil {
			return o, fmt.Errorf("-proxy: %w", err)
		}
	}
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

func (o *options) setPorts(s string) error {
	o.ports = nil
	for part := range strings.SplitSeq(s, ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(part), 10, 16)
		if err != nil || n == 0 {
			return errors.New("not a port from 1 to 65535, or a list such as 445,139")
		}
		o.ports = append(o.ports, uint16(n))
	}
	if len(o.ports) > mostPorts {
		return fmt.Errorf("more than %d ports", mostPorts)
	}
	return nil
}

func (o *options) setCalledName(s string) error {
	if s == "" || len(s) > smb.MaxNetBIOSName {
		return fmt.Errorf("not a name of 1 to %d bytes", smb.MaxNetBIOSName)
	}
	o.calledName = s
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
	s := fingerprint.Scanner{
		Level: o.level, Ports: o.ports, CalledName: o.calledName, Timeout: o.timeout, Raw: o.raw,
		NoSMB1: o.noSMB1, NoNTLM: o.noNTLM, Sequential: o.sequential, BehaviourProbes: o.behaviour,
		NullSession: o.null, GuestMapping: o.guest, Checks: o.checks,
	}
	if o.proxy != nil {
		s.Dial, s.DialTimeout = o.proxy.DialContext, proxyTime
	}
	return s
}
