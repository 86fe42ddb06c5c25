package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/wire"
)

// logonFrames are the two questions of a logon in SMB2, the first one answered with a challenge, and what comes then.
func logonFrames(t testing.TB, id string, message []byte, then ...dialogue.Frame) []dialogue.Frame {
	t.Helper()
	first, last := setup(t, type1(t)), setup(t, inResp(t, message))
	first.Probe, last.Probe = id+"-challenge", id
	return append([]dialogue.Frame{first, setupAnswer(t, inResp(t, challenge(t))), last}, then...)
}

func anonymous(t testing.TB) []byte {
	t.Helper()
	return build(t, ntlmssp.AnonymousAuthenticate(ntlmssp.FlagNegotiateUnicode))
}

func named(t testing.TB) []byte {
	t.Helper()
	return build(t, ntlmssp.Authenticate{
		UserName: wire.AppendUTF16(nil, "smbscope-x"), NtChallengeResponse: make([]byte, 44), Flags: ntlmssp.FlagNegotiateUnicode,
	})
}

func granted(t testing.TB, flags smb.SessionFlags) dialogue.Frame {
	t.Helper()
	return got(build(t, smb.SMB2SessionSetupResponse{
		Header:       smb.SMB2Header{Command: smb.SMB2SessionSetup, MessageID: 1, Flags: smb.SMB2FlagServerToRedir},
		SessionFlags: flags,
	}))
}

func fails(t testing.TB, command smb.SMB2Command, id uint64, s dtyp.NTStatus) dialogue.Frame {
	t.Helper()
	return got(build(t, smb.SMB2ErrorResponse{
		Header: smb.SMB2Header{Command: command, MessageID: id, Flags: smb.SMB2FlagServerToRedir, Status: s},
	}))
}

func connectIPC(t testing.TB) dialogue.Frame {
	t.Helper()
	return ask(verdict.NullSession+"-ipc", build(t, smb.SMB2TreeConnectRequest{
		Header: smb.SMB2Header{Command: smb.SMB2TreeConnect, MessageID: 3}, Path: wire.AppendUTF16(nil, `\\S\ipc$`),
	}))
}

func ipcConnected(t testing.TB) dialogue.Frame {
	t.Helper()
	return got(build(t, smb.SMB2TreeConnectResponse{
		Header:    smb.SMB2Header{Command: smb.SMB2TreeConnect, MessageID: 3, Flags: smb.SMB2FlagServerToRedir},
		ShareType: smb.SMB2SharePipe,
	}))
}

// oldLogon is an anonymous logon in SMB1 without extended security.
func oldLogon(t testing.TB, account string) dialogue.Frame {
	t.Helper()
	return ask(verdict.NullSession, build(t, smb.SMB1SessionSetupRequest{
		Header: smb.SMB1Header{Command: smb.SMB1SessionSetupAndX}, WordCount: smb.SetupWordsNT, AndXCommand: smb.SMB1NoFurtherCommand,
		VcNumber: 1, OEMPassword: []byte{0}, AccountName: []byte(account), PrimaryDomain: []byte{},
	}))
}

func oldGranted(t testing.TB, action smb.SMB1Action) dialogue.Frame {
	t.Helper()
	return got(build(t, smb.SMB1SessionSetupResponse{
		Header:    smb.SMB1Header{Command: smb.SMB1SessionSetupAndX, Flags: smb.SMB1FlagReply, Flags2: smb.SMB1Flags2NTStatus},
		WordCount: smb.SetupAnswerWords, AndXCommand: smb.SMB1NoFurtherCommand, Action: action,
	}))
}

// Session, IPC$, guest and mapping are different facts, and none is a no without a refusal.
func TestNullSession(t *testing.T) {
	best := func(frames ...dialogue.Frame) []dialogue.Frame {
		return append([]dialogue.Frame{all(t), takes(t, smb.DialectSMB311)}, frames...)
	}
	null := func(then ...dialogue.Frame) []dialogue.Frame {
		return best(logonFrames(t, verdict.NullSession, anonymous(t), then...)...)
	}
	guest := func(then ...dialogue.Frame) []dialogue.Frame {
		return best(logonFrames(t, verdict.GuestMapping, named(t), then...)...)
	}
	denied := fails(t, smb.SMB2SessionSetup, 1, dtyp.StatusAccessDenied)
	asked := setup(t, type1(t))
	asked.Probe = verdict.NullSession + "-challenge"
	old := []dialogue.Frame{smb1(t), nt(t, 4, nil)}
	const yes, no, unknown = report.Yes, report.No, report.Unknown
	tests := map[string]struct {
		talks                        []*dialogue.Dialogue
		session, ipc, guest, mapping report.Answer
		attempts                     int
	}{
		"granted without a flag": {alone(null(granted(t, 0), connectIPC(t), ipcConnected(t))), yes, yes, unknown, "", 1},
		"granted as nobody":      {alone(null(granted(t, smb.SessionIsNull))), yes, unknown, no, "", 1},
		"granted as guest": {
			alone(null(granted(t, smb.SessionIsGuest), connectIPC(t), fails(t, smb.SMB2TreeConnect, 3, dtyp.StatusAccessDenied))),
			yes, no, yes, "", 1,
		},
		"refused":      {alone(null(denied)), no, unknown, unknown, "", 1},
		"in trouble":   {alone(null(fails(t, smb.SMB2SessionSetup, 1, 0xC00000E5))), unknown, unknown, unknown, "", 1},
		"no answer":    {alone(null()), unknown, unknown, unknown, "", 1},
		"more to come": {alone(null(setupAnswer(t, nil))), unknown, unknown, unknown, "", 1},
		"NTLM refused": {alone(best(asked, fails(t, smb.SMB2SessionSetup, 1, dtyp.StatusNotSupported))), no, unknown, unknown, "", 1},
		"NTLM dropped": {[]*dialogue.Dialogue{conn(1, dialogue.EndClosed, best(asked)...)}, unknown, unknown, unknown, "", 1},
		"refused in one dialect, dropped in another": {
			[]*dialogue.Dialogue{conn(1, done, null(denied)...), conn(2, dialogue.EndClosed, append(old, oldLogon(t, ""))...)},
			unknown, unknown, unknown, "", 2,
		},
		"refused in one dialect, granted in another": {
			[]*dialogue.Dialogue{conn(1, done, null(denied)...), conn(2, done, append(old, oldLogon(t, ""), oldGranted(t, 0))...)},
			yes, unknown, no, "", 2,
		},
		"guest in SMB1":                   {alone(append(old, oldLogon(t, ""), oldGranted(t, smb.SMB1ActionGuest))), yes, unknown, yes, "", 1},
		"invented, let in":                {alone(guest(granted(t, smb.SessionIsGuest))), "", "", "", yes, 1},
		"invented, let in without a flag": {alone(guest(granted(t, 0))), "", "", "", yes, 1},
		"invented, refused":               {alone(guest(fails(t, smb.SMB2SessionSetup, 1, dtyp.StatusLogonFailure))), "", "", "", no, 1},
		"invented, silence":               {alone(guest()), "", "", "", unknown, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := of(t, tt.talks...)
			n := r.NullSession
			require.NotNil(t, n)
			require.Equal(t, []report.Answer{tt.session, tt.ipc, tt.guest, tt.mapping},
				[]report.Answer{n.Session, n.IPC, n.Guest, n.UnknownUserMapsToGuest})
			require.Len(t, n.Attempts, tt.attempts)
			require.NotEqual(t, report.Yes, r.Encryption.Required, "a logon that is denied says nothing of encryption")
		})
	}
}

func alone(frames []dialogue.Frame) []*dialogue.Dialogue {
	return []*dialogue.Dialogue{conn(1, done, frames...)}
}

// An attempt tells all that was said of it.
func TestNullSessionAttempt(t *testing.T) {
	frames := append([]dialogue.Frame{all(t), takes(t, smb.DialectSMB302)}, logonFrames(t, verdict.NullSession, anonymous(t),
		granted(t, smb.SessionIsNull|smb.SessionEncryptData), connectIPC(t), ipcConnected(t))...)
	r := of(t, conn(1, done, frames...))
	require.Equal(t, []report.SessionAttempt{{
		Dialect: "3.0.2", Identity: report.IdentityAnonymous, Result: report.ResultSupported, Status: "STATUS_SUCCESS",
		SessionFlags: []string{"SMB2_SESSION_FLAG_IS_NULL", "SMB2_SESSION_FLAG_ENCRYPT_DATA"}, IPCStatus: "STATUS_SUCCESS",
	}}, r.NullSession.Attempts)
	require.Equal(t, `SMB2 TREE_CONNECT \\S\ipc$`, r.Probes[3].Sent)
}

// What somebody else does with an account of their own is no business of a null session's.
func TestLogonOfUser(t *testing.T) {
	frames := append([]dialogue.Frame{all(t), takes(t, smb.DialectSMB311)}, logonFrames(t, "", named(t), granted(t, 0))...)
	require.Nil(t, of(t, conn(1, done, frames...)).NullSession)
	require.Nil(t, of(t, conn(1, done, smb1(t), nt(t, 4, nil), oldLogon(t, "user"), oldGranted(t, 0))).NullSession.Attempts)
	observed := append([]dialogue.Frame{all(t), takes(t, smb.DialectSMB311)}, logonFrames(t, "", anonymous(t), granted(t, 0))...)
	require.Equal(t, report.Yes, of(t, conn(1, done, observed...)).NullSession.Session, "an anonymous logon that was observed")
}

// What is read later is added: other answers stay, and numbers refer to the report's own transports.
func TestAppend(t *testing.T) {
	first := of(t, conn(1, done, all(t), takes(t, smb.DialectSMB311)))
	later := conn(2, done, append([]dialogue.Frame{all(t), takes(t, smb.DialectSMB210)},
		logonFrames(t, verdict.NullSession, anonymous(t), granted(t, 0), connectIPC(t), ipcConnected(t))...)...)
	dialects, probes, cost := first.Dialects, len(first.Probes), first.Cost
	verdict.Append(first, []*dialogue.Dialogue{later}, verdict.Options{})
	require.Equal(t, dialects, first.Dialects)
	require.Len(t, first.Transports, 1)
	require.Len(t, first.Probes, probes+4)
	require.Equal(t, 1, first.Cost.Authentications)
	require.Equal(t, cost.Connections+1, first.Cost.Connections)
	require.Equal(t, report.Yes, first.NullSession.Session)
	require.Len(t, first.NullSession.Attempts, 1)
	require.Len(t, first.Evidence["/null_session/session"], 1)

	refused := conn(4, done, append([]dialogue.Frame{all(t), takes(t, smb.DialectSMB210)},
		logonFrames(t, verdict.NullSession, anonymous(t), fails(t, smb.SMB2SessionSetup, 1, dtyp.StatusAccessDenied))...)...)
	silent := conn(5, done, append([]dialogue.Frame{all(t), takes(t, smb.DialectSMB210)},
		logonFrames(t, verdict.NullSession, anonymous(t))...)...)
	for name, tt := range map[string]struct {
		later []*dialogue.Dialogue
		want  report.Answer
	}{
		"refused":               {[]*dialogue.Dialogue{refused}, report.No},
		"refused twice":         {[]*dialogue.Dialogue{refused, refused}, report.No},
		"refused, then silence": {[]*dialogue.Dialogue{refused, silent}, report.Unknown},
		"silence, then refused": {[]*dialogue.Dialogue{silent, refused}, report.Unknown},
		"refused, then granted": {[]*dialogue.Dialogue{refused, later, silent}, report.Yes},
		"nothing of the kind":   {[]*dialogue.Dialogue{conn(6, done, all(t), takes(t, smb.DialectSMB210))}, ""},
	} {
		r := of(t, conn(1, done, all(t), takes(t, smb.DialectSMB311)))
		for _, d := range tt.later {
			verdict.Append(r, []*dialogue.Dialogue{d}, verdict.Options{})
		}
		require.Equal(t, tt.want, r.NullSession.Session, name)
	}

	elsewhere := conn(3, done, all(t), takes(t, smb.DialectSMB210))
	elsewhere.Address = "192.0.2.9:4445"
	verdict.Append(first, []*dialogue.Dialogue{elsewhere}, verdict.Options{})
	require.Len(t, first.Transports, 2)
	require.Equal(t, 1, first.Probes[len(first.Probes)-1].Transport)
}
