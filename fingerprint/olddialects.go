package fingerprint

import (
	"slices"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// oldQuestions returns the questions about SMB1 that the answers so far lead to, each once. An answer from a list names
// the one dialect that the server prefers, so that those that it may take as well are asked for alone; a refusal of a
// list is one of all its dialects.
func (r *run) oldQuestions() []*talk {
	first := r.latest(negotiate.SMB1Only().ID)
	if r.scanner.NoSMB1 || first == nil || !first.isOver(first.answered) {
		return nil
	}
	q := &oldQuestions{run: r}
	switch first.reaction {
	case refused, lost:
		q.early(negotiate.Others())
	case taken:
		if first.smb1 == nil {
			return nil
		}
		chosen := smb1Choice(first)
		if chosen == smb.DialectNTLM012 {
			q.early(negotiate.Older())
		} else {
			q.alone(olderThan(chosen)...)
		}
		q.early(negotiate.Others())
		if chosen == smb.DialectNTLM012 && first.smb1.ExtendedSecurity() {
			q.add(negotiate.NotExtended(), false)
		}
	}
	q.behindLists()
	return q.list
}

type oldQuestions struct {
	run  *run
	list []*talk
}

func (q *oldQuestions) add(o negotiate.Offer, early bool) {
	if !q.run.asked(o.ID) {
		q.list = append(q.list, &talk{offer: o, early: early, detail: true})
	}
}

func (q *oldQuestions) early(o negotiate.Offer) { q.add(o, true) }

func (q *oldQuestions) alone(dialects ...string) {
	for _, d := range dialects {
		q.add(negotiate.SMB1Single(d), false)
	}
}

// restID is the question for what is left of the other dialects.
const restID = "remaining-dialects"

// behindLists asks what the answers to the lists of older and of other dialects leave open. Servers that take the LANMAN
// dialects take those of the same age under the names that DOS clients give them, so that these are asked for alone; the
// rest is one list again, since few servers know any of it.
func (q *oldQuestions) behindLists() {
	older, others := q.answered(negotiate.Older().ID), q.answered(negotiate.Others().ID)
	var rest []string
	if older != nil && older.reaction == taken {
		below := olderThan(smb1Choice(older))
		if slices.Contains(below, smb.DialectCore) {
			rest = append(rest, smb.DialectCore)
		}
		q.alone(without(below, rest)...)
	}
	if others != nil && others.reaction == taken {
		left := without(others.offer.SMB1, []string{smb1Choice(others)})
		if older != nil && older.reaction == taken {
			for _, d := range []string{smb.DialectDOSLM12X002, smb.DialectMSNet30} {
				if slices.Contains(left, d) {
					q.alone(d)
					left = without(left, []string{d})
				}
			}
		}
		rest = append(rest, left...)
	}
	switch last := q.answered(restID); {
	case last != nil && last.reaction == taken:
		q.alone(without(last.offer.SMB1, []string{smb1Choice(last)})...)
	case len(rest) == 1:
		q.alone(rest...)
	case len(rest) > 1 && q.run.settled(negotiate.Older().ID, negotiate.Others().ID):
		q.early(negotiate.Offer{ID: restID, SMB1: rest})
	}
}

func (q *oldQuestions) answered(id string) *talk { return q.run.answered(id) }

// answered returns the last talk that asks a question, once it has a reaction.
func (r *run) answered(id string) *talk {
	if t := r.latest(id); t != nil && t.isOver(t.answered) {
		return t
	}
	return nil
}

// settled tells whether none of some questions is still to be answered.
func (r *run) settled(ids ...string) bool {
	return !slices.ContainsFunc(ids, func(id string) bool { return r.asked(id) && r.answered(id) == nil })
}

// smb1Choice returns the dialect that the answer to a talk chose.
func smb1Choice(t *talk) string {
	if t.smb1 == nil || int(t.smb1.DialectIndex) >= len(t.offer.SMB1) {
		return ""
	}
	return t.offer.SMB1[t.smb1.DialectIndex]
}

// olderThan lists the SMB1 dialects before one of them.
func olderThan(dialect string) []string {
	all := smb.SMB1Dialects()
	return all[:max(0, slices.Index(all, dialect))]
}
