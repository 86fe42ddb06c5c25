package fingerprint_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/testdata"
)

// The recording of a server that was asked for null sessions at LevelFull, with an invented account.
const nullServer = "samba-4.17.12-null-session"

func probesBehind(r *fingerprint.Report, prefix string) (ids []string) {
	for _, p := range r.Probes {
		if strings.HasPrefix(p.ID, prefix) {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// A null session rides on the negotiations: each dialect has an attempt, and only NT LM 0.12 without extended security
// costs a connection of its own.
func TestNullSessionRides(t *testing.T) {
	tests := map[fingerprint.Level]struct {
		connections int // more than without
		attempts    []string
	}{
		fingerprint.LevelQuick:    {0, []string{"3.1.1"}},
		fingerprint.LevelStandard: {1, []string{"3.1.1", "NT LM 0.12", "2.0.2", "2.1", "3.0", "3.0.2", "NT LM 0.12"}},
	}
	for level, tt := range tests {
		t.Run(string(level), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := fixed(serve(t, smbtest.Path{}, replay(t, nullServer).Handle))
				s.Level = level
				s.NoNTLM = true // what was recorded has no challenge without a logon
				without := scan(t, s)
				require.Nil(t, without.NullSession)
				require.Zero(t, without.Cost.Authentications)

				s.NoNTLM, s.NullSession = false, true
				r := scan(t, s)
				require.Equal(t, without.Cost.Connections+tt.connections, r.Cost.Connections)
				require.Equal(t, len(tt.attempts), r.Cost.Authentications)
				require.Zero(t, r.Cost.LogonAttempts)
				var dialects []string
				for _, a := range r.NullSession.Attempts {
					dialects = append(dialects, a.Dialect)
					require.Equal(t, "STATUS_SUCCESS", a.Status)
					require.Equal(t, "STATUS_SUCCESS", a.IPCStatus)
				}
				require.Equal(t, tt.attempts, dialects)
				require.Equal(t, report.Yes, r.NullSession.Session)
				require.Empty(t, r.NullSession.UnknownUserMapsToGuest, "nobody asked")
			})
		})
	}
}

// An invented account logs on once, with a random name in the server's own domain and nothing that could be a password's.
func TestGuestMapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fixed(serve(t, smbtest.Path{}, replay(t, nullServer).Handle))
		s.Level, s.NullSession, s.GuestMapping = fingerprint.LevelStandard, true, true
		s.Ports = []uint16{445, 8445} // the second one is not asked
		names := map[string]bool{}
		for range 3 {
			var logons []ntlmssp.Authenticate
			s.Dialogues = func(d *dialogue.Dialogue) {
				for _, f := range d.Frames {
					if r, err := smb.ParseSMB2SessionSetupRequest(f.Data); err == nil && f.Probe == "guest-mapping" {
						at := strings.Index(string(r.SecurityBuffer), "NTLMSSP\x00")
						m, err := ntlmssp.ParseAuthenticate(r.SecurityBuffer[at:])
						require.NoError(t, err)
						logons = append(logons, m)
					}
				}
			}
			r := scan(t, s)
			require.Equal(t, report.Yes, r.NullSession.UnknownUserMapsToGuest)
			require.Equal(t, 1, r.Cost.LogonAttempts)
			require.Len(t, logons, 1)
			name := logons[0].Flags.Text(logons[0].UserName)
			require.Regexp(t, `^smbscope-[a-z2-7]{12}$`, name)
			require.Equal(t, r.NTLM.NetBIOSComputer, logons[0].Flags.Text(logons[0].DomainName))
			require.Equal(t, make([]byte, 24), logons[0].LmChallengeResponse)
			proof, err := ntlmssp.ParseNTLMv2Response(logons[0].NtChallengeResponse)
			require.NoError(t, err)
			require.Empty(t, proof.Anomalies)
			require.NotZero(t, proof.Response)
			require.False(t, names[name], "a name twice")
			names[name] = true
		}
	})
}

// A server that drops the connection instead of a challenge has NTLM off: that is said, and is no refusal of a session.
// A refusal that takes two seconds is a refusal.
func TestNullSessionRefusals(t *testing.T) {
	dialogues, err := testdata.Dialogues(nullServer)
	require.NoError(t, err)
	best := *dialogues[0]
	upTo := func(sent int, end dialogue.End) *dialogue.Dialogue {
		d := best
		at := 0
		for i, f := range best.Frames {
			if f.Sent {
				if sent--; sent == 0 {
					at = i + 1
				}
			}
		}
		d.Frames, d.End = slices.Clone(best.Frames[:at]), end
		return &d
	}
	tests := map[string]struct {
		server *dialogue.Dialogue
		path   smbtest.Path
		want   report.Answer
		result report.Result
		names  bool
	}{
		"NTLM off":       {upTo(2, dialogue.EndClosed), smbtest.Path{}, report.Unknown, report.ResultClosed, false},
		"NTLM off, hard": {upTo(2, dialogue.EndReset), smbtest.Path{}, report.Unknown, report.ResultReset, false},
		"logon dropped":  {upTo(3, dialogue.EndClosed), smbtest.Path{}, report.Unknown, report.ResultClosed, true},
		"slow":           {&best, smbtest.Path{Down: smbtest.Link{Latency: 1900 * time.Millisecond}}, report.Yes, report.ResultSupported, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := fixed(serve(t, tt.path, smbtest.NewReplay([]*dialogue.Dialogue{tt.server}).Handle))
				s.Level, s.NullSession = fingerprint.LevelQuick, true
				r := scan(t, s)
				require.Equal(t, report.OutcomeSMB, r.Outcome)
				require.Equal(t, tt.want, r.NullSession.Session)
				require.Len(t, r.NullSession.Attempts, 1)
				require.Equal(t, tt.result, r.NullSession.Attempts[0].Result)
				require.Equal(t, tt.names, r.NTLM.NetBIOSComputer != "", "names come from the server alone")
				if !tt.names {
					require.Contains(t, r.Evidence["/null_session/session"][0].Text, "refuse NTLM")
				}
			})
		})
	}
}

// Detectors and levels that were not asked to log on nobody on.
func TestNobodyLogsOnUnasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fixed(serve(t, smbtest.Path{}, replay(t, nullServer).Handle))
		s.NullSession, s.GuestMapping = true, true
		for _, detect := range []func(context.Context, string) (*fingerprint.Report, error){s.DetectDialects, s.DetectSigning} {
			r, err := detect(t.Context(), address)
			require.NoError(t, err)
			require.Zero(t, r.Cost.Authentications)
			require.Empty(t, probesBehind(r, "null-session"))
			require.Empty(t, probesBehind(r, "guest-mapping"))
		}
	})
}

func TestScanConnNullSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := serve(t, smbtest.Path{}, replay(t, nullServer).Handle)
		s := fixed(network)
		s.NullSession, s.GuestMapping = true, true
		s.Extend = func(context.Context, *fingerprint.Scanner, *fingerprint.Report) error { return errors.New("called") }
		conn, err := network.Dial(t.Context(), "tcp", address)
		require.NoError(t, err)
		r, err := s.ScanConn(t.Context(), conn)
		require.NoError(t, err)
		require.Equal(t, report.Yes, r.NullSession.Session)
		require.Equal(t, 1, r.Cost.Authentications)
		require.NoError(t, conn.Close())
	})
}

// Extend goes on where a scan of an SMB server has ended, and its error is the scan's.
func TestExtend(t *testing.T) {
	failure := errors.New("failure")
	synctest.Test(t, func(t *testing.T) {
		s := fixed(serve(t, smbtest.Path{}, replay(t, nullServer).Handle))
		s.Level, s.NullSession = fingerprint.LevelQuick, true
		called := 0
		s.Extend = func(_ context.Context, by *fingerprint.Scanner, r *fingerprint.Report) error {
			called++
			require.Same(t, s, by)
			require.Equal(t, report.OutcomeSMB, r.Outcome)
			r.Reason = "extended"
			return failure
		}
		r, err := s.Scan(t.Context(), address)
		require.ErrorIs(t, err, failure)
		require.Equal(t, "extended", r.Reason)
		r, err = s.Scan(t.Context(), "192.0.2.1:9")
		require.NoError(t, err)
		require.NotEqual(t, report.OutcomeSMB, r.Outcome)
		require.Equal(t, 1, called, "there is nothing to extend")
	})
}

func TestNullSessionNeedsNTLM(t *testing.T) {
	for _, s := range []fingerprint.Scanner{{NoNTLM: true, NullSession: true}, {NoNTLM: true, GuestMapping: true}} {
		r, err := s.Scan(t.Context(), address)
		require.ErrorIs(t, err, fingerprint.ErrConfig)
		require.Equal(t, report.OutcomeError, r.Outcome)
	}
}
