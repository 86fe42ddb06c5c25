package fingerprint

import (
	"slices"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

const (
	// atOnce is how many connections to one target are open side by side at most.
	atOnce = 8
	// maxQuestions is how many connections there are without repeats and controls.
	maxQuestions = 7
)

// A scope is what a plan asks beside the dialects of LevelStandard.
type scope struct {
	names      bool // NTLM challenges
	upgrade    bool // the multi-protocol negotiation
	everything bool // what LevelFull asks
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
func (r *run) standard() error { return r.dialects(scope{names: true, upgrade: true}) }

func (r *run) dialects(with scope) error {
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
	if err := r.secondWave(best, with); err != nil || r.over() {
		return err
	}
	if best == 0 {
		if err := r.smb2Late(); err != nil || r.over() {
			return err
		}
	}
	if err := r.repeat(best); err != nil {
		return err
	}
	if with.everything {
		if err := r.details(best); err != nil {
			return err
		}
	}
	return r.alike()
}

// firstWave asks for the best SMB2 dialect and for SMB1, and returns the former: 0 where there is none.
func (r *run) firstWave(names bool) (smb.Dialect, error) {
	build := func() *talk { return &talk{offer: negotiate.All(), challenge: names} }
	begin := func(t *talk) { r.places <- struct{}{}; r.begin(t) } // even if the time is up: its dialogue tells so
	all, err := r.first(build, begin)
	if err != nil || !r.sessions {
		return 0, err
	}
	if !r.scanner.NoSMB1 {
		old := &talk{offer: negotiate.SMB1Only(), challenge: names}
		if err := r.prepare(old); err != nil {
			return 0, err
		}
		r.sideBySide(r.scanner.Sequential, []*talk{old})
	}
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
func (r *run) secondWave(best smb.Dialect, with scope) error {
	var wave []*talk
	if !r.scanner.NoSMB1 && (with.upgrade || best == 0) {
		wave = append(wave, &talk{offer: negotiate.Multi()})
	}
	for _, d := range smb.Dialects() {
		if d < best {
			wave = append(wave, &talk{offer: negotiate.Single(d)})
		}
	}
	if with.everything {
		r.withoutEncryption(wave, best)
		wave = append(wave, r.algorithmQuestions()...)
		wave = append(wave, r.oldQuestions()...)
	}
	for len(wave) > 0 {
		if err := r.prepare(wave...); err != nil {
			return err
		}
		r.sideBySide(r.scanner.Sequential, wave)
		wave = nil
		if with.everything && !r.over() {
			r.await(func(t *talk) bool { return t.early })
			wave = r.oldQuestions()
			if r.losses() == 0 && r.asksForEncryption(best) {
				wave = append(wave, unencrypted(best))
			}
		}
	}
	r.collect()
	return nil
}

// smb2Late asks for SMB2 where neither offer of it was answered, but SMB1 leads to it: where they were lost, at a busy
// moment; else each dialect is worth a question of its own, the old ones first, as far as the connections go.
func (r *run) smb2Late() error {
	leads := slices.ContainsFunc(r.talks, func(t *talk) bool { return t.offer.ID == negotiate.Multi().ID && t.dialect != 0 })
	if !leads || r.talks[0].reaction == notSupported {
		return nil
	}
	best := smb.DialectSMB311 + 1
	if r.talks[0].reaction == lost {
		t, err := r.askAgain(r.talks[0])
		if err != nil || t.reaction != taken || r.over() {
			return err
		}
		best = t.dialect
	}
	for _, d := range smb.Dialects() {
		if d >= best || r.dialectTalks() >= maxQuestions {
			return nil
		}
		if err := r.alone(&talk{offer: negotiate.Single(d)}); err != nil || r.over() {
			return err
		}
	}
	return nil
}

// dialectTalks counts the connections that LevelStandard has made too, without repeats.
func (r *run) dialectTalks() int {
	n := 0
	for _, t := range r.talks {
		if !t.detail {
			n++
		}
	}
	return n - r.repeats
}

// connects tells whether any connection came about.
func (r *run) connects() bool {
	return slices.ContainsFunc(r.talks, func(t *talk) bool { return t.stands })
}

// hasAnswer tells whether any offer so far had an answer that speaks of dialects.
func (r *run) hasAnswer() bool {
	return slices.ContainsFunc(r.talks, func(t *talk) bool { return t.isOver(t.answered) && t.reaction > lost })
}
