package fingerprint

import (
	"slices"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

const (
	// atOnce is how many connections to one target are open side by side at most.
	atOnce = 8
	// maxQuestions is how many connections there are without repeats and controls.
	maxQuestions = 7
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
		if err := r.smb1Again(); err != nil || !r.hasAnswer() || r.over() {
			return err // nothing that a later answer could be compared with
		}
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
	r.begin(all) // even if the time is up: its dialogue tells so
	r.sideBySide(r.scanner.Sequential, wave[1:])
	<-all.answered
	r.glanceAt(r.talks[len(r.talks)-1])
	if all.reaction == taken {
		return all.dialect, nil
	}
	<-all.ended // at once: nothing follows
	second := &talk{offer: negotiate.Conservative(), challenge: names}
	if all.reaction == unanswered && !r.scanner.Sequential && r.losses() == 0 && !r.over() {
		return r.conservative(second)
	}
	r.collect()
	if all.reaction == notSupported || r.over() || !r.connects() {
		return 0, nil
	}
	if r.losses() > 0 {
		r.pause()
	}
	r.repeats++ // of the all-offer, as far as the dialects go
	if err := r.alone(second); err != nil {
		return 0, err
	}
	return second.dialect, nil
}

// conservative makes the conservative offer while SMB1 may still be under way: nothing was lost that it would repeat.
func (r *run) conservative(second *talk) (smb.Dialect, error) {
	if err := r.prepare(second); err != nil {
		return 0, err
	}
	r.repeats++
	r.sideBySide(false, []*talk{second})
	<-second.answered
	if second.reaction != taken {
		r.collect()
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
	r.sideBySide(r.scanner.Sequential || r.losses() > 0, wave)
	r.collect()
	if best != 0 || r.over() || wave[0].dialect == 0 || r.talks[0].reaction == notSupported {
		return nil
	}
	// Neither offer of SMB2 was answered, but SMB1 leads to it: where they were lost, at a busy moment; else each dialect is
	// worth a question of its own, the old ones first, as far as the connections go.
	best = smb.DialectSMB311 + 1
	if r.talks[0].reaction == lost {
		t, err := r.askAgain(r.talks[0])
		if err != nil || t.reaction != taken || r.over() {
			return err
		}
		best = t.dialect
	}
	for _, d := range smb.Dialects() {
		if d >= best || len(r.talks)-r.repeats >= maxQuestions {
			return nil
		}
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

// sideBySide begins talks beside those that are under way, or one after the other. It returns when all have begun. When
// the scan is over, those that are still to come one by one are dropped: they are the last ones of the plan.
func (r *run) sideBySide(oneByOne bool, talks []*talk) {
	for i, t := range talks {
		t.beside = !oneByOne
		if oneByOne {
			r.settle()
			if r.losses() > 1 {
				r.pause()
			}
		}
		if oneByOne && r.over() {
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

// settle waits for all talks that have begun.
func (r *run) settle() {
	for _, t := range r.talks {
		if t.begun {
			<-t.ended
		}
	}
}

// over tells whether there is nothing more to learn, or whether the server is to be left alone: it is no SMB server, it
// has sent too much, or two connections in a row have not come about; what was begun side by side counts as one of them,
// since some servers refuse all but a few at a time.
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
		switch {
		case !t.dialogue.Connected.IsZero():
			failed = 0
		case failed == 0 || !t.beside:
			failed++
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
