package fingerprint

import (
	"slices"
	"time"

	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// withChecks adds the weakness checks to a plan, once a target: at the first port where NT LM 0.12 was taken, or where
// nobody has asked for it yet, as at LevelQuick; there the check's own negotiation comes before anything else.
func withChecks(plan func(*run) error) func(*run) error {
	held := false
	return func(r *run) error {
		if err := plan(r); err != nil || held || r.over() || r.isLeftAlone() {
			return err
		}
		r.collect()
		if !r.checkable() {
			return nil
		}
		t := &talk{offer: negotiate.SMB1Only(smb.DialectNTLM012), checks: true}
		t.offer.ID = verdict.ChecksNegotiate
		err := r.alone(t)
		held = t.takes() // else another port may
		return err
	}
}

// checkable tells whether the checks may ask for NT LM 0.12: it was taken, or is still to be asked for.
func (r *run) checkable() bool {
	asked := false
	for _, t := range r.talks {
		if !slices.Contains(t.offer.SMB1, smb.DialectNTLM012) {
			continue
		}
		asked = true
		if t.takes() && t.smb1 != nil && t.offer.SMB1[t.smb1.DialectIndex] == smb.DialectNTLM012 {
			return true
		}
	}
	return !asked && !r.scanner.NoSMB1
}

// check logs on as nobody, connects IPC$ and asks the two questions of the weakness checks. Each step needs the one before,
// but the second question is asked whatever the first was answered.
func (r *run) check(conn *exchange.Conn, t *talk) {
	s := r.session(conn, t)
	if s == nil {
		return
	}
	s.Wait = func() time.Duration { return r.patience(true) }
	if !s.Plain() && s.Challenge(r.ctx, verdict.ChecksChallenge) != nil {
		return
	}
	if s.Anonymous(r.ctx, verdict.ChecksSession) != nil {
		return
	}
	tree, err := s.Connect(r.ctx, verdict.ChecksIPC, ipc)
	if err != nil {
		return
	}
	_ = s.PeekNamedPipe(r.ctx, verdict.ChecksMS17010, tree) // the dialogue holds what came of it
	_, _ = s.Ping(r.ctx, verdict.ChecksDoublePulsar, tree)  // likewise, also where there is nobody left to ask
}
