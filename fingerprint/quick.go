package fingerprint

import (
	"net"

	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/negotiate"
)

// quick is the plan of LevelQuick: the all-offer, and where it is not answered, first a conservative offer, because
// some servers choke on what they do not know, and then SMB1. One connection each, one at a time.
func (r *run) quick() error {
	offers := []negotiate.Offer{negotiate.All(), negotiate.Conservative()}
	if !r.scanner.NoSMB1 {
		offers = append(offers, negotiate.SMB1Only())
	}
	unsupported := false
	for i, offer := range offers {
		if i > 0 && r.talks[len(r.talks)-1].reaction == lost {
			r.pause()
		}
		if unsupported && len(offer.SMB2) > 0 {
			continue // a server that takes no SMB2 dialect does not take them from another offer
		}
		t := &talk{offer: offer, challenge: true, last: i == len(offers)-1, only: true}
		if i == 0 {
			first, err := r.first(func() *talk { return &talk{offer: offer, challenge: true, only: true} }, r.hold)
			if err != nil {
				return err
			}
			r.collect()
			t = first
		} else if err := r.alone(t); err != nil {
			return err
		}
		if t.reaction == taken || !r.sessions || !goesOn(t.dialogue) {
			return nil
		}
		unsupported = unsupported || t.reaction == notSupported
	}
	return nil
}

// single is the plan for a connection that the caller owns.
func (r *run) single(conn net.Conn, level Level) error {
	t := &talk{offer: negotiate.All(), challenge: true, last: true, only: true, begun: true}
	if err := r.prepare(t); err != nil {
		return err
	}
	adopted := exchange.Adopt(r.ctx, r.settings, conn, string(level))
	r.called = r.givenName()
	r.call(adopted, t)
	r.converse(adopted, t)
	r.collect()
	return nil
}
