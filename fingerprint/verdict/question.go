package verdict

import (
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
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
	echoed   bool      // the request itself came back

	smb2Asked *negotiate.SMB2Request
	smb1Asked *negotiate.SMB1Request
	setup     bool // a session setup

	smb2      *negotiate.SMB2Response
	smb1      *negotiate.SMB1Response
	smb2Setup *smb.SMB2SessionSetupResponse
	smb1Setup *smb.SMB1SessionSetupResponse

	result    report.Result
	status    string        // token; empty where the answer has none
	code      dtyp.NTStatus // of an SMB2 or NT status
	anomalies []wire.Anomaly
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
		case f.Kind != dialogue.Message:
		case f.Sent:
			q := &question{dialogue: d, probe: f.Probe, request: f.Data, sent: f.At, answered: d.Ended}
			if q.probe == "" {
				q.probe = "observed-" + strconv.Itoa(len(list)+1)
			}
			list = append(list, q)
		default:
			pair(list, f)
		}
	}
	for _, q := range list {
		q.parseRequest()
		q.parseReply()
	}
	return list
}

// pair gives a received message to the first question that it answers and that has no answer yet.
func pair(list []*question, f dialogue.Frame) {
	for _, q := range list {
		if q.reply != nil {
			continue
		}
		switch smb.Relate(q.request, f.Data) {
		case smb.Answers:
			q.reply, q.answered = f.Data, f.At
			return
		case smb.Echoes:
			q.echoed, q.answered = true, f.At
			return
		}
	}
}

func (q *question) parseRequest() {
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

func (q *question) parseReply() {
	switch {
	case q.reply == nil:
		q.result = resultOf(q)
	case smb.IsSMB2(q.reply):
		q.parseSMB2()
	case smb.IsSMB1(q.reply):
		q.parseSMB1()
	default:
		q.result = report.ResultMalformed
	}
}

// resultOf tells what became of a question that has no answer.
func resultOf(q *question) report.Result {
	switch q.dialogue.End {
	case dialogue.EndClosed:
		return report.ResultClosed
	case dialogue.EndReset:
		return report.ResultReset
	case dialogue.EndTimeout:
		return report.ResultTimeout
	case dialogue.EndForeign, dialogue.EndLimit:
		return report.ResultMalformed
	}
	return report.ResultNotTested
}

func (q *question) parseSMB2() {
	h, err := smb.ParseSMB2Header(q.reply)
	if err != nil {
		q.result = report.ResultMalformed
		return
	}
	q.code, q.status = h.Status, h.Status.String()
	switch h.Command {
	case smb.SMB2Negotiate:
		var r negotiate.SMB2Response
		if r, err = negotiate.ParseSMB2Response(q.reply); err == nil {
			q.smb2, q.anomalies = &r, r.Anomalies
		}
	case smb.SMB2SessionSetup:
		var r smb.SMB2SessionSetupResponse
		if r, err = smb.ParseSMB2SessionSetupResponse(q.reply); err == nil {
			q.smb2Setup, q.anomalies = &r, r.Anomalies
		}
	}
	q.conclude(err)
}

func (q *question) parseSMB1() {
	h, err := smb.ParseSMB1Header(q.reply)
	if err != nil {
		q.result = report.ResultMalformed
		return
	}
	q.code, q.status = h.Status, h.StatusText()
	switch h.Command {
	case smb.SMB1Negotiate:
		var r negotiate.SMB1Response
		if r, err = negotiate.ParseSMB1Response(q.reply); err == nil {
			q.smb1, q.anomalies = &r, r.Anomalies
		}
	case smb.SMB1SessionSetupAndX:
		var r smb.SMB1SessionSetupResponse
		if r, err = smb.ParseSMB1SessionSetupResponse(q.reply); err == nil {
			q.smb1Setup, q.anomalies = &r, r.Anomalies
		}
	}
	q.conclude(err)
	if q.smb1 != nil && q.smb1.Refused() {
		q.result = report.ResultRefused
	}
	if q.smb2Asked != nil {
		q.result = report.ResultRefused // no SMB1 message takes an SMB2 offer
	}
}

// conclude sets the result of a question whose answer was parsed with err.
func (q *question) conclude(err error) {
	switch {
	case err == nil:
		q.result = report.ResultSupported
	case errors.Is(err, smb.ErrErrorResponse):
		q.result = report.ResultRefused
	default:
		q.result = report.ResultMalformed
	}
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
	case q.smb2Asked != nil:
		return "SMB2 NEGOTIATE " + strings.Join(q.offered(), ", ")
	case q.smb1Asked != nil:
		return "SMB_COM_NEGOTIATE " + wire.EscapeText(strings.Join(q.offered(), ", "))
	case q.setup && smb.IsSMB2(q.request):
		return "SMB2 SESSION_SETUP with an NTLM negotiate message"
	case q.setup:
		return "SMB_COM_SESSION_SETUP_ANDX with an NTLM negotiate message"
	}
	return "an SMB message"
}

// authenticates tells whether the question carries an NTLM authenticate message, which is found by its signature and
// type wherever it is wrapped ([MS-NLMP] 2.2.1.3).
func (q *question) authenticates() bool {
	return q.setup && strings.Contains(string(q.request), "NTLMSSP\x00\x03\x00\x00\x00")
}

func (v *verdict) probes(o Options) {
	for _, q := range v.questions {
		p := report.Probe{
			ID: q.probe, Connection: q.dialogue.Connection, Transport: v.transportOf(q), Sent: q.describe(),
			Result: q.result, Status: q.status, DurationMS: milliseconds(q.answered.Sub(q.sent)),
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
