package fingerprint

import (
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

const (
	// atOnce is how many connections to one target are open side by side at most.
	atOnce = 8
	// maxRepeats is how many lost questions are asked again, alone.
	maxRepeats = 6
)

// extras are what LevelStandard asks beside the dialects.
type extras struct {
	names   bool // NTLM challenges
	upgrade bool // the multi-protocol negotiation
}

// standard is the plan of LevelStandard: an answer for each dialect, in two waves.
//
// The first wave is the all-offer and SMB1. The second begins with the answer to the all-offer and asks what is still
// open: the multi-protocol negotiation, and each SMB2 dialect below the one that was chosen. What the all-offer did not
// settle is asked for with a conservative offer first.
//
// Busy servers and small devices close and reset what they would take at another moment. So after the first loss the
// plan goes on one connection at a time, after the second with pauses, and what was lost is asked again, alone and after
// a pause.
func (r *run) standard() error { return r.dialects(extras{names: true, upgrade: true}) }

func (r *run) dialects(with extras) error {
	defer r.collect()
	best, err := r.firstWave(with.names)
	if err != nil || r.over() {
		return err
	}
	if best == 0 && !r.hasAnswer() {
		return nil // nothing that a later answer could be compared with
	}
	if err := r.secondWave(best, with.upgrade); err != nil || r.over() {
		return err
	}
	return r.repeat(best)
}

// firstWave asks for the best SMB2 dialect and for SMB1, and returns the former: 0 where there is none.
func (r *run) firstWave(names bool) (smb.Dialect, error) {
	all := &talk{offer: negotiate.All(), challenge: names}
	wave := []*talk{all}
	if !r.scanner.NoSMB1 {
		wave = append(wave, &talk{offer: negotiate.SMB1Only(), challenge: names})
	}
	if err := r.prepare(wave...); err != nil {
		return 0, err
	}
	r.sideBySide(wave)
	<-all.answered
	if all.reaction == taken {
		return all.dialect, nil
	}
	r.collect()
	if all.reaction == notSupported || r.over() || !r.connects() {
		return 0, nil
	}
	if r.losses() > 0 {
		r.pause()
	}
	second := &talk{offer: negotiate.Conservative(), challenge: names}
	if err := r.alone(second); err != nil {
		return 0, err
	}
	return second.dialect, nil
}

// secondWave asks for what the first has left open. Where SMB2 was not answered, the multi-protocol negotiation is the
// later offer without which a loss proves nothing.
func (r *run) secondWave(best smb.Dialect, upgrade bool) error {
	var wave []*talk
	if !r.scanner.NoSMB1 && (upgrade || best == 0) {
		wave = append(wave, &talk{offer: negotiate.Multi()})
	}
	for _, d := range smb.Dialects() {
		if d < best {
			wave = append(wave, &talk{offer: negotiate.Single(d)})
		}
	}
	if len(wave) == 0 {
		return nil
	}
	if err := r.prepare(wave...); err != nil {
		return err
	}
	r.sideBySide(wave)
	r.collect()
	if best != 0 || r.over() || wave[0].dialect == 0 {
		return nil
	}
	// Neither offer of SMB2 was answered, but SMB1 leads to it: each dialect is worth a question of its own.
	for _, d := range smb.Dialects() {
		if err := r.alone(&talk{offer: negotiate.Single(d)}); err != nil || r.over() {
			return err
		}
	}
	return nil
}

// connects tells whether any connection came about.
func (r *run) connects() bool {
	return slices.ContainsFunc(r.talks, func(t *talk) bool { return t.stands })
}

// hasAnswer tells whether any offer so far had an answer that speaks of dialects.
func (r *run) hasAnswer() bool {
	return slices.ContainsFunc(r.talks, func(t *talk) bool { return t.reaction > lost })
}

// What the identifiers of questions tell beside the offer.
const (
	again     = "-again"  // ends the identifier of a question that is asked a second time
	controlID = "control" // the question whether the server still takes what it took before
)

// repeat asks again what was lost, one connection at a time, and after what was lost again something that the server
// took before: only a server that still takes it has refused the other. The conservative offer has repeated the
// all-offer as far as the dialects go; where it was taken, the algorithms of the all-offer are still to be asked for.
func (r *run) repeat(best smb.Dialect) error {
	var list []*talk
	for _, t := range r.talks {
		if t.reaction != lost || len(list) == maxRepeats {
			continue
		}
		switch t.offer.ID {
		case negotiate.Conservative().ID:
			continue
		case negotiate.All().ID:
			if best == 0 {
				continue // the conservative offer was lost too, and has repeated it
			}
		}
		list = append(list, &talk{offer: t.offer, challenge: t.challenge})
	}
	busy := r.losses() > 1
	for _, t := range list {
		r.pause()
		t.offer.ID += again
		if err := r.alone(t); err != nil || r.over() {
			return err
		}
		if known := r.takenBefore(best); t.reaction == lost && known != nil {
			if busy {
				r.pause()
			}
			control := &talk{offer: *known}
			control.offer.ID = controlID
			if err := r.alone(control); err != nil || control.reaction != taken {
				return err // what it took before it takes no more: it is to be left alone
			}
		}
	}
	return nil
}

// takenBefore returns an offer that the server has taken.
func (r *run) takenBefore(best smb.Dialect) *negotiate.Offer {
	if best != 0 {
		o := negotiate.Single(best)
		return &o
	}
	for _, t := range r.talks {
		if t.reaction == taken {
			return &t.offer
		}
	}
	return nil
}

// begin holds a talk beside others, once there is a place for its connection.
func (r *run) begin(t *talk) {
	r.places <- struct{}{}
	t.begun = true
	go func() {
		defer func() { <-r.places }()
		r.hold(t)
	}()
}

// alone prepares a talk and holds it while no other connection is open.
func (r *run) alone(t *talk) error {
	r.collect()
	if err := r.prepare(t); err != nil {
		return err
	}
	t.begun = true
	r.hold(t)
	r.collect()
	return nil
}

// sideBySide begins talks beside those that are under way; one after the other once a connection was lost. It returns
// when all have begun. When the scan is over, those that have not begun are dropped: they are the last ones of the plan.
func (r *run) sideBySide(talks []*talk) {
	for i, t := range talks {
		if r.scanner.Sequential || r.losses() > 0 {
			r.collect()
		}
		if r.losses() > 1 {
			r.pause()
		}
		if r.over() {
			r.talks = r.talks[:len(r.talks)-len(talks[i:])]
			return
		}
		if r.peer.Exhausted(t.number) {
			t.begun = true
			r.hold(t) // which ends at once and says so
			r.talks = r.talks[:len(r.talks)-len(talks[i+1:])]
			return
		}
		r.begin(t)
	}
}

// losses counts the questions that were lost, a repeated one once.
func (r *run) losses() int {
	ids := map[string]bool{}
	for _, t := range r.talks {
		if !t.isOver(t.answered) || t.reaction != lost {
			continue
		}
		id := strings.TrimSuffix(t.offer.ID, again)
		if id == negotiate.Conservative().ID {
			id = negotiate.All().ID // whose repetition it is
		}
		ids[id] = true
	}
	return len(ids)
}

// over tells whether there is nothing more to learn, or whether the server is to be left alone: it is no SMB server, it
// has sent too much, or two connections in a row have not come about.
func (r *run) over() bool {
	if r.ctx.Err() != nil {
		return true
	}
	failed := 0
	for _, t := range r.talks {
		if !t.isOver(t.ended) {
			continue
		}
		switch t.dialogue.End {
		case dialogue.EndForeign, dialogue.EndLimit, dialogue.EndCanceled, dialogue.EndBudget:
			return true
		}
		failed++
		if !t.dialogue.Connected.IsZero() {
			failed = 0
		}
		if failed == 2 {
			return true
		}
	}
	return false
}

// isOver tells whether a talk that has begun has come to a point.
func (t *talk) isOver(point chan struct{}) bool {
	if !t.begun {
		return false
	}
	select {
	case <-point:
		return true
	default:
		return false
	}
}
