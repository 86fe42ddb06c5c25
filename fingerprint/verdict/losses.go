package verdict

import (
	"slices"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// losses turns closes and resets into a no where the rule of the package comment allows it. What was lost tells of its
// dialects only when none of them is one that the server takes: such an offer was lost for another reason.
func (v *verdict) losses() {
	lost := map[string][]*question{}
	for i, q := range v.questions {
		if !q.lost() || !q.first || v.takesOneOf(q.offered()) {
			continue // a second negotiation must be answered with a close ([MS-SMB2] 3.3.5.4), so that it tells nothing
		}
		again := v.alone(q) && v.takenAfter(i)
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

func overlap(a, b *dialogue.Dialogue) bool {
	return a.Started.Before(b.Ended) && b.Started.Before(a.Ended)
}

// takenAfter tells whether an offer that was made after the i-th question was lost is taken.
func (v *verdict) takenAfter(i int) bool {
	return slices.ContainsFunc(v.questions[i+1:], func(q *question) bool {
		return q.takes() && !q.sent.Before(v.questions[i].answered)
	})
}
