package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/testdata"
)

// A world is what a run of the program touches.
type world struct {
	env            map[string]string
	terminal       bool
	scan           scanFunc
	stdout, stderr bytes.Buffer
}

func (w *world) run(ctx context.Context, args ...string) int {
	p := program{
		stdout: &w.stdout, stderr: &w.stderr, scan: w.scan,
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

// recorded returns the report of a recorded reading.
func recorded(t *testing.T, name string) fingerprint.Report {
	t.Helper()
	b, err := testdata.Report(name)
	require.NoError(t, err)
	var r fingerprint.Report
	require.NoError(t, json.Unmarshal(b, &r))
	return r
}

const open = "samba-4.17.12-null-open"

func TestReplay(t *testing.T) {
	var w world
	require.Equal(t, exitDone, w.run(t.Context()))
	require.Contains(t, w.stderr.String(), "replay of")
	require.Contains(t, w.stderr.String(), "go run ./examples/nullsession 192.0.2.10")
	_, text, ok := strings.Cut(w.stdout.String(), "\n"+open+"  ")
	require.True(t, ok)
	for _, want := range []string{
		"IPC$            yes !", "lockout         after 4 failed logons within 20 minutes, for 45 minutes\n",
		"Общая папка 📁", "Борис Годунов", "Бухгалтерия 🧮", "name            ЛАБГРУППА, without a SID",
		"over spoolss, fsrvp, netdfs; that was not tried\n", "not listed: efsrpc\n",
	} {
		require.Contains(t, text, want)
	}
	require.Regexp(t, `(?m)^    drop +DISKTREE +yes ! +yes ! +root-acl +Briefkasten für alle$`, text)
	require.Regexp(t, `(?m)^    closed +DISKTREE +no +no +share-acl `, text)
	require.Regexp(t, `(?m)^    IPC\$ +IPC\|SPECIAL +\? +\? `, text)
	require.Regexp(t, `(?m)^ +1005 +Инженеры +group `, text)
	require.NotContains(t, text, "netlogon", "the audit was not asked for")
	require.NotContains(t, text, "\n  calls\n")
	require.Regexp(t, `(?s)null-closed .*IPC\$ +no: it opens no named pipe.*told +nothing: no anonymous session with IPC\$`, w.stdout.String())
	require.Contains(t, w.stdout.String(), "not tested: the server connects a name that nobody has")
}

// The JSON of the replay is what was recorded.
func TestReplayInJSON(t *testing.T) {
	var w world
	require.Equal(t, exitDone, w.run(t.Context(), "-json", "-pipe-audit", "-j", "2"))
	names, err := testdata.NullSessions()
	require.NoError(t, err)
	reports := parse(t, w.stdout.String())
	require.Len(t, reports, len(names))
	for i, r := range reports {
		require.Equal(t, names[i], r.Target)
		require.Equal(t, recorded(t, names[i]).NullSession, r.NullSession)
	}
}

// Over real sockets, -v has every call and every endpoint.
func TestVerboseOverTheNetwork(t *testing.T) {
	dialogues, err := testdata.Dialogues(open)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := smbtest.NewReplay(dialogues)
	defer smbtest.Serve(l, server.Handle)()
	var w world
	require.Equal(t, exitDone, w.run(t.Context(), "-v", "-guest", "-pipe-audit", l.Addr().String()), w.stderr.String())
	require.Empty(t, server.Unmatched())
	text := w.stdout.String()
	require.Regexp(t, `(?m)^    3\.1\.1 +unknown-user +supported +STATUS_SUCCESS +IS_GUEST$`, text)
	require.Regexp(t, `(?m)^    samr +SamrConnect5 +STATUS_SUCCESS$`, text)
	require.Regexp(t, `(?m)^    srvsvc +NetrShareEnum 1 +ERROR_SUCCESS +9$`, text)
	require.Regexp(t, `(?m)^    netlogon +no +STATUS_OBJECT_NAME_NOT_FOUND$`, text)
	require.Regexp(t, `(?m)^    winreg +ncacn_np +\\pipe\\winreg `, text)
	require.Contains(t, text, "rights to       drop: LIST_DIRECTORY")
	require.Contains(t, text, "TOLD BY")
}

func TestOptionsReachTheReader(t *testing.T) {
	o, err := parseOptions([]string{
		"-pipe-audit", "-pipe", "winreg", "-pipe", "spoolss", "-rids", "500-502", "-rids", "1000", "-max", "7", "-no-access", "-timeout", "3s",
		"-j", "3", "-guest", "a", "b:1445",
	}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, nullsession.Reader{
		PipeAudit: true, Pipes: []string{"winreg", "spoolss"}, RIDs: []nullsession.RIDRange{{From: 500, To: 502}, {From: 1000, To: 1000}},
		MaxEntries: 7, NoShareAccess: true, Timeout: 3 * time.Second,
	}, o.reader)
	require.Equal(t, []string{"a", "b:1445"}, o.targets)
	require.Equal(t, 3, o.parallel)
	s := o.scanner()
	require.NotNil(t, s.Extend)
	s.Extend = nil
	require.Equal(t, fingerprint.Scanner{
		Level: fingerprint.LevelQuick, NullSession: true, GuestMapping: true, Timeout: 3 * time.Second,
	}, s)
	o, err = parseOptions([]string{"a"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, nullsession.Reader{}, o.reader, "the default")
	require.False(t, o.scanner().GuestMapping)
}

func TestWrongUse(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"flag":           {[]string{"-nope", "a"}, "-nope"},
		"hostile flag":   {[]string{"-\x1b[31m"}, `\x1b`},
		"late flag":      {[]string{"a", "-json"}, "flags come before"},
		"target":         {[]string{"a b"}, "invalid target"},
		"pipe":           {[]string{"-pipe", "svcctl", "a"}, "not one of srvsvc, wkssvc"},
		"RIDs":           {[]string{"-rids", "5-4", "a"}, "such as 1000-1050"},
		"negative RID":   {[]string{"-rids", "-4", "a"}, "such as 1000-1050"},
		"large RID":      {[]string{"-rids", "4294967296", "a"}, "such as 1000-1050"},
		"many RIDs":      {[]string{"-rids", "0-4294967295", "a"}, "more than 4096"},
		"RIDs together":  {[]string{"-rids", "1-4096", "-rids", "1", "a"}, "more than 4096"},
		"no entries":     {[]string{"-max", "0", "a"}, "-max"},
		"nothing at all": {[]string{"-j", "0", "a"}, "-j"},
		"no time":        {[]string{"-timeout", "0s", "a"}, "-timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			w := world{scan: func(context.Context, string) (*fingerprint.Report, error) {
				t.Error("something was asked")
				return &fingerprint.Report{}, nil
			}}
			require.Equal(t, exitUsage, w.run(t.Context(), c.args...))
			require.Empty(t, w.stdout.String())
			require.Contains(t, w.stderr.String(), c.want)
			require.Equal(t, 1, strings.Count(w.stderr.String(), "\n"), "one sentence")
			require.NotContains(t, w.stderr.String(), "\x1b")
		})
	}
}

// The usage text names every flag, and fits a terminal.
func TestUsage(t *testing.T) {
	var w world
	require.Equal(t, exitDone, w.run(t.Context(), "-h"))
	require.Equal(t, usage, w.stdout.String())
	for _, f := range []string{
		"json", "v", "guest", "pipe-audit", "pipe NAME", "pipes", "rids FROM-TO", "no-access", "max N", "timeout D", "j N", "h",
	} {
		require.Contains(t, usage, "\n  -"+f+" ")
		name, _, _ := strings.Cut(f, " ")
		if _, err := parseOptions([]string{"-" + name + "=x"}, io.Discard); err != nil {
			require.NotContains(t, err.Error(), "not defined")
		}
	}
	for l := range strings.Lines(usage) {
		require.LessOrEqual(t, len(l), 121, l)
	}
}

// Every pipe is listed with what opening it does and what it takes for that.
func TestPipes(t *testing.T) {
	for _, width := range []string{"", "80"} {
		w := world{env: map[string]string{"COLUMNS": width}}
		require.Equal(t, exitDone, w.run(t.Context(), "-pipes"))
		flat := strings.Join(strings.Fields(w.stdout.String()), " ")
		for _, p := range nullsession.Pipes() {
			require.Contains(t, flat, p.Effect)
		}
		require.Contains(t, flat, "winreg only with -pipe winreg: ")
		require.Contains(t, flat, "efsrpc with -pipe-audit: ")
		require.Contains(t, flat, "samr always: ")
	}
}

// Reports come in the order of the targets, however long each takes, and no more than -j are asked at the same time.
func TestInOrder(t *testing.T) {
	under, second := make(chan struct{}, 2), make(chan struct{})
	w := world{scan: func(_ context.Context, target string) (*fingerprint.Report, error) {
		select {
		case under <- struct{}{}:
		default:
			t.Error("more than two at the same time")
		}
		switch target {
		case "a":
			<-second
		case "b":
			close(second)
		}
		<-under
		return &fingerprint.Report{Target: target, Outcome: report.OutcomeRefused}, nil
	}}
	require.Equal(t, exitDone, w.run(t.Context(), "-j", "2", "a", "b", "c", "d", "e"))
	require.Equal(t, "a  refused\n\nb  refused\n\nc  refused\n\nd  refused\n\ne  refused\n", w.stdout.String())
}

// What is known when the run is interrupted is printed, and nothing further is asked.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := world{scan: func(ctx context.Context, target string) (*fingerprint.Report, error) {
		r := &fingerprint.Report{Target: target, Outcome: report.OutcomeCanceled}
		if target == "first" {
			return r, nil
		}
		cancel()
		<-ctx.Done()
		return r, context.Cause(ctx)
	}}
	require.Equal(t, exitFailed, w.run(ctx, "-j", "1", "first", "second", "third"))
	require.Contains(t, w.stderr.String(), "1 of 3 targets asked to the end")
	require.Contains(t, w.stdout.String(), "second")
	require.NotContains(t, w.stdout.String(), "third")
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestOutputFails(t *testing.T) {
	for _, args := range [][]string{{"a", "b", "c"}, {"-json", "a", "b"}, {"-pipes"}} {
		var stderr bytes.Buffer
		p := program{
			stdout: broken{}, stderr: &stderr, scan: answering(fingerprint.Report{}), getenv: func(string) string { return "" },
			size: func(io.Writer) (int, bool) { return 0, false },
		}
		require.Equal(t, exitFailed, p.run(t.Context(), args))
		require.Contains(t, stderr.String(), "the disk is full")
	}
}
