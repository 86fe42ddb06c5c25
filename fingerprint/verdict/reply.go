package verdict

import (
	"errors"
	"slices"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// parseReply reads the answer. Only what answers the kind of question that was asked is kept: a session setup response
// to a negotiation says nothing, whatever is in it.
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
	case dialogue.EndClosed, dialogue.EndReset:
		switch {
		case q.begun: // it began to answer: that is no refusal
			return report.ResultMalformed
		case q.dialogue.End == dialogue.EndReset:
			return report.ResultReset
		}
		return report.ResultClosed
	case dialogue.EndTimeout:
		return report.ResultTimeout
	case dialogue.EndForeign, dialogue.EndLimit:
		return report.ResultMalformed
	}
	return report.ResultNotTested
}

func (q *question) negotiates() bool { return q.smb2Asked != nil || q.smb1Asked != nil }

func (q *question) parseSMB2() {
	h, err := smb.ParseSMB2Header(q.reply)
	if err != nil {
		q.result = report.ResultMalformed
		return
	}
	q.status = h.Status.String()
	q.notSupported = q.smb2Asked != nil && h.Status == dtyp.StatusNotSupported
	switch {
	case q.negotiates(), q.unseen && h.Command == smb.SMB2Negotiate:
		var r negotiate.SMB2Response
		if r, err = negotiate.ParseSMB2Response(q.reply); err == nil {
			q.smb2, q.anomalies = &r, r.Anomalies
		}
	case q.setup && (smb.IsSMB2(q.request) || q.unseen):
		var r smb.SMB2SessionSetupResponse
		if r, err = smb.ParseSMB2SessionSetupResponse(q.reply); err == nil {
			q.smb2Setup, q.anomalies = &r, r.Anomalies
		}
	case q.setup:
		err = smb.ErrCommand
	case h.Status != dtyp.StatusSuccess:
		err = smb.ErrErrorResponse
	}
	q.conclude(err)
}

func (q *question) parseSMB1() {
	h, err := smb.ParseSMB1Header(q.reply)
	if err != nil {
		q.result = report.ResultMalformed
		return
	}
	q.status = h.StatusText()
	q.notSupported = q.smb1Asked != nil && h.Flags2&smb.SMB1Flags2NTStatus != 0 && h.Status == dtyp.StatusNotSupported
	switch {
	case q.smb2Asked != nil:
		err = smb.ErrErrorResponse // no SMB1 message takes an SMB2 offer
	case q.smb1Asked != nil, q.unseen && h.Command == smb.SMB1Negotiate:
		err = q.parseSMB1Negotiate()
	case q.setup && (smb.IsSMB1(q.request) || q.unseen):
		var r smb.SMB1SessionSetupResponse
		if r, err = smb.ParseSMB1SessionSetupResponse(q.reply); err == nil {
			q.smb1Setup, q.anomalies = &r, r.Anomalies
		}
	case q.setup:
		err = smb.ErrCommand
	case h.Status != dtyp.StatusSuccess:
		err = smb.ErrErrorResponse
	}
	q.conclude(err)
}

func (q *question) parseSMB1Negotiate() error {
	r, err := negotiate.ParseSMB1Response(q.reply)
	if err != nil {
		return err
	}
	q.anomalies = r.Anomalies
	if !r.Refused() && r.Header.Status != dtyp.StatusSuccess {
		q.anomalies = append(slices.Clip(q.anomalies), wire.Anomaly{
			Message: "SMB_COM_NEGOTIATE response", Field: "Status", Offset: 5, What: "a failure, and yet a dialect is chosen",
		})
		return smb.ErrErrorResponse
	}
	q.smb1 = &r
	if r.Refused() {
		return smb.ErrErrorResponse
	}
	return nil
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

// smb2Dialect returns the SMB2 dialect that the answer selects: one that the question offered. What else an answer may
// name is no selection, and where the question was not captured there is no telling.
func (q *question) smb2Dialect() (smb.Dialect, bool) {
	if q.smb2 == nil || q.unseen || !slices.Contains(smb.Dialects(), q.smb2.Dialect) {
		return 0, false
	}
	d := q.smb2.Dialect
	if q.smb2Asked != nil {
		return d, slices.Contains(q.smb2Asked.Dialects, d)
	}
	return d, d == smb.DialectSMB202 && slices.Contains(q.smb1Asked.Dialects, smb.DialectSMB2002)
}

// smb1Dialect returns the SMB1 dialect that the answer selects, of those that the question offered. The strings that
// lead to SMB2 are none.
func (q *question) smb1Dialect() (string, bool) {
	if q.smb1 == nil || q.unseen || int(q.smb1.DialectIndex) >= len(q.smb1Asked.Dialects) {
		return "", false
	}
	d := q.smb1Asked.Dialects[q.smb1.DialectIndex]
	return d, d != smb.DialectSMB2002 && d != smb.DialectSMB2Any
}

// takes tells whether the answer selects a dialect that was offered.
func (q *question) takes() bool {
	_, two := q.smb2Dialect()
	_, one := q.smb1Dialect()
	return two || one
}

// welcome tells whether the answer takes the offer up in any way: by a dialect, or by leading on to SMB2.
func (q *question) welcome() bool {
	leads := q.smb1Asked != nil && q.smb2 != nil && q.smb2.Dialect == smb.DialectWildcard &&
		slices.Contains(q.smb1Asked.Dialects, smb.DialectSMB2Any)
	return leads || q.takes()
}
