package verdict

import (
	"slices"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// losses turns closes and resets into a no where the rule of the package comment allows it: lost twice, the second time
// alone and with the server at rest or just seen to take another offer, and another offer taken afterwards. What was lost tells of its
// dialects only when none of them is one that the server takes: such an offer was lost for another reason.
func (v *verdict) losses() {
	lost := map[string][]*question{}
	for i, q := range v.questions {
		if !q.lost() || !q.first || v.takesOneOf(q.offered()) {
			continue // a second negotiation must be answered with a close ([MS-SMB2] 3.3.5.4), so that it tells nothing
		}
		again := v.alone(q) && (v.rested(q) || v.takenBefore(q)) && v.takenAfter(i)
		said := map[string]bool{} // a list may hold a dialect twice
		for _, d := range q.offered() {
			if said[d] {
				continue
			}
			said[d] = true
			if len(lost[d]) > 0 && again {
				v.sayDialect(d, report.No, q.inferred("lost twice, and another offer was taken afterwards"))
			}
			lost[d] = append(lost[d], q)
		}
	}
}

func (v *verdict) takesOneOf(dialects []string) bool {
	return slices.ContainsFunc(dialects, func(d string) bool { return v.answer(dialectPath(d)) == report.Yes })
}

// alone tells whether no other connection was open while the question's was.
func (v *verdict) alone(q *question) bool {
	for _, other := range v.dialogues {
		if other != q.dialogue && overlap(other, q.dialogue) {
			return false
		}
	}
	return true
}

// rest is how long a server is given to recover from other connections. A Samba that is limited to three processes
// resets connections for some milliseconds after one was closed, until its process has ended; a busy machine takes longer.
const rest = 200 * time.Millisecond

// rested tells whether the server had time to recover before the question's connection was made.
func (v *verdict) rested(q *question) bool {
	return !slices.ContainsFunc(v.dialogues, func(d *dialogue.Dialogue) bool {
		gap := q.dialogue.Started.Sub(d.Ended)
		return d != q.dialogue && gap >= 0 && gap < rest
	})
}

// takenBefore tells whether the connection before the question's, in the order of the plan, had an offer taken: then the
// server was not too busy for it.
func (v *verdict) takenBefore(q *question) bool {
	i := slices.Index(v.dialogues, q.dialogue)
	return i > 0 && slices.ContainsFunc(v.questions, func(before *question) bool {
		return before.dialogue == v.dialogues[i-1] && before.welcome()
	})
}

func overlap(a, b *dialogue.Dialogue) bool {
	return a.Started.Before(b.Ended) && b.Started.Before(a.Ended)
}

// takenAfter tells whether an offer that was made after the i-th question was lost is taken.
func (v *verdict) takenAfter(i int) bool {
	return slices.ContainsFunc(v.questions[i+1:], func(q *question) bool {
		return q.welcome() && !q.sent.Before(v.questions[i].answered)
	})
}
