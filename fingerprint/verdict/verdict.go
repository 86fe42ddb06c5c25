// Package verdict turns dialogues into answers: what was asked, what came back, and what that proves. It is a pure
// function of the dialogues, so that a live scan, a replay and a packet capture of the same bytes give the same report.
//
// The rules of proof:
//
//   - An answer that selects an offer is a yes.
//   - A refusal in the protocol's own way is a no: STATUS_NOT_SUPPORTED, DialectIndex 0xFFFF, or a lower dialect chosen
//     from a list. Any other status is no evidence about a dialect.
//   - A close or a reset is a no only when it happened twice, the second time with no other connection open and after the
//     server was left alone for a while (Rest), and the next connection's offer was taken: busy servers drop what they
//     would have taken. Where one was seen to do that, no loss proves anything.
//   - Silence proves nothing.
//   - What was not offered cannot be a no.
package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
)

// Options choose what a report holds.
type Options struct {
	// Raw adds the bytes of each request and response to the probes.
	Raw bool
}

// Of returns what the dialogues of one scan of one server prove. They are in plan order. The report owns its memory.
func Of(dialogues []*dialogue.Dialogue, o Options) *report.Report {
	r := &report.Report{SchemaVersion: report.SchemaVersion}
	v := &verdict{
		report: r, ledger: ledger{report: r, answers: map[string]report.Answer{}}, dialogues: dialogues, asked: questionsOf(dialogues),
	}
	v.header(dialogues)
	v.client(dialogues)
	ways, main := v.transports(dialogues)
	v.probes(o)
	v.cost(dialogues)
	v.netBIOS()
	v.outcome(ways[main])
	if r.Outcome != report.OutcomeSMB {
		return r
	}
	v.questions = v.askedOver(ways[main])
	v.ask()
	v.dialects()
	v.negotiated()
	v.smb1()
	v.signing()
	v.encryption()
	v.compression()
	v.rdma()
	v.posix()
	v.guid()
	v.clock()
	v.mechanisms()
	v.ntlm()
	v.nullSession()
	v.checks()
	v.fill()
	v.explain()
	for i := range r.Transports {
		if i != main && r.Transports[i].Outcome == report.OutcomeSMB {
			v.beside(i, ways[i])
		}
	}
	return r
}

// askedOver returns the questions over some connections, behaviour probes and weakness checks apart.
func (v *verdict) askedOver(dialogues []*dialogue.Dialogue) []*question {
	return slices.DeleteFunc(slices.Clone(v.asked), func(q *question) bool {
		return q.unusual() || q.checking() || !slices.Contains(dialogues, q.dialogue)
	})
}

// beside fills in what the server says over a transport that does not speak for it, with its evidence.
func (v *verdict) beside(i int, dialogues []*dialogue.Dialogue) {
	part := &report.Report{Level: v.report.Level, Transports: v.report.Transports}
	w := &verdict{
		report: part, ledger: ledger{report: part, answers: map[string]report.Answer{}}, dialogues: v.dialogues, asked: v.asked,
		questions: v.askedOver(dialogues),
	}
	w.ask()
	w.dialects()
	w.smb1()
	w.signing()
	w.encryption()
	w.compression()
	w.fill()
	w.explain()
	t := &v.report.Transports[i]
	t.Dialects, t.SMB1, t.Signing, t.Encryption, t.Compression = part.Dialects, part.SMB1, part.Signing, part.Encryption, part.Compression
	for path, evidence := range part.Evidence {
		for _, prefix := range []string{"/dialects/", "/smb1/", "/signing/", "/encryption/", "/compression/"} {
			if strings.HasPrefix(path, prefix) {
				v.report.Evidence[fmt.Sprintf("/transports/%d%s", i, path)] = evidence
			}
		}
	}
	v.report.Anomalies = append(v.report.Anomalies, part.Anomalies...)
}

// A verdict is a report in the making.
type verdict struct {
	ledger
	report    *report.Report
	dialogues []*dialogue.Dialogue
	asked     []*question // all of them
	questions []*question // those that answers rest on: of the transport that speaks for the server, without behaviour probes and checks
}

func (v *verdict) header(dialogues []*dialogue.Dialogue) {
	if len(dialogues) == 0 {
		return
	}
	first, ended := dialogues[0], dialogues[0].Ended
	for _, d := range dialogues { // connections side by side do not end in the order of the plan
		if d.Ended.After(ended) {
			ended = d.Ended
		}
	}
	v.report.Target, v.report.Level = first.Target, report.Level(first.Level)
	v.report.ObservedAt = first.Started.UTC()
	v.report.DurationMS = elapsed(first.Started, ended)
	if c := first.Capture; c != nil {
		v.report.Capture = &report.Capture{
			File: c.File, Stream: c.Stream, Server: first.Address, Client: first.Client, FirstFrame: c.FirstFrame,
		}
	}
}

// dialled tells whether a connection was attempted: not without an address, and not without a budget for it.
func dialled(d *dialogue.Dialogue) bool {
	return !d.Connected.IsZero() || d.End != dialogue.EndUnresolved && d.End != dialogue.EndBudget
}

func (v *verdict) cost(dialogues []*dialogue.Dialogue) {
	cost := &v.report.Cost
	for _, d := range dialogues {
		if dialled(d) && d.Transport != dialogue.NetBIOSNameService {
			cost.Connections++
		}
		requests, sent, received := d.Cost()
		cost.Requests += requests
		cost.BytesSent += sent
		cost.BytesReceived += received
	}
	for _, q := range v.asked {
		if strings.HasSuffix(q.probe, Again) || q.probe == negotiate.Conservative().ID { // the names that a scan gives
			cost.Repeats++
		}
		switch authenticates, named := q.logon(); {
		case named:
			cost.Authentications++
			cost.LogonAttempts++
		case authenticates:
			cost.Authentications++
		}
	}
}
