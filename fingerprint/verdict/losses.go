package verdict

import (
	"bytes"
	"slices"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// losses turns closes and resets into a no where the rule of the package comment allows it: lost twice, the second time
// alone and with the server at rest, and the next offer taken. What was lost tells of its dialects only when none of
// them is one that the server takes: such an offer was lost for another reason.
func (v *verdict) losses() {
	if v.busy() {
		return
	}
	lost := map[string][]*question{}
	for i, q := range v.questions {
		if !q.lost() || !q.first || v.takesOneOf(q.offered()) {
			continue // a second negotiation must be answered with a close ([MS-SMB2] 3.3.5.4), so that it tells nothing
		}
		again := v.alone(q) && v.rested(q) && v.takenNext(i)
		said := map[string]bool{} // a list may hold a dialect twice
		for _, d := range q.offered() {
			if said[d] {
				continue
			}
			said[d] = true
			if len(lost[d]) > 0 && again {
				v.sayDialect(d, report.No, q.inferred("lost twice, the second time alone and after a rest, and the next offer was taken"))
			}
			lost[d] = append(lost[d], q)
		}
	}
}

// busy tells whether the server was seen to drop an offer that it took at another time: then no loss proves anything.
func (v *verdict) busy() bool {
	return slices.ContainsFunc(v.questions, func(lost *question) bool {
		return lost.lost() && lost.first && !v.dislikes(lost) && slices.ContainsFunc(v.questions, func(q *question) bool {
			return q.welcome() && slices.Equal(q.offered(), lost.offered())
		})
	})
}

// dislikes tells whether the server drops a request for what is in it rather than for being busy: it did so each time,
// and once alone, after a rest, and with the next offer taken.
func (v *verdict) dislikes(lost *question) bool {
	times, proven := 0, false
	for i, q := range v.questions {
		if !q.first || !sameRequest(lost, q) {
			continue
		}
		if q.reply != nil {
			return false
		}
		times++
		proven = proven || q.lost() && v.alone(q) && v.rested(q) && v.takenNext(i)
	}
	return proven && times > 1
}

// sameRequest tells whether two questions are the same but for what is random.
func sameRequest(a, b *question) bool {
	if a.smb2Asked == nil || b.smb2Asked == nil {
		return bytes.Equal(a.request, b.request)
	}
	return slices.Equal(a.smb2Asked.Dialects, b.smb2Asked.Dialects) && equalBut(a.smb2Asked, b.smb2Asked)
}

func (v *verdict) takesOneOf(dialects []string) bool {
	return slices.ContainsFunc(dialects, func(d string) bool { return v.answer(v.pathOf(d)) == report.Yes })
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

// The bounds of Rest.
const (
	minRest = 75 * time.Millisecond
	maxRest = 400 * time.Millisecond
)

// Rest is how long a server has to be left alone after some dialogues before a loss means anything: a Samba that is
// limited to three processes resets connections until the process of one that was closed has ended. That takes longer
// on a machine that is busy, which shows in how long it thinks over its answers beyond the time of a round trip.
func Rest(dialogues []*dialogue.Dialogue) time.Duration {
	slowest := time.Duration(0)
	for _, d := range dialogues {
		for _, q := range questionsIn(d) {
			if q.reply != nil && !q.unseen {
				slowest = max(slowest, q.answered.Sub(q.sent)-d.Connected.Sub(d.Started))
			}
		}
	}
	return min(max(minRest, 4*slowest), maxRest)
}

// rested tells whether the server had been left alone before the question's connection was made.
func (v *verdict) rested(q *question) bool {
	var before []*dialogue.Dialogue
	last := time.Time{}
	at := slices.Index(v.dialogues, q.dialogue)
	for i, d := range v.dialogues { // also of those behind it in the plan: side by side they are not begun in its order
		if d.Ended.Before(q.dialogue.Started) || i < at && d.Ended.Equal(q.dialogue.Started) {
			before = append(before, d)
			if d.Ended.After(last) {
				last = d.Ended
			}
		}
	}
	return len(before) == 0 || q.dialogue.Started.Sub(last) >= Rest(before)
}

func overlap(a, b *dialogue.Dialogue) bool {
	return a.Started.Before(b.Ended) && b.Started.Before(a.Ended)
}

// takenNext tells whether the connection after the one on which the i-th question was lost has an offer taken. A later
// one would not do: what is lost in between shows a server that is too busy. Nor does one that only leads on to SMB2, where
// the loss was SMB2's: it shows that SMB2 is spoken.
func (v *verdict) takenNext(i int) bool {
	q := v.questions[i]
	at := slices.Index(v.dialogues, q.dialogue)
	return at+1 < len(v.dialogues) && slices.ContainsFunc(v.questions[i+1:], func(next *question) bool {
		taken := next.takes() || q.smb2Asked == nil && next.welcome()
		return taken && next.dialogue == v.dialogues[at+1] && !next.sent.Before(q.answered)
	})
}
