package verdict

import (
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

func signingPath(a negotiate.SigningAlgorithm) string {
	return "/signing/algorithms/" + a.String() + "/answer"
}

func (v *verdict) signing() {
	s := &report.Signing{SMB1: &report.SigningMode{}, SMB2: &report.SigningMode{}, Algorithms: map[string]report.Algorithm{}}
	v.report.Signing = s
	bases := map[string]report.Basis{}
	for _, q := range v.questions {
		if _, ok := q.smb2Dialect(); ok {
			v.smb2Signing(q, s.SMB2)
			v.signingAlgorithms(q, bases)
		}
		if dialect, ok := q.smb1Dialect(); ok {
			v.smb1Signing(q, dialect, s.SMB1)
		}
		switch { // the bits of an answer say what they say, whatever was offered
		case q.unseen && q.smb2 != nil && slices.Contains(smb.Dialects(), q.smb2.Dialect):
			v.smb2Signing(q, s.SMB2)
		case q.unseen && q.smb1 != nil && !q.smb1.Refused():
			v.smb1Signing(q, "", s.SMB1)
		}
	}
	for _, q := range v.refusedFor(negotiate.ContextSigning) {
		if list := q.offeredSigning(); len(list) == 1 && slices.Contains(negotiate.SigningAlgorithms(), list[0]) && !v.signsBelow311(list[0]) {
			v.say(signingPath(list[0]), report.No, q.evidence(refusedForIt))
			if bases[signingPath(list[0])] == "" {
				bases[signingPath(list[0])] = report.BasisContext
			}
		}
	}
	v.signingWithoutDialect(bases)
	s.SMB1.Enabled, s.SMB1.Required = v.answer("/signing/smb1/enabled"), v.answer("/signing/smb1/required")
	s.SMB2.Enabled, s.SMB2.Required = v.answer("/signing/smb2/enabled"), v.answer("/signing/smb2/required")
	for _, a := range negotiate.SigningAlgorithms() {
		path := signingPath(a)
		s.Algorithms[a.String()] = report.Algorithm{Answer: v.answer(path), Basis: bases[path]}
	}
}

// smb2Signing reads the two bits of a negotiate response. Neither of them is no "disabled": signing cannot be switched
// off in SMB2 ([MS-SMB2] 3.3.5.4).
func (v *verdict) smb2Signing(q *question, m *report.SigningMode) {
	mode := q.smb2.SecurityMode
	at := "SecurityMode " + mode.String() + " at " + q.smb2.Dialect.String()
	enabled := report.Unknown
	if mode&(smb.SigningEnabled|smb.SigningRequired) != 0 {
		enabled = report.Yes
	} else {
		v.anomaly(q, "SecurityMode", "neither enabled nor required, but signing cannot be switched off")
	}
	v.say("/signing/smb2/enabled", enabled, q.evidence(at))
	v.say("/signing/smb2/required", report.AnswerOf(mode&smb.SigningRequired != 0), q.evidence(at))
	setMode(m, q.smb2.Dialect.String(), uint16(mode))
}

// smb1Signing reads the two bits of an SMB1 negotiate response in the form of NT LM 0.12. The others have no such bits
// ([MS-CIFS] 2.2.4.52.2), so that zeros in them say nothing.
func (v *verdict) smb1Signing(q *question, dialect string, m *report.SigningMode) {
	if q.smb1.WordCount != negotiate.AnswerWordsNT {
		return
	}
	mode := q.smb1.SecurityMode
	at := smb1Mode(mode, dialect)
	required := mode&negotiate.SecuritySignaturesRequire != 0
	enabled := mode&negotiate.SecuritySignaturesEnabled != 0
	v.say("/signing/smb1/enabled", report.AnswerOf(enabled || required), q.evidence(at))
	v.say("/signing/smb1/required", report.AnswerOf(required), q.evidence(at))
	setMode(m, dialect, uint16(mode))
}

// smb1Mode writes the SecurityMode of an SMB1 answer; the dialect is empty where it is not known.
func smb1Mode(mode negotiate.SMB1SecurityMode, dialect string) string {
	text := "SecurityMode 0x" + hex8(uint16(mode))
	if dialect != "" {
		text += " at " + wire.EscapeText(dialect)
	}
	return text
}

// setMode keeps the first dialect's mode, which is the one that the scan prefers.
func setMode(m *report.SigningMode, dialect string, mode uint16) {
	if m.Dialect == "" {
		m.Dialect, m.SecurityMode = dialect, &mode
	}
}

// signingAlgorithms says which algorithm a negotiation settles on: the context's at 3.1.1, else the dialect's own
// ([MS-SMB2] 3.1.4.1).
func (v *verdict) signingAlgorithms(q *question, bases map[string]report.Basis) {
	dialect := q.smb2.Dialect
	say := func(a negotiate.SigningAlgorithm, answer report.Answer, basis report.Basis, text string) {
		evidence := q.evidence(text)
		if answer == report.No {
			evidence = q.declined(text)
		}
		v.say(signingPath(a), answer, evidence)
		if bases[signingPath(a)] == "" || answer == report.Yes {
			bases[signingPath(a)] = basis
		}
	}
	switch {
	case dialect < smb.DialectSMB300:
		say(negotiate.SigningHMACSHA256, report.Yes, report.BasisDialect, dialect.String()+" signs with it")
	case dialect < smb.DialectSMB311:
		say(negotiate.SigningAESCMAC, report.Yes, report.BasisDialect, dialect.String()+" signs with it")
	default:
		v.signingContext(q, say)
	}
}

// signingContext reads the context of 3.1.1. What it declines there a lower dialect may still sign with.
func (v *verdict) signingContext(q *question, say func(negotiate.SigningAlgorithm, report.Answer, report.Basis, string)) {
	offered := q.offeredSigning()
	decline := func(a negotiate.SigningAlgorithm, text string) {
		switch {
		case !slices.Contains(negotiate.SigningAlgorithms(), a):
		case v.signsBelow311(a):
			v.say(signingPath(a), report.Unknown, q.declined(text+", which a lower dialect may still do"))
		default:
			say(a, report.No, report.BasisContext, text)
		}
	}
	ctx, present, certain := q.context(negotiate.ContextSigning)
	if !present {
		if !certain {
			return
		}
		say(negotiate.SigningAESCMAC, report.Yes, report.BasisDialect, "3.1.1 without a signing context signs with it")
		for _, a := range offered {
			if a != negotiate.SigningAESCMAC {
				decline(a, "offered in a signing context, which the server does not answer")
			}
		}
		return
	}
	chosen, err := negotiate.ParseSigning(ctx.Data)
	v.contextAnomalies(q, err, chosen.Anomalies)
	v.countAnomaly(q, ctx.Type, len(chosen.Algorithms))
	for _, a := range chosen.Algorithms {
		if !slices.Contains(offered, a) {
			v.anomaly(q, ctx.Type.String(), a.String()+" was not offered")
		} else if slices.Contains(negotiate.SigningAlgorithms(), a) {
			say(a, report.Yes, report.BasisContext, "chosen in the signing context")
		}
	}
	if len(offered) == 1 && certain && err == nil && len(chosen.Algorithms) == 1 && chosen.Algorithms[0] != offered[0] {
		decline(offered[0], "offered alone, and the server settles on another one")
	}
}

// signsBelow311 tells whether a dialect below 3.1.1 that signs with an algorithm is not known to be refused.
func (v *verdict) signsBelow311(a negotiate.SigningAlgorithm) bool {
	var dialects []smb.Dialect
	switch a {
	case negotiate.SigningHMACSHA256:
		dialects = []smb.Dialect{smb.DialectSMB202, smb.DialectSMB210}
	case negotiate.SigningAESCMAC:
		dialects = []smb.Dialect{smb.DialectSMB300, smb.DialectSMB302}
	}
	return slices.ContainsFunc(dialects, func(d smb.Dialect) bool { return v.answer(dialectPath(d.String())) != report.No })
}

func (q *question) offeredSigning() []negotiate.SigningAlgorithm {
	if q.smb2Asked == nil {
		return nil
	}
	ctx, _ := q.smb2Asked.Context(negotiate.ContextSigning)
	offer, _ := negotiate.ParseSigning(ctx.Data) // what cannot be read offers nothing
	return offer.Algorithms
}

// signingWithoutDialect says no to algorithms of dialects that the server was asked for and does not take.
func (v *verdict) signingWithoutDialect(bases map[string]report.Basis) {
	no := func(a negotiate.SigningAlgorithm, text string, dialects ...smb.Dialect) {
		if q, ok := v.refusedDialects(dialects...); ok && !v.answer(signingPath(a)).Known() {
			v.say(signingPath(a), report.No, q.inferred(text))
			bases[signingPath(a)] = report.BasisDialect
		}
	}
	no(negotiate.SigningAESGMAC, "only 3.1.1 signs with it", smb.DialectSMB311)
	no(negotiate.SigningAESCMAC, "only 3.x signs with it", smb.DialectSMB300, smb.DialectSMB302, smb.DialectSMB311)
	no(negotiate.SigningHMACSHA256, "no SMB2 dialect is taken", smb.Dialects()...)
	no(negotiate.SigningHMACSHA256, "only 2.x and 3.1.1 sign with it", smb.DialectSMB202, smb.DialectSMB210, smb.DialectSMB311)
}
