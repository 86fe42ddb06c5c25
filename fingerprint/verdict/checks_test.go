package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// checkSteps are questions of the checks with their answers, by their statuses: the negotiation, the logon without extended
// security, IPC$, the peek, and the ping, whose answer has the given message id.
func checkSteps(t testing.TB, native string, mid uint16, statuses ...dtyp.NTStatus) (frames []dialogue.Frame) {
	t.Helper()
	h := func(c smb.SMB1Command, mid uint16, status dtyp.NTStatus, flags smb.SMB1Flags) smb.SMB1Header {
		return smb.SMB1Header{Command: c, MID: mid, Flags: flags, Flags2: smb.SMB1Flags2NTStatus, Status: status}
	}
	questions := []dialogue.Frame{
		ask(verdict.ChecksNegotiate, request(t, negotiate.SMB1Only(smb.DialectNTLM012))),
		ask(verdict.ChecksSession, build(t, smb.SMB1SessionSetupRequest{
			Header: h(smb.SMB1SessionSetupAndX, 1, 0, 0), WordCount: smb.SetupWordsNT, AndXCommand: smb.SMB1NoFurtherCommand,
			VcNumber: 1, OEMPassword: []byte{0}, AccountName: []byte{}, PrimaryDomain: []byte{},
		})),
		ask(verdict.ChecksIPC, build(t, smb.SMB1TreeConnectRequest{
			Header: h(smb.SMB1TreeConnectAndX, 2, 0, 0), AndXCommand: smb.SMB1NoFurtherCommand, Password: []byte{0},
			Path: []byte(`\\S\IPC$`), Service: []byte(smb.SMB1ServiceAny),
		})),
		ask(verdict.ChecksMS17010, build(t, smb.SMB1TransactionRequest{
			Header: h(smb.SMB1Transaction, 3, 0, 0), Setup: smb.SMB1PeekNMPipe(0), Name: []byte(smb.SMB1PipeName),
		})),
		ask(verdict.ChecksDoublePulsar, build(t, smb.SMB1Transaction2Request{
			Header: h(smb.SMB1Transaction2, 65, 0, 0), Setup: smb.SMB1Trans2Setup(smb.SMB1Trans2SessionSetup),
		})),
	}
	for i, status := range statuses {
		asked, err := smb.ParseSMB1Header(questions[i].Data)
		require.NoError(t, err)
		answer := h(asked.Command, asked.MID, status, smb.SMB1FlagReply)
		frames = append(frames, questions[i])
		switch {
		case i == 0 && status == 0:
			frames = append(frames, got(build(t, negotiate.SMB1Response{
				Header: answer, WordCount: negotiate.AnswerWordsNT, SecurityMode: 3, Capabilities: smb.SMB1CapStatus32, Challenge: make([]byte, 8),
			})))
		case i == 1 && status == 0:
			frames = append(frames, got(build(t, smb.SMB1SessionSetupResponse{
				Header: answer, WordCount: smb.SetupAnswerWords, AndXCommand: smb.SMB1NoFurtherCommand, NativeOS: []byte(native), NativeLanMan: []byte{},
			})))
		default:
			if i == 4 {
				answer.MID = mid
			}
			frames = append(frames, got(build(t, smb.SMB1ErrorResponse{Header: answer})))
		}
	}
	return frames
}

// What the answers of the checks prove, as far as it takes more than a server that answers as servers do.
func TestChecks(t *testing.T) {
	const vulnerable, unimplemented = dtyp.StatusInsuffServerResources, dtyp.StatusNotImplemented
	yes, no, open := report.Yes, report.No, report.Unknown
	steps := func(native string, mid uint16, statuses ...dtyp.NTStatus) []dialogue.Frame {
		return checkSteps(t, native, mid, statuses...)
	}
	full := steps("Windows 5.1", 81, 0, 0, 0, vulnerable, unimplemented)
	smb2Answer := fails(t, smb.SMB2Ioctl, 0, dtyp.StatusAccessDenied)
	taken := []*dialogue.Dialogue{conn(1, dialogue.EndDone, all(t), takes(t, smb.DialectSMB311))}
	tests := map[string]struct {
		frames  []dialogue.Frame
		end     dialogue.End
		before  []*dialogue.Dialogue
		answers [2]report.Answer
		reasons [2]string
	}{
		"both": {full, dialogue.EndDone, nil, [2]report.Answer{yes, yes}, [2]string{"the update is missing", "has 81"}},
		"an answer under another message id is none": {steps("Windows 5.1", 97, 0, 0, 0, vulnerable, unimplemented), dialogue.EndTimeout, nil,
			[2]report.Answer{yes, open}, [2]string{"", "no answer came in time"}},
		"an answer in SMB2": {append(full[:7:7], smb2Answer), dialogue.EndDone, nil,
			[2]report.Answer{open, open}, [2]string{"not in SMB1", "not in SMB1"}},
		"ended at the peek": {full[:7], dialogue.EndCanceled, nil, [2]report.Answer{open, open},
			[2]string{"the scan was ended before an answer came", "at the question before: the scan was ended"}},
		"ended behind the logon": {full[:4], dialogue.EndDone, nil, [2]report.Answer{open, open},
			[2]string{"leads no further", "the server's answer to the anonymous logon leads no further"}},
		"refused with a status": {steps("", 0, dtyp.StatusAccessDenied), dialogue.EndDone, taken,
			[2]report.Answer{open, open}, [2]string{"not proven to be on: STATUS_ACCESS_DENIED", "not proven to be on"}},
		"off": {steps("", 0, dtyp.StatusNotSupported), dialogue.EndDone, nil,
			[2]report.Answer{open, open}, [2]string{"SMB1 is off", "SMB1 is off"}},
		"no answer to the negotiation": {full[:1], dialogue.EndReset, taken,
			[2]report.Answer{open, open}, [2]string{"not proven to be on: the connection was reset", "not proven to be on"}},
		"a GUID as Samba's": {full, dialogue.EndDone, []*dialogue.Dialogue{conn(1, dialogue.EndDone, all(t),
			takesWith(t, smb.DialectSMB311, func(r *negotiate.SMB2Response) { r.ServerGUID = dtyp.GUID{'f', 'i', 'l', 'e', 's'} }))},
			[2]report.Answer{open, open}, [2]string{"its GUID is a name", "its GUID is a name"}},
		"no name at all": {steps("", 65, 0, 0, 0, vulnerable, unimplemented), dialogue.EndDone, nil,
			[2]report.Answer{open, no}, [2]string{"does not call itself Windows", ""}},
		"the status of the weakness for everything": {steps("Windows 5.1", 65, 0, 0, 0, vulnerable, vulnerable), dialogue.EndDone, nil,
			[2]report.Answer{open, no}, [2]string{"the server answers every transaction so", ""}},
		"a Windows that came out later": {full, dialogue.EndDone, []*dialogue.Dialogue{conn(1, dialogue.EndDone, all(t),
			takes(t, smb.DialectSMB311), setup(t, type1(t)), setupAnswer(t, inResp(t, challengeOf(t, 15063))))},
			[2]report.Answer{open, open}, [2]string{"build 15063 came out with the update", "build 15063 came out with the update"}},
		"the last Windows before": {full, dialogue.EndDone, []*dialogue.Dialogue{conn(1, dialogue.EndDone, all(t),
			takes(t, smb.DialectSMB311), setup(t, type1(t)), setupAnswer(t, inResp(t, challengeOf(t, 14393))))},
			[2]report.Answer{yes, yes}, [2]string{"the update is missing", "has 81"}},
		"a hostile name": {steps("\x1b[31mSamba", 81, 0, 0, 0, vulnerable, unimplemented), dialogue.EndDone, nil,
			[2]report.Answer{open, open}, [2]string{`calls itself \x1b[31mSamba`, `calls itself \x1b[31mSamba`}},
		"another status of the implant": {steps("Windows 5.1", 81, 0, 0, 0, 0, dtyp.StatusInvalidParameter), dialogue.EndDone, nil,
			[2]report.Answer{open, open}, [2]string{"neither a patched nor", "not the implant's status"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			last := conn(len(tt.before)+1, tt.end, tt.frames...)
			last.Checks = true
			r := verdict.Of(append(tt.before, last), verdict.Options{})
			require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
			require.Len(t, r.Checks, 2)
			require.Equal(t, [2]report.CheckID{report.CheckMS17010, report.CheckDoublePulsar}, [2]report.CheckID{r.Checks[0].ID, r.Checks[1].ID})
			require.Equal(t, tt.answers, [2]report.Answer{r.Checks[0].Answer, r.Checks[1].Answer}, r.Checks)
			require.Contains(t, r.Checks[0].Reason, tt.reasons[0])
			require.Contains(t, r.Checks[1].Reason, tt.reasons[1])
			require.Nil(t, r.NullSession)
			require.Len(t, r.Evidence["/checks/0/answer"], 1)
			require.Len(t, r.Evidence["/checks/1/answer"], 1)
		})
	}
}

// That checks were asked for is told even where nothing of them was sent; unasked, there are none.
func TestChecksNotSent(t *testing.T) {
	old := got(build(t, negotiate.SMB1Response{
		Header:    smb.SMB1Header{Command: smb.SMB1Negotiate, Flags: smb.SMB1FlagReply, Flags2: smb.SMB1Flags2NTStatus},
		WordCount: negotiate.AnswerWordsNT, DialectIndex: uint16(len(smb.SMB1Dialects()) - 1), SecurityMode: 3, Challenge: make([]byte, 8),
	}))
	refused := got(build(t, negotiate.SMB1Response{
		Header:    smb.SMB1Header{Command: smb.SMB1Negotiate, Flags: smb.SMB1FlagReply, Flags2: smb.SMB1Flags2NTStatus},
		WordCount: negotiate.AnswerWordsCore, DialectIndex: smb.NoDialect,
	}))
	for name, tt := range map[string]struct {
		dialogues []*dialogue.Dialogue
		reason    string
	}{
		"off":        {[]*dialogue.Dialogue{conn(1, dialogue.EndDone, smb1(t), refused)}, "SMB1 is off"},
		"not proven": {[]*dialogue.Dialogue{conn(1, dialogue.EndDone, all(t), takes(t, smb.DialectSMB311))}, "not proven to be on"},
		"on":         {[]*dialogue.Dialogue{conn(1, dialogue.EndDone, smb1(t), old)}, "the scan ended before the checks"},
		"on, and no more to spend": {[]*dialogue.Dialogue{conn(1, dialogue.EndDone, smb1(t), old), failed(2, dialogue.EndBudget, "")},
			"the scan's budget was used up"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, verdict.Of(tt.dialogues, verdict.Options{}).Checks)
			tt.dialogues[0].Checks = true
			r := verdict.Of(tt.dialogues, verdict.Options{})
			require.Len(t, r.Checks, 2)
			for i, c := range r.Checks {
				require.Equal(t, report.Unknown, c.Answer)
				require.Contains(t, c.Reason, tt.reason)
				require.Equal(t, report.ResultNotTested, r.Evidence[[]string{"/checks/0/answer", "/checks/1/answer"}[i]][0].Result)
			}
		})
	}
}
