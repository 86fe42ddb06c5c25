package finding

import (
	"fmt"

	"github.com/smbscope/smbscope/fingerprint/report"
)

var protocolRules = []rule{
	{
		Rule: Rule{
			ID: "smb1-enabled", Severities: only(report.SeverityHigh), Title: "SMBv1 is enabled",
			Raised:     "An SMB1 dialect was selected, over any transport that was asked.",
			References: []string{docStopSMB1, docSMB1, attackRemote, cisSMB1},
		},
		remedy: remedySMB1, find: findSMB1,
	},
	{
		Rule: Rule{
			ID: "smb1-plaintext-passwords", Severities: only(report.SeverityHigh), Title: "SMBv1 asks for plain " +
				"passwords",
			Raised:     "The answer to an SMB1 negotiation says that there is no challenge.",
			References: []string{docSMBConf, attackSniffing, cisCleartxt},
		},
		remedy: remedyPlaintext, find: findPlaintext,
	},
	{
		Rule: Rule{
			ID: "signing-not-required", Severities: []report.Severity{report.SeverityLow, report.SeverityMedium},
			Title:      "SMB2 signing is not required",
			Raised:     "The SMB2 security mode says that signing is not required; low where encryption is required.",
			References: []string{docSMBSigning, attackRelay, cisSigning},
		},
		remedy: remedySigning, find: findSigning,
	},
	{
		Rule: Rule{
			ID: "smb1-signing-not-required", Severities: only(report.SeverityMedium), Title: "SMBv1 signing is not " +
				"required",
			Raised:     "The security mode of an SMB1 negotiation says that signing is not required.",
			References: []string{docSMBSigning, docStopSMB1, attackRelay, cisSigning},
		},
		remedy: remedySigning + "\nBetter still, turn SMBv1 off.", find: findSMB1Signing,
	},
	{
		Rule: Rule{
			ID: "ntlm-challenge", Severities: only(report.SeverityInfo), Title: "The server authenticates with NTLM",
			Raised:     "An NTLM challenge came back.",
			References: []string{docSMBSecurity, attackForcedAuth, attackRelay, cisNTLM},
		},
		remedy: remedyNTLM, find: findNTLM,
	},
}

func findSMB1(r *report.Report) (hit, bool) {
	var h hit
	for _, p := range places(r) {
		if p.smb1 == nil || p.smb1.Supported != report.Yes {
			continue
		}
		names, paths := p.taken(smb1Dialects)
		h.evidence = append(append(h.evidence, p.pointer("smb1", "supported")), paths...)
		h.detail = sentences(h.detail, "The server speaks "+
			"SMBv1"+p.over+when(len(names) > 0, ": it took "+enumerate(names))+".")
	}
	h.detail = sentences(h.detail, "That protocol of the 1980s has neither encryption nor protection against being "+
		"downgraded, and its servers had the holes that WannaCry and NotPetya spread through. Of Windows only XP, "+
		"Server 2003 and older need it; so do some printers and storage boxes.")
	return h, len(h.evidence) > 0
}

func findPlaintext(r *report.Report) (hit, bool) {
	var h hit
	for _, p := range places(r) {
		if p.smb1 == nil || p.smb1.ChallengeResponse != report.No {
			continue
		}
		h.evidence = append(h.evidence, p.pointer("smb1", "challenge_response"))
		h.detail = sentences(h.detail, "The server offers no challenge in SMBv1"+p.over+": whoever logs on sends "+
			"the password as it is, for everybody on the way to read.")
	}
	return h, len(h.evidence) > 0
}

const relayed = "Whoever gets between a client and this server, or makes a client log on to a host of his, can use " +
	"that logon here: the session is relayed, and its messages can be changed on the way."

func findSigning(r *report.Report) (hit, bool) {
	h := hit{severity: report.SeverityMedium}
	for _, p := range places(r) {
		if p.signing == nil || p.signing.SMB2 == nil || p.signing.SMB2.Required != report.No {
			continue
		}
		h.evidence = append(h.evidence, p.pointer("signing", "smb2", "required"))
		h.detail = sentences(h.detail, signingSeen(p.signing.SMB2, "SMB2"+p.over))
	}
	if len(h.evidence) == 0 {
		return h, false
	}
	h.detail = sentences(h.detail, relayed)
	if r.Encryption != nil && r.Encryption.Required == report.Yes {
		h.severity, h.evidence = report.SeverityLow, append(h.evidence, pointer("encryption", "required"))
		h.detail = sentences(h.detail, "Here encryption is required, which keeps relayed sessions out too, as long "+
			"as it stays on.")
	}
	return h, true
}

func findSMB1Signing(r *report.Report) (hit, bool) {
	var h hit
	for _, p := range places(r) {
		if p.signing == nil || p.signing.SMB1 == nil || p.signing.SMB1.Required != report.No {
			continue
		}
		h.evidence = append(h.evidence, p.pointer("signing", "smb1", "required"))
		h.detail = sentences(h.detail, signingSeen(p.signing.SMB1, "SMBv1"+p.over))
	}
	h.detail = sentences(h.detail, relayed)
	return h, len(h.evidence) > 0
}

func signingSeen(m *report.SigningMode, protocol string) string {
	text := "Signing is not required in " + protocol
	if m.Dialect != "" {
		text += ", dialect " + quote(m.Dialect)
	}
	if m.SecurityMode != nil {
		text += fmt.Sprintf(" (security mode 0x%x)", *m.SecurityMode)
	}
	return text + when(m.Enabled == report.No, "; the server does not sign at all") + "."
}

func findNTLM(r *report.Report) (hit, bool) {
	if r.NTLM == nil || r.NTLM.Challenge != report.Yes {
		return hit{}, false
	}
	var names []string
	for _, n := range []struct{ what, value string }{
		{"computer", r.NTLM.NetBIOSComputer},
		{"domain", r.NTLM.NetBIOSDomain},
		{"DNS computer", r.NTLM.DNSComputer},
		{"DNS domain", r.NTLM.DNSDomain},
		{"forest", r.NTLM.DNSForest},
	} {
		if n.value != "" {
			names = append(names, n.what+" "+quote(n.value))
		}
	}
	return hit{
		evidence: []string{pointer("ntlm", "challenge")},
		detail: sentences("The server answers NTLM with a challenge; that does not say whether it would let "+
			"anybody in.",
			when(len(names) > 0, "The challenge tells its names to everybody: "+enumerate(names)+"."),
			"NTLM can be relayed and its responses guessed offline; Kerberos is harder to relay."),
	}, true
}
