package finding

import "github.com/smbscope/smbscope/fingerprint/report"

const updateMS17010 = "Windows: install MS17-010 (the KB4013389 family of March 2017; KB4012598 for XP, Vista, 8 " +
	"and Server 2003 and 2008) or any later cumulative update, and turn SMBv1 off: Set-SmbServerConfiguration " +
	"-EnableSMB1Protocol $false; group policy MS Security Guide > Configure SMB v1 server = Disabled."

var checkRules = []rule{
	{
		Rule: Rule{
			ID: "ms17-010-missing", Severities: []report.Severity{report.SeverityLow, report.SeverityHigh, report.SeverityCritical},
			Title: "The update MS17-010 (EternalBlue) is missing",
			Raised: "The weakness check ms17-010 says so; high where the server contradicts itself, " +
				"low where it is known as a honeypot, which plays it.",
			References: []string{
				"CVE-2017-0143", "CVE-2017-0144", "CVE-2017-0145", "CVE-2017-0146", "CVE-2017-0147", "CVE-2017-0148",
				"https://learn.microsoft.com/security-updates/securitybulletins/2017/ms17-010", attackRemote, cisSMB1,
			},
		},
		remedy: updateMS17010 + "\nSamba: does not have this hole. In [global] of smb.conf, server min protocol = " +
			"SMB2_02.",
		find: func(r *report.Report) (hit, bool) {
			return findCheck(r, report.CheckMS17010, "The server answers a transaction as Windows does without the "+
				"update of March 2017. Anybody who reaches it can run code as the system, as EternalBlue, WannaCry "+
				"and NotPetya do.")
		},
	},
	{
		Rule: Rule{
			ID: "doublepulsar", Severities: []report.Severity{report.SeverityLow, report.SeverityHigh, report.SeverityCritical},
			Title: "The implant DoublePulsar answers",
			Raised: "The weakness check doublepulsar says so; low where the server is known as a honeypot, which " +
				"plays it.",
			References: []string{
				"CVE-2017-0144", "https://github.com/countercept/doublepulsar-detection-script", attackRemote,
			},
		},
		remedy: "The host is compromised: take it off the network, keep its memory and disk for the inquiry, and " +
			"set it up anew. A restart removes the implant but not what came with " +
			"it.\n" + updateMS17010 + "\nSamba: cannot have this implant.",
		find: func(r *report.Report) (hit, bool) {
			return findCheck(r, report.CheckDoublePulsar, "The server answers the ping of an implant that "+
				"attackers leave in the kernel of Windows: somebody has run code there already, and anybody can do "+
				"so through it.")
		},
	},
}

func findCheck(r *report.Report, id report.CheckID, meaning string) (hit, bool) {
	for i, c := range r.Checks {
		if c.ID != id || c.Answer != report.Yes {
			continue
		}
		h := hit{severity: report.SeverityCritical, evidence: []string{pointer("checks", i, "answer")}}
		status := ""
		if c.Status != "" {
			status = "It answered " + quote(c.Status) + "."
		}
		if t, ok := toolOf(r); ok && t.honeypot {
			h.severity, h.evidence = report.SeverityLow, append(h.evidence, pointer("identity", "product"))
			meaning = "The server plays this weakness, as the honeypot " + t.product + " does."
		} else if r.Identity != nil && len(r.Identity.Contradictions) > 0 {
			h.severity, h.evidence = report.SeverityHigh, append(h.evidence, pointer("identity", "contradictions", 0))
			status = sentences(status, "The server contradicts itself, see honeypot-tell: it may only play this.")
		}
		h.detail = sentences(meaning, status)
		return h, true
	}
	return hit{}, false
}
