package fingerprint

import (
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// maxRepeats is how many lost questions are asked again, alone.
const maxRepeats = 6

// repeat asks again what was lost, one connection at a time, and after what was lost again something that the server
// took before: only a server that still takes it has refused the other. The conservative offer has repeated the
// all-offer as far as the dialects go; where it was taken, the algorithms of the all-offer are still to be asked for.
// What was lost to a refused connect has not been asked at all, and may take two repeats: after all others.
func (r *run) repeat(best smb.Dialect) error {
	var list []*talk
	for _, t := range r.talks {
		if t.reaction != lost || r.repeated(t) {
			continue
		}
		switch t.offer.ID {
		case negotiate.Conservative().ID:
			if r.talks[0].reaction == lost && r.talks[0].stands {
				continue
			}
		case negotiate.All().ID:
			if best == 0 {
				continue // the conservative offer was lost too, and has repeated it
			}
		}
		list = append(list, t)
	}
	busy := r.losses() > 1
	for i := 0; i < len(list) && r.repeats < maxRepeats; i++ {
		first := list[i]
		t, err := r.askAgain(first)
		if err != nil || r.over() {
			return err
		}
		if t.reaction == lost && t.stands && !first.stands {
			list = append(list, t)
		}
		if known := r.takenBefore(best); t.reaction == lost && t.stands && known != nil {
			if busy {
				r.pause()
			}
			control := &talk{offer: *known}
			control.offer.ID = verdict.Control
			if err := r.alone(control); err != nil || control.reaction != taken {
				return err // what it took before it takes no more: it is to be left alone
			}
		}
	}
	return nil
}

// repeated tells whether a question is the repeat of another, or has one.
func (r *run) repeated(t *talk) bool {
	return strings.HasSuffix(t.offer.ID, verdict.Again) ||
		slices.ContainsFunc(r.talks, func(o *talk) bool { return o.offer.ID == t.offer.ID+verdict.Again })
}

// takenBefore returns an offer that the server has taken, or one of the same with less in it.
func (r *run) takenBefore(best smb.Dialect) *negotiate.Offer {
	for _, t := range r.talks {
		if t.reaction != taken || best != 0 && t.dialect != best {
			continue
		}
		o := t.offer
		if o.ID == negotiate.All().ID {
			o = negotiate.Single(best)
		}
		return &o
	}
	return nil
}

// losses counts the questions that were lost, a repeated one once.
func (r *run) losses() int {
	ids := map[string]bool{}
	for _, t := range r.talks {
		if !t.isOver(t.answered) || t.reaction != lost {
			continue
		}
		id, _, _ := strings.Cut(t.offer.ID, verdict.Again)
		if id == negotiate.Conservative().ID {
			id = negotiate.All().ID // whose repetition it is
		}
		ids[id] = true
	}
	return len(ids)
}

// smb1Again asks for SMB1 again where it was lost beside the all-offer: a small device may take one connection at a time.
func (r *run) smb1Again() error {
	i := slices.IndexFunc(r.talks, func(t *talk) bool { return t.offer.ID == negotiate.SMB1Only().ID })
	if i < 0 || r.talks[i].reaction != lost || !r.connects() {
		return nil
	}
	_, err := r.askAgain(r.talks[i])
	return err
}

// askAgain repeats a question alone, at a moment at which its loss means something.
func (r *run) askAgain(first *talk) (*talk, error) {
	r.pause()
	r.repeats++
	t := &talk{offer: first.offer, challenge: first.challenge}
	t.offer.ID += verdict.Again
	return t, r.alone(t)
}
