package fingerprint

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// A reaction is what an offer has come to.
type reaction int

const (
	unanswered   reaction = iota // silence, or an answer that takes nothing and says nothing of the dialects
	lost                         // closed, reset, or not even connected: what a busy server does too
	refused                      // none of its dialects, in the protocol's own words
	notSupported                 // STATUS_NOT_SUPPORTED: none of its SMB2 dialects, whatever else is offered with them
	taken
)

// A talk is one connection of a plan: an offer and, where it is taken, the question for an NTLM challenge.
type talk struct {
	offer     negotiate.Offer
	challenge bool                            // ask for an NTLM challenge
	invented  bool                            // log on with an account that does not exist
	checks    bool                            // go on to the weakness checks
	last      bool                            // nothing can follow, so that its answer may take all the time that is left
	only      bool                            // nothing follows once it is taken, so that this holds for the challenge
	early     bool                            // other questions wait for its answer
	detail    bool                            // only LevelFull asks it
	build     func(io.Reader) ([]byte, error) // the request, where the offer is no more than its identifier
	wait      time.Duration                   // the longest wait for the answer, where that is bounded
	request   []byte
	number    int

	reaction reaction
	refusal  bool                    // unanswered, but for a status that says nothing of the dialects
	dialect  smb.Dialect             // the SMB2 dialect that was chosen; smb.DialectWildcard where SMB1 led to SMB2; else 0
	smb2     *negotiate.SMB2Response // the answer that chose it
	smb1     *negotiate.SMB1Response // the answer that chose an SMB1 dialect
	dialogue *dialogue.Dialogue

	begun    bool
	beside   bool // begun without waiting for those before it
	stands   bool // whether the connection came about
	session  exchange.Session
	greeted  chan struct{} // closed once a NetBIOS session stands or does not, or none is needed
	answered chan struct{} // closed once there is a reaction
	ended    chan struct{} // closed once there is a dialogue
}

var errForeign = errors.New("another connection has shown that this is no SMB server")

// prepare gives talks their numbers and draws their random bytes, in the order of the plan and before any of them
// begins, so that the bytes do not depend on which is faster. The error is one of drawing random bytes.
func (r *run) prepare(talks ...*talk) error {
	for _, t := range talks {
		build := t.offer.Build
		if t.build != nil {
			build = t.build
		}
		request, err := build(r.settings.Rand)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrConfig, err)
		}
		t.request = request
	}
	for _, t := range talks {
		t.number = r.peer.Next()
		t.greeted, t.answered, t.ended = make(chan struct{}), make(chan struct{}), make(chan struct{})
	}
	r.talks = append(r.talks, talks...)
	return nil
}

// hold holds a talk over a connection of its own.
func (r *run) hold(t *talk) {
	conn := r.peer.OpenAs(r.ctx, t.number)
	r.call(conn, t)
	r.converse(conn, t)
}

// converse makes the offer of a talk over a connection and, where it is taken, goes on to a logon.
func (r *run) converse(conn *exchange.Conn, t *talk) {
	t.stands = conn.Ready()
	if t.stands {
		wait := r.patience(t.last)
		if t.wait > 0 {
			wait = min(wait, t.wait)
		}
		t.react(conn.Ask(r.ctx, t.offer.ID, t.request, wait))
	}
	if t.reaction == unanswered && conn.Lost() {
		t.reaction = lost
	}
	close(t.answered)
	select {
	case r.heard <- struct{}{}:
	default:
	}
	switch {
	case t.invented:
		r.invent(conn, t)
	case t.checks:
		r.check(conn, t)
	default:
		r.logon(conn, t)
	}
	t.dialogue = conn.Done()
	if t.dialogue.End == dialogue.EndForeign { // the others would wait in vain, but may have as much in flight
		time.AfterFunc(glance, func() { r.stop(errForeign) })
	}
	close(t.ended)
}

// react reads the answer to a talk's offer.
func (t *talk) react(reply []byte) {
	if answer, err := negotiate.ParseSMB2Response(reply); err == nil {
		if t.offers(answer.Dialect) {
			t.reaction, t.dialect, t.smb2 = taken, answer.Dialect, &answer
		}
		return
	}
	if answer, err := negotiate.ParseSMB1Response(reply); err == nil {
		if answer.Refused() {
			t.reaction = refused
		} else if int(answer.DialectIndex) < len(t.offer.SMB1) && answer.Header.Status == dtyp.StatusSuccess {
			t.reaction, t.smb1 = taken, &answer
		}
		return
	}
	if h, err := smb.ParseSMB2Header(reply); err == nil {
		t.refusal = h.Status != dtyp.StatusSuccess
		if h.Status == dtyp.StatusNotSupported {
			t.reaction = notSupported
		}
	}
}

// offers tells whether an SMB2 dialect is one that the offer leads to.
func (t *talk) offers(d smb.Dialect) bool {
	switch d {
	case smb.DialectWildcard:
		return slices.Contains(t.offer.SMB1, smb.DialectSMB2Any)
	case smb.DialectSMB202:
		return slices.Contains(t.offer.SMB2, d) || slices.Contains(t.offer.SMB1, smb.DialectSMB2002)
	}
	return slices.Contains(t.offer.SMB2, d)
}

// patience is how long to wait for an answer: for the last question as long as there is time, for others half of that,
// so that a server that stays silent leaves time for the next offer.
func (r *run) patience(last bool) time.Duration {
	deadline, _ := r.ctx.Deadline() // there always is one: run sets it
	left := time.Until(deadline)
	if last {
		return left
	}
	return left / 2
}

// glance is how long answers that should come at the same time are waited for, so that the plan does not depend on which
// of them is first by a hair.
const glance = 10 * time.Millisecond

// glanceAt waits a moment for what becomes of an offer.
func (r *run) glanceAt(t *talk) {
	timer := time.NewTimer(glance)
	defer timer.Stop()
	select {
	case <-t.answered:
		if t.reaction != taken {
			<-t.ended // at once: nothing follows
		}
	case <-timer.C:
	case <-r.ctx.Done():
	}
}

// pause leaves a server that drops connections alone, until a loss means something or the scan's time is up. It waits
// for all talks that have begun.
func (r *run) pause() {
	r.collect()
	const margin = 5 * time.Millisecond // the clock of the dialogues is not that of the timer
	r.sleep(verdict.Rest(r.dialogues) + margin)
}

// sleep waits for some time, or until the scan's time is up.
func (r *run) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.ctx.Done():
	}
}

// collect waits for every talk that has begun and hands their dialogues on, in the order of the plan.
func (r *run) collect() {
	for ; r.collected < len(r.talks) && r.talks[r.collected].begun; r.collected++ {
		t := r.talks[r.collected]
		<-t.ended
		r.deliver(t.dialogue, t.offer.ID)
	}
}

// deliver hands a dialogue on.
func (r *run) deliver(d *dialogue.Dialogue, question string) {
	r.dialogues = append(r.dialogues, d)
	r.settings.Log.DebugContext(r.ctx, "connection ended", "target", d.Target, "address", d.Address,
		"connection", d.Connection, "question", question, "end", d.End, "reason", d.Reason)
	if r.scanner.Dialogues != nil {
		r.scanner.Dialogues(d)
	}
}

// goesOn tells whether another connection makes sense after a dialogue.
func goesOn(d *dialogue.Dialogue) bool {
	switch d.End {
	case dialogue.EndDone, dialogue.EndClosed, dialogue.EndReset:
		return true
	case dialogue.EndTimeout:
		return !d.Connected.IsZero()
	}
	return false
}
