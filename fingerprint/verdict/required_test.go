package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

func setupFails(t testing.TB, s dtyp.NTStatus) dialogue.Frame {
	t.Helper()
	return got(build(t, smb.SMB2ErrorResponse{
		Header: smb.SMB2Header{Command: smb.SMB2SessionSetup, MessageID: 1, Flags: smb.SMB2FlagServerToRedir, Status: s},
	}))
}

// Encryption is required where a session setup of a client that cannot encrypt is denied, and that of one that can goes
// on; nothing else tells, and it is never a no.
func TestEncryptionRequired(t *testing.T) {
	begins := setup(t, type1(t))
	goesOn := setupAnswer(t, inResp(t, challenge(t)))
	fails := func(s dtyp.NTStatus) dialogue.Frame { return setupFails(t, s) }
	denied := fails(dtyp.StatusAccessDenied)
	talk := func(n int, question, answer dialogue.Frame, setup ...dialogue.Frame) *dialogue.Dialogue {
		return conn(n, done, append([]dialogue.Frame{question, answer}, setup...)...)
	}
	at311 := func(n int, answer dialogue.Frame) *dialogue.Dialogue {
		return talk(n, all(t), takes(t, smb.DialectSMB311, preauth(), ciphers{negotiate.CipherAES128GCM}), begins, answer)
	}
	at := func(n int, d smb.Dialect, answer dialogue.Frame) *dialogue.Dialogue {
		return talk(n, single(t, d), takes(t, d), begins, answer)
	}
	bit := func(n int, d smb.Dialect, caps smb.SMB2Capabilities, answer dialogue.Frame) *dialogue.Dialogue {
		return talk(n, single(t, d), takesWith(t, d, func(r *negotiate.SMB2Response) { r.Capabilities = caps }), begins, answer)
	}
	bare := func(n int, d smb.Dialect, caps smb.SMB2Capabilities, answer dialogue.Frame) *dialogue.Dialogue {
		return talk(n, ask("unencrypted", request(t, negotiate.Unencrypted(d))),
			takesWith(t, d, func(r *negotiate.SMB2Response) { r.Capabilities = caps }), begins, answer)
	}
	multi := func(n int, answer dialogue.Frame) *dialogue.Dialogue {
		return talk(n, ask("multi-protocol", request(t, negotiate.Multi())), takes(t, smb.DialectSMB202), begins, answer)
	}
	lost := conn(2, closed, single(t, smb.DialectSMB210), takes(t, smb.DialectSMB210), begins)
	plain := func(n int) *dialogue.Dialogue {
		return talk(n, single(t, smb.DialectSMB210), takes(t, smb.DialectSMB210))
	}
	const e = smb.CapEncryption
	u := report.Unknown
	tests := map[string]struct {
		talks  []*dialogue.Dialogue
		want   report.Answer
		result report.Result // of the first evidence
	}{
		"denied at 2.1":                  {[]*dialogue.Dialogue{at311(1, goesOn), at(2, smb.DialectSMB210, denied)}, yes, report.ResultRefused},
		"denied at 2.0.2":                {[]*dialogue.Dialogue{at311(1, goesOn), at(2, smb.DialectSMB202, denied)}, yes, report.ResultRefused},
		"denied first, in the plan":      {[]*dialogue.Dialogue{at(1, smb.DialectSMB210, denied), at311(2, goesOn)}, yes, report.ResultRefused},
		"denied at 3.1.1 without it":     {[]*dialogue.Dialogue{at311(1, goesOn), bare(2, smb.DialectSMB311, 0, denied)}, yes, report.ResultRefused},
		"denied at 3.0 without it":       {[]*dialogue.Dialogue{bit(1, smb.DialectSMB300, e, goesOn), bare(2, smb.DialectSMB300, 0, denied)}, yes, report.ResultRefused},
		"the server's bit is not enough": {[]*dialogue.Dialogue{bit(1, smb.DialectSMB302, e, goesOn), bare(2, smb.DialectSMB302, e, denied)}, yes, report.ResultRefused},
		"the client's bit is not enough": {[]*dialogue.Dialogue{bit(1, smb.DialectSMB302, e, goesOn), bit(2, smb.DialectSMB300, 0, denied)}, yes, report.ResultRefused},
		"denied at 2.0.2, by SMB1":       {[]*dialogue.Dialogue{at311(1, goesOn), multi(2, denied)}, u, report.ResultNotTested},
		"both denied":                    {[]*dialogue.Dialogue{at311(1, denied), at(2, smb.DialectSMB210, denied)}, u, report.ResultRefused},
		"both go on":                     {[]*dialogue.Dialogue{at311(1, goesOn), at(2, smb.DialectSMB210, goesOn)}, u, report.ResultSupported},
		"another goes on, as it is":      {[]*dialogue.Dialogue{at(1, smb.DialectSMB202, goesOn), at(2, smb.DialectSMB210, denied)}, u, report.ResultRefused},
		"denied with it":                 {[]*dialogue.Dialogue{at311(1, denied), at(2, smb.DialectSMB210, goesOn)}, u, report.ResultNotTested},
		"with it, not asked":             {[]*dialogue.Dialogue{at(1, smb.DialectSMB210, denied)}, u, report.ResultRefused},
		"without it, not asked":          {[]*dialogue.Dialogue{at311(1, goesOn), plain(2)}, u, report.ResultNotTested},
		"without it, lost":               {[]*dialogue.Dialogue{at311(1, goesOn), lost}, u, report.ResultClosed},
		"not asked at all":               {[]*dialogue.Dialogue{plain(1)}, u, report.ResultNotTested},
		"another status":                 {[]*dialogue.Dialogue{at311(1, goesOn), at(2, smb.DialectSMB210, fails(dtyp.StatusLogonFailure))}, u, report.ResultRefused},
		"not supported":                  {[]*dialogue.Dialogue{at311(1, goesOn), at(2, smb.DialectSMB210, fails(dtyp.StatusNotSupported))}, u, report.ResultRefused},
		"3.1.1 without a cipher":         {[]*dialogue.Dialogue{talk(1, all(t), takes(t, smb.DialectSMB311, preauth()), begins, goesOn), at(2, smb.DialectSMB210, denied)}, u, report.ResultRefused},
		"3.1.1 with one not offered": {[]*dialogue.Dialogue{
			talk(1, conservative(t), takes(t, smb.DialectSMB311, ciphers{negotiate.CipherAES256GCM}), begins, goesOn),
			at(2, smb.DialectSMB210, denied),
		}, u, report.ResultRefused},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := ofFull(t, tt.talks...)
			require.Equal(t, report.OutcomeSMB, r.Outcome)
			require.Equal(t, tt.want, r.Encryption.Required, "%+v", r.Evidence["/encryption/required"])
			require.Equal(t, tt.result, r.Evidence["/encryption/required"][0].Result)
			if tt.result != report.ResultNotTested {
				require.NotEmpty(t, r.Evidence["/encryption/required"][0].Text)
			}
		})
	}
	// Where the level never asks, there is no answer.
	for _, name := range []string{"both denied", "with it, not asked", "not asked at all", "denied with it"} {
		for _, d := range tests[name].talks {
			d.Level = string(report.LevelStandard)
		}
		r := of(t, tests[name].talks...)
		require.Empty(t, r.Encryption.Required, name)
		require.NotContains(t, r.Evidence, "/encryption/required", name)
	}
}
