package verdict

import (
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// smb1Dialects lists the SMB1 dialects in ascending order: a server takes the last that it knows.
func smb1Dialects() []string {
	return []string{smb.DialectCore, smb.DialectLANMAN10, smb.DialectLM12X002, smb.DialectLANMAN21, smb.DialectNTLM012}
}

func dialectPath(dialect string) string { return "/dialects/" + dialect }

// ask prepares the answers that every level may ask for.
func (v *verdict) ask() {
	for _, d := range smb.Dialects() {
		v.expect(dialectPath(d.String()))
	}
	for _, d := range smb1Dialects() {
		v.expect(dialectPath(d))
	}
	v.expect("/smb1/supported", "/signing/smb1/enabled", "/signing/smb1/required", "/signing/smb2/enabled",
		"/signing/smb2/required", "/encryption/supported", "/compression/supported", "/compression/chained")
	for _, a := range negotiate.SigningAlgorithms() {
		v.expect(signingPath(a))
	}
	for _, c := range negotiate.Ciphers() {
		v.expect(cipherPath(c))
	}
	for _, a := range negotiate.CompressionAlgorithms() {
		v.expect(compressionPath(a))
	}
}

// dialects says for each dialect what the negotiations prove.
func (v *verdict) dialects() {
	for _, q := range v.questions {
		switch {
		case q.smb2Asked != nil:
			v.smb2Dialects(q)
		case q.smb1Asked != nil:
			v.smb1Dialects(q)
		}
	}
	v.losses()
	v.smb1Supported()
}

func (v *verdict) smb2Dialects(q *question) {
	if q.smb2 == nil {
		v.unselected(q)
		return
	}
	chosen := q.smb2.Dialect
	if !slices.Contains(q.smb2Asked.Dialects, chosen) {
		v.anomaly(q, "DialectRevision", fmt.Sprintf("%v was not offered", chosen))
		return
	}
	for _, d := range q.smb2Asked.Dialects {
		switch {
		case d == chosen:
			v.say(dialectPath(d.String()), report.Yes, q.evidence("the server chose it"))
		case d > chosen:
			v.say(dialectPath(d.String()), report.No, q.inferred("offered, and the server chose the lower "+chosen.String()))
		}
	}
	if v.report.PreferredDialect == "" && offersAll(q.smb2Asked.Dialects) {
		v.report.PreferredDialect = chosen.String()
	}
}

func offersAll(list []smb.Dialect) bool {
	for _, d := range smb.Dialects() {
		if !slices.Contains(list, d) {
			return false
		}
	}
	return true
}

func (v *verdict) smb1Dialects(q *question) {
	if q.smb2 != nil { // the multi-protocol negotiation was taken up
		if q.smb2.Dialect == smb.DialectSMB202 && slices.Contains(q.smb1Asked.Dialects, smb.DialectSMB2002) {
			v.say(dialectPath(smb.DialectSMB202.String()), report.Yes, q.evidence("chosen by "+smb.DialectSMB2002))
		}
		return
	}
	if q.smb1 == nil {
		v.unselected(q)
		return
	}
	if q.smb1.Refused() {
		for _, d := range q.offered() {
			v.say(dialectPath(d), report.No, q.evidence("DialectIndex 0xFFFF: none of the dialects that were offered"))
		}
		return
	}
	offered := q.smb1Asked.Dialects
	index := int(q.smb1.DialectIndex)
	if index >= len(offered) {
		v.anomaly(q, "DialectIndex", fmt.Sprintf("%d, but %d dialects were offered", index, len(offered)))
		return
	}
	chosen := offered[index]
	v.say(dialectPath(chosen), report.Yes, q.evidence("the server chose it"))
	known := smb1Dialects()
	for _, d := range offered {
		if slices.Index(known, d) > slices.Index(known, chosen) {
			v.say(dialectPath(d), report.No, q.inferred("offered, and the server chose the older "+chosen))
		}
	}
}

// unselected says what an answer that selects nothing, or the lack of one, tells of the dialects that were offered.
func (v *verdict) unselected(q *question) {
	answer, text := report.Unknown, ""
	switch {
	case q.result == report.ResultRefused && q.code == dtyp.StatusNotSupported:
		answer, text = report.No, "the server supports none of the dialects that were offered"
	case q.result == report.ResultRefused:
		text = "refused with a status that does not speak of the dialect"
	}
	for _, d := range q.offered() {
		v.say(dialectPath(d), answer, q.evidence(text))
	}
}

// losses turns closes and resets into a no where the rule of the package comment allows it.
func (v *verdict) losses() {
	lost := map[string][]*question{}
	for i, q := range v.questions {
		if !q.lost() {
			continue
		}
		for _, d := range q.offered() {
			lost[d] = append(lost[d], q)
			if len(lost[d]) == 2 && v.takenAfter(i) {
				v.say(dialectPath(d), report.No, q.inferred("lost twice, and another offer was taken afterwards"))
			}
		}
	}
}

func (v *verdict) takenAfter(i int) bool {
	return slices.ContainsFunc(v.questions[i+1:], func(q *question) bool {
		return q.result == report.ResultSupported && len(q.offered()) > 0
	})
}

// smb1Supported says whether any SMB1 dialect is taken. It takes a refusal of all of them to say no.
func (v *verdict) smb1Supported() {
	var paths []string
	for _, d := range smb1Dialects() {
		paths = append(paths, dialectPath(d))
	}
	for _, q := range v.questions {
		switch {
		case q.smb1Asked == nil:
		case q.smb1 != nil && !q.smb1.Refused() && int(q.smb1.DialectIndex) < len(q.smb1Asked.Dialects):
			v.say("/smb1/supported", report.Yes, q.evidence("an SMB1 dialect was chosen"))
		case v.all(report.No, paths...):
			v.say("/smb1/supported", report.No, q.evidence("every SMB1 dialect was refused"))
		default:
			v.say("/smb1/supported", report.Unknown, q.evidence(""))
		}
	}
}

// negotiated lists the answers of SMB2 negotiations.
func (v *verdict) negotiated() {
	for _, q := range v.questions {
		if q.smb2 == nil || q.smb2.Dialect == smb.DialectWildcard {
			continue
		}
		r := q.smb2
		n := report.Negotiated{
			Dialect: r.Dialect.String(), Transport: v.transportOf(q),
			SecurityMode: r.SecurityMode.Tokens(), Capabilities: r.Capabilities.Tokens(),
			MaxTransactSize: r.MaxTransactSize, MaxReadSize: r.MaxReadSize, MaxWriteSize: r.MaxWriteSize,
			Credits: r.Header.Credits,
		}
		for _, c := range r.Contexts {
			n.Contexts = append(n.Contexts, report.Context{Type: c.Type.String(), Data: hex.EncodeToString(c.Data)})
		}
		v.report.Negotiated = append(v.report.Negotiated, n)
	}
}

// fill copies the answers from the ledger to their places.
func (v *verdict) fill() {
	r := v.report
	r.Dialects = map[string]report.Answer{}
	for _, d := range smb.Dialects() {
		r.Dialects[d.String()] = v.answer(dialectPath(d.String()))
	}
	for _, d := range smb1Dialects() {
		r.Dialects[d] = v.answer(dialectPath(d))
	}
}
