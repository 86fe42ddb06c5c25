package main

import (
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/testdata"
)

func scannerOf(t *testing.T, args ...string) fingerprint.Scanner {
	t.Helper()
	o, err := parseOptions(append(args, "target"), nil)
	require.NoError(t, err)
	require.Equal(t, []string{"target"}, o.args)
	return o.scanner()
}

func TestOptionsReachTheScanner(t *testing.T) {
	require.Equal(t, fingerprint.Scanner{Level: fingerprint.LevelStandard}, scannerOf(t), "the default")
	require.Equal(t, fingerprint.Scanner{
		Level: fingerprint.LevelFull, Ports: []uint16{445, 139}, CalledName: "FILES", BehaviourProbes: true,
		NoSMB1: true, NoNTLM: true, Sequential: true,
	}, scannerOf(t, "-level", "full", "-ports", "445, 139", "-called", "FILES", "-behaviour", "-nosmb1", "-nontlm", "-sequential"))
	require.Equal(t, fingerprint.Scanner{Level: fingerprint.LevelStandard, NullSession: true}, scannerOf(t, "-null"))
	require.Equal(t, fingerprint.Scanner{Level: fingerprint.LevelStandard, GuestMapping: true}, scannerOf(t, "-guest"))
	require.Equal(t, fingerprint.Scanner{Level: fingerprint.LevelStandard, Checks: true}, scannerOf(t, "-checks"))
	require.Equal(t, []uint16{1445}, scannerOf(t, "-port", "1445").Ports)
	s := scannerOf(t, "-proxy", "socks5://192.0.2.1:1080")
	require.NotNil(t, s.Dial)
	require.Equal(t, proxyTime, s.DialTimeout)
}

// The usage text names every flag, and fits a terminal.
func TestUsage(t *testing.T) {
	for _, f := range []string{
		"json", "level LEVEL", "ports LIST", "called NAME", "behaviour", "null", "guest", "checks", "proxy URL", "nosmb1", "nontlm", "sequential", "timeout D",
		"all", "max N", "j N", "explain", "v", "raw", "h",
	} {
		require.Contains(t, usage, "\n  -"+f+" ")
		name, _, _ := strings.Cut(f, " ")
		_, err := parseOptions([]string{"-" + name + "=x"}, &strings.Builder{})
		if err != nil {
			require.NotContains(t, err.Error(), "not defined")
		}
	}
	require.NotContains(t, usage, "-port ", "an old name")
	for _, level := range fingerprint.Levels() {
		require.Contains(t, usage, "\n                "+string(level)+" ")
	}
	for l := range strings.Lines(usage) {
		require.LessOrEqual(t, len(l), 121, l)
	}
}

// What was never recorded is asked of nobody, and behaviour probes are not shown as closed connections.
func TestReplayAsksWhatWasRecorded(t *testing.T) {
	var w world
	require.Equal(t, exitDone, w.run(t.Context(), "-json", "-behaviour", "-port", "8445", "-called", "NOBODY"))
	for _, r := range parse(t, w.stdout.String()) {
		require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
		for _, p := range r.Probes {
			if isBehaviour(p.ID) {
				require.NotEqual(t, report.ResultNotTested, p.Result)
				require.True(t, recordedBehaviours(t, r.Target), r.Target)
			}
		}
	}
}

func recordedBehaviours(t *testing.T, name string) bool {
	t.Helper()
	dialogues, err := testdata.Dialogues(name)
	require.NoError(t, err)
	for _, d := range dialogues {
		for _, f := range d.Frames {
			if isBehaviour(f.Probe) {
				return true
			}
		}
	}
	return false
}

// Each flag changes what a server gets to see.
func TestFlagsOverTheNetwork(t *testing.T) {
	port := serveReplay(t, "samba-4.17.12-nt1")
	scan := func(args ...string) report.Report {
		r, _ := scanOne(t, append(args, "127.0.0.1:"+port)...)
		require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
		return r
	}
	all := scan()
	require.Equal(t, report.Yes, all.SMB1.Supported)
	require.Equal(t, report.Yes, all.NTLM.Challenge)
	require.False(t, scan("-nosmb1").SMB1.Supported.Known())
	if n := scan("-nontlm").NTLM; n != nil {
		require.False(t, n.Challenge.Known())
	}
	require.Equal(t, all.Cost.Connections, scan("-sequential").Cost.Connections)
}

// Several ports make one report, whose table tells what became of each.
func TestPorts(t *testing.T) {
	port := serveReplay(t, "samba-4.17.12-default")
	_, other, err := net.SplitHostPort(closedPort(t))
	require.NoError(t, err)
	var stdout, stderr strings.Builder
	args := []string{"-level", "full", "-ports", port + "," + other, "127.0.0.1"}
	require.Equal(t, exitDone, run(t.Context(), args, strings.NewReader(""), &stdout, &stderr))
	require.Regexp(t, `(?m)^127\.0\.0\.1 +smb `, stdout.String())
	require.Contains(t, stdout.String(), "\n  port "+port+" smb · port "+other+" refused\n")
	require.Regexp(t, `(?m)^    2\.1 +yes +AES-256-CCM +yes `, stdout.String(), "the matrix")
}

// The called name goes over the wire as it was given.
func TestCalledName(t *testing.T) {
	network := smbtest.NewNetwork(smbtest.Path{})
	l, err := network.Listen("files:139")
	require.NoError(t, err)
	called := make(chan []byte, 16)
	defer smbtest.Serve(l, func(conn net.Conn) {
		b := make([]byte, 72)
		if n, err := conn.Read(b); err == nil {
			called <- b[:n]
		}
	})()
	s := scannerOf(t, "-called", "FILES", "-ports", "139")
	s.Dial = network.Dial
	r, err := s.Scan(t.Context(), "files")
	require.NoError(t, err)
	require.Equal(t, string(dialogue.NetBIOSSession), r.Transports[0].Transport)
	// The first level of RFC 1001 14.1: each half of a byte is a letter from A on.
	require.Contains(t, string(<-called), "EGEJEMEFFD")
}
