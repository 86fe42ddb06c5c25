package fingerprint_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
)

const timeout = 3 * time.Second

// slack is how far a scan may overrun its time.
const slack = 100 * time.Millisecond

// Every peer that is no SMB server, or a bad one, has its outcome within the time-out, and leaves nothing behind: a
// goroutine that outlives its bubble fails the test.
func TestOutcomes(t *testing.T) {
	smbMagic := []byte{0, 0, 0, 64, 0xFE, 'S', 'M', 'B'}
	tests := map[string]struct {
		peer    func(net.Conn)
		outcome report.Outcome
		guess   string
		quickly bool // within two round trips, not by a time-out
	}{
		"silent":              {smbtest.Silent, report.OutcomeTimedOut, "", false},
		"closes":              {smbtest.CloseAtOnce, report.OutcomeClosed, "", true},
		"resets":              {smbtest.ResetAtOnce, report.OutcomeReset, "", true},
		"half-closes":         {smbtest.HalfClose, report.OutcomeClosed, "", true},
		"echoes":              {smbtest.Echo, report.OutcomeNotSMB, "echo", true},
		"web server":          {smbtest.HTTP, report.OutcomeNotSMB, "http", true},
		"speaks first":        {smbtest.SaysFirst("SSH-2.0-OpenSSH_9.2p1\r\n"), report.OutcomeNotSMB, "ssh", true},
		"one byte, then ends": {smbtest.SaysFirst("S"), report.OutcomeNotSMB, "", false},
		"huge frame":          {smbtest.HugeFrame(time.Second), report.OutcomeTimedOut, "", false},
		"keep-alives":         {smbtest.KeepAlives, report.OutcomeError, "", true},
		"endless messages":    {smbtest.EndlessFrames(frame(t, unsolicited(t))), report.OutcomeError, "", true},
		"endless requests":    {smbtest.EndlessFrames(frame(t, request(t))), report.OutcomeNotSMB, "echo", true},
		"drips":               {smbtest.Drip(time.Second, smbMagic, true), report.OutcomeTimedOut, "", false},
		"drips nonsense":      {smbtest.Drip(time.Second, []byte("nonsense"), true), report.OutcomeNotSMB, "", false},
	}
	for _, level := range fingerprint.Levels() {
		for name, tt := range tests {
			t.Run(string(level)+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					network := smbtest.NewNetwork(smbtest.Path{})
					l, err := network.Listen(address)
					require.NoError(t, err)
					stop := smbtest.Serve(l, tt.peer)
					defer stop()
					start := time.Now()
					s := fingerprint.Scanner{Level: level, Dial: network.Dial, Timeout: timeout}
					r, err := s.Scan(t.Context(), address)
					require.NoError(t, err)
					require.Equal(t, tt.outcome, r.Outcome, r.Reason)
					require.NotEmpty(t, r.Reason)
					require.Equal(t, tt.guess, r.ProtocolGuess)
					require.Equal(t, tt.outcome == report.OutcomeNotSMB, r.FirstBytes != "")
					require.LessOrEqual(t, time.Since(start), timeout+slack)
					if tt.quickly {
						require.Less(t, time.Since(start), timeout/2)
					}
					require.Nil(t, r.Dialects, "no answer without an SMB server")
					require.Nil(t, r.Signing)
					require.LessOrEqual(t, r.Cost.Connections, 4)
					require.LessOrEqual(t, r.Cost.BytesReceived, 3<<20)
					require.Zero(t, network.Counts().Open)
				})
			})
		}
	}
}

func frame(t *testing.T, message []byte) []byte {
	t.Helper()
	b, err := appendFrame(message)
	require.NoError(t, err)
	return b
}

// Connections that do not come about have their outcome too, and a dead target costs one connection at level quick.
func TestOutcomesOfDialing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := smbtest.NewNetwork(smbtest.Path{})
		network.Blackhole("192.0.2.9:445")
		s := fingerprint.Scanner{Level: fingerprint.LevelQuick, Dial: network.Dial, Timeout: timeout}

		r, err := s.Scan(t.Context(), "192.0.2.8")
		require.NoError(t, err)
		require.Equal(t, report.OutcomeRefused, r.Outcome)
		require.Equal(t, 1, r.Cost.Connections)

		start := time.Now()
		r, err = s.Scan(t.Context(), "192.0.2.9")
		require.NoError(t, err)
		require.Equal(t, report.OutcomeTimedOut, r.Outcome)
		require.LessOrEqual(t, time.Since(start), timeout+slack)
		require.Equal(t, 1, r.Cost.Connections)

		s.DialTimeout = 300 * time.Millisecond
		start = time.Now()
		_, err = s.Scan(t.Context(), "192.0.2.9")
		require.NoError(t, err)
		require.LessOrEqual(t, time.Since(start), 300*time.Millisecond+slack)
	})
}

// An ended context comes back as an error with its cause, with a report of what was learnt.
func TestContext(t *testing.T) {
	cause := errors.New("the user has left")
	t.Run("ended before", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		network := smbtest.NewNetwork(smbtest.Path{})
		s := fingerprint.Scanner{Dial: network.Dial}
		r, err := s.Scan(ctx, address)
		require.ErrorIs(t, err, cause)
		require.Equal(t, report.OutcomeCanceled, r.Outcome)
		require.Equal(t, address, r.Target)
		require.Zero(t, network.Counts().Dials)
	})
	t.Run("ended while reading", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			network := smbtest.NewNetwork(smbtest.Path{})
			l, err := network.Listen(address)
			require.NoError(t, err)
			defer smbtest.Serve(l, smbtest.Silent)()
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			time.AfterFunc(time.Second, func() { cancel(cause) })
			start := time.Now()
			s := fingerprint.Scanner{Level: fingerprint.LevelQuick, Dial: network.Dial, Timeout: time.Minute}
			r, err := s.Scan(ctx, address)
			require.ErrorIs(t, err, cause)
			require.Equal(t, report.OutcomeCanceled, r.Outcome)
			require.LessOrEqual(t, time.Since(start), time.Second+slack)
			require.Len(t, r.Probes, 1)
			require.Equal(t, report.ResultNotTested, r.Probes[0].Result)
		})
	})
	t.Run("the caller's deadline", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			network := smbtest.NewNetwork(smbtest.Path{})
			l, err := network.Listen(address)
			require.NoError(t, err)
			defer smbtest.Serve(l, smbtest.Silent)()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			s := fingerprint.Scanner{Level: fingerprint.LevelQuick, Dial: network.Dial, Timeout: time.Minute}
			r, err := s.Scan(ctx, address)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.NotEqual(t, report.OutcomeSMB, r.Outcome)
		})
	})
	t.Run("after the first answer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			dialogues := smb2Dialogues(t)
			server := smbtest.NewReplay(dialogues)
			network := smbtest.NewNetwork(smbtest.Path{})
			l, err := network.Listen(address)
			require.NoError(t, err)
			defer smbtest.Serve(l, func(conn net.Conn) { server.Handle(&mute{Conn: conn, after: 1}) })()
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			time.AfterFunc(time.Second, func() { cancel(cause) })
			s := fingerprint.Scanner{Level: fingerprint.LevelQuick, Dial: network.Dial, Timeout: time.Minute}
			r, err := s.Scan(ctx, address)
			require.ErrorIs(t, err, cause)
			require.Equal(t, report.OutcomeSMB, r.Outcome)
			require.Contains(t, r.Reason, "ntlm-challenge")
			require.Equal(t, report.Yes, r.Dialects["3.1.1"])
			require.Equal(t, report.Unknown, r.NTLM.Challenge)
		})
	})
}

// mute lets a number of writes through and swallows the others.
type mute struct {
	net.Conn
	after int
}

func (m *mute) Write(b []byte) (int, error) {
	if m.after--; m.after < 0 {
		return len(b), nil
	}
	return m.Conn.Write(b)
}

// The caller's connection is not closed, has no deadline afterwards and tells one dialect.
func TestScanConn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := smbtest.Pipe(smbtest.Path{})
		handled := make(chan struct{})
		go func() {
			defer close(handled)
			smbtest.NewReplay(smb2Dialogues(t)).Handle(server)
		}()
		s := fingerprint.Scanner{Timeout: timeout}
		r, err := s.ScanConn(t.Context(), client)
		require.NoError(t, err)
		require.Equal(t, report.OutcomeSMB, r.Outcome)
		require.Equal(t, report.Yes, r.Dialects["3.1.1"])
		require.Equal(t, report.Unknown, r.Dialects["NT LM 0.12"])
		require.Equal(t, 1, r.Cost.Connections)

		time.Sleep(2 * timeout) // a deadline left behind would be over now
		_, err = client.Write([]byte{0x85, 0, 0, 0})
		require.NoError(t, err, "the connection was closed or has a deadline")
		require.NoError(t, client.Close())
		<-handled
	})
}

// Cancelling ScanConn gives the connection back without the deadline that interrupted it.
func TestScanConnCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := smbtest.Pipe(smbtest.Path{})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		var s fingerprint.Scanner
		r, err := s.ScanConn(ctx, client)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, report.OutcomeCanceled, r.Outcome)
		_, err = server.Write([]byte("x"))
		require.NoError(t, err)
		n, err := client.Read(make([]byte, 1))
		require.NoError(t, err, "the interrupting deadline is still there")
		require.Equal(t, 1, n)
		require.NoError(t, errors.Join(client.Close(), server.Close()))
	})
}

// What cannot be scanned is an error that can be matched, with a report that is not nil.
func TestInvalid(t *testing.T) {
	var s fingerprint.Scanner
	for _, target := range []string{"", ":445", "host:", "host:0", "host:65536", "a b", "[::1", "[host]:445", "1.2.3.4.5", "bad\x1b[31mname", "-json", "a.-b", "fe80::1%\x1b[31m", "[fe80::1%e h]:445"} {
		r, err := s.Scan(t.Context(), target)
		require.ErrorIs(t, err, fingerprint.ErrTarget, "%q", target)
		require.NotNil(t, r)
		require.Equal(t, report.OutcomeError, r.Outcome)
		require.NotContains(t, err.Error(), "\x1b")
	}
	for _, bad := range []fingerprint.Scanner{{Level: "thorough"}, {Timeout: -1}, {DialTimeout: -1}} {
		r, err := bad.Scan(t.Context(), address)
		require.ErrorIs(t, err, fingerprint.ErrConfig)
		require.NotNil(t, r)
	}
	r, err := s.ScanConn(t.Context(), nil)
	require.ErrorIs(t, err, fingerprint.ErrConfig)
	require.NotNil(t, r)
}

// Bytes that cannot be drawn end the scan with an error of the scanner.
func TestRandFails(t *testing.T) {
	s := fixed(serve(t, smbtest.Path{}, smbtest.Silent))
	s.Rand = failing{}
	r, err := s.Scan(t.Context(), address)
	require.ErrorIs(t, err, fingerprint.ErrConfig)
	require.ErrorIs(t, err, errNoEntropy)
	require.NotNil(t, r)
}

var errNoEntropy = errors.New("no entropy")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errNoEntropy }

// Names go to the caller's dialer as they are; no address is claimed for them.
func TestDialGetsNames(t *testing.T) {
	var asked []string
	s := fingerprint.Scanner{Level: fingerprint.LevelQuick, Dial: func(_ context.Context, network, address string) (net.Conn, error) {
		asked = append(asked, network+" "+address)
		return nil, errors.New("no way")
	}}
	r, err := s.Scan(t.Context(), "files.example.com")
	require.NoError(t, err)
	require.Equal(t, []string{"tcp files.example.com:445"}, asked)
	require.Equal(t, report.OutcomeError, r.Outcome)
	require.Equal(t, []report.Transport{{Transport: string(dialogue.DirectTCP), Port: 445, Outcome: report.OutcomeError}}, r.Transports)

	asked, s.Ports = nil, []uint16{8445}
	for _, target := range []string{"files", "files:139", "::1", "[fe80::1%eth0]:446", "192.0.2.1"} {
		_, err = s.Scan(t.Context(), target)
		require.NoError(t, err)
	}
	require.Equal(t, []string{
		"tcp files:8445", "tcp files:139", "tcp [::1]:8445", "tcp [fe80::1%eth0]:446", "tcp 192.0.2.1:8445",
	}, asked)
}
