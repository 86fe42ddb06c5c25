package fingerprint

import (
	"slices"
	"time"

	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

const (
	// behaviourWait is how long a behaviour probe waits: silence is an answer here.
	behaviourWait = 2 * time.Second
	// controlEvery is how many behaviour probes there are between two control questions.
	controlEvery = 3
)

// withBehaviour adds the behaviour probes to a plan, once a target: on the first port where they may be asked.
func withBehaviour(plan func(*run) error) func(*run) error {
	asked := false
	return func(r *run) error {
		if err := plan(r); err != nil || asked || !r.sturdy() {
			return err
		}
		asked = true
		return r.behaviours()
	}
}

// sturdy tells whether a server may be asked unusual questions. It takes 2.1 or higher, so that it is no old or small
// device, and was not seen to drop anything in SMB2, which busy servers and printers do.
func (r *run) sturdy() bool {
	return !r.over() && !r.isLeftAlone() && r.highest() >= smb.DialectSMB210 && !slices.ContainsFunc(r.talks, func(t *talk) bool {
		return t.reaction == lost && len(t.offer.SMB2) > 0
	})
}

// highest returns the highest SMB2 dialect that was taken; 0 where none was.
func (r *run) highest() smb.Dialect {
	best := smb.Dialect(0)
	for _, t := range r.talks {
		if t.reaction == taken && slices.Contains(t.offer.SMB2, t.dialect) {
			best = max(best, t.dialect)
		}
	}
	return best
}

// behaviours asks the behaviour probes, one connection at a time. After every third and after the last a control asks for
// what the server took before; where it takes that no more, it is left alone.
func (r *run) behaviours() error {
	best := r.highest()
	probes := slices.DeleteFunc(negotiate.Behaviours(), func(b negotiate.Behaviour) bool { return b.IsSMB1() && r.scanner.NoSMB1 })
	for i, b := range probes {
		t := &talk{offer: negotiate.Offer{ID: b.ID}, build: b.Build, wait: behaviourWait}
		if err := r.alone(t); err != nil || r.over() {
			return err
		}
		if (i+1)%controlEvery != 0 && i+1 != len(probes) {
			continue
		}
		control := &talk{offer: *r.takenBefore(best), wait: behaviourWait}
		control.offer.ID = verdict.Control
		if err := r.alone(control); err != nil || control.reaction != taken || r.over() {
			return err
		}
	}
	return nil
}
