package verdict

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A question is one request, its answer, and both of them parsed. Of the parsed values those are set that the bytes
// are.
type question struct {
	dialogue *dialogue.Dialogue
	probe    string
	request  []byte
	reply    []byte // nil when none came
	sent     time.Time
	answered time.Time // or when the dialogue ended without an answer
	first    bool      // it is the first of its connection
	echoed   bool      // the request itself came back
	begun    bool      // bytes came behind it that are no whole message
	unseen   bool      // only its answer was captured: request is nil, and nothing is known of what it offered

	smb2Asked *negotiate.SMB2Request
	smb1Asked *negotiate.SMB1Request
	setup     bool // a session setup

	smb2      *negotiate.SMB2Response
	smb1      *negotiate.SMB1Response
	smb2Setup *smb.SMB2SessionSetupResponse
	smb1Setup *smb.SMB1SessionSetupResponse

	result       report.Result
	status       string // token; empty where the answer has none
	notSupported bool   // refused with STATUS_NOT_SUPPORTED in the protocol of the question
	anomalies    []wire.Anomaly
}

// questionsOf lists the questions of all dialogues in plan order.
func questionsOf(dialogues []*dialogue.Dialogue) []*question {
	var all []*question
	for _, d := range dialogues {
		all = append(all, questionsIn(d)...)
	}
	return all
}

func questionsIn(d *dialogue.Dialogue) []*question {
	var list []*question
	for _, f := range d.Frames {
		switch {
		case f.Kind == dialogue.Raw && !f.Sent && len(list) > 0:
			list[len(list)-1].begun = true
		case f.Kind != dialogue.Message:
		case f.Sent:
			q := &question{
				dialogue: d, probe: wire.EscapeText(f.Probe), request: f.Data, sent: f.At, answered: d.Ended, first: len(list) == 0,
			}
			if q.probe == "" {
				q.probe = "observed-" + strconv.Itoa(len(list)+1)
			}
			list = append(list, q)
		case pair(list, f):
		case d.Capture != nil && isAnswer(f.Data):
			list = append(list, &question{
				dialogue: d, probe: "observed-" + strconv.Itoa(len(list)+1), reply: f.Data, answered: f.At, unseen: true,
			})
		}
	}
	for _, q := range list {
		q.parseRequest()
		q.parseReply()
	}
	return list
}

// pair gives a received message to the first question that it answers and that has no answer yet, and tells whether
// there is one. A question of the message's own protocol goes first: in a capture the answer to one in SMB1 may be
// missing.
func pair(list []*question, f dialogue.Frame) bool {
	for _, own := range []bool{true, false} {
		for _, q := range list {
			if q.reply != nil || q.unseen || own != sameProtocol(q.request, f.Data) {
				continue
			}
			if q.dialogue.Capture != nil && smb.IsSMB1(q.request) && isSMB2Setup(f.Data) {
				continue // the answers between the two were not captured
			}
			switch smb.Relate(q.request, f.Data) {
			case smb.Answers:
				q.reply, q.answered = f.Data, f.At
				return true
			case smb.Echoes:
				q.echoed, q.answered = true, f.At
				return true
			}
		}
	}
	return false
}

// isSMB2Setup tells whether a message is of an SMB2 session setup, to which SMB1 leads by a negotiation alone.
func isSMB2Setup(message []byte) bool {
	h, err := smb.ParseSMB2Header(message)
	return err == nil && h.Command == smb.SMB2SessionSetup
}

func sameProtocol(a, b []byte) bool { return len(a) >= 4 && len(b) >= 4 && bytes.Equal(a[:4], b[:4]) }

// isAnswer tells whether a message is the response to a negotiation or a session setup, and is the last word on it.
func isAnswer(message []byte) bool {
	if h, err := smb.ParseSMB2Header(message); err == nil {
		return h.IsResponse() && (h.Command == smb.SMB2Negotiate || h.Command == smb.SMB2SessionSetup) && h.Status != dtyp.StatusPending
	}
	h, err := smb.ParseSMB1Header(message)
	return err == nil && h.IsResponse() && (h.Command == smb.SMB1Negotiate || h.Command == smb.SMB1SessionSetupAndX)
}

func (q *question) parseRequest() {
	if q.unseen {
		h2, err2 := smb.ParseSMB2Header(q.reply)
		h1, err1 := smb.ParseSMB1Header(q.reply)
		q.setup = err2 == nil && h2.Command == smb.SMB2SessionSetup || err1 == nil && h1.Command == smb.SMB1SessionSetupAndX
		return
	}
	if r, err := negotiate.ParseSMB2Request(q.request); err == nil {
		q.smb2Asked = &r
		return
	}
	if r, err := negotiate.ParseSMB1Request(q.request); err == nil {
		q.smb1Asked = &r
		return
	}
	h2, err2 := smb.ParseSMB2Header(q.request)
	h1, err1 := smb.ParseSMB1Header(q.request)
	q.setup = err2 == nil && h2.Command == smb.SMB2SessionSetup || err1 == nil && h1.Command == smb.SMB1SessionSetupAndX
}

// lost tells whether the connection went away instead of an answer, which a busy server does too.
func (q *question) lost() bool {
	return q.result == report.ResultClosed || q.result == report.ResultReset
}

// offered lists the dialects that the question offers, as the report names them.
func (q *question) offered() []string {
	switch {
	case q.smb2Asked != nil:
		list := make([]string, len(q.smb2Asked.Dialects))
		for i, d := range q.smb2Asked.Dialects {
			list[i] = d.String()
		}
		return list
	case q.smb1Asked != nil:
		return q.smb1Asked.Dialects
	}
	return nil
}

// describe says in a few words what was asked.
func (q *question) describe() string {
	switch {
	case q.unseen:
		return "a request that was not captured"
	case q.smb2Asked != nil:
		if len(q.smb2Asked.Dialects) == 0 {
			return "SMB2 NEGOTIATE without a dialect"
		}
		return "SMB2 NEGOTIATE " + strings.Join(q.offered(), ", ") + q.alone()
	case q.smb1Asked != nil:
		return "SMB_COM_NEGOTIATE " + wire.EscapeText(strings.Join(q.offered(), ", "))
	case q.setup && smb.IsSMB2(q.request):
		return "SMB2 SESSION_SETUP" + q.withNTLM()
	case q.setup:
		return "SMB_COM_SESSION_SETUP_ANDX" + q.withNTLM()
	}
	return describe(q.request)
}

// alone names the algorithms that a question offers by themselves, each as the only one of its kind; Pattern_V1 is not
// counted, which goes with another one.
func (q *question) alone() string {
	var names []string
	if list := q.offeredCiphers(); len(list) == 1 {
		names = append(names, list[0].String())
	}
	if list := q.offeredSigning(); len(list) == 1 {
		names = append(names, list[0].String())
	}
	lzs := slices.DeleteFunc(slices.Clone(q.offeredCompression()), func(a negotiate.CompressionAlgorithm) bool {
		return a == negotiate.CompressionPatternV1
	})
	if len(lzs) == 1 {
		names = append(names, lzs[0].String())
	}
	if len(names) == 0 {
		return ""
	}
	return " with " + strings.Join(names, ", ") + " alone"
}

func (q *question) withNTLM() string {
	switch _, t := q.ntlm(); t {
	case ntlmssp.TypeNegotiate:
		return " with an NTLM negotiate message"
	case ntlmssp.TypeAuthenticate:
		return " with an NTLM authenticate message"
	}
	return ""
}

// ntlm returns the NTLM message that a session setup carries and its type; 0 where there is none. It is found by its
// signature, wherever it is wrapped: clients of old dialects wrap it in ways of their own ([MS-NLMP] 2.2.1).
func (q *question) ntlm() ([]byte, ntlmssp.MessageType) {
	at := bytes.Index(q.request, []byte("NTLMSSP\x00"))
	if !q.setup || at < 0 {
		return nil, 0
	}
	message := q.request[at:]
	t, _ := ntlmssp.TypeOf(message)
	return message, t
}

// logon tells whether the question carries the last message of a logon, which is an NTLM authenticate message or, without
// extended security, all of it, and whether that names a user.
func (q *question) logon() (authenticates, named bool) {
	if r, err := smb.ParseSMB1SessionSetupRequest(q.request); err == nil && r.WordCount != smb.SetupWordsExtended {
		return true, len(r.AccountName) > 0
	}
	message, t := q.ntlm()
	if t != ntlmssp.TypeAuthenticate {
		return false, false
	}
	m, err := ntlmssp.ParseAuthenticate(message)
	return true, err == nil && len(m.UserName) > 0
}

// What identifiers of questions tell beside the offer. Scans give them, and verdicts count and weigh by them.
const (
	Again       = "-again"     // ends the identifier of a question that is asked a second time
	Control     = "control"    // the question whether the server still takes what it took before
	BehaviourID = "behaviour-" // begins the identifiers of the probes of negotiate.Behaviours

	NullSession  = "null-session"  // the logon of nobody, and begins the identifiers of what leads to it and follows it
	GuestMapping = "guest-mapping" // the logon of an invented account, likewise
)

// unusual tells whether the question is a behaviour probe, whose answer proves nothing of what it offers.
func (q *question) unusual() bool { return strings.HasPrefix(q.probe, BehaviourID) }

func (v *verdict) probes(o Options) {
	for _, q := range v.asked {
		p := report.Probe{
			ID: q.probe, Connection: q.dialogue.Connection, Transport: v.transportOf(q), Sent: q.describe(),
			Result: q.result, Status: q.status, DurationMS: elapsed(q.sent, q.answered),
		}
		if o.Raw {
			p.Request, p.Response = hex.EncodeToString(q.request), hex.EncodeToString(q.reply)
		}
		v.report.Probes = append(v.report.Probes, p)
		for _, a := range q.anomalies {
			v.anomaly(q, a.Where(), a.What)
		}
	}
}

func (v *verdict) anomaly(q *question, where, what string) {
	v.report.Anomalies = append(v.report.Anomalies, report.Anomaly{Where: q.probe + ": " + where, What: wire.EscapeText(what)})
}

// elapsed returns the milliseconds from one moment to another; 0 where one is not known or they are in the wrong order,
// as in captures whose clock was set.
func elapsed(from, to time.Time) float64 {
	if from.IsZero() || to.Before(from) {
		return 0
	}
	return milliseconds(to.Sub(from))
}

// milliseconds rounds to whole microseconds.
func milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond).Microseconds()) / 1000
}

// first returns the first question, in plan order, for which ok holds.
func (v *verdict) first(ok func(*question) bool) *question {
	if i := slices.IndexFunc(v.questions, ok); i >= 0 {
		return v.questions[i]
	}
	return nil
}
