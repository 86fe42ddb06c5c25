package identity

import (
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
)

// suspected is how much a server that requires signing may be a domain controller: that is the default there, and the
// setting of many who know why.
const suspected = 0.3

// roleOf returns a server's role and what it rests on. A controller is one that says so: by a name for domain
// controllers, by its type, or by an account domain that is the primary domain. Signing proves nothing.
func roleOf(t *traits) (report.Role, string) {
	if sentence := controls(t); sentence != "" {
		return report.RoleDomainController, sentence
	}
	if sentence := inDomain(t); sentence != "" {
		return report.RoleDomainJoined, sentence
	}
	if sentence := inWorkgroup(t); sentence != "" {
		return report.RoleWorkgroup, sentence
	}
	return "", ""
}

const suffixControllers = "1c" // MS-NBTE 2.2: the group of a domain's controllers

func controls(t *traits) string {
	if n := t.report.NetBIOS; n != nil {
		for _, name := range n.Names {
			if name.Suffix == suffixControllers {
				return "it has registered the name " + quoted(name.Name) + "<1C>, which only controllers of that domain do"
			}
		}
	}
	n := t.report.NullSession
	if n == nil {
		return ""
	}
	if n.ServerInfo != nil {
		for _, bit := range []string{"SV_TYPE_DOMAIN_CTRL", "SV_TYPE_DOMAIN_BAKCTRL"} {
			if slices.Contains(n.ServerInfo.Type, bit) {
				return "its server type has " + bit
			}
		}
	}
	if d := n.Domain; d != nil && d.SID != "" && d.SID == d.AccountSID {
		return "its own accounts are those of the domain " + quoted(d.Name)
	}
	return ""
}

// listsKerberosAlways tells whether a server that lists Kerberos may be in no domain: macOS and ksmbd always do.
func listsKerberosAlways(t *traits) bool {
	return t.mentions("APPLE-LKDC") || t.lists("KRB5", "MS-KRB5", "NTLMSSP")
}

func inDomain(t *traits) string {
	if n := t.report.NTLM; t.challenged() {
		switch {
		case n.DNSForest != "":
			return "its challenge names the forest " + quoted(n.DNSForest)
		case n.TargetType == "domain" && n.NetBIOSDomain != "" && n.NetBIOSDomain != n.NetBIOSComputer:
			return "it authenticates for the domain " + quoted(n.NetBIOSDomain)
		}
	}
	if t.mentions("MS-KRB5") && !listsKerberosAlways(t) {
		return "it lists Kerberos, which takes a domain"
	}
	if n := t.report.NullSession; n != nil && n.Domain != nil && n.Domain.SID != "" {
		return "its primary domain " + quoted(n.Domain.Name) + " has a security identifier, which a workgroup has not"
	}
	return ""
}

func inWorkgroup(t *traits) string {
	if n := t.report.NTLM; t.challenged() && n.TargetType == "server" && n.NetBIOSComputer != "" && n.NetBIOSDomain == n.NetBIOSComputer {
		return "it authenticates for itself alone"
	}
	if t.lists("NEGOEX", "NTLMSSP") || t.lists("NTLMSSP") {
		return "it lists no Kerberos"
	}
	return ""
}

// roleCandidates are the roles that something speaks for without proof.
func roleCandidates(t *traits, role report.Role) []report.RoleCandidate {
	if role == report.RoleDomainController || role == report.RoleWorkgroup || t.report.Signing == nil || t.report.Signing.SMB2 == nil ||
		t.report.Signing.SMB2.Required != report.Yes {
		return nil
	}
	return []report.RoleCandidate{{Role: report.RoleDomainController, Confidence: suspected}}
}
