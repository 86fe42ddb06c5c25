package fingerprint

import (
	"fmt"
	"net"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// quick is the plan of LevelQuick: the all-offer, and where it is not answered, first a conservative offer, because
// some servers choke on what they do not know, and then SMB1. One connection each, one at a time.
func (r *run) quick(peer *exchange.Peer) error {
	offers := []negotiate.Offer{negotiate.All(), negotiate.Conservative()}
	if !r.scanner.NoSMB1 {
		offers = append(offers, negotiate.SMB1Only())
	}
	unsupported := false
	for i, offer := range offers {
		if unsupported && len(offer.SMB2) > 0 {
			continue // a server that takes no SMB2 dialect does not take them from another offer
		}
		conn := peer.Open(r.ctx)
		reply, err := r.converse(conn, offer, i == len(offers)-1)
		d := conn.Done()
		r.keep(d)
		if err != nil {
			return err
		}
		if reply == taken || !goesOn(d) {
			return nil
		}
		unsupported = unsupported || reply == notSupported
	}
	return nil
}

// single is the plan for a connection that the caller owns.
func (r *run) single(conn net.Conn, level Level) error {
	c := exchange.Adopt(r.ctx, r.settings, conn, string(level))
	_, err := r.converse(c, negotiate.All(), true)
	r.keep(c.Done())
	return err
}

// A reaction is what an offer has come to.
type reaction int

const (
	unanswered   reaction = iota // nothing that takes the offer or speaks of its dialects
	notSupported                 // STATUS_NOT_SUPPORTED: none of its dialects
	taken
)

// converse makes an offer and, where it is taken, asks for an NTLM challenge. The error is one of drawing random bytes.
func (r *run) converse(conn *exchange.Conn, offer negotiate.Offer, last bool) (reaction, error) {
	if !conn.Ready() {
		return unanswered, nil
	}
	request, err := offer.Build(r.settings.Rand)
	if err != nil {
		return unanswered, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	reply := conn.Ask(r.ctx, offer.ID, request, r.patience(last))
	if answer, err := negotiate.ParseSMB2Response(reply); err == nil {
		r.challenge(conn, func() ([]byte, error) { return setupSMB2(answer) })
		return taken, nil
	}
	if answer, err := negotiate.ParseSMB1Response(reply); err == nil && !answer.Refused() {
		if answer.ExtendedSecurity() {
			r.challenge(conn, func() ([]byte, error) { return setupSMB1(answer) })
		}
		return taken, nil
	}
	if h, err := smb.ParseSMB2Header(reply); err == nil && h.Status == dtyp.StatusNotSupported {
		return notSupported, nil
	}
	return unanswered, nil
}

// challenge asks for an NTLM challenge: the first message of a session setup, which names nobody and proves nothing.
func (r *run) challenge(conn *exchange.Conn, build func() ([]byte, error)) {
	if r.scanner.NoNTLM {
		return
	}
	request, err := build()
	if err != nil {
		r.settings.Log.ErrorContext(r.ctx, "building a session setup", "error", err) // a defect of ours
		return
	}
	conn.Ask(r.ctx, "ntlm-challenge", request, r.patience(true))
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

// goesOn tells whether another connection makes sense after a dialogue that learnt nothing.
func goesOn(d *dialogue.Dialogue) bool {
	switch d.End {
	case dialogue.EndDone, dialogue.EndClosed, dialogue.EndReset:
		return true
	case dialogue.EndTimeout:
		return !d.Connected.IsZero()
	}
	return false
}
