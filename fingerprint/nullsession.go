package fingerprint

import (
	"time"

	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/internal/session"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// ipc is the share of the named pipes ([MS-SMB2] 3.3.4.16: there on every server).
const ipc = "IPC$"

// logon goes on behind an offer that was taken: it asks for an NTLM challenge where the plan wants one, and, where the
// Scanner does, logs on as nobody and connects IPC$ in the session that it is given.
func (r *run) logon(conn *exchange.Conn, t *talk) {
	s := r.session(conn, t)
	// The multi-protocol negotiation leads to a dialect that is asked for by itself.
	null := r.scanner.NullSession && t.offer.ID != verdict.Control && t.offer.ID != negotiate.Multi().ID
	if s == nil || r.scanner.NoNTLM || !null && !t.challenge {
		return
	}
	s.Wait = func() time.Duration { return r.patience(t.only) }
	if !null {
		_ = s.Challenge(r.ctx, challengeProbe) // the dialogue holds what came of it
		return
	}
	if !s.Plain() && s.Challenge(r.ctx, verdict.NullSession+"-challenge") != nil {
		return
	}
	if s.Anonymous(r.ctx, verdict.NullSession) != nil {
		return
	}
	_, _ = s.Connect(r.ctx, verdict.NullSession+"-ipc", ipc)
}

const challengeProbe = "ntlm-challenge"

// session returns the session that can follow a talk's offer; nil where none can.
func (r *run) session(conn *exchange.Conn, t *talk) *session.Session {
	var s *session.Session
	switch {
	case t.reaction != taken:
		return nil
	case t.smb2 != nil && t.dialect != smb.DialectWildcard:
		s = session.NewSMB2(conn, *t.smb2)
	case t.smb1 != nil && t.smb1.WordCount == negotiate.AnswerWordsNT:
		s = session.NewSMB1(conn, *t.smb1)
		if s.Plain() && !r.scanner.NullSession && !t.checks {
			return nil // there is no challenge to ask for
		}
	default:
		return nil
	}
	s.Host = r.host
	return s
}

// alike asks for NT LM 0.12 without extended security as well, where the plan has not: the logon is another one there.
func (r *run) alike() error {
	old := r.latest(negotiate.SMB1Only().ID)
	if !r.scanner.NullSession || old == nil || !old.takes() || old.smb1 == nil || !old.smb1.ExtendedSecurity() ||
		r.asked(negotiate.NotExtended().ID) || r.over() || r.isLeftAlone() {
		return nil
	}
	return r.alone(&talk{offer: negotiate.NotExtended()})
}

// withGuestMapping adds the logon of an invented account to a plan, once a target: at the first port that takes SMB.
func withGuestMapping(plan func(*run) error) func(*run) error {
	asked := false
	return func(r *run) error {
		if err := plan(r); err != nil || asked || r.over() || r.isLeftAlone() {
			return err
		}
		r.collect()
		offer, ok := r.forGuest()
		if !ok {
			return nil
		}
		asked = true
		offer.ID = verdict.GuestMapping + "-negotiate"
		return r.alone(&talk{offer: offer, invented: true})
	}
}

// forGuest returns what the server takes and a challenge has come of.
func (r *run) forGuest() (negotiate.Offer, bool) {
	if best := r.highest(); best != 0 {
		return negotiate.Single(best), true
	}
	if old := r.latest(negotiate.SMB1Only().ID); old != nil && old.takes() {
		return negotiate.SMB1Only(), true
	}
	return negotiate.Offer{}, false
}

// invent logs on with an account that does not exist.
func (r *run) invent(conn *exchange.Conn, t *talk) {
	s := r.session(conn, t)
	if s == nil {
		return
	}
	s.Wait = func() time.Duration { return r.patience(true) }
	if s.Plain() || s.Challenge(r.ctx, verdict.GuestMapping+"-challenge") != nil {
		return
	}
	_ = s.Invented(r.ctx, verdict.GuestMapping, r.settings.Rand, r.settings.Now()) // the dialogue holds what came of it
}
