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

func dialectPath(dialect string) string { return "/dialects/" + dialect }

func otherPath(dialect string) string { return "/smb1/other_dialects/" + dialect }

// pathOf returns where the answer for a dialect stands, by its name; empty for one that reports have no place for.
func (v *verdict) pathOf(dialect string) string {
	if _, ok := v.answers[dialectPath(dialect)]; ok {
		return dialectPath(dialect)
	}
	if slices.Contains(smb.OtherSMB1Dialects(), dialect) {
		return otherPath(dialect)
	}
	return ""
}

// ask prepares the answers that every level may ask for.
func (v *verdict) ask() {
	for _, d := range smb.Dialects() {
		v.expect(dialectPath(d.String()))
	}
	for _, d := range smb.SMB1Dialects() {
		v.expect(dialectPath(d))
	}
	v.expect("/smb1/supported", challengeResponsePath, extendedSecurityPath, "/signing/smb1/enabled", "/signing/smb1/required", "/signing/smb2/enabled",
		"/signing/smb2/required", encryptionPath, compressionSupported, compressionChained, listedPath, challengePath)
	switch v.report.Level {
	case report.LevelStandard:
		v.expect(upgradePath)
	case report.LevelFull:
		v.expect(upgradePath, encryptionRequired, rdmaSupported, posixPath)
		for _, d := range smb.OtherSMB1Dialects() {
			v.expect(otherPath(d))
		}
		for _, t := range negotiate.RDMATransforms() {
			v.expect(rdmaPath(t))
		}
	}
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
			v.upgrade(q)
		case q.unseen && q.smb2 != nil && slices.Contains(smb.Dialects(), q.smb2.Dialect):
			v.sayDialect(q.smb2.Dialect.String(), report.Yes, q.evidence("the server chose it"))
		}
	}
	v.invalid()
	v.losses()
	v.smb1Supported()
}

// sayDialect is say for a dialect that reports name; a client may offer others, which have no place there.
func (v *verdict) sayDialect(dialect string, answer report.Answer, evidence report.Evidence) {
	if path := v.pathOf(dialect); path != "" {
		v.say(path, answer, evidence)
	}
}

func (v *verdict) smb2Dialects(q *question) {
	chosen, ok := q.smb2Dialect()
	if !ok {
		if q.smb2 != nil {
			v.anomaly(q, "DialectRevision", fmt.Sprintf("%v was not offered or is unknown", q.smb2.Dialect))
		}
		v.unselected(q)
		return
	}
	for _, d := range q.smb2Asked.Dialects {
		switch {
		case d == chosen:
			v.sayDialect(d.String(), report.Yes, q.evidence("the server chose it"))
		case d > chosen:
			v.sayDialect(d.String(), report.No, q.inferred("offered, and the server chose the lower "+chosen.String()))
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
	if q.smb2 != nil { // the multi-protocol negotiation was taken up: nothing is known of the SMB1 dialects in it
		if d, ok := q.smb2Dialect(); ok {
			v.sayDialect(d.String(), report.Yes, q.evidence("chosen by "+smb.DialectSMB2002))
		} else if q.smb2.Dialect != smb.DialectWildcard || !slices.Contains(q.smb1Asked.Dialects, smb.DialectSMB2Any) {
			v.anomaly(q, "DialectRevision", fmt.Sprintf("%v was not offered", q.smb2.Dialect))
		}
		return
	}
	if q.smb1 != nil && q.smb1.Refused() {
		for _, d := range q.offered() {
			v.sayDialect(d, report.No, q.evidence("DialectIndex 0xFFFF: none of the dialects that were offered"))
		}
		return
	}
	chosen, ok := q.smb1Dialect()
	if !ok {
		if q.smb1 != nil {
			v.anomaly(q, "DialectIndex", fmt.Sprintf("%d of %d names no SMB1 dialect", q.smb1.DialectIndex, len(q.offered())))
		}
		v.unselected(q)
		return
	}
	v.sayDialect(chosen, report.Yes, q.evidence("the server chose it"))
	v.formOf(q, chosen)
	known := smb.SMB1Dialects()
	at := slices.Index(known, chosen)
	if at < 0 {
		return // there is no telling what is newer
	}
	for _, d := range q.offered() {
		if slices.Index(known, d) > at {
			v.sayDialect(d, report.No, q.inferred("offered, and the server chose the older "+chosen))
		}
	}
}

// formOf notes an answer in a form that its dialect does not have, [MS-CIFS] 2.2.4.52.2.
func (v *verdict) formOf(q *question, dialect string) {
	want := negotiate.AnswerWordsLANMAN
	switch dialect {
	case smb.DialectNTLM012, smb.DialectNTLANMAN10:
		want = negotiate.AnswerWordsNT
	case smb.DialectCore:
		want = negotiate.AnswerWordsCore
	case smb.DialectLANMAN10, smb.DialectLM12X002, smb.DialectLANMAN21, smb.DialectMSNet30, smb.DialectDOSLM12X002,
		smb.DialectDOSLANMAN21:
	default:
		return
	}
	if q.smb1.WordCount != want {
		v.anomaly(q, "WordCount", fmt.Sprintf("%d, should be %d at %s", q.smb1.WordCount, want, dialect))
	}
}

// unselected says what an answer that selects nothing, or the lack of one, tells of the dialects that were offered.
func (v *verdict) unselected(q *question) {
	answer, text := report.Unknown, ""
	switch {
	case q.result == report.ResultRefused && q.notSupported:
		answer, text = report.No, "the server supports none of the dialects that were offered"
	case q.result == report.ResultRefused:
		text = "refused with a status that does not speak of the dialect"
	case q.result == report.ResultSupported:
		text = "the answer selects nothing that was offered"
	}
	for _, d := range q.offered() {
		v.sayDialect(d, answer, q.evidence(text))
	}
}

// invalid turns STATUS_INVALID_PARAMETER into a no where nothing but the dialect can be meant: the question offers one
// dialect, without contexts, and the same question with another dialect was taken. So does Samba 4.17 refuse 2.0.2 and
// 2.1 when it is set up without HMAC-SHA256.
func (v *verdict) invalid() {
	alone := func(q *question) bool {
		return q.smb2Asked != nil && len(q.smb2Asked.Dialects) == 1 && q.smb2Asked.Dialects[0] < smb.DialectSMB311
	}
	other := v.first(func(q *question) bool { return alone(q) && q.takes() })
	if other == nil {
		return
	}
	for _, q := range v.questions {
		if alone(q) && q.result == report.ResultRefused && q.status == dtyp.StatusInvalidParameter.String() &&
			q.smb2Asked.Capabilities == other.smb2Asked.Capabilities && q.smb2Asked.SecurityMode == other.smb2Asked.SecurityMode {
			text := "the same question with " + other.offered()[0] + " was taken"
			v.sayDialect(q.offered()[0], report.No, q.evidence(text))
		}
	}
}

// smb1Supported says whether any SMB1 dialect is taken. It takes a refusal of all of them to say no.
func (v *verdict) smb1Supported() {
	var paths []string
	for _, d := range smb.SMB1Dialects() {
		paths = append(paths, dialectPath(d))
	}
	for _, q := range v.questions {
		switch {
		case q.unseen && q.smb1 != nil && !q.smb1.Refused():
			v.say("/smb1/supported", report.Yes, q.evidence("an SMB1 dialect was chosen, of a list that was not captured"))
		case q.smb1Asked == nil || q.smb2 != nil:
		case q.takes():
			v.say("/smb1/supported", report.Yes, q.evidence("an SMB1 dialect was chosen"))
		case v.all(report.No, paths...):
			v.say("/smb1/supported", report.No, q.inferred(refusalText(q)))
		default:
			v.say("/smb1/supported", report.Unknown, q.evidence(""))
		}
	}
}

func refusalText(q *question) string {
	if q.smb1 != nil && q.smb1.Refused() {
		return "every SMB1 dialect was refused (DialectIndex 0xFFFF)"
	}
	return "every SMB1 dialect was refused"
}

// negotiated lists the answers of SMB2 negotiations.
func (v *verdict) negotiated() {
	for _, q := range v.asked {
		if q.smb2 == nil || q.unusual() || q.smb2.Dialect == smb.DialectWildcard {
			continue
		}
		r := q.smb2
		if slices.ContainsFunc(v.report.Negotiated, func(n report.Negotiated) bool {
			return n.Dialect == r.Dialect.String() && n.Transport == v.transportOf(q)
		}) {
			continue // a server that takes 2.0.2 alone answers the multi-protocol negotiation with it as well
		}
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
	for _, d := range smb.SMB1Dialects() {
		r.Dialects[d] = v.answer(dialectPath(d))
	}
}
