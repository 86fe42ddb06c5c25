package fingerprint_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
)

// The tests here are of a machine in trouble, not of a server: whatever fails on our side, a scan ends in its time, says
// what happened, keeps what was learnt before, and concludes nothing about the server from it.

// machineFaults are what the system says when it has no connection to give, and the outcome where there never is one.
var machineFaults = map[string]struct {
	err     error
	outcome report.Outcome
	reason  string
}{
	"no descriptors": {os.NewSyscallError("socket", syscall.EMFILE), report.OutcomeError, syscall.EMFILE.Error()},
	"no files":       {os.NewSyscallError("socket", syscall.ENFILE), report.OutcomeError, syscall.ENFILE.Error()},
	"no ports":       {os.NewSyscallError("connect", syscall.EADDRNOTAVAIL), report.OutcomeError, syscall.EADDRNOTAVAIL.Error()},
	"no buffers":     {os.NewSyscallError("connect", syscall.ENOBUFS), report.OutcomeError, syscall.ENOBUFS.Error()},
	"a firewall":     {os.NewSyscallError("connect", syscall.EACCES), report.OutcomeError, syscall.EACCES.Error()},
	"no network":     {os.NewSyscallError("connect", syscall.ENETUNREACH), report.OutcomeUnreachable, syscall.ENETUNREACH.Error()},
	"no host":        {os.NewSyscallError("connect", syscall.EHOSTUNREACH), report.OutcomeUnreachable, syscall.EHOSTUNREACH.Error()},
}

// everythingAsked is a scan with all that can be asked for, at a server that answers all of it, and at one that takes
// SMB1 alone and has no port more.
func everythingAsked(t *testing.T, network *smbtest.Network, level fingerprint.Level) *fingerprint.Scanner {
	t.Helper()
	s := fixed(network)
	s.Level, s.NullSession, s.GuestMapping, s.Checks, s.Sequential = level, true, true, true, true
	s.Timeout = timeout
	s.Extend = nullsession.Reader{Timeout: timeout}.Read
	return s
}

// talkative is a server for everythingAsked: all dialects, a session for nobody, a pipe that has nothing to say.
func talkative() *smbtest.PipeServer {
	return &smbtest.PipeServer{NTLM012: true, Pipes: []string{"srvsvc"}}
}

// agrees checks that a scan with a fault says nothing that one without it does not.
func agrees(t *testing.T, want, got *fingerprint.Report, what string) {
	t.Helper()
	for d, a := range got.Dialects {
		require.True(t, !a.Known() || a == want.Dialects[d], "%s: %s is %s, and is %s", what, d, a, want.Dialects[d])
	}
	for name, a := range answersOf(got) {
		require.True(t, !a.Known() || a == answersOf(want)[name], "%s: %s is %s, and is %s", what, name, a, answersOf(want)[name])
	}
	requireNoNegativeTime(t, got)
}

// answersOf are answers of a report beside the dialects.
func answersOf(r *fingerprint.Report) map[string]report.Answer {
	all := map[string]report.Answer{}
	if r.SMB1 != nil {
		all["smb1"] = r.SMB1.Supported
	}
	if r.Signing != nil && r.Signing.SMB2 != nil {
		all["signing"] = r.Signing.SMB2.Required
	}
	if r.Encryption != nil {
		all["encryption"] = r.Encryption.Supported
		for name, c := range r.Encryption.Ciphers {
			all[name] = c.Answer
		}
	}
	if n := r.NullSession; n != nil {
		all["null session"], all["ipc"], all["guest"] = n.Session, n.IPC, n.UnknownUserMapsToGuest
	}
	for _, c := range r.Checks {
		all[string(c.ID)] = c.Answer
	}
	return all
}

func requireNoNegativeTime(t *testing.T, r *fingerprint.Report) {
	t.Helper()
	require.GreaterOrEqual(t, r.DurationMS, 0.0)
	for _, p := range r.Probes {
		require.GreaterOrEqual(t, p.DurationMS, 0.0, p.ID)
	}
	if r.ClockSkewErrorMS != nil {
		require.GreaterOrEqual(t, *r.ClockSkewErrorMS, 0.0)
	}
}

// known counts the answers that are yes or no.
func known(r *fingerprint.Report) (n int) {
	for _, a := range r.Dialects {
		if a.Known() {
			n++
		}
	}
	for _, a := range answersOf(r) {
		if a.Known() {
			n++
		}
	}
	return n
}

// A machine that has no connection to give from one dial on, or for one dial: the scan ends at once and tells of it, what
// it knew before is kept, and once there are connections again the next scan with the same Scanner tells all.
func TestDialsThatTheMachineRefuses(t *testing.T) {
	for name, fault := range machineFaults {
		for _, level := range fingerprint.Levels() {
			for _, lasting := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/lasting %v", name, level, lasting), func(t *testing.T) {
					kept := 0
					for n, dials := 1, 1; n <= dials; n++ {
						synctest.Test(t, func(t *testing.T) {
							network := serve(t, smbtest.Path{Down: smbtest.Link{Latency: time.Millisecond}}, talkative().Handle)
							s := everythingAsked(t, network, level)
							want := scan(t, s)
							dials = want.Cost.Connections

							dial, count, broken := s.Dial, 0, true
							s.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
								if count++; broken && (count == n || lasting && count > n) {
									return nil, &net.OpError{Op: "dial", Net: network, Err: fault.err}
								}
								return dial(ctx, network, address)
							}
							start := time.Now()
							r := scan(t, s)
							what := fmt.Sprintf("from dial %d of %d", n, dials)
							require.Less(t, time.Since(start), 2*time.Second, what)
							require.Zero(t, network.Counts().Open, what)
							agrees(t, want, r, what)
							if n == 1 && lasting {
								require.Equal(t, fault.outcome, r.Outcome, r.Reason)
								require.Contains(t, r.Reason, fault.reason)
								require.Nil(t, r.Dialects)
							} else {
								require.Equal(t, report.OutcomeSMB, r.Outcome, what)
							}
							if n > 1 || !lasting {
								require.Contains(t, why(r), fault.reason, what)
							}
							if lasting {
								require.GreaterOrEqual(t, known(r), kept, "%s: an answer was lost", what)
								kept = known(r)
							}
							broken = false
							require.Equal(t, timeless(t, want), timeless(t, scan(t, s)), what)
						})
					}
				})
			}
		}
	}
}
