package verdict

import (
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// Append adds to the report of a server what further dialogues with it have asked and cost, and what they tell of null
// sessions: its other answers stay as they are. The report has a NullSession afterwards.
func Append(r *report.Report, dialogues []*dialogue.Dialogue, o Options) {
	part := Of(dialogues, o)
	index := make([]int, len(part.Transports))
	for i, t := range part.Transports {
		if index[i] = slices.IndexFunc(r.Transports, sameWay(t)); index[i] < 0 {
			index[i] = len(r.Transports)
			r.Transports = append(r.Transports, report.Transport{
				Transport: t.Transport, Address: t.Address, Port: t.Port, Outcome: t.Outcome, CalledName: t.CalledName,
			})
		}
	}
	for _, p := range part.Probes {
		p.Transport = index[p.Transport]
		r.Probes = append(r.Probes, p)
	}
	r.Anomalies = append(r.Anomalies, part.Anomalies...)
	r.DurationMS += part.DurationMS
	r.Cost = r.Cost.Plus(part.Cost)
	if r.NullSession == nil {
		r.NullSession = &report.NullSession{}
	}
	if part.NullSession == nil {
		return
	}
	n := r.NullSession
	for _, a := range part.NullSession.Attempts {
		a.Transport = index[a.Transport]
		n.Attempts = append(n.Attempts, a)
	}
	for _, pair := range []struct {
		to   *report.Answer
		from report.Answer
	}{{&n.Session, part.NullSession.Session}, {&n.IPC, part.NullSession.IPC}, {&n.Guest, part.NullSession.Guest}} {
		*pair.to = both(*pair.to, pair.from)
	}
	for path, evidence := range part.Evidence {
		if strings.HasPrefix(path, "/null_session/") {
			if r.Evidence == nil {
				r.Evidence = map[string][]report.Evidence{}
			}
			r.Evidence[path] = append(r.Evidence[path], evidence...)
		}
	}
}

// both combines what was known with what was learnt later. What was refused once and is open elsewhere is open.
func both(before, later report.Answer) report.Answer {
	switch {
	case before == "" || later == report.Yes:
		return later
	case before == report.Yes || later == "":
		return before
	case before == report.No && later == report.No:
		return report.No
	}
	return report.Unknown
}

func sameWay(t report.Transport) func(report.Transport) bool {
	return func(other report.Transport) bool {
		return other.Transport == t.Transport && other.Address == t.Address && other.Port == t.Port
	}
}
