package verdict_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

func TestCost(t *testing.T) {
	a, c, s, n := all(t), conservative(t), smb1(t), nt(t, 4, nil)
	r := of(t, conn(1, closed, a), conn(2, closed, c), conn(3, done, s, n))
	sent := len(a.Data) + len(c.Data) + len(s.Data) + 3*4
	require.Equal(t, report.Cost{
		Connections: 3, Requests: 3, Repeats: 1, BytesSent: sent, BytesReceived: len(n.Data) + 4,
	}, r.Cost)

	require.Equal(t, 1, of(t, conn(1, done, a, refusesSMB2(t, 0xC000000D)), conn(2, done, c, takes(t, smb.DialectSMB311))).Cost.Repeats,
		"the conservative offer repeats the all-offer, whatever became of that")
	require.Zero(t, of(t, failed(1, dialogue.EndUnresolved, "no such host")).Cost.Connections, "nothing was dialled")
	require.Equal(t, 1, of(t, failed(1, dialogue.EndRefused, "refused")).Cost.Connections)
}

// Messages of type 3 are authentications, and those that name a user are logon attempts.
func TestAuthentications(t *testing.T) {
	user := ntlmssp.Authenticate{UserName: []byte("user"), NtChallengeResponse: make([]byte, 24), Flags: ntlmssp.FlagNegotiateOEM}
	anonymous := build(t, ntlmssp.AnonymousAuthenticate(ntlmssp.FlagNegotiateUnicode))
	old := ask("old", build(t, smb.SMB1SessionSetupRequest{
		Header: smb.SMB1Header{Command: smb.SMB1SessionSetupAndX}, WordCount: smb.SetupWordsExtended,
		AndXCommand: smb.SMB1NoFurtherCommand, VcNumber: 1, SecurityBlob: build(t, user),
	}))
	tests := map[string]struct {
		frame           dialogue.Frame
		authentications int
		logons          int
		sent            string
	}{
		"type 1":    {setup(t, type1(t)), 0, 0, "SMB2 SESSION_SETUP with an NTLM negotiate message"},
		"anonymous": {setup(t, inResp(t, anonymous)), 1, 0, "SMB2 SESSION_SETUP with an NTLM authenticate message"},
		"a user":    {setup(t, inResp(t, build(t, user))), 1, 1, "SMB2 SESSION_SETUP with an NTLM authenticate message"},
		"raw":       {setup(t, build(t, user)), 1, 1, "SMB2 SESSION_SETUP with an NTLM authenticate message"},
		"in SMB1":   {old, 1, 1, "SMB_COM_SESSION_SETUP_ANDX with an NTLM authenticate message"},
		"cut":       {setup(t, build(t, user)[:20]), 1, 0, "SMB2 SESSION_SETUP with an NTLM authenticate message"},
		"Kerberos":  {setup(t, []byte{0x60, 2, 1, 2}), 0, 0, "SMB2 SESSION_SETUP"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := of(t, conn(1, done, all(t), takes(t, smb.DialectSMB311), tt.frame))
			require.Equal(t, tt.authentications, r.Cost.Authentications)
			require.Equal(t, tt.logons, r.Cost.LogonAttempts)
			require.Equal(t, tt.sent, r.Probes[1].Sent)
		})
	}
}

// The report owns its memory: it stays as it is when every byte of the dialogues changes.
func TestOwnership(t *testing.T) {
	talks := []*dialogue.Dialogue{
		talk(t, setupAnswer(t, inResp(t, challenge(t)))), conn(2, done, smb1(t), nt(t, 4, nil)),
		conn(3, done, smb1(t), lanman(t, 2, nil)),
	}
	for _, raw := range []bool{false, true} {
		r := verdict.Of(talks, verdict.Options{Raw: raw})
		before, err := json.Marshal(r)
		require.NoError(t, err)
		var kept [][]byte
		for _, d := range talks {
			for _, f := range d.Frames {
				kept = append(kept, append([]byte{}, f.Data...))
				for i := range f.Data {
					f.Data[i] ^= 0xDB
				}
			}
		}
		after, err := json.Marshal(r)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after))
		for _, d := range talks {
			for _, f := range d.Frames {
				copy(f.Data, kept[0])
				kept = kept[1:]
			}
		}
	}
}

func TestRaw(t *testing.T) {
	r := verdict.Of([]*dialogue.Dialogue{conn(1, closed, ask("x", []byte{0xFE, 'S', 'M', 'B'}), got([]byte{0xFE, 'S', 'M', 'B', 0xAB}))}, verdict.Options{Raw: true})
	require.Equal(t, []string{"fe534d42", "fe534d42ab"}, []string{r.Probes[0].Request, r.Probes[0].Response})
}

func TestDuration(t *testing.T) {
	long, short := conn(1, done, all(t), takes(t, smb.DialectSMB311)), conn(2, done, smb1(t), none(t))
	long.Ended = noon.Add(time.Minute) // beside the second
	require.InDelta(t, 60000, of(t, long, short).DurationMS, 1e-9)
	require.Zero(t, of(t, &dialogue.Dialogue{Started: noon}).DurationMS)
}
