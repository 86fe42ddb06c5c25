//go:build linux

package livetest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// scan scans a real server.
func scan(t testing.TB, target string, level fingerprint.Level) *report.Report {
	t.Helper()
	s := fingerprint.Scanner{Level: level}
	r, err := s.Scan(context.Background(), target)
	require.NoError(t, err)
	return r
}

// The answers that level quick can know of servers that prefer 3.1.1, by what smb.conf says.
func TestScanOfSMB3(t *testing.T) {
	for _, name := range []string{"A", "B"} {
		t.Run(name, func(t *testing.T) {
			server := startSetup(t, name)
			for _, port := range []int{445, 8445} {
				r := scan(t, server.At(port), fingerprint.LevelQuick)
				require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
				require.Equal(t, report.Cost{
					Connections: 1, Requests: 2, BytesSent: r.Cost.BytesSent, BytesReceived: r.Cost.BytesReceived,
				}, r.Cost)
				require.Equal(t, "3.1.1", r.PreferredDialect)
				require.Equal(t, report.Yes, r.Dialects["3.1.1"])
				for _, other := range []string{"2.0.2", "2.1", "3.0", "3.0.2", smb.DialectNTLM012, smb.DialectLANMAN10} {
					require.Equal(t, report.Unknown, r.Dialects[other], "one answer says nothing of %s", other)
				}
				require.Equal(t, report.Unknown, r.SMB1.Supported)

				require.Len(t, r.Negotiated, 1)
				n := r.Negotiated[0]
				require.Equal(t, []string{"SMB2_NEGOTIATE_SIGNING_ENABLED"}, n.SecurityMode)
				require.EqualValues(t, 8<<20, n.MaxReadSize)
				require.EqualValues(t, 8<<20, n.MaxWriteSize)
				require.EqualValues(t, 8<<20, n.MaxTransactSize)

				require.Equal(t, report.Yes, r.Signing.SMB2.Enabled)
				require.Equal(t, report.No, r.Signing.SMB2.Required)
				require.Equal(t, "3.1.1", r.Signing.SMB2.Dialect)
				require.Equal(t, report.Unknown, r.Signing.SMB1.Enabled)
				require.Equal(t, report.Yes, r.Encryption.Supported)
				require.Equal(t, report.Yes, r.Encryption.Ciphers[negotiate.CipherAES128GCM.String()].Answer)
				require.Equal(t, report.Unknown, r.Encryption.Ciphers[negotiate.CipherAES256GCM.String()].Answer)
				require.Equal(t, report.No, r.Compression.Supported)

				requireSambaNames(t, r, "LAB-"+name)
				require.Equal(t, report.TimeSMB2, r.SystemTimeSource)
				require.True(t, r.ServerStartTime.IsZero(), "Samba does not tell when it started")
			}
		})
	}
}

// The answers that level quick can know of a server that takes SMB1 alone.
func TestScanOfSMB1(t *testing.T) {
	server := startSetup(t, "F")
	for _, port := range []int{445, 8445} {
		r := scan(t, server.At(port), fingerprint.LevelQuick)
		require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
		require.Equal(t, 3, r.Cost.Connections)
		require.LessOrEqual(t, r.Cost.Requests, 4)
		require.Zero(t, r.Cost.Authentications)
		for _, d := range smb.Dialects() {
			require.Equal(t, report.No, r.Dialects[d.String()], d)
		}
		require.Equal(t, report.Yes, r.Dialects[smb.DialectNTLM012])
		require.Equal(t, report.Unknown, r.Dialects[smb.DialectLANMAN10])
		require.Equal(t, report.Yes, r.SMB1.Supported)
		require.Equal(t, "user", r.SMB1.SecurityLevel)
		require.Equal(t, report.Yes, r.SMB1.ChallengeResponse)
		require.Equal(t, report.Yes, r.SMB1.ExtendedSecurity)
		require.Equal(t, "Windows 6.1", r.SMB1.NativeOS)
		require.Contains(t, r.SMB1.NativeLANManager, "Samba 4.")
		require.Equal(t, report.No, r.Signing.SMB1.Required)
		require.Equal(t, report.No, r.Encryption.Supported)
		requireSambaNames(t, r, "LAB-F")
		require.Equal(t, report.TimeSMB1, r.SystemTimeSource)
	}
}

func requireSambaNames(t *testing.T, r *report.Report, name string) {
	t.Helper()
	require.Equal(t, strings.ToLower(name), r.ServerGUIDText)
	require.Equal(t, report.Yes, r.NTLM.Listed)
	require.Equal(t, report.Yes, r.NTLM.Challenge)
	require.Equal(t, name, r.NTLM.TargetName)
	require.Equal(t, "server", r.NTLM.TargetType)
	require.Equal(t, name, r.NTLM.NetBIOSComputer)
	require.Equal(t, &report.NTLMVersion{Major: 6, Minor: 1, Revision: 15}, r.NTLM.Version)
	require.Equal(t, "NegTokenInit2", r.SPNEGO.Form)
	require.Equal(t, "not_defined_in_RFC4178@please_ignore", r.SPNEGO.Hint)
	require.Len(t, r.SPNEGO.Mechanisms, 1)
	require.NotNil(t, r.ClockSkewMS)
	// The same machine's clock: what is read must lie within the bound that is claimed, twice over for the scheduler.
	require.InDelta(t, 0, *r.ClockSkewMS, 2**r.ClockSkewErrorMS)
	require.Empty(t, r.Anomalies)
}

// impacket's server is a stranger's code with an invented GUID and version.
func TestScanOfImpacket(t *testing.T) {
	t.Run("SMB2", func(t *testing.T) {
		r := scan(t, startImpacket(t, "-smb2support").Target(), fingerprint.LevelQuick)
		require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
		require.Equal(t, "2.0.2", r.PreferredDialect)
		for _, d := range []string{"2.1", "3.0", "3.0.2", "3.1.1"} {
			require.Equal(t, report.No, r.Dialects[d])
		}
		require.Equal(t, report.Unknown, r.SMB1.Supported)
		require.Equal(t, report.No, r.Encryption.Supported, "only 3.x encrypts")
		require.Equal(t, report.No, r.Signing.SMB2.Required)
		require.Empty(t, r.ServerGUIDText, "sixteen times A is no name")
		require.NotEmpty(t, r.Anomalies)
		require.Equal(t, report.Yes, r.NTLM.Challenge)
		require.LessOrEqual(t, r.Cost.Connections, 1)
	})
	t.Run("SMB1", func(t *testing.T) {
		r := scan(t, startImpacket(t).Target(), fingerprint.LevelQuick)
		require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
		require.Empty(t, r.PreferredDialect)
		require.Equal(t, report.Yes, r.Dialects[smb.DialectNTLM012])
		require.Equal(t, report.Yes, r.SMB1.Supported)
		require.LessOrEqual(t, r.Cost.Connections, 3)
	})
}

// Hosts that are no SMB server have their outcome within the time-out.
func TestScanOfOthers(t *testing.T) {
	const timeout = 2 * time.Second
	tests := map[string]struct {
		target  func(testing.TB) string
		outcome report.Outcome
	}{
		"closed port":   {closedPort, report.OutcomeRefused},
		"silent":        {silentListener, report.OutcomeTimedOut},
		"web server":    {httpServer, report.OutcomeNotSMB},
		"drops packets": {darkHost, report.OutcomeTimedOut},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			target := tt.target(t)
			s := fingerprint.Scanner{Timeout: timeout}
			start := time.Now()
			r, err := s.Scan(context.Background(), target)
			require.NoError(t, err)
			require.Equal(t, tt.outcome, r.Outcome, r.Reason)
			// The contract is 100 ms; a machine that runs other tests beside this one is given more.
			require.Less(t, time.Since(start), timeout+time.Second)
			if tt.outcome == report.OutcomeNotSMB {
				require.Equal(t, "http", r.ProtocolGuess)
				require.Less(t, time.Since(start), timeout/2, "the empty line in the salt makes it answer")
			}
		})
	}
}

// Two hundred scans, thirty-two at a time, against one server: none stalls, because each connection has a GUID of its
// own. Samba hands connections that share one to one process, which then takes ten seconds for some.
func TestScanManyTimes(t *testing.T) {
	const scans, atOnce = 200, 32
	server := startSetup(t, "A")
	s := fingerprint.Scanner{Level: fingerprint.LevelQuick}
	durations := make([]time.Duration, scans)
	outcomes := make([]*report.Report, scans)
	work := make(chan int)
	var group sync.WaitGroup
	for range atOnce {
		group.Go(func() {
			for i := range work {
				start := time.Now()
				r, err := s.Scan(context.Background(), server.Target())
				durations[i] = time.Since(start)
				if err == nil {
					outcomes[i] = r
				}
			}
		})
	}
	for i := range scans {
		work <- i
	}
	close(work)
	group.Wait()
	slowest := time.Duration(0)
	for i, r := range outcomes {
		require.NotNil(t, r)
		require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
		require.Equal(t, report.Yes, r.NTLM.Challenge, "scan %d: %s", i, r.Reason)
		require.Equal(t, 1, r.Cost.Connections)
		slowest = max(slowest, durations[i])
	}
	t.Logf("the slowest of %d scans took %v", scans, slowest)
}
