package verdict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// The identifiers of the questions of the weakness checks, in the order in which they are asked.
const (
	ChecksNegotiate    = "check-negotiate"    // an ordinary offer of NT LM 0.12, which counts like any other
	ChecksChallenge    = "check-challenge"    // the NTLM challenge of the logon
	ChecksSession      = "check-session"      // the logon of nobody
	ChecksIPC          = "check-ipc"          // the connect of IPC$
	ChecksMS17010      = "check-ms17-010"     // the transaction on a pipe that is not open
	ChecksDoublePulsar = "check-doublepulsar" // the transaction that no server knows
)

// checking tells whether a question belongs to the weakness checks and to nothing else: what it tells counts for them alone,
// so that a report says the same of a server whether or not they were asked for.
func (q *question) checking() bool {
	switch q.probe {
	case ChecksChallenge, ChecksSession, ChecksIPC, ChecksMS17010, ChecksDoublePulsar:
		return true
	}
	return false
}

// checks tells what came of the weakness checks, over whichever transport they went. Where they were asked for and nothing
// could be sent, they are unknown and say why: that they were asked for is known of the dialogues.
func (v *verdict) checks() {
	asked := slices.ContainsFunc(v.dialogues, func(d *dialogue.Dialogue) bool { return d.Checks })
	steps := map[string]*question{}
	var last *question
	for _, q := range v.asked {
		if q.probe == ChecksNegotiate || q.checking() {
			steps[q.probe], last = q, q
		}
	}
	if !asked && last == nil {
		return
	}
	for _, c := range []struct {
		id    report.CheckID
		probe string
		judge func(*question) (report.Answer, string)
	}{
		{report.CheckMS17010, ChecksMS17010, judgeMS17010},
		{report.CheckDoublePulsar, ChecksDoublePulsar, judgeDoublePulsar},
	} {
		check := report.Check{ID: c.id, Answer: report.Unknown}
		path := "/checks/" + strconv.Itoa(len(v.report.Checks)) + "/answer"
		q := steps[c.probe]
		switch {
		case last == nil:
			check.Reason = v.notChecked()
			v.say(path, report.Unknown, report.Evidence{Result: report.ResultNotTested, Text: check.Reason})
			v.report.Checks = append(v.report.Checks, check)
			continue
		case q == nil:
			q, check.Reason = last, v.stopped(last)
		case !q.told():
			check.Reason, check.Status = q.silence(), q.status
		default:
			check.Answer, check.Reason = c.judge(q)
			check.Status = q.status
			if but := v.doubt(c.id, steps); check.Answer == report.Yes && but != "" {
				check.Answer, check.Reason = report.Unknown, "the answer is that of the weakness, but "+but
			}
		}
		v.say(path, check.Answer, q.evidence(check.Reason))
		v.report.Checks = append(v.report.Checks, check)
	}
}

// told tells whether a question has an answer in SMB1 that can be read.
func (q *question) told() bool {
	return smb.IsSMB1(q.reply) && (q.result == report.ResultSupported || q.result == report.ResultRefused)
}

// judgeMS17010 reads the status of a transaction on FID 0 whose answer may be of any size. A server without the update
// finds no room for such an answer before it finds that there is no such pipe. These are the statuses that nmap's
// smb-vuln-ms17-010 goes by; the shared captures have two such answers of Windows Server 2008 R2.
func judgeMS17010(q *question) (report.Answer, string) {
	switch q.status {
	case dtyp.StatusInsuffServerResources.String():
		return report.Yes, "the server looked for room for an answer before it looked at the handle: the update is missing"
	case dtyp.StatusInvalidHandle.String(), dtyp.StatusAccessDenied.String():
		return report.No, "not the answer of an unpatched server"
	}
	return report.Unknown, "neither a patched nor an unpatched server answers so"
}

// judgeDoublePulsar reads the message id of the answer, in which the implant shows itself.
func judgeDoublePulsar(q *question) (report.Answer, string) {
	asked, err := smb.ParseSMB1Header(q.request)
	answer, answerErr := smb.ParseSMB1Header(q.reply)
	switch {
	case err != nil || answerErr != nil:
		return report.Unknown, "the answer could not be read"
	case answer.MID == asked.MID:
		return report.No, fmt.Sprintf("the answer has the message id of the request, %d", asked.MID)
	case answer.MID == asked.MID+smb.SMB1ImplantMark && q.status == dtyp.StatusNotImplemented.String():
		return report.Yes, fmt.Sprintf("the answer to message id %d has %d, as the implant's has", asked.MID, answer.MID)
	}
	return report.Unknown, fmt.Sprintf("the answer to message id %d has %d, but not the implant's status", asked.MID, answer.MID)
}

// firstPatched is the first build of Windows that came out with the update of March 2017: 10 1703, in April of that year.
const firstPatched = 15063

// doubt says why the answer of a weakness is not one; empty where nothing speaks against it.
func (v *verdict) doubt(id report.CheckID, steps map[string]*question) string {
	if not := v.notWindows(steps); not != "" {
		return not
	}
	if n := v.report.NTLM; n != nil && n.Version != nil && n.Version.Major >= 10 && n.Version.Build >= firstPatched {
		return fmt.Sprintf("Windows build %d came out with the update: this is a honeypot, or means something else", n.Version.Build)
	}
	// The second question is a control of the first: nobody but the implant has an answer to it.
	control := steps[ChecksDoublePulsar]
	if id == report.CheckMS17010 && control != nil && control.told() && control.status == dtyp.StatusInsuffServerResources.String() {
		return "the server answers every transaction so"
	}
	return ""
}

// notWindows says why a server cannot be taken for Windows; empty where it says that it is. Both weaknesses are of Windows'
// own code, so that the answer of a weakness from another server is that of a honeypot, or means something else. What counts is
// what the connection of the checks was told, and before it the whole report. Samba calls its system Windows, so that the
// second string decides: "Windows 6.1" and "Samba 4.17.12-Debian".
func (v *verdict) notWindows(steps map[string]*question) string {
	var words []string
	for _, id := range []string{ChecksChallenge, ChecksSession} {
		if q := steps[id]; q != nil && q.smb1Setup != nil {
			words = append(words, q.smb1Setup.Header.Text(q.smb1Setup.NativeOS), q.smb1Setup.Header.Text(q.smb1Setup.NativeLanMan))
		}
	}
	if s := v.report.SMB1; s != nil {
		words = append(words, s.NativeOS, s.NativeLANManager)
	}
	says := false
	for _, w := range words {
		if strings.Contains(strings.ToLower(w), "samba") {
			return "the server is not Windows: it calls itself " + wire.EscapeText(w)
		}
		says = says || strings.HasPrefix(w, "Windows")
	}
	switch {
	case v.report.ServerGUIDText != "":
		return "the server is not Windows: its GUID is a name, as Samba's is"
	case !says:
		return "the server does not call itself Windows"
	}
	return ""
}

// silence says why a question has no answer.
func (q *question) silence() string {
	switch q.result {
	case report.ResultClosed:
		return "the connection was closed instead of an answer"
	case report.ResultReset:
		return "the connection was reset instead of an answer"
	case report.ResultTimeout:
		return "no answer came in time"
	case report.ResultMalformed:
		return "the answer could not be read"
	case report.ResultSupported, report.ResultRefused:
		return "the answer is not in SMB1"
	}
	return "the scan was ended before an answer came"
}

// stopped says why the checks came no further than a question.
func (v *verdict) stopped(last *question) string {
	what := map[string]string{
		ChecksNegotiate: "NT LM 0.12", ChecksChallenge: "NTLM", ChecksSession: "the anonymous logon", ChecksIPC: "IPC$",
		ChecksMS17010: "the question before",
	}[last.probe]
	_, taken := last.smb1Dialect()
	switch {
	case last.probe == ChecksNegotiate && taken, last.told() && last.probe != ChecksNegotiate && last.result == report.ResultSupported:
		if limit := bounded(v.dialogues); limit != "" {
			return limit
		}
		return "the server's answer to " + what + " leads no further"
	case last.notSupported, last.smb1 != nil && last.smb1.Refused():
		return "SMB1 is off: NT LM 0.12 was refused"
	case last.told() && last.probe == ChecksNegotiate:
		return "SMB1 was not proven to be on: " + last.status
	case last.told():
		return what + " was refused: " + last.status
	case last.probe == ChecksNegotiate:
		return "SMB1 was not proven to be on: " + last.silence()
	}
	return "at " + what + ": " + last.silence()
}

// notChecked says why nothing of the checks was asked.
func (v *verdict) notChecked() string {
	switch v.answer(dialectPath(smb.DialectNTLM012)) {
	case report.Yes:
		if limit := bounded(v.dialogues); limit != "" {
			return limit
		}
		return "the scan ended before the checks"
	case report.No:
		return "SMB1 is off: NT LM 0.12 is not taken"
	}
	return "SMB1 was not proven to be on"
}
