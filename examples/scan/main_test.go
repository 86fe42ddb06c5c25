package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// A world is what a run of the program touches.
type world struct {
	stdin          string
	env            map[string]string
	terminal       bool
	scan           scanFunc
	stdout, stderr bytes.Buffer
}

func (w *world) run(ctx context.Context, args ...string) int {
	p := program{
		stdin: strings.NewReader(w.stdin), stdout: &w.stdout, stderr: &w.stderr, scan: w.scan,
		getenv: func(name string) string { return w.env[name] },
		size:   func(io.Writer) (int, bool) { return 0, w.terminal },
	}
	return p.run(ctx, args)
}

// answering is a scan that gives the same report to all, but for the target.
func answering(r fingerprint.Report) scanFunc {
	return func(_ context.Context, target string) (*fingerprint.Report, error) {
		own := r
		own.Target = target
		return &own, nil
	}
}

func sample() fingerprint.Report {
	skew, exact := 1.5, 20.0
	return fingerprint.Report{
		SchemaVersion: report.SchemaVersion, Level: report.LevelQuick, Outcome: report.OutcomeSMB, DurationMS: 12.4,
		Dialects: map[string]report.Answer{"3.1.1": report.Yes, "NT LM 0.12": report.Unknown}, PreferredDialect: "3.1.1",
		SMB1:        &report.SMB1{Supported: report.Unknown},
		Signing:     &report.Signing{SMB1: &report.SigningMode{}, SMB2: &report.SigningMode{Required: report.No}},
		Encryption:  &report.Encryption{Supported: report.Yes},
		ClockSkewMS: &skew, ClockSkewErrorMS: &exact,
		NTLM: &report.NTLM{
			NetBIOSComputer: "DC1", NetBIOSDomain: "CORP", DNSComputer: "dc1.corp.example", DNSDomain: "corp.example",
			Version: &report.NTLMVersion{Major: 10, Build: 20348},
		},
		Evidence: map[string][]report.Evidence{
			"/signing/smb2/required": {{
				Probe: "all-offer", Result: report.ResultSupported, Status: "STATUS_SUCCESS", Text: "SecurityMode 1",
			}},
			"/smb1/supported": {{Probe: "all-offer", Result: report.ResultNotTested}},
		},
		Probes: []report.Probe{{
			ID: "all-offer", Connection: 1, Sent: "SMB2 NEGOTIATE", Result: report.ResultSupported, Request: "fe534d42",
		}},
	}
}

func TestWrongUse(t *testing.T) {
	cases := map[string]struct {
		args  []string
		stdin string
		want  string
	}{
		"flag":               {args: []string{"-nope", "a"}, want: "-nope"},
		"flag without value": {args: []string{"-port"}, want: "-port"},
		"level":              {args: []string{"-level", "X", "a"}, want: "there is no level X; levels: quick, standard"},
		"time without unit":  {args: []string{"-timeout", "5", "a"}, want: "-timeout"},
		"negative time":      {args: []string{"-timeout", "-5s", "a"}, want: "-timeout"},
		"port 0":             {args: []string{"-port", "0", "a"}, want: "-port"},
		"large port":         {args: []string{"-port", "65536", "a"}, want: "-port"},
		"nothing parallel":   {args: []string{"-j", "0", "a"}, want: "-j"},
		"target":             {args: []string{"good", "a:b:c"}, want: "a:b:c"},
		"empty target":       {args: []string{""}, want: "invalid target"},
		"many parallel":      {args: []string{"-j", "65537", "a"}, want: "from 1 to 65536"},
		"no target wanted":   {args: []string{"-max", "0", "a"}, want: "-max"},
		"more than IPv4":     {args: []string{"-max", "4294967297", "a"}, want: "from 1 to 4294967296"},
		"prefix":             {args: []string{"good", "192.0.2.0/33"}, want: `invalid prefix "192.0.2.0/33": "33" is no length from 0 to 32`},
		"hostile prefix":     {args: []string{"192.0.2.0/\x1b[31m"}, want: `\x1b`},
		"large prefix":       {args: []string{"10.0.0.0/8"}, want: "with 10.0.0.0/8 (16777216 addresses) there are more than 65536 targets; -max allows more"},
		"huge prefix":        {args: []string{"2001:db8::/32"}, want: "with 2001:db8::/32 (2^96 addresses) there are more than"},
		"huge, bound lifted": {args: []string{"-max", "4294967296", "::/0"}, want: "(2^128 addresses)"},
		"one too many":       {args: []string{"192.0.0.0/16", "a"}, want: "with a there are more than 65536 targets"},
		"sum":                {args: []string{"-max", "7", "192.0.2.0/30", "192.0.2.0/30"}, want: "more than 7 targets"},
		"prefix in a line":   {args: []string{"-"}, stdin: "a\n10.0.0.0/8\n", want: "line 2 of standard input: with 10.0.0.0/8"},
		"lines":              {args: []string{"-max", "2", "-"}, stdin: "a\nb\nc\n", want: "line 3 of standard input: with c there are more than 2 targets"},
		"open bracket":       {args: []string{"[::1:445"}, want: "[::1:445"},
		"hostile target":     {args: []string{"a\x1b[31m"}, want: `\x1b`},
		"hostile level":      {args: []string{"-level", "\x1b[31m", "a"}, want: `\x1b`},
		"list of ports":      {args: []string{"-ports", "445,x", "a"}, want: "such as 445,139"},
		"null without NTLM":  {args: []string{"-null", "-nontlm", "a"}, want: "which -nontlm leaves out"},
		"guest without NTLM": {args: []string{"-guest", "-nontlm", "a"}, want: "which -nontlm leaves out"},
		"synthetic target":   {args: []string{"-synthetic", "a"}, want: "without a target"},
		"checks, no NTLM":    {args: []string{"-checks", "-nontlm", "a"}, want: "which -nontlm leaves out"},
		"empty port":         {args: []string{"-ports", "445,", "a"}, want: "-ports"},
		"many ports":         {args: []string{"-ports", "1" + strings.Repeat(",2", 16), "a"}, want: "more than 16 ports"},
		"long called name":   {args: []string{"-called", "SIXTEENBYTESLONG", "a"}, want: "1 to 15 bytes"},
		"no called name":     {args: []string{"-called", "", "a"}, want: "1 to 15 bytes"},
		"late flag":          {args: []string{"a", "-json"}, want: "flags come before"},
		"line":               {args: []string{"-"}, stdin: "good\n\na b\n", want: "line 3 of standard input"},
		"no line":            {args: []string{"-"}, stdin: "# none\n", want: "no target on standard input"},
		"input twice":        {args: []string{"-", "-"}, stdin: "good\n", want: "only once"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := world{stdin: c.stdin, scan: func(context.Context, string) (*fingerprint.Report, error) {
				t.Error("something was scanned")
				return &fingerprint.Report{}, nil
			}}
			require.Equal(t, exitUsage, w.run(t.Context(), c.args...))
			require.Empty(t, w.stdout.String())
			require.Contains(t, w.stderr.String(), c.want)
			require.Equal(t, 1, strings.Count(w.stderr.String(), "\n"), "one sentence: %q", w.stderr.String())
			require.NotContains(t, w.stderr.String(), "\x1b")
		})
	}
}

func TestHelp(t *testing.T) {
	var w world
	require.Equal(t, exitDone, w.run(t.Context(), "-h"))
	require.Equal(t, usage, w.stdout.String())
	require.Empty(t, w.stderr.String())
}

// A dead target is a row with its outcome, over real sockets.
func TestRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	target := l.Addr().String()
	require.NoError(t, l.Close())
	var stdout, stderr bytes.Buffer
	require.Equal(t, exitDone, run(t.Context(), []string{target}, os.Stdin, &stdout, &stderr))
	require.Regexp(t, `(?m)^`+target+` +refused +\? +\? +\? +\? `, stdout.String())
	require.Contains(t, stdout.String(), "1 target in ")
	require.Contains(t, stdout.String(), ": 1 refused\n")
	require.Empty(t, stderr.String())
}

func TestTargetsFromInput(t *testing.T) {
	w := world{scan: answering(sample()), stdin: "\ufeff# servers\n\n192.0.2.1 # first\r\n[fe80::1%eth0]:1445\n"}
	require.Equal(t, exitDone, w.run(t.Context(), "-json", "before", "-", "after:139"))
	var targets []string
	for _, r := range parse(t, w.stdout.String()) {
		targets = append(targets, r.Target)
	}
	require.Equal(t, []string{"before", "192.0.2.1", "[fe80::1%eth0]:1445", "after:139"}, targets)
	require.Empty(t, w.stderr.String())
}

func parse(t *testing.T, lines string) []report.Report {
	t.Helper()
	var reports []report.Report
	for line := range strings.Lines(lines) {
		var r report.Report
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		reports = append(reports, r)
	}
	return reports
}

func TestReplay(t *testing.T) {
	var w world
	require.Equal(t, exitDone, w.run(t.Context()))
	require.Contains(t, w.stderr.String(), "replay of")
	require.Contains(t, w.stderr.String(), "go run ./examples/scan 192.0.2.10")
	table := w.stdout.String()
	require.Regexp(t, `(?m)^samba-4\.17\.12-default +smb +2\.0\.2–3\.1\.1 +not required ! +yes +no +FILESERVER `, table)
	require.Regexp(t, `(?m)^samba-4\.17\.12-lanman1-nt1 +smb +SMB1 only +not required ! +no +yes ! +MUSEUM +WORKGROUP `, table)

	w.stdout.Reset()
	require.Equal(t, exitDone, w.run(t.Context(), "-json", "-raw"))
	for _, r := range parse(t, w.stdout.String()) {
		require.Equal(t, report.OutcomeSMB, r.Outcome)
		if r.ClockSkewMS != nil { // impacket tells no time under SMB1
			require.Less(t, max(*r.ClockSkewMS, -*r.ClockSkewMS), 1e4, "the replay's clock is that of the recording")
		}
		for _, p := range r.Probes {
			require.NotEmpty(t, p.Request, "-raw")
		}
	}
}

// Every recorded server can be asked everything, and the costs that the usage text names are those of the recordings.
func TestReplayAtLevelFull(t *testing.T) {
	var w world
	require.Equal(t, exitDone, w.run(t.Context(), "-level", "full"))
	require.Contains(t, w.stdout.String(), "\nencryption and signing\n")
	require.Regexp(t, `(?m)^samba-4\.17\.12-few-algorithms +no +yes +yes\* +no +server `, w.stdout.String())

	w = world{}
	require.Equal(t, exitDone, w.run(t.Context(), "-level", "full", "-json"))
	costs := map[string]int{}
	for _, r := range parse(t, w.stdout.String()) {
		require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
		require.NotEmpty(t, r.Encryption.Ciphers)
		for name, a := range r.Encryption.Ciphers {
			require.True(t, a.Answer.Known(), "%s: %s", r.Target, name)
		}
		costs[r.Target] = r.Cost.Connections
	}
	require.Equal(t, 12, costs["samba-4.17.12-default"])
	require.Equal(t, 15, costs["samba-4.17.12-nt1"])
	require.Equal(t, 19, costs["samba-4.17.12-lanman1-3.1.1"])
	require.Contains(t, usage, "12 connections where\n")
	require.Contains(t, usage, "SMB1 is off, 15 where it takes NT LM 0.12, 19 where it takes the LANMAN dialects as well\n")
}

// What is known when the scan is interrupted is printed: the targets that were done, and the one under way.
func TestInterrupted(t *testing.T) {
	for _, flags := range [][]string{{"-j", "1"}, {"-j", "1", "-json"}} {
		ctx, cancel := context.WithCancel(t.Context())
		w := world{}
		w.scan = func(ctx context.Context, target string) (*fingerprint.Report, error) {
			r, _ := answering(sample())(ctx, target)
			if target != "second" {
				return r, nil
			}
			cancel()
			<-ctx.Done()
			r.Outcome, r.Reason = report.OutcomeCanceled, "the scan was ended"
			return r, context.Cause(ctx)
		}
		require.Equal(t, exitFailed, w.run(ctx, append(flags, "first", "second", "third", "fourth")...))
		require.Contains(t, w.stderr.String(), "1 of 4 targets scanned to the end")
		require.Contains(t, w.stdout.String(), "first")
		require.Contains(t, w.stdout.String(), "second")
		require.NotContains(t, w.stdout.String(), "third")
	}
}

// A terminal's read is not interrupted by a signal.
func TestInterruptedInput(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, feed := io.Pipe()
	defer func() { _ = feed.Close() }()
	cancel()
	var stdout, stderr bytes.Buffer
	require.Equal(t, exitFailed, run(ctx, []string{"-"}, r, &stdout, &stderr))
	require.Contains(t, stderr.String(), "interrupted")
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestOutputFails(t *testing.T) {
	for _, flags := range [][]string{nil, {"-json"}} {
		var stderr bytes.Buffer
		p := program{stdin: strings.NewReader(""), stdout: broken{}, stderr: &stderr, scan: answering(sample()),
			getenv: func(string) string { return "" }, size: func(io.Writer) (int, bool) { return 0, false }}
		require.Equal(t, exitFailed, p.run(t.Context(), append(flags, "a", "b", "c")))
		require.Contains(t, stderr.String(), "the disk is full")
		require.Equal(t, 1, strings.Count(stderr.String(), "\n"))
	}
}
