package verdict

import (
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

const (
	sessionPath = "/null_session/session"
	ipcPath     = "/null_session/ipc"
	guestPath   = "/null_session/guest"
	unknownPath = "/null_session/unknown_user_maps_to_guest"
)

// nullSession reads the logons of nobody and of an invented account, over all transports. It leaves the report without a
// part for them where none was asked for.
//
// A session is a session whatever its flags say: Samba sets none for an anonymous one. That the anonymous logon was
// refused in one dialect does not mean that it is in another, so that a no needs a refusal in all that were tried.
func (v *verdict) nullSession() {
	null := v.probed(NullSession)
	guest := v.probed(GuestMapping)
	n := &report.NullSession{}
	var sessions, connects claims
	for _, q := range v.asked {
		attempt, ok := v.attempt(q)
		if !ok {
			continue
		}
		n.Attempts = append(n.Attempts, attempt)
		if attempt.Identity == report.IdentityUnknownUser {
			v.mapped(q)
			continue
		}
		sessions.add(q.granted())
		if tree := v.ipcAfter(q); tree != nil {
			connects.add(tree.answer("IPC$ in an anonymous session of "+attempt.Dialect), true)
		}
		v.guestFlags(q)
	}
	if !null && !guest && len(n.Attempts) == 0 {
		return
	}
	if null || len(sessions) > 0 {
		v.expect(sessionPath, ipcPath, guestPath)
	}
	if guest {
		v.expect(unknownPath)
	}
	sessions.tell(v, sessionPath)
	connects.tell(v, ipcPath)
	n.Session, n.IPC, n.Guest = v.answer(sessionPath), v.answer(ipcPath), v.answer(guestPath)
	n.UnknownUserMapsToGuest = v.answer(unknownPath)
	v.report.NullSession = n
}

// probed tells whether questions of a kind were asked.
func (v *verdict) probed(prefix string) bool {
	for _, q := range v.asked {
		if strings.HasPrefix(q.probe, prefix) {
			return true
		}
	}
	return false
}

// A claim is what one question says of an answer.
type claim struct {
	answer   report.Answer
	evidence report.Evidence
}

type claims []claim

func (c *claims) add(one claim, ok bool) {
	if ok {
		*c = append(*c, one)
	}
}

// tell says all claims under a path. Where one is open, the noes of the others prove nothing.
func (c claims) tell(v *verdict, path string) {
	open := false
	for _, one := range c {
		open = open || one.answer == report.Unknown
	}
	for _, one := range c {
		if open && one.answer == report.No {
			one.answer = report.Unknown
		}
		v.say(path, one.answer, one.evidence)
	}
}

// answer makes a claim of a question that is granted or refused.
func (q *question) answer(text string) claim {
	c := claim{answer: report.Unknown, evidence: q.evidence(text)}
	switch {
	case q.result == report.ResultSupported && !q.moreToCome():
		c.answer = report.Yes
	case q.result == report.ResultRefused && refusals()[q.status]:
		c.answer = report.No
	}
	return c
}

// refusals are the statuses with which a server refuses because of who asks, or because of how. What it says of its own
// troubles is no refusal: Samba's domain controller answers STATUS_INTERNAL_ERROR while it is short of a process.
func refusals() map[string]bool {
	return map[string]bool{
		"STATUS_ACCESS_DENIED": true, "STATUS_NETWORK_ACCESS_DENIED": true, "STATUS_LOGON_FAILURE": true, "STATUS_NO_SUCH_USER": true,
		"STATUS_WRONG_PASSWORD": true, "STATUS_ACCOUNT_RESTRICTION": true, "STATUS_ACCOUNT_DISABLED": true,
		"STATUS_LOGON_TYPE_NOT_GRANTED": true, "STATUS_LOGON_NOT_GRANTED": true, "STATUS_ACCOUNT_LOCKED_OUT": true,
		"STATUS_NOT_SUPPORTED": true, "STATUS_NTLM_BLOCKED": true, "STATUS_BAD_NETWORK_NAME": true,
		"ERRDOS/ERRnoaccess": true, "ERRSRV/ERRaccess": true, "ERRSRV/ERRbadpw": true,
	}
}

// granted tells what a question on the way to an anonymous session says of it.
func (q *question) granted() (claim, bool) {
	if authenticates, _ := q.logon(); authenticates {
		return q.answer("an anonymous logon"), true
	}
	if q.lost() {
		return claim{report.Unknown, q.evidence("the connection was dropped instead of a challenge, as servers do that refuse NTLM")}, true
	}
	c := q.answer("NTLM is refused before any logon")
	return c, c.answer != report.Yes
}

// attempt returns the logon of nobody or of an invented account that a question makes, or that came to an end before it.
func (v *verdict) attempt(q *question) (report.SessionAttempt, bool) {
	a := report.SessionAttempt{
		Dialect: v.dialectOf(q), Transport: v.transportOf(q), Result: q.result, Status: q.status, Identity: report.IdentityAnonymous,
	}
	if strings.HasPrefix(q.probe, GuestMapping) {
		a.Identity = report.IdentityUnknownUser
	}
	authenticates, named := q.logon()
	switch {
	case !q.setup, q.checking(): // a logon of the checks is theirs
		return a, false
	case !authenticates: // only a challenge that did not come ends an attempt
		ours := strings.HasPrefix(q.probe, NullSession) || strings.HasPrefix(q.probe, GuestMapping)
		return a, ours && !q.moreToCome()
	case named && a.Identity != report.IdentityUnknownUser, !named && !q.anonymous():
		return a, false // a user's own logon, in a capture
	}
	if q.result != report.ResultSupported || q.moreToCome() {
		return a, true
	}
	if q.smb2Setup != nil {
		a.SessionFlags = q.smb2Setup.SessionFlags.Tokens()
	}
	if q.smb1Setup != nil {
		a.SMB1Action = q.smb1Setup.Action.Tokens()
	}
	if tree := v.ipcAfter(q); tree != nil {
		a.IPCStatus = tree.status
	}
	return a, true
}

// anonymous tells whether a logon names nobody and proves nothing.
func (q *question) anonymous() bool {
	if r, err := smb.ParseSMB1SessionSetupRequest(q.request); err == nil && r.WordCount != smb.SetupWordsExtended {
		return r.WordCount == smb.SetupWordsNT && len(r.AccountName) == 0 && len(r.NTPassword) == 0 && len(r.OEMPassword) <= 1
	}
	message, _ := q.ntlm()
	m, err := ntlmssp.ParseAuthenticate(message)
	return err == nil && m.IsAnonymous()
}

// dialectOf returns the dialect that was negotiated before a question; empty where it is not known.
func (v *verdict) dialectOf(q *question) string {
	for _, before := range v.asked {
		if before.dialogue != q.dialogue {
			continue
		}
		if d, ok := before.smb2Dialect(); ok {
			return d.String()
		}
		if d, ok := before.smb1Dialect(); ok {
			return d
		}
	}
	return ""
}

// ipcAfter returns the question behind a logon that connects IPC$; nil where there is none.
func (v *verdict) ipcAfter(logon *question) *question {
	behind := false
	for _, q := range v.asked {
		switch {
		case q == logon:
			behind = true
		case behind && q.dialogue == logon.dialogue:
			if strings.HasSuffix(strings.ToUpper(describe(q.request)), `\IPC$`) {
				return q
			}
		}
	}
	return nil
}

// guestFlags reads whether the server calls an anonymous session a guest's.
func (v *verdict) guestFlags(q *question) {
	if authenticates, _ := q.logon(); !authenticates || q.result != report.ResultSupported {
		return
	}
	switch {
	case q.smb2Setup != nil && q.smb2Setup.SessionFlags&smb.SessionIsGuest != 0:
		v.say(guestPath, report.Yes, q.evidence("SMB2_SESSION_FLAG_IS_GUEST"))
	case q.smb2Setup != nil && q.smb2Setup.SessionFlags&smb.SessionIsNull != 0:
		v.say(guestPath, report.No, q.evidence("SMB2_SESSION_FLAG_IS_NULL"))
	case q.smb2Setup != nil:
		v.say(guestPath, report.Unknown, q.evidence("no session flag"))
	case q.smb1Setup != nil && q.smb1Setup.Action&smb.SMB1ActionGuest != 0:
		v.say(guestPath, report.Yes, q.evidence("SMB_SETUP_GUEST"))
	case q.smb1Setup != nil:
		v.say(guestPath, report.No, q.evidence("Action without SMB_SETUP_GUEST"))
	}
}

// mapped reads the logon of an invented account. One that is let in proves no password: it is nobody's.
func (v *verdict) mapped(q *question) {
	authenticates, _ := q.logon()
	if !authenticates {
		v.say(unknownPath, report.Unknown, q.evidence("there was no challenge to answer"))
		return
	}
	c := q.answer("the logon of an account that does not exist")
	v.say(unknownPath, c.answer, c.evidence)
}
