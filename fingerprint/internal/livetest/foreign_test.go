//go:build linux

package livetest

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
)

// A foreigner is a server that is no SMB server, and what a scan has to say of it.
type foreigner struct {
	name    string
	start   func(testing.TB) string
	outcome report.Outcome
	guess   string
	first   string // how its first bytes begin
}

// foreigners are servers on ports where nobody expects them. Those of Debian 12 come first; those in Go are named by
// what they do or by the document that they follow.
func foreigners() []foreigner {
	const notSMB, closed, reset, silence = report.OutcomeNotSMB, report.OutcomeClosed, report.OutcomeReset, report.OutcomeTimedOut
	return []foreigner{
		{"nginx", nginx("8081", false), notSMB, "http", "HTTP/1.1 400 Bad Request\r\n"},
		// Bytes that begin no TLS record are taken for a web client's that has forgotten TLS.
		{"nginx with TLS", nginx("8444", true), notSMB, "http", "HTTP/1.1 400 Bad Request\r\n"},
		// OpenSSL sends no alert where the first record has another version than 3 ("wrong version number").
		{"openssl s_server", opensslServer, closed, "", ""},
		{"sshd", sshServer, notSMB, "ssh", "SSH-2.0-OpenSSH_"},
		{"vsftpd", ftpServer, notSMB, "ftp", "220 (vsFTPd 3."},
		{"msmtpd", mailServer, notSMB, "smtp", "220 localhost ESMTP msmtpd\r\n"},
		// Redis looks for the end of a line as C does, up to the first zero, which is our first byte: it waits on.
		{"redis", redisServer, silence, "", ""},
		{"memcached", memcachedServer, notSMB, "memcached", "ERROR\r\n"},
		{"rsync", rsyncServer, notSMB, "rsync", "@RSYNCD: "},
		{"xrdp", rdpServer, notSMB, "rdp", "\x03\x00\x00\x09\x02\xF0\x80\x21"},
		{"Go net/http", goWeb, notSMB, "http", "HTTP/1.1 400 Bad Request\r\n"},
		// crypto/tls sends no alert to what is no TLS.
		{"Go crypto/tls", goTLS, closed, "", ""},
		{"echo", goServer(7007, echoes), notSMB, "echo", "\x00\x00"},
		{"silent", goServer(4455, silent), silence, "", ""},
		{"closes at once", goServer(4456, closesAtOnce), closed, "", ""},
		{"closes without reading", goServer(4457, closesUnread), reset, "", ""},
		{"resets", goServer(4458, resets), reset, "", ""},
		{"alert of RFC 8446 6", goServer(4433, says("\x15\x03\x03\x00\x02\x02\x46")), notSMB, "tls", "\x15\x03\x03\x00\x02"},
		{"greeting of MySQL's HandshakeV10", goServer(3307, says("\x4A\x00\x00\x00\x0A8.0.36\x00\x08\x00\x00\x00abcdefgh\x00"+
			"\xFF\xFF\xFF\x02\x00\xFF\xDF\x15"+strings.Repeat("\x00", 10)+"ijklmnopqrst\x00caching_sha2_password\x00")), notSMB, "mysql", "\x4A\x00\x00\x00\x0A8.0.36\x00"},
		{"ErrorResponse of PostgreSQL", goServer(5433, says("E\x00\x00\x00\x25SFATAL\x00C0A000\x00Munsupported\x00\x00")), notSMB, "postgresql", "E\x00\x00"},
		{"greeting of RFC 6143", goServer(5901, says("RFB 003.008\n")), notSMB, "vnc", "RFB 003.008\n"},
		{"greeting of RFC 9051", goServer(1143, says("* OK IMAP4rev2 server ready\r\n")), notSMB, "imap", "* OK "},
	}
}

// Whatever listens on whatever port, it has its outcome, and where its bytes tell, what it is.
func TestForeign(t *testing.T) {
	for _, tt := range foreigners() {
		t.Run(tt.name, func(t *testing.T) {
			tt.require(t, tt.start(t))
		})
	}
}

// The neighbours of SMB on a domain controller are scanned whenever all ports of a host are.
func TestForeignServicesOfDomainController(t *testing.T) {
	server := startController(t, 445)
	for port, tt := range map[int]foreigner{
		// Neither answers what is no message of its protocol.
		88:  {outcome: report.OutcomeClosed},
		389: {outcome: report.OutcomeReset},
		// A bind_nak: the version of DCE/RPC is not 0.
		135: {outcome: report.OutcomeNotSMB, guess: "dcerpc", first: "\x05\x00\x0D"},
	} {
		server.ready(t, server.At(port))
		tt.require(t, server.At(port))
	}
}

// connections is how many connections a scan may cost. What sends bytes is known after the first, beside which level
// standard has one more under way; the others are given another chance to understand the question.
func (f foreigner) connections(level fingerprint.Level) int {
	switch {
	case f.outcome == report.OutcomeNotSMB && level == fingerprint.LevelQuick:
		return 1
	case f.outcome == report.OutcomeNotSMB:
		return 2
	case f.outcome == report.OutcomeTimedOut || level == fingerprint.LevelQuick:
		return 3
	}
	return 4
}

func (f foreigner) require(t *testing.T, target string) {
	t.Helper()
	for _, level := range []fingerprint.Level{fingerprint.LevelQuick, fingerprint.LevelStandard} {
		var first []byte // the first question
		s := fingerprint.Scanner{Level: level, Dialogues: func(d *dialogue.Dialogue) {
			if first == nil && len(d.Frames) > 0 {
				first = d.Frames[0].Data
			}
		}}
		if f.outcome == report.OutcomeTimedOut {
			s.Timeout = time.Second
		}
		r, err := s.Scan(context.Background(), target)
		require.NoError(t, err)
		got, err := hex.DecodeString(r.FirstBytes)
		require.NoError(t, err)
		t.Logf("%s %s: %s %q %.24q, %d connections, %.1f ms, of which %.1f ms are the server's", target, level, r.Outcome,
			r.ProtocolGuess, got, r.Cost.Connections, r.DurationMS, delay(t, target, first).Seconds()*1000)
		require.Equal(t, f.outcome, r.Outcome, r.Reason)
		require.NotEmpty(t, r.Reason)
		require.Equal(t, f.guess, r.ProtocolGuess)
		require.Equal(t, f.outcome == report.OutcomeNotSMB, len(got) > 0)
		require.LessOrEqual(t, len(got), 32)
		require.True(t, strings.HasPrefix(string(got), f.first), "%q", got)
		require.LessOrEqual(t, r.Cost.Connections, f.connections(level))
		require.LessOrEqual(t, r.Cost.Requests, r.Cost.Connections, "nothing is asked of a stranger twice")
		require.Zero(t, r.Cost.Authentications)
		// Our waiting is bounded by the counts above; this is for what would hang.
		require.Less(t, r.DurationMS, 2000.0)
		requireNoAnswers(t, r)
	}
}

// requireNoAnswers fails the test if a report says anything of SMB.
func requireNoAnswers(t *testing.T, r *report.Report) {
	t.Helper()
	text, err := json.Marshal(r)
	require.NoError(t, err)
	var parts map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &parts))
	require.Subset(t, []string{
		"schema_version", "target", "transports", "level", "observed_at", "duration_ms", "outcome", "reason", "first_bytes",
		"protocol_guess", "cost", "probes",
	}, slices.Collect(maps.Keys(parts)))
	for _, p := range r.Probes {
		require.NotContains(t, []report.Result{report.ResultSupported, report.ResultRefused}, p.Result, p.ID)
	}
}

// delay is how long the server itself takes to answer a question, or to hang up, if a second is enough for that.
func delay(t *testing.T, target string, question []byte) time.Duration {
	t.Helper()
	framed, err := smb.AppendFrame(nil, question)
	require.NoError(t, err)
	start := time.Now()
	conn, err := net.DialTimeout("tcp", target, time.Second)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(start.Add(time.Second)))
	conn.Write(framed)                        // what the server says is read even where it does not listen
	_, _ = io.ReadFull(conn, make([]byte, 4)) // nor does the end of the connection matter
	return time.Since(start)
}
