package verdict

import (
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

func cipherPath(c negotiate.Cipher) string { return "/encryption/ciphers/" + c.String() + "/answer" }

const (
	encryptionPath     = "/encryption/supported"
	encryptionRequired = "/encryption/required"
)

func (v *verdict) encryption() {
	bases := map[string]report.Basis{}
	for _, q := range v.questions {
		dialect, ok := q.smb2Dialect()
		if !ok || q.smb2Asked == nil {
			continue
		}
		switch dialect {
		case smb.DialectSMB300, smb.DialectSMB302:
			v.encryptionBit(q, bases)
		case smb.DialectSMB311:
			v.encryptionContext(q, bases)
		}
	}
	for _, q := range v.refusedFor(negotiate.ContextEncryption) {
		if list := q.offeredCiphers(); len(list) == 1 && q.smb2Asked.Capabilities&smb.CapEncryption != 0 {
			v.refusedCipher(q, bases, list[0])
		}
	}
	v.encryptionWithoutDialect(bases)
	v.requiredEncryption()
	e := &report.Encryption{
		Supported: v.answer(encryptionPath), Required: v.answer(encryptionRequired), Ciphers: map[string]report.Algorithm{},
	}
	if several(v, cipherPath, negotiate.Ciphers()) {
		e.Preferred, e.Selection = selection(v, (*question).offeredCiphers, (*question).chosenCipher)
	}
	for _, c := range negotiate.Ciphers() {
		path := cipherPath(c)
		e.Ciphers[c.String()] = report.Algorithm{Answer: v.answer(path), Basis: bases[path]}
	}
	v.report.Encryption = e
}

func (v *verdict) sayCipher(q *question, bases map[string]report.Basis, c negotiate.Cipher, a report.Answer, b report.Basis, text string) {
	path := cipherPath(c)
	if !slices.Contains(negotiate.Ciphers(), c) {
		return // one that reports have no place for
	}
	evidence := q.evidence(text)
	if a == report.No {
		evidence = q.declined(text)
	}
	if a == report.No && b == report.BasisContext && c == negotiate.CipherAES128CCM && v.encryptsBelow311() {
		v.say(path, report.Unknown, q.declined(text+", which a lower dialect may still do"))
		return
	}
	v.say(path, a, evidence)
	if bases[path] == "" || a == report.Yes {
		bases[path] = b
	}
}

// encryptsBelow311 tells whether 3.0 or 3.0.2, which encrypt with AES-128-CCM, is neither known to be refused nor answered
// without encryption to a client that asked for it.
func (v *verdict) encryptsBelow311() bool {
	return slices.ContainsFunc([]smb.Dialect{smb.DialectSMB300, smb.DialectSMB302}, func(dialect smb.Dialect) bool {
		return v.answer(dialectPath(dialect.String())) != report.No && v.first(func(q *question) bool {
			d, ok := q.smb2Dialect()
			return ok && d == dialect && q.smb2Asked != nil && q.smb2Asked.Capabilities&smb.CapEncryption&^q.smb2.Capabilities != 0
		}) == nil
	})
}

// encryptionBit reads the capability bit of 3.0 and 3.0.2, where AES-128-CCM is the only cipher. A server leaves the
// bit out for clients that do not set it, so that its absence says something only when the question set it; and it
// speaks of no higher dialect, which may have what this one has not.
func (v *verdict) encryptionBit(q *question, bases map[string]report.Basis) {
	at := " at " + q.smb2.Dialect.String()
	switch {
	case q.smb2.Capabilities&smb.CapEncryption != 0:
		v.say(encryptionPath, report.Yes, q.evidence("SMB2_GLOBAL_CAP_ENCRYPTION"+at))
		v.sayCipher(q, bases, negotiate.CipherAES128CCM, report.Yes, report.BasisDialect, "SMB2_GLOBAL_CAP_ENCRYPTION"+at)
	case q.smb2Asked.Capabilities&smb.CapEncryption != 0 && v.noneAbove(q.smb2.Dialect):
		v.say(encryptionPath, report.No, q.declined("no SMB2_GLOBAL_CAP_ENCRYPTION"+at+", which was asked for"))
		v.sayCipher(q, bases, negotiate.CipherAES128CCM, report.No, report.BasisDialect, "no SMB2_GLOBAL_CAP_ENCRYPTION"+at)
	}
}

// noneAbove tells whether every higher dialect is known not to be taken.
func (v *verdict) noneAbove(dialect smb.Dialect) bool {
	for _, d := range smb.Dialects() {
		if d > dialect && !v.all(report.No, dialectPath(d.String())) {
			return false
		}
	}
	return true
}

// encryptionContext reads the context of 3.1.1. One answer settles on one cipher: it says nothing of the others that
// were offered with it, unless it settles on none.
func (v *verdict) encryptionContext(q *question, bases map[string]report.Basis) {
	offered := q.offeredCiphers()
	ctx, present, none := q.context(negotiate.ContextEncryption)
	if present {
		e, err := negotiate.ParseEncryption(ctx.Data)
		v.contextAnomalies(q, err, e.Anomalies)
		v.countAnomaly(q, ctx.Type, len(e.Ciphers))
		none = none && len(e.Ciphers) > 0
		for _, c := range e.Ciphers {
			switch {
			case c == negotiate.CipherNone:
				continue
			case !slices.Contains(offered, c):
				v.anomaly(q, ctx.Type.String(), c.String()+" was not offered")
			default:
				v.sayCipher(q, bases, c, report.Yes, report.BasisContext, "chosen in the encryption context")
				v.say(encryptionPath, report.Yes, q.evidence("cipher "+c.String()))
			}
			none = false
		}
	}
	// Samba 4.17 leaves the context out for a client that does not set the capability bit.
	if none && q.smb2Asked.Capabilities&smb.CapEncryption != 0 {
		v.noCipher(q, bases, offered)
	}
}

func (v *verdict) refusedCipher(q *question, bases map[string]report.Basis, c negotiate.Cipher) {
	if !slices.Contains(negotiate.Ciphers(), c) {
		return
	}
	if c == negotiate.CipherAES128CCM && v.encryptsBelow311() {
		v.say(cipherPath(c), report.Unknown, q.evidence(refusedForIt+", but a lower dialect may still do it"))
		return
	}
	v.say(cipherPath(c), report.No, q.evidence(refusedForIt))
	if bases[cipherPath(c)] == "" {
		bases[cipherPath(c)] = report.BasisContext
	}
}

func (v *verdict) noCipher(q *question, bases map[string]report.Basis, offered []negotiate.Cipher) {
	for _, c := range offered {
		v.sayCipher(q, bases, c, report.No, report.BasisContext, "offered, and the server settles on no cipher")
	}
	var paths []string
	for _, c := range negotiate.Ciphers() {
		paths = append(paths, cipherPath(c))
	}
	switch {
	case len(offered) == 0:
	case q.smb2.Capabilities&smb.CapEncryption != 0:
		v.anomaly(q, "Capabilities", "SMB2_GLOBAL_CAP_ENCRYPTION, but no cipher is chosen")
	case v.all(report.No, paths...):
		v.say(encryptionPath, report.No, q.declined("every cipher was offered, and the server settles on none"))
	}
}

func (q *question) offeredCiphers() []negotiate.Cipher {
	ctx, _ := q.smb2Asked.Context(negotiate.ContextEncryption)
	offer, _ := negotiate.ParseEncryption(ctx.Data) // what cannot be read offers nothing
	return offer.Ciphers
}

// chosenCipher returns the one cipher that the answer settles on, of those that the question offered.
func (q *question) chosenCipher() (negotiate.Cipher, bool) {
	ctx, _, certain := q.context(negotiate.ContextEncryption)
	e, err := negotiate.ParseEncryption(ctx.Data)
	if err != nil || !certain || len(e.Ciphers) != 1 || e.Ciphers[0] == negotiate.CipherNone ||
		!slices.Contains(q.offeredCiphers(), e.Ciphers[0]) {
		return 0, false
	}
	return e.Ciphers[0], true
}

// requiredEncryption reads how session setups begin. A server that takes nothing unencrypted fails them with
// STATUS_ACCESS_DENIED for a client that cannot encrypt ([MS-SMB2] 3.3.5.5), while it goes on with one that can; a server
// that fails both has another reason. That it goes on with both proves nothing: Samba asks for encryption only later, and
// what a share asks for is not seen at all.
func (v *verdict) requiredEncryption() {
	goesOn := v.first(func(q *question) bool {
		_, t := q.ntlm()
		return t == ntlmssp.TypeNegotiate && q.smb2Setup != nil && q.moreToCome() && v.couldEncrypt(q) == report.Yes
	})
	if goesOn == nil && v.answer(encryptionRequired) == "" {
		return // the level never asks
	}
	for _, q := range v.questions {
		if _, t := q.ntlm(); t != ntlmssp.TypeNegotiate || v.couldEncrypt(q) != report.No {
			continue
		}
		denied := q.status == dtyp.StatusAccessDenied.String() && q.result == report.ResultRefused
		switch {
		case denied && goesOn != nil:
			v.say(encryptionRequired, report.Yes, q.evidence("a session setup without encryption is denied, and one with it goes on"))
		case denied:
			v.say(encryptionRequired, report.Unknown, q.evidence("a session setup without encryption is denied, but none with it goes on"))
		case !q.moreToCome():
			v.say(encryptionRequired, report.Unknown, q.evidence("a session setup without encryption came to something else"))
		case goesOn != nil:
			v.say(encryptionRequired, report.Unknown, q.evidence("a session setup without encryption goes on, as it does where encryption is asked for only later"))
		}
	}
}

func (q *question) moreToCome() bool { return q.status == dtyp.StatusMoreProcessingRequired.String() }

// couldEncrypt tells whether the negotiation before a session setup has left the client able to encrypt; it is unknown
// where the dialogue has none.
func (v *verdict) couldEncrypt(setup *question) report.Answer {
	q := v.first(func(q *question) bool { return q.dialogue == setup.dialogue && q.negotiates() })
	if q == nil || q.smb2Asked == nil {
		return report.Unknown
	}
	switch d, ok := q.smb2Dialect(); {
	case !ok:
		return report.Unknown
	case d < smb.DialectSMB300:
		return report.No
	case d < smb.DialectSMB311:
		return report.AnswerOf(q.smb2Asked.Capabilities&q.smb2.Capabilities&smb.CapEncryption != 0)
	}
	_, chosen := q.chosenCipher()
	ctx, present, certain := q.context(negotiate.ContextEncryption)
	e, err := negotiate.ParseEncryption(ctx.Data)
	none := !present || err == nil && len(e.Ciphers) == 1 && e.Ciphers[0] == negotiate.CipherNone
	switch {
	case chosen:
		return report.Yes
	case certain && none:
		return report.No
	}
	return report.Unknown
}

// encryptionWithoutDialect says no to what only dialects have that the server was asked for and does not take.
func (v *verdict) encryptionWithoutDialect(bases map[string]report.Basis) {
	for _, c := range negotiate.Ciphers() {
		text, dialects := "only 3.1.1 has it", []smb.Dialect{smb.DialectSMB311}
		if c == negotiate.CipherAES128CCM {
			text, dialects = "only 3.x has it", []smb.Dialect{smb.DialectSMB300, smb.DialectSMB302, smb.DialectSMB311}
		}
		if q, ok := v.refusedDialects(dialects...); ok && !v.answer(cipherPath(c)).Known() {
			v.say(cipherPath(c), report.No, q.inferred(text))
			bases[cipherPath(c)] = report.BasisDialect
		}
	}
	q, ok := v.refusedDialects(smb.DialectSMB300, smb.DialectSMB302, smb.DialectSMB311)
	if ok && !v.answer(encryptionPath).Known() {
		v.say(encryptionPath, report.No, q.inferred("only 3.x encrypts, and no 3.x dialect is taken"))
	}
}
