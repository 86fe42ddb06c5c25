package fingerprint

import (
	"context"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/smb"
)

// run is the scan of one port under way.
type run struct {
	ctx       context.Context
	stop      context.CancelCauseFunc // ends all that is under way
	scanner   *Scanner
	settings  *exchange.Settings
	peer      *exchange.Peer
	talks     []*talk       // in the order of the plan
	collected int           // how many of them were handed on
	repeats   int           // how many of them ask again for what was lost
	places    chan struct{} // one for each connection that may be open beside others
	heard     chan struct{} // has something in it when an offer was answered since it was looked at
	dialogues []*dialogue.Dialogue
	host      string          // of the target, as it was written
	called    smb.NetBIOSName // over NetBIOS sessions
	recalled  bool            // a session request was dropped and repeated
	sessions  bool            // a NetBIOS session came about, or none is needed
}

func (s *Scanner) newRun(ctx context.Context, settings *exchange.Settings, peer *exchange.Peer) *run {
	stoppable, stop := context.WithCancelCause(ctx)
	target, _ := ParseTarget(peer.Target) // Beside puts the address that answered in the place of the peer's name
	return &run{
		ctx: stoppable, stop: stop, scanner: s, settings: settings, peer: peer, places: make(chan struct{}, atOnce), heard: make(chan struct{}, 1),
		host: target.Host, sessions: peer.Transport != dialogue.NetBIOSSession,
	}
}

// turned tells whether a server is to be left alone, at its other ports too: it has taken connections, and then two in a
// row did not come about, or it takes no more what it took before.
func (r *run) turned() bool {
	if n := len(r.talks); n > 0 {
		last := r.talks[n-1]
		if last.offer.ID == verdict.Control && last.reaction != taken && last.dialogue.End != dialogue.EndBudget {
			return true
		}
	}
	connected, failed := false, 0
	for _, d := range r.dialogues {
		switch {
		case !d.Connected.IsZero():
			connected, failed = true, 0
		case d.Transport != dialogue.NetBIOSNameService && d.End != dialogue.EndBudget:
			failed++
		}
	}
	return connected && failed > 1
}
