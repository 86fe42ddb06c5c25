package verdict

import (
	"github.com/smbscope/smbscope/fingerprint/report"
)

// A ledger keeps each answer under its path together with what it rests on.
type ledger struct {
	report  *report.Report
	answers map[string]report.Answer
}

// expect prepares the paths that the level may ask: they are unknown until something is said.
func (l *ledger) expect(paths ...string) {
	for _, path := range paths {
		if _, ok := l.answers[path]; !ok {
			l.answers[path] = report.Unknown
		}
	}
}

// say records what one piece of evidence says. Evidence of a yes outweighs that of a no, which another dialect or a
// busy moment may explain, and both outweigh unknown.
func (l *ledger) say(path string, answer report.Answer, evidence report.Evidence) {
	if l.report.Evidence == nil {
		l.report.Evidence = map[string][]report.Evidence{}
	}
	l.report.Evidence[path] = append(l.report.Evidence[path], evidence)
	if rank(answer) > rank(l.answers[path]) {
		l.answers[path] = answer
	}
}

func rank(a report.Answer) int {
	switch a {
	case report.Yes:
		return 3
	case report.No:
		return 2
	case report.Unknown:
		return 1
	}
	return 0
}

// explain gives evidence to the answers that nothing was said about: nothing asked for them.
func (l *ledger) explain() {
	for path := range l.answers {
		if len(l.report.Evidence[path]) == 0 {
			l.say(path, report.Unknown, report.Evidence{Result: report.ResultNotTested})
		}
	}
}

// answer returns what is known under a path; what was neither expected nor said is absent.
func (l *ledger) answer(path string) report.Answer { return l.answers[path] }

// all tells whether the answer under each path is a.
func (l *ledger) all(a report.Answer, paths ...string) bool {
	for _, path := range paths {
		if l.answers[path] != a {
			return false
		}
	}
	return true
}

// evidence makes the evidence that a question gives.
func (q *question) evidence(text string) report.Evidence {
	return report.Evidence{Probe: q.probe, Result: q.result, Status: q.status, Text: text}
}

// declined makes the evidence of an answer that leaves out something that the question offered.
func (q *question) declined(text string) report.Evidence {
	return report.Evidence{Probe: q.probe, Result: report.ResultRefused, Text: text}
}

// inferred makes evidence that follows from the answer to a question.
func (q *question) inferred(text string) report.Evidence {
	return report.Evidence{Probe: q.probe, Result: report.ResultInferred, Status: q.status, Text: text}
}
