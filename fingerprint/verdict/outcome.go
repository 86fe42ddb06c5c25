package verdict

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

// firstBytes is how many bytes of a stranger a report shows.
const firstBytes = 32

type transportKey struct {
	transport dialogue.Transport
	address   string
	port      int // where the address is not known
}

func keyOf(d *dialogue.Dialogue) transportKey { return transportKey{d.Transport, d.Address, d.Port} }

// transports lists the ways in which the server was asked, and returns the dialogues of each, and which of them speaks for
// the server: direct TCP where it answered in SMB, else the first that did, else the one that told most.
func (v *verdict) transports(dialogues []*dialogue.Dialogue) (ways [][]*dialogue.Dialogue, main int) {
	var order []transportKey
	groups := map[transportKey][]*dialogue.Dialogue{}
	for _, d := range dialogues {
		if d.Transport == dialogue.NetBIOSNameService {
			continue // it carries no SMB
		}
		key := keyOf(d)
		if !dialled(d) { // it got no address, and belongs to those before it
			if i := slices.IndexFunc(order, func(k transportKey) bool { return k.transport == d.Transport }); i >= 0 {
				key = order[i]
			}
		}
		if _, ok := groups[key]; !ok {
			order = append(order, key)
		}
		groups[key] = append(groups[key], d)
	}
	best := -1
	for _, key := range order {
		outcome, _ := v.judge(groups[key])
		v.report.Transports = append(v.report.Transports, report.Transport{
			Transport: string(key.transport), Address: key.address, Port: key.port, Outcome: outcome, CalledName: calledName(groups[key]),
		})
		if n := weight(outcome, key.transport); n > best {
			main, best = len(ways), n
		}
		ways = append(ways, groups[key])
	}
	if len(ways) == 0 {
		ways = [][]*dialogue.Dialogue{nil}
	}
	return ways, main
}

func weight(outcome report.Outcome, transport dialogue.Transport) int {
	switch {
	case outcome == report.OutcomeSMB && transport == dialogue.DirectTCP:
		return 3
	case outcome == report.OutcomeSMB:
		return 2
	case outcome == report.OutcomeNotSMB:
		return 1
	}
	return 0
}

// calledName returns the name under which a NetBIOS session came about.
func calledName(dialogues []*dialogue.Dialogue) string {
	for _, d := range dialogues {
		called := ""
		for _, f := range d.Frames {
			if f.Kind != dialogue.Session {
				continue
			}
			h, err := smb.ParseFrameHeader(f.Data)
			if err != nil {
				continue
			}
			switch {
			case f.Sent && h.Type == smb.FrameSessionRequest:
				if r, err := smb.ParseSessionRequest(f.Data[smb.FrameHeaderSize:]); err == nil {
					called = strings.TrimRight(wire.DecodeOEM(r.Called[:15]), " ")
				}
			case !f.Sent && h.Type == smb.FramePositiveResponse && called != "":
				return wire.EscapeText(called)
			}
		}
	}
	return ""
}

func (v *verdict) transportOf(q *question) int {
	key := keyOf(q.dialogue)
	for i, t := range v.report.Transports {
		if t.Transport == string(key.transport) && t.Address == key.address && t.Port == key.port {
			return i
		}
	}
	return 0
}

// outcome judges by the dialogues of the transport that speaks for the server. A bound that was reached is told wherever
// that was.
func (v *verdict) outcome(dialogues []*dialogue.Dialogue) {
	v.report.Outcome, v.report.Reason = v.judge(dialogues)
	switch limit := bounded(v.dialogues); {
	case v.report.Reason == "":
		v.report.Reason = limit
	case v.report.Outcome != report.OutcomeSMB && slices.ContainsFunc(v.dialogues, overBudget):
		v.report.Reason += "; " + limit
	}
	if v.report.Outcome == report.OutcomeNotSMB {
		b := foreignBytes(dialogues)
		v.report.FirstBytes = hex.EncodeToString(b[:min(len(b), firstBytes)])
		v.report.ProtocolGuess = guess(b, v.echoed())
	}
}

func overBudget(d *dialogue.Dialogue) bool { return d.End == dialogue.EndBudget }

func (v *verdict) echoed() bool {
	return slices.ContainsFunc(v.asked, func(q *question) bool { return q.echoed }) || slices.ContainsFunc(v.dialogues, echoedCall)
}

// echoedCall tells whether a session request came back.
func echoedCall(d *dialogue.Dialogue) bool {
	if len(d.Frames) < 2 || d.Frames[0].Kind != dialogue.Session || d.Frames[1].Sent {
		return false
	}
	sent, got := d.Frames[0].Data, d.Frames[1].Data
	return len(got) > smb.FrameHeaderSize && bytes.HasPrefix(sent, got[:min(len(got), len(sent))])
}

// judge returns the outcome of some dialogues, and a sentence when it is not smb or when something is missing.
func (v *verdict) judge(dialogues []*dialogue.Dialogue) (report.Outcome, string) {
	if len(dialogues) == 0 {
		return report.OutcomeCanceled, "the scan was ended before it began"
	}
	last := dialogues[len(dialogues)-1]
	readable := false
	foreign := false
	for _, q := range v.asked {
		if slices.Contains(dialogues, q.dialogue) {
			readable = readable || q.result == report.ResultSupported || q.result == report.ResultRefused
			foreign = foreign || q.echoed
		}
	}
	for _, d := range dialogues {
		foreign = foreign || d.End == dialogue.EndForeign
	}
	switch {
	case readable:
		return report.OutcomeSMB, v.partial(dialogues)
	case foreign:
		return report.OutcomeNotSMB, "the server sent bytes that are not SMB"
	}
	if last.End == dialogue.EndSession { // the names that were called before were refused as well
		return report.OutcomeRefused, wire.EscapeText(last.Reason)
	}
	for _, d := range dialogues {
		if begun(d) {
			return unreadable(d)
		}
	}
	// The last dialogue alone could mislead: a server that was silent at first and then refused was silent.
	for _, d := range dialogues {
		if !d.Connected.IsZero() && last.End != dialogue.EndCanceled {
			return outcomes(d)
		}
	}
	return outcomes(last)
}

// begun tells whether a server has sent anything beyond the packets of the session service, which carry no SMB.
func begun(d *dialogue.Dialogue) bool {
	return slices.ContainsFunc(d.Frames, func(f dialogue.Frame) bool { return !f.Sent && f.Kind != dialogue.Session })
}

// bounded says that a scan was ended, by its budget or by its caller.
func bounded(dialogues []*dialogue.Dialogue) string {
	for i, d := range dialogues {
		switch d.End {
		case dialogue.EndBudget:
			return "the scan's budget was used up " + after(dialogues[:i+1])
		case dialogue.EndCanceled:
			return "the scan was ended " + after(dialogues[:i+1])
		}
	}
	return ""
}

// partial says what kept a scan that had answers from its end.
func (v *verdict) partial(dialogues []*dialogue.Dialogue) string {
	if reason := bounded(dialogues); reason != "" {
		return reason
	}
	last := dialogues[len(dialogues)-1]
	if reason := v.turned(last); reason != "" {
		return reason
	}
	if i := slices.IndexFunc(dialogues, unmade); i >= 0 {
		return fmt.Sprintf("a connection could not be made %s: %s", after(dialogues[:i+1]), wire.EscapeText(dialogues[i].Reason))
	}
	if last.End == dialogue.EndDone {
		return ""
	}
	return fmt.Sprintf("the last connection ended early (%s) %s", wire.EscapeText(string(last.End)), after(dialogues))
}

// unmade tells whether a connection did not come about for a reason that is not the server's, such as a machine without
// descriptors or ports: what it was to ask is not asked again.
func unmade(d *dialogue.Dialogue) bool {
	switch d.End {
	case dialogue.EndError, dialogue.EndUnreachable, dialogue.EndUnresolved:
		return d.Connected.IsZero() && d.Reason != ""
	}
	return false
}

// turned says that a scan was stopped because the server takes no more what it took before.
func (v *verdict) turned(last *dialogue.Dialogue) string {
	i := slices.IndexFunc(v.asked, func(q *question) bool { return q.dialogue == last && q.probe == Control && !q.takes() })
	if i <= 0 {
		return ""
	}
	return "the scan was stopped, because the server takes no more what it took before, after the question " + v.asked[i-1].probe
}

// after names the last question that was asked.
func after(dialogues []*dialogue.Dialogue) string {
	for _, d := range slices.Backward(dialogues) {
		for _, f := range slices.Backward(d.Frames) {
			if f.Sent && f.Probe != "" {
				return "after the question " + wire.EscapeText(f.Probe)
			}
		}
	}
	return "before its first question"
}

// unreadable is the outcome of a server that sent something, of which nothing could be read as an answer.
func unreadable(d *dialogue.Dialogue) (report.Outcome, string) {
	switch d.End {
	case dialogue.EndTimeout:
		return report.OutcomeTimedOut, "the server began to answer and did not end in time"
	case dialogue.EndCanceled:
		return report.OutcomeCanceled, "the scan was ended before an answer was complete"
	}
	return report.OutcomeError, fmt.Sprintf("the server answered, but not so that it could be read (%s)", wire.EscapeText(string(d.End)))
}

func outcomes(d *dialogue.Dialogue) (report.Outcome, string) {
	connected := !d.Connected.IsZero()
	switch d.End {
	case dialogue.EndClosed:
		return report.OutcomeClosed, "the server closed the connection without a byte"
	case dialogue.EndReset:
		return report.OutcomeReset, "the server reset the connection without a byte"
	case dialogue.EndTimeout:
		if connected {
			return report.OutcomeTimedOut, "the server took the connection and sent nothing in time"
		}
		return report.OutcomeTimedOut, "no connection in time"
	case dialogue.EndRefused:
		return report.OutcomeRefused, "the connection was refused"
	case dialogue.EndUnreachable:
		return report.OutcomeUnreachable, "the server could not be reached: " + wire.EscapeText(d.Reason)
	case dialogue.EndCanceled:
		return report.OutcomeCanceled, "the scan was ended before an answer came"
	case dialogue.EndUnresolved:
		return report.OutcomeError, "the name could not be resolved: " + wire.EscapeText(d.Reason)
	}
	if d.Reason == "" {
		return report.OutcomeError, "the connection ended without an answer (" + wire.EscapeText(string(d.End)) + ")"
	}
	return report.OutcomeError, wire.EscapeText(d.Reason)
}

// foreignBytes returns what a server that is not SMB has said first, with the framing of what is framed.
func foreignBytes(dialogues []*dialogue.Dialogue) []byte {
	for _, d := range dialogues {
		for _, f := range d.Frames {
			if f.Sent || len(f.Data) == 0 {
				continue
			}
			if f.Kind != dialogue.Message {
				return f.Data
			}
			framed, err := smb.AppendFrame(nil, f.Data)
			if err != nil {
				return f.Data
			}
			return framed
		}
	}
	return nil
}
