package fingerprint_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// actAt makes a server do something at a step. Nothing but the checks logs on where nothing else was asked for.
func actAt(step string, action smbtest.PipeAction) func(smbtest.PipeRequest) smbtest.PipeAction {
	return func(r smbtest.PipeRequest) smbtest.PipeAction {
		if r.Step == step {
			return action
		}
		return smbtest.PipeAction{}
	}
}

// checksOf scans a server with Checks, and returns the report and the dialogues. The report of the dialogues is the same.
func checksOf(t *testing.T, handle *smbtest.WeakServer, edit func(*fingerprint.Scanner)) (*fingerprint.Report, []*dialogue.Dialogue) {
	t.Helper()
	s := fixed(serve(t, smbtest.Path{}, handle.Handle))
	s.Checks = true
	var dialogues []*dialogue.Dialogue
	s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
	if edit != nil {
		edit(s)
	}
	r := scan(t, s)
	observed := fingerprint.Observe(dialogues)
	require.Len(t, observed, 1)
	require.Equal(t, text(t, r), text(t, observed[0]))
	return r, dialogues
}

// What was recorded of a server with the implant replays as it, although its answer has a message id of its own.
func TestChecksReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, dialogues := checksOf(t, &smbtest.WeakServer{Peek: dtyp.StatusInsuffServerResources, Implant: true}, nil)
		replay := smbtest.NewReplay(dialogues)
		s := fixed(serve(t, smbtest.Path{}, replay.Handle))
		s.Checks = true
		again := scan(t, s)
		require.Empty(t, replay.Unmatched())
		require.Equal(t, r.Checks, again.Checks)
		require.Equal(t, report.Yes, again.Checks[1].Answer)
	})
}

// What the connection of the checks carries, byte for byte as far as it is ours: six messages, and nothing else.
func TestChecksSend(t *testing.T) {
	for name, extended := range map[string]bool{"extended": true, "plain": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &smbtest.WeakServer{NotExtended: !extended, Dialects: smb.Dialects()}
				_, dialogues := checksOf(t, server, nil)
				last := dialogues[len(dialogues)-1]
				for _, d := range dialogues[:len(dialogues)-1] {
					requireNothingOfChecks(t, d)
				}
				var sent []dialogue.Frame
				for _, f := range last.Frames {
					if f.Sent {
						sent = append(sent, f)
					}
				}
				want := []string{"check-negotiate", "check-challenge", "check-session", "check-ipc", "check-ms17-010", "check-doublepulsar"}
				if !extended {
					want = append(want[:1], want[2:]...)
				}
				var probes []string
				headers := map[string]smb.SMB1Header{}
				for _, f := range sent {
					h, err := smb.ParseSMB1Header(f.Data)
					require.NoError(t, err)
					probes, headers[f.Probe] = append(probes, f.Probe), h
				}
				require.Equal(t, want, probes)

				offer, err := negotiate.ParseSMB1Request(sent[0].Data)
				require.NoError(t, err)
				require.Equal(t, []string{smb.DialectNTLM012}, offer.Dialects)
				require.NotZero(t, offer.Header.Flags2&smb.SMB1Flags2ExtendedSecurity)
				requireNobody(t, sent[len(sent)-4].Data, extended)
				connect, err := smb.ParseSMB1TreeConnectRequest(sent[len(sent)-3].Data)
				require.NoError(t, err)
				require.True(t, strings.HasSuffix(connect.Header.Text(connect.Path), `\IPC$`))

				peek, err := smb.ParseSMB1TransactionRequest(sent[len(sent)-2].Data)
				require.NoError(t, err)
				require.Equal(t, smb.SMB1TransactionRequest{
					Header: headers["check-ms17-010"], MaxParameterCount: 0xFFFF, MaxDataCount: 0xFFFF, Setup: smb.SMB1PeekNMPipe(0),
					ParameterOffset: uint16(len(sent[len(sent)-2].Data)), DataOffset: uint16(len(sent[len(sent)-2].Data)),
					Name: peek.Header.Encode(smb.SMB1PipeName),
				}, peek)
				ping, err := smb.ParseSMB1Transaction2Request(sent[len(sent)-1].Data)
				require.NoError(t, err)
				require.Equal(t, smb.SMB1Transaction2Request{
					Header: headers["check-doublepulsar"], TotalParameterCount: 12, MaxParameterCount: 1, Timeout: 10803622, // as nmap sends
					Setup: smb.SMB1Trans2Setup(smb.SMB1Trans2SessionSetup), Name: []byte{0}, Parameters: make([]byte, 12),
				}, ping)
				require.Equal(t, uint16(65), ping.Header.MID)
				require.Equal(t, peek.Header.TID, ping.Header.TID)
				require.NotZero(t, ping.Header.UID)
			})
		})
	}
}

// requireNobody checks that a logon names nobody and proves nothing.
func requireNobody(t *testing.T, message []byte, extended bool) {
	t.Helper()
	setup, err := smb.ParseSMB1SessionSetupRequest(message)
	require.NoError(t, err)
	if !extended {
		require.Empty(t, setup.AccountName)
		require.Empty(t, setup.NTPassword)
		require.Equal(t, []byte{0}, setup.OEMPassword)
		return
	}
	token, err := spnego.ParseNegTokenResp(setup.SecurityBlob)
	require.NoError(t, err)
	m, err := ntlmssp.ParseAuthenticate(token.ResponseToken)
	require.NoError(t, err)
	require.True(t, m.IsAnonymous())
}

// requireNothingOfChecks checks that a dialogue holds neither a logon nor anything behind one.
func requireNothingOfChecks(t *testing.T, d *dialogue.Dialogue) {
	t.Helper()
	for _, f := range d.Frames {
		if !f.Sent {
			continue
		}
		require.NotContains(t, f.Probe, "check-")
		require.NotContains(t, string(f.Data), "NTLMSSP\x00\x03")
		if h, err := smb.ParseSMB1Header(f.Data); err == nil {
			require.Contains(t, []smb.SMB1Command{smb.SMB1Negotiate, smb.SMB1SessionSetupAndX}, h.Command)
		} else {
			h, err := smb.ParseSMB2Header(f.Data)
			require.NoError(t, err)
			require.Contains(t, []smb.SMB2Command{smb.SMB2Negotiate, smb.SMB2SessionSetup}, h.Command)
		}
	}
}

// Unasked, nothing of it is sent at any level, nor by what asks for something else; and what is said otherwise of a server is
// the same with it and without it.
func TestChecksOnlyWhenAsked(t *testing.T) {
	for _, level := range fingerprint.Levels() {
		for _, plain := range []bool{false, true} { // where there is no challenge, only a logon tells the native strings
			t.Run(fmt.Sprint(level, plain), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { requireChecksAsked(t, level, plain) })
			})
		}
	}
}

func requireChecksAsked(t *testing.T, level fingerprint.Level, plain bool) {
	t.Helper()
	server := &smbtest.WeakServer{
		Peek: dtyp.StatusInsuffServerResources, Implant: true, Dialects: smb.Dialects(), NotExtended: plain,
	}
	s := fixed(serve(t, smbtest.Path{}, server.Handle))
	s.Level = level
	s.Dialogues = func(d *dialogue.Dialogue) {
		require.False(t, d.Checks)
		requireNothingOfChecks(t, d)
	}
	without := scan(t, s)
	require.Nil(t, without.Checks)
	require.Zero(t, without.Cost.Authentications)

	s.Checks = true
	_, err := s.DetectSMB1(t.Context(), address)
	require.NoError(t, err)
	conn, err := s.Dial(t.Context(), "tcp", address)
	require.NoError(t, err)
	r, err := s.ScanConn(t.Context(), conn)
	require.NoError(t, err)
	require.Nil(t, r.Checks)
	require.NoError(t, conn.Close())
	require.Zero(t, server.Count(smbtest.StepLogon)+server.Count(smbtest.StepConnect)+server.Count(smbtest.StepPeek)+server.Count(smbtest.StepPing))

	if level == fingerprint.LevelQuick {
		return // which learns from the checks that SMB1 is on
	}
	s.Dialogues = nil
	with := scan(t, s)
	require.Equal(t, without.Cost.Connections+1, with.Cost.Connections)
	require.Equal(t, 1, with.Cost.Authentications)
	require.Equal(t, text(t, withoutChecks(without)), text(t, withoutChecks(with)))
}

// withoutChecks leaves out of a report what the checks add to it and when it was.
func withoutChecks(r *fingerprint.Report) *fingerprint.Report {
	rest := *r
	rest.Checks, rest.Cost, rest.Findings, rest.Stack, rest.DurationMS, rest.ObservedAt = nil, report.Cost{}, nil, nil, 0, time.Time{}
	rest.Evidence = map[string][]report.Evidence{}
	for path, list := range r.Evidence {
		for _, e := range list {
			if !strings.HasPrefix(e.Probe, "check-") {
				e.Status, e.Text = "", ""
				rest.Evidence[path] = append(rest.Evidence[path], e)
			}
		}
	}
	rest.Probes = nil
	for _, p := range r.Probes {
		if !strings.HasPrefix(p.ID, "check-") {
			p.DurationMS = 0
			rest.Probes = append(rest.Probes, p)
		}
	}
	return &rest
}

// At LevelQuick the negotiation of the checks counts like any other: it proves that SMB1 is on.
func TestChecksProveSMB1(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &smbtest.WeakServer{Dialects: smb.Dialects()}
		r, _ := checksOf(t, server, func(s *fingerprint.Scanner) { s.Level = fingerprint.LevelQuick })
		require.Equal(t, report.Yes, r.Dialects[smb.DialectNTLM012])
		require.Equal(t, "check-negotiate", r.Evidence["/dialects/NT LM 0.12"][0].Probe)
		require.Equal(t, 2, r.Cost.Connections)
	})
}

// Where SMB1 was asked for and is off, nobody asks again.
func TestChecksSkipped(t *testing.T) {
	for level, want := range map[fingerprint.Level][]string{
		fingerprint.LevelQuick: {"check-negotiate"}, fingerprint.LevelStandard: nil, fingerprint.LevelFull: nil,
	} {
		synctest.Test(t, func(t *testing.T) {
			r, _ := checksOf(t, &smbtest.WeakServer{NoSMB1: true, Dialects: smb.Dialects()}, func(s *fingerprint.Scanner) { s.Level = level })
			require.Equal(t, want, probesBehind(r, "check-"), level)
			require.Equal(t, report.No, r.Dialects[smb.DialectNTLM012], level)
		})
	}
}

// The checks' logon is theirs: beside NullSession it is no attempt more. They are held once, at the first port that takes
// SMB1.
func TestChecksBesideNullSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts []report.SessionAttempt
		for _, checks := range []bool{false, true} {
			server := &smbtest.WeakServer{}
			r, _ := checksOf(t, server, func(s *fingerprint.Scanner) {
				s.NullSession, s.Checks, s.Ports = true, checks, []uint16{445, 8445}
			})
			require.Equal(t, report.Yes, r.NullSession.Session)
			if checks {
				require.Equal(t, attempts, r.NullSession.Attempts)
				require.Equal(t, len(attempts)+1, r.Cost.Authentications)
				require.Equal(t, 1, server.Count(smbtest.StepPeek))
				require.Equal(t, report.No, r.Checks[0].Answer)
			}
			attempts = r.NullSession.Attempts
		}
	})
}

func TestChecksNeedNTLM(t *testing.T) {
	s := fingerprint.Scanner{NoNTLM: true, Checks: true}
	r, err := s.Scan(t.Context(), address)
	require.ErrorIs(t, err, fingerprint.ErrConfig)
	require.Equal(t, report.OutcomeError, r.Outcome)
}

// A server that is no SMB server has nothing to check; one that is silent costs the checks no more than their time.
func TestChecksTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fixed(serve(t, smbtest.Path{}, smbtest.SaysFirst("SSH-2.0-x\r\n")))
		s.Checks = true
		require.Nil(t, scan(t, s).Checks)
	})
	for timeout, want := range map[time.Duration]time.Duration{0: 35 * time.Second, 3 * time.Second: 3 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			server := &smbtest.WeakServer{Step: actAt(smbtest.StepPeek, smbtest.PipeAction{Silent: true})}
			checksOf(t, server, func(s *fingerprint.Scanner) { s.Timeout = timeout })
			require.InDelta(t, want, time.Since(begin), float64(time.Second/10))
		})
	}
}
