package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// TestAnswersWithoutQuestions: a capture may hold only what the server said. It is told, and what the client may have
// offered besides is not guessed at.
func TestAnswersWithoutQuestions(t *testing.T) {
	mode := negotiate.SecurityUserLevel | negotiate.SecurityChallengeResponse | negotiate.SecuritySignaturesEnabled
	r := of(t, captured(conn(1, done, nt(t, 4, func(a *negotiate.SMB1Response) { a.SecurityMode = mode }))))
	says(t, r, nil) // of its list nothing is known
	require.Equal(t, yes, r.SMB1.Supported)
	require.Equal(t, yes, r.SMB1.ExtendedSecurity)
	require.Equal(t, "user", r.SMB1.SecurityLevel)
	require.Equal(t, yes, r.Signing.SMB1.Enabled)
	require.Equal(t, no, r.Signing.SMB1.Required)
	require.Empty(t, r.Signing.SMB1.Dialect)
	require.Equal(t, dtyp.GUID{9}.String(), r.ServerGUID)
	require.Equal(t, noon, r.SystemTime)
	require.Equal(t, "a request that was not captured", r.Probes[0].Sent)

	r = of(t, captured(conn(1, done, takes(t, smb.DialectSMB311, preauth(), ciphers{2}), setupAnswer(t, inResp(t, challenge(t))))))
	says(t, r, map[string]report.Answer{"3.1.1": yes})
	require.Equal(t, yes, r.Signing.SMB2.Enabled)
	require.Equal(t, yes, r.NTLM.Challenge)
	require.Equal(t, "Ве", r.NTLM.NetBIOSComputer)
	require.Len(t, r.Negotiated, 1)
	require.Len(t, r.Probes, 2)
	require.Empty(t, r.PreferredDialect)

	for _, frame := range []func() *report.Report{
		func() *report.Report { return of(t, captured(conn(1, done, none(t)))) },
		func() *report.Report { return of(t, captured(conn(1, done, refusesSMB2(t, dtyp.StatusNotSupported)))) },
		func() *report.Report { return of(t, captured(conn(1, done, takes(t, smb.DialectWildcard)))) },
		func() *report.Report { return of(t, captured(conn(1, done, takes(t, 0x0006)))) },
	} {
		says(t, frame(), nil)
	}
	r = of(t, captured(conn(1, done, lanman(t, 2, nil))))
	require.Equal(t, yes, r.SMB1.Supported)
	require.Equal(t, report.Unknown, r.Signing.SMB1.Enabled, "its form has no such bits")
}

// TestAnswersWithoutQuestionsInAScan: a scan knows what it asked, and takes nothing else for an answer.
func TestAnswersWithoutQuestionsInAScan(t *testing.T) {
	r := of(t, conn(1, done, nt(t, 4, nil)))
	require.Equal(t, report.OutcomeError, r.Outcome)
	require.Empty(t, r.Probes)
}

// TestSetupBehindAGap: where all between an SMB1 negotiation and an SMB2 session setup's answer is missing, that is not the
// answer to the negotiation.
func TestSetupBehindAGap(t *testing.T) {
	upgrade := request(t, negotiate.Offer{SMB1: []string{smb.DialectNTLM012, smb.DialectSMB2Any}})
	r := of(t, captured(conn(1, done, ask("", upgrade), setupAnswer(t, inResp(t, challenge(t))))))
	require.Equal(t, yes, r.NTLM.Challenge)
	require.Equal(t, report.ResultNotTested, r.Probes[0].Result, "of what was not captured nothing is known")
}

// TestAnswerOfItsOwnProtocol: where the answer to a multi-protocol negotiation is missing, that of the SMB2 negotiation
// behind it is not taken for it.
func TestAnswerOfItsOwnProtocol(t *testing.T) {
	upgrade := request(t, negotiate.Offer{SMB1: []string{smb.DialectNTLM012, smb.DialectSMB2Any}})
	d := captured(conn(1, done, ask("", upgrade), single(t, smb.DialectSMB210), takes(t, smb.DialectSMB210)))
	d.Frames[1].Probe = ""
	r := of(t, d)
	says(t, r, map[string]report.Answer{"2.1": yes})
	require.Empty(t, r.Anomalies)
	require.Equal(t, report.ResultSupported, r.Probes[1].Result)
}
