package verdict_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
)

const evil = "evil \x1b[31m\u202e\xff\r\n"

func TestOutcomes(t *testing.T) {
	cut := raw([]byte{0, 0, 1, 0, 0xFE, 'S', 'M', 'B'})
	keepAlive := dialogue.Frame{Kind: dialogue.Session, Data: []byte{0x85, 0, 0, 0}}
	tests := map[string]struct {
		talks   []*dialogue.Dialogue
		outcome report.Outcome
		reason  string // a part of it
	}{
		"nothing":              {nil, report.OutcomeCanceled, "before it began"},
		"refused":              {[]*dialogue.Dialogue{failed(1, dialogue.EndRefused, evil)}, report.OutcomeRefused, "refused"},
		"unreachable":          {[]*dialogue.Dialogue{failed(1, dialogue.EndUnreachable, evil)}, report.OutcomeUnreachable, `\x1b[31m\u202e`},
		"unresolved":           {[]*dialogue.Dialogue{failed(1, dialogue.EndUnresolved, evil)}, report.OutcomeError, `resolved: evil \x1b`},
		"not in time":          {[]*dialogue.Dialogue{failed(1, dialogue.EndTimeout, "")}, report.OutcomeTimedOut, "no connection"},
		"canceled in the dial": {[]*dialogue.Dialogue{failed(1, dialogue.EndCanceled, "")}, report.OutcomeCanceled, "before an answer"},
		"an error":             {[]*dialogue.Dialogue{failed(1, dialogue.EndError, evil)}, report.OutcomeError, `\x1b`},
		"an error, unnamed":    {[]*dialogue.Dialogue{conn(1, dialogue.EndError, all(t))}, report.OutcomeError, "error"},
		"an end of strangers":  {[]*dialogue.Dialogue{conn(1, evil, all(t))}, report.OutcomeError, `\x1b`},
		"closed":               {[]*dialogue.Dialogue{conn(1, closed, all(t))}, report.OutcomeClosed, "without a byte"},
		"reset":                {[]*dialogue.Dialogue{conn(1, reset, all(t))}, report.OutcomeReset, "without a byte"},
		"silent":               {[]*dialogue.Dialogue{conn(1, dialogue.EndTimeout, all(t))}, report.OutcomeTimedOut, "sent nothing"},
		"canceled":             {[]*dialogue.Dialogue{conn(1, dialogue.EndCanceled, all(t))}, report.OutcomeCanceled, "before an answer"},
		"limit":                {[]*dialogue.Dialogue{conn(1, dialogue.EndLimit, all(t), keepAlive)}, report.OutcomeError, "limit"},
		"cut, in time":         {[]*dialogue.Dialogue{conn(1, dialogue.EndTimeout, all(t), cut)}, report.OutcomeTimedOut, "began to answer"},
		"cut, closed":          {[]*dialogue.Dialogue{conn(1, closed, all(t), cut)}, report.OutcomeError, "could be read"},
		"cut, canceled":        {[]*dialogue.Dialogue{conn(1, dialogue.EndCanceled, all(t), cut)}, report.OutcomeCanceled, "complete"},
		"malformed":            {[]*dialogue.Dialogue{conn(1, done, all(t), got([]byte("\xFESMB")))}, report.OutcomeError, "could be read"},
		"silent, then refused": {[]*dialogue.Dialogue{
			conn(1, dialogue.EndTimeout, all(t)), failed(2, dialogue.EndRefused, ""),
		}, report.OutcomeTimedOut, "sent nothing"},
		"silent, then canceled": {[]*dialogue.Dialogue{
			conn(1, dialogue.EndTimeout, all(t)), conn(2, dialogue.EndCanceled, all(t)),
		}, report.OutcomeCanceled, "before an answer"},
		"foreign":            {[]*dialogue.Dialogue{conn(1, dialogue.EndForeign, all(t), raw([]byte("HTTP/1.1 400")))}, report.OutcomeNotSMB, "not SMB"},
		"echo":               {[]*dialogue.Dialogue{conn(1, done, all(t), got(all(t).Data))}, report.OutcomeNotSMB, "not SMB"},
		"closed, then other": {[]*dialogue.Dialogue{conn(1, closed, all(t)), conn(2, dialogue.EndForeign, all(t), raw([]byte("SSH-2.0")))}, report.OutcomeNotSMB, "not SMB"},
		"foreign, then SMB": {[]*dialogue.Dialogue{
			conn(1, dialogue.EndForeign, all(t), raw([]byte("HTTP/1.1 400"))), conn(2, done, all(t), takes(t, smb.DialectSMB311)),
		}, report.OutcomeSMB, ""},
		"SMB":                {[]*dialogue.Dialogue{conn(1, done, all(t), takes(t, smb.DialectSMB311))}, report.OutcomeSMB, ""},
		"SMB, then canceled": {[]*dialogue.Dialogue{conn(1, dialogue.EndCanceled, all(t), takes(t, smb.DialectSMB311), setup(t, nil))}, report.OutcomeSMB, "ended after the question ntlm-challenge"},
		"SMB, then silence":  {[]*dialogue.Dialogue{conn(1, dialogue.EndTimeout, all(t), takes(t, smb.DialectSMB311), setup(t, nil))}, report.OutcomeSMB, "early (timeout) after the question ntlm-challenge"},
		"SMB, then no question": {[]*dialogue.Dialogue{
			conn(1, done, all(t), takes(t, smb.DialectSMB311)), failed(2, dialogue.EndRefused, ""),
		}, report.OutcomeSMB, "early (refused) after the question all-offer"},
		"a probe of strangers": {[]*dialogue.Dialogue{conn(1, closed, ask(evil, all(t).Data), takes(t, smb.DialectSMB311))}, report.OutcomeSMB, `\x1b`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := of(t, tt.talks...)
			require.Equal(t, tt.outcome, r.Outcome, r.Reason)
			require.Contains(t, r.Reason, tt.reason)
			if tt.reason == "" {
				require.Empty(t, r.Reason)
			}
			if len(tt.talks) == 1 {
				require.Equal(t, tt.outcome, r.Transports[0].Outcome)
			}
			require.Equal(t, tt.outcome == report.OutcomeNotSMB, r.FirstBytes != "")
		})
	}
}

func TestFirstBytes(t *testing.T) {
	tests := map[string]string{
		"HTTP/1.1 400 Bad Request, and much more than thirty-two bytes": "http",
		"SSH-2.0-OpenSSH": "ssh", "\x15\x03\x03\x00\x02": "tls", "220 mail": "ftp or smtp", "* OK": "imap", "J\x00\x00\x00\x0a5.7": "mysql",
		"what": "",
	}
	for b, guess := range tests {
		r := of(t, conn(1, dialogue.EndForeign, all(t), raw([]byte(b))))
		require.Equal(t, guess, r.ProtocolGuess)
		require.Len(t, r.FirstBytes, 2*min(len(b), 32))
	}
	r := of(t, conn(1, dialogue.EndForeign, all(t), got(all(t).Data)))
	require.Equal(t, "echo", r.ProtocolGuess)
	require.Equal(t, "000000", r.FirstBytes[:6], "with its framing")
	require.Contains(t, r.FirstBytes, "fe534d42")
}

// Each way to the server has its own outcome.
func TestTransports(t *testing.T) {
	other := failed(2, dialogue.EndRefused, "")
	other.Transport, other.Address = dialogue.NetBIOSSession, "192.0.2.1:139"
	r := of(t, conn(1, done, all(t), takes(t, smb.DialectSMB311)), other)
	require.Equal(t, []report.Transport{
		{Transport: "direct-tcp", Address: "192.0.2.1:445", Outcome: report.OutcomeSMB},
		{Transport: "netbios-session", Address: "192.0.2.1:139", Outcome: report.OutcomeRefused},
	}, r.Transports)
	require.Equal(t, report.OutcomeSMB, r.Outcome)

	second := conn(2, done, smb1(t), none(t))
	second.Transport, second.Address = dialogue.NetBIOSSession, "192.0.2.1:139"
	r = of(t, conn(1, done, all(t), takes(t, smb.DialectSMB311)), second)
	require.Equal(t, []int{0, 1}, []int{r.Probes[0].Transport, r.Probes[1].Transport})
}

func TestHeader(t *testing.T) {
	d := conn(1, done, ask("", all(t).Data), takes(t, smb.DialectSMB311))
	d.Level, d.Client, d.Started = "passive", "192.0.2.9:50000", noon.In(time.FixedZone("", 3600))
	d.Capture = &dialogue.Capture{File: "a.pcap", Stream: 3, FirstFrame: 17}
	r := of(t, d)
	require.Equal(t, &report.Capture{File: "a.pcap", Stream: 3, FirstFrame: 17, Server: "192.0.2.1:445", Client: "192.0.2.9:50000"}, r.Capture)
	require.Equal(t, report.LevelPassive, r.Level)
	require.Equal(t, time.UTC, r.ObservedAt.Location())
	require.Equal(t, "observed-1", r.Probes[0].ID)
}
