package finding

import (
	"github.com/smbscope/smbscope/fingerprint/report"
)

var encryptionRules = []rule{
	{
		Rule: Rule{
			ID: "encryption-unavailable", Severities: only(report.SeverityLow), Title: "SMB encryption is not " +
				"available",
			Raised:     "Encryption was offered in every way that the scan knows and not taken.",
			References: []string{docSMBSecurity, docSMBConf, attackSniffing},
		},
		remedy: remedyEncryption, find: findNoEncryption,
	},
	{
		Rule: Rule{
			ID: "no-aes-gcm", Severities: only(report.SeverityInfo), Title: "No AES-GCM cipher",
			Raised:     "The server encrypts, and AES-128-GCM and AES-256-GCM were offered and refused.",
			References: []string{docSMBSecurity, docSMBConf},
		},
		remedy: remedyCiphers,
		find: func(r *report.Report) (hit, bool) {
			return findNoCipher(r, "It takes neither AES-128-GCM nor AES-256-GCM. AES-CCM is not weak either, only "+
				"slower, so that encryption is more often left off.", "AES-128-GCM", "AES-256-GCM")
		},
	},
	{
		Rule: Rule{
			ID: "no-256-bit-cipher", Severities: only(report.SeverityInfo), Title: "No 256-bit cipher",
			Raised:     "The server encrypts, and AES-256-CCM and AES-256-GCM were offered and refused.",
			References: []string{docSMBSecurity, docSMBConf},
		},
		remedy: remedyCiphers,
		find: func(r *report.Report) (hit, bool) {
			return findNoCipher(r, "It takes no cipher with 256-bit keys. No cipher of SMB 3 is weak: this matters "+
				"where a rule asks for such keys.", "AES-256-CCM", "AES-256-GCM")
		},
	},
}

func findNoEncryption(r *report.Report) (hit, bool) {
	if r.Encryption == nil || r.Encryption.Supported != report.No {
		return hit{}, false
	}
	names, paths := places(r)[0].taken(smb3Dialects)
	seen := "The server does not encrypt"
	if len(names) > 0 {
		seen += ", though it takes " + enumerate(names) + ", which can"
	}
	return hit{
		evidence: append([]string{pointer("encryption", "supported")}, paths...),
		detail:   seen + ". Whoever is on the way reads the files that go over the network. Signing alone only keeps them from being changed.",
	}, true
}

// findNoCipher raises what is missing when all of the ciphers were refused by a server that encrypts.
func findNoCipher(r *report.Report, what string, ciphers ...string) (hit, bool) {
	if r.Encryption == nil || r.Encryption.Supported != report.Yes {
		return hit{}, false
	}
	h := hit{evidence: []string{pointer("encryption", "supported")}}
	for _, c := range ciphers {
		if r.Encryption.Ciphers[c].Answer != report.No {
			return hit{}, false
		}
		h.evidence = append(h.evidence, pointer("encryption", "ciphers", c, "answer"))
	}
	var taken []string
	for _, c := range []string{"AES-128-CCM", "AES-128-GCM", "AES-256-CCM", "AES-256-GCM"} {
		if r.Encryption.Ciphers[c].Answer == report.Yes {
			taken = append(taken, c)
		}
	}
	h.detail = sentences("The server encrypts"+when(len(taken) > 0, ", with "+enumerate(taken))+".", what)
	return h, true
}
