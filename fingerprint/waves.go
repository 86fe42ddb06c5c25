package fingerprint

import (
	"slices"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
)

// begin holds a talk beside others, in a place for its connection that is taken already.
func (r *run) begin(t *talk) {
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

// sideBySide begins talks beside those that are under way, those that others wait for first, or one after the other: so
// when asked to, and once something was lost. It returns when all have begun. When the scan is over, those that are still
// to come one by one are dropped; so are those that the budget has no connections for, but for one that says so.
func (r *run) sideBySide(oneByOne bool, talks []*talk) {
	order := slices.Clone(talks)
	if !oneByOne {
		slices.SortStableFunc(order, compareEarly)
	}
	oneByOne = oneByOne || r.losses() > 0
	var begun []*talk
	for _, t := range order {
		if r.peer.Exhausted(t.number) {
			continue
		}
		if len(begun) == maxRepeats { // a busy server may drop them all, and no more can be asked again
			r.awaitOne(begun)
			oneByOne = oneByOne || r.losses() > 0
		}
		if r.place() {
			oneByOne = oneByOne || r.losses() > 0
		}
		t.beside = !oneByOne
		if oneByOne {
			r.settle()
			if r.losses() > 1 {
				r.pause()
			}
			if r.over() {
				<-r.places
				break
			}
		}
		r.begin(t)
		begun = append(begun, t)
	}
	for _, t := range talks {
		if !t.begun && r.peer.Exhausted(t.number) && !r.over() {
			t.begun = true
			r.hold(t) // which ends at once and says so
			break
		}
	}
	r.talks = slices.DeleteFunc(r.talks, func(t *talk) bool { return !t.begun })
}

func compareEarly(a, b *talk) int {
	switch {
	case a.early == b.early:
		return 0
	case a.early:
		return -1
	}
	return 1
}

// await waits for what becomes of some offers that were made.
func (r *run) await(these func(*talk) bool) {
	for _, t := range r.talks {
		if t.begun && these(t) {
			<-t.answered
		}
	}
}

// awaitOne waits for what becomes of any of some offers that were made.
func (r *run) awaitOne(talks []*talk) {
	for !slices.ContainsFunc(talks, func(t *talk) bool { return t.isOver(t.answered) }) {
		<-r.heard
	}
	r.sleep(blink)
}

// blink is how long answers of the same instant are waited for once the first was.
const blink = time.Millisecond

// place takes a place for a connection, and tells whether it had to wait for one.
func (r *run) place() bool {
	select {
	case r.places <- struct{}{}:
		return false
	default:
	}
	r.places <- struct{}{}
	return true
}

// settle waits for all talks that have begun.
func (r *run) settle() {
	for _, t := range r.talks {
		if t.begun {
			<-t.ended
		}
	}
}

// over tells whether there is nothing more to learn, or whether the server is to be left alone: no NetBIOS session came
// about, it is no SMB server, it has sent too much, or two connections in a row have not come about; what was begun side by side counts as one of them,
// since some servers refuse all but a few at a time.
func (r *run) over() bool {
	if r.ctx.Err() != nil || !r.sessions {
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
