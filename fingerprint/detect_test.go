package fingerprint_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
)

// Each detector fills its part and nothing else, says what the whole scan says, and spends less.
func TestDetectors(t *testing.T) {
	for _, name := range recorded(t) {
		if recordedReport(t, name).Cost.Repeats > 1 {
			continue // the replay of a busy server depends on how often it was asked
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := serve(t, smbtest.Path{}, replay(t, name).Handle)
				whole := scan(t, fixed(network))
				s := fixed(network)

				dialects, err := s.DetectDialects(t.Context(), address)
				require.NoError(t, err)
				require.Equal(t, whole.Dialects, dialects.Dialects)
				require.Equal(t, whole.PreferredDialect, dialects.PreferredDialect)
				require.Equal(t, whole.Negotiated, dialects.Negotiated)
				if whole.NTLM.Challenge.Known() { // else there is nothing that the detector leaves out
					require.Less(t, dialects.Cost.Requests, whole.Cost.Requests)
				}
				requireOnly(t, dialects, "/dialects/")
				require.Nil(t, dialects.NTLM)
				require.Nil(t, dialects.Signing)

				smb1, err := s.DetectSMB1(t.Context(), address)
				require.NoError(t, err)
				require.Equal(t, whole.SMB1.Supported, smb1.SMB1.Supported)
				require.Equal(t, whole.SMB1.NativeLANManager, smb1.SMB1.NativeLANManager)
				require.Equal(t, 1, smb1.Cost.Connections)
				requireOnly(t, smb1, "/smb1/", "/dialects/")
				require.NotContains(t, smb1.Dialects, "3.1.1")
				require.Nil(t, smb1.Signing)

				signing, err := s.DetectSigning(t.Context(), address)
				require.NoError(t, err)
				require.Equal(t, whole.Signing.SMB1, signing.Signing.SMB1)
				require.Equal(t, whole.Signing.SMB2, signing.Signing.SMB2)
				require.LessOrEqual(t, signing.Cost.Connections, 3)
				requireOnly(t, signing, "/signing/")
				require.Nil(t, signing.Dialects)
			})
		})
	}
}

// requireOnly checks that a report's evidence lies under some paths, and that all of its probes are told.
func requireOnly(t *testing.T, r *fingerprint.Report, prefixes ...string) {
	t.Helper()
	require.NotEmpty(t, r.Evidence)
	for path := range r.Evidence {
		require.Condition(t, func() bool {
			for _, prefix := range prefixes {
				if len(path) > len(prefix) && path[:len(prefix)] == prefix {
					return true
				}
			}
			return false
		}, path)
	}
	require.Len(t, r.Probes, r.Cost.Requests)
	require.Zero(t, r.Cost.Authentications)
}

// A server that drops SMB1 and takes SMB2 has no SMB1: so do Windows servers without it. One that answers nothing else
// may be busy.
func TestDetectSMB1(t *testing.T) {
	tests := map[string]struct {
		server      scripted
		supported   report.Answer
		connections int
	}{
		"taken":             {scripted{smb2: smb.Dialects(), smb1: "take"}, report.Yes, 1},
		"refused":           {scripted{smb2: smb.Dialects(), smb1: "refuse"}, report.No, 1},
		"closed":            {scripted{smb2: smb.Dialects(), smb1: "close"}, report.No, 4},
		"reset":             {scripted{smb2: smb.Dialects(), smb1: "reset"}, report.No, 4},
		"closed, old SMB2":  {scripted{smb2: smb.Dialects()[:1], smb1: "close"}, report.No, 4},
		"closed, no SMB2":   {scripted{smb1: "close"}, report.Unknown, 2},
		"refused, no SMB2":  {scripted{smb1: "refuse"}, report.No, 1},
		"taken, no SMB2":    {scripted{smb1: "take"}, report.Yes, 1},
		"reset, even older": {scripted{smb1: "reset"}, report.Unknown, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tt.server.t = t
				s := fixed(serve(t, smbtest.Path{}, tt.server.handle))
				r, err := s.DetectSMB1(t.Context(), address)
				require.NoError(t, err)
				require.Equal(t, tt.connections, r.Cost.Connections)
				require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
				require.Equal(t, tt.supported, r.SMB1.Supported, "%+v", r.Evidence)

				whole := scan(t, fixed(serve(t, smbtest.Path{}, tt.server.handle)))
				if tt.supported != report.Unknown {
					require.Equal(t, tt.supported, whole.SMB1.Supported, "level standard says the same")
				}
			})
		})
	}
}

// Detectors refuse what Scan refuses, and what makes no sense.
func TestDetectInvalid(t *testing.T) {
	bad := fingerprint.Scanner{Timeout: -1}
	none := fingerprint.Scanner{NoSMB1: true}
	_, err := bad.DetectDialects(t.Context(), address)
	require.ErrorIs(t, err, fingerprint.ErrConfig)
	_, err = bad.DetectSigning(t.Context(), address)
	require.ErrorIs(t, err, fingerprint.ErrConfig)
	r, err := none.DetectSMB1(t.Context(), address)
	require.ErrorIs(t, err, fingerprint.ErrConfig)
	require.NotNil(t, r)
	r, err = none.DetectDialects(t.Context(), "a b")
	require.ErrorIs(t, err, fingerprint.ErrTarget)
	require.NotNil(t, r)
}

// Windows without SMB1 drops the SMB1 question. Level standard then goes on one connection at a time, asks again and
// makes sure: two connections more than where SMB1 is answered, and a pause.
func TestServerThatDropsSMB1(t *testing.T) {
	const roundTrip = 50 * time.Millisecond
	path := smbtest.Path{Up: smbtest.Link{Latency: roundTrip / 2}, Down: smbtest.Link{Latency: roundTrip / 2}}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		r := scan(t, fixed(serve(t, path, scripted{t: t, smb2: smb.Dialects(), smb1: "close"}.handle)))
		require.Equal(t, report.No, r.SMB1.Supported)
		require.Equal(t, report.Yes, r.SMB1.UpgradeToSMB2)
		for _, d := range smb.Dialects() {
			require.Equal(t, report.Yes, r.Dialects[d.String()])
		}
		require.Empty(t, r.Reason)
		require.Equal(t, 9, r.Cost.Connections)
		require.Equal(t, 1, r.Cost.Repeats)
		require.LessOrEqual(t, time.Since(start), 16*roundTrip+100*time.Millisecond)
	})
}
