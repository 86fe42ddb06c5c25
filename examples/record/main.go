// Record scans one real server and writes the three files that make it a fixture: the packets (for Wireshark), the
// dialogues (what tests and examples replay) and the report that they give.
//
//	go run ./examples/record [flags] NAME TARGET
//
// NAME is <server>-<version>-<setup>, such as samba-4.17.12-default. The packets are written by tcpdump, which runs
// beside the scan and usually needs root. With -read the report is what the scan and the reading behind it give, which
// the dialogues alone do not. Names and addresses of the server are in all three files: record servers that
// you may show.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// errUsage marks errors of the command line, which end with exit code 2.
var errUsage = errors.New("usage")

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		err = o.record(ctx, stdout)
	}
	switch {
	case errors.Is(err, errUsage), errors.Is(err, fingerprint.ErrTarget), errors.Is(err, fingerprint.ErrConfig):
		fmt.Fprintln(stderr, "record:", err)
		return 2
	case err != nil:
		fmt.Fprintln(stderr, "record:", err)
		return 1
	}
	return 0
}

type options struct {
	name, target string
	ports        []uint16
	behaviour    bool
	null, guest  bool
	read, checks bool
	out          string
	level        string
	device       string
	packets      bool
	timeout      time.Duration
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("record", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.out, "out", "testdata/recorded", "`folder` to write to")
	flags.StringVar(&o.level, "level", string(fingerprint.LevelFull), "`level` of the scan")
	flags.Func("ports", "`list` of ports, such as 445,139, where the target names none", o.setPorts)
	flags.BoolVar(&o.behaviour, "behaviour", false, "ask the behaviour probes too")
	flags.BoolVar(&o.null, "null", false, "log on as nobody in each dialect too, and connect IPC$")
	flags.BoolVar(&o.guest, "guest", false, "log on once with an invented account, which leaves one failed logon in the server's log")
	flags.BoolVar(&o.read, "read", false, "read what a null session is told, and open the pipes of the audit")
	flags.BoolVar(&o.checks, "checks", false, "ask the weakness checks too, where SMB1 is on")
	flags.StringVar(&o.device, "i", "any", "`interface` that tcpdump listens on")
	flags.BoolVar(&o.packets, "pcap", true, "record the packets with tcpdump")
	flags.DurationVar(&o.timeout, "timeout", 0, "time for the scan; 0 means the level's own")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: record [flags] NAME TARGET\n\nNAME is <server>-<version>-<setup>, such as samba-4.17.12-default.")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, fmt.Errorf("%w: %w", errUsage, err)
	}
	if flags.NArg() != 2 {
		return o, fmt.Errorf("%w: NAME and TARGET are needed, and nothing else", errUsage)
	}
	o.name, o.target = flags.Arg(0), flags.Arg(1)
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9.+-]*$`).MatchString(o.name) {
		return o, fmt.Errorf("%w: the name %q has more in it than lower-case letters, digits, '.', '+' and '-'", errUsage, o.name)
	}
	return o, nil
}

func (o *options) setPorts(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || n == 0 {
			return errors.New("not a list of ports such as 445,139")
		}
		o.ports = append(o.ports, uint16(n))
	}
	return nil
}

// targetPorts are the ports that the scan will ask.
func (o options) targetPorts(t fingerprint.Target) []uint16 {
	switch {
	case t.Port != 0:
		return []uint16{t.Port}
	case len(o.ports) == 0:
		return []uint16{fingerprint.DefaultPort}
	}
	return o.ports
}

// record scans the target and writes the files.
func (o options) record(ctx context.Context, stdout io.Writer) error {
	path := func(suffix string) string { return filepath.Join(o.out, o.name+suffix) }
	var dump *tcpdump
	if o.packets {
		target, err := fingerprint.ParseTarget(o.target)
		if err != nil {
			return err
		}
		if dump, err = startTcpdump(ctx, o.device, path(".pcap"), target.Host, o.targetPorts(target)); err != nil {
			return err
		}
		defer dump.kill()
	}
	var dialogues []*dialogue.Dialogue
	scanner := fingerprint.Scanner{
		Level: fingerprint.Level(o.level), Timeout: o.timeout, Ports: o.ports, BehaviourProbes: o.behaviour,
		NullSession: o.null, GuestMapping: o.guest, Checks: o.checks,
		Dialogues: func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) },
	}
	if o.read {
		scanner.Extend = nullsession.Reader{PipeAudit: true}.Read
	}
	r, err := scanner.Scan(ctx, o.target)
	if err != nil {
		return err
	}
	if dump != nil {
		if err := dump.stop(); err != nil {
			return err
		}
	}
	if r.Outcome != report.OutcomeSMB {
		return fmt.Errorf("nothing to record: %s: %s", r.Outcome, r.Reason)
	}
	var extended *report.Report
	if o.read {
		extended = r
	}
	if err := write(path, dialogues, extended); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %d connections, %d requests, preferred dialect %q\n", o.name, r.Cost.Connections, r.Cost.Requests, r.PreferredDialect)
	return nil
}

// write writes the dialogues, and the report that they give when they are read again, or, where there is one, the report
// that has more in it than they tell.
func write(path func(string) string, dialogues []*dialogue.Dialogue, extended *report.Report) error {
	var lines bytes.Buffer
	if err := dialogue.Write(&lines, dialogues...); err != nil {
		return err
	}
	again, err := dialogue.Read(bytes.NewReader(lines.Bytes()))
	if err != nil {
		return err
	}
	reports := fingerprint.Observe(again)
	if len(reports) != 1 {
		return fmt.Errorf("the dialogues give %d reports, not one", len(reports))
	}
	if extended == nil {
		extended = reports[0]
	}
	text, err := json.MarshalIndent(extended, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path(".dialogue.jsonl"), lines.Bytes(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(path(".report.json"), append(text, '\n'), 0o644)
}
