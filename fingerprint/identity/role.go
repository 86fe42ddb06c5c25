package identity

import (
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
)

// suspected is how much a server that requires signing may be a domain controller: that is the default there, and the
// setting of many who know why.
const suspected = 0.3

// buildSigns is Windows 11 24H2, whose clients require signing by default (Microsoft's smb-signing.md of October 2024).
const buildSigns = 26100

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

const (
	suffixControllers = "1c" // [MS-NBTE] 2.2.1: the group of a domain's controllers
	suffixDomain      = "00" // the domain or workgroup, where it is a group
)

// domainGroups are the names of groups that a server has registered for its domain or workgroup.
func domainGroups(n *report.NetBIOS) []string {
	var list []string
	for _, name := range n.Names {
		if name.Suffix == suffixDomain && slices.Contains(name.Flags, groupFlag) {
			list = append(list, name.Name)
		}
	}
	return list
}

// groupFlag is the token of a name that many have, RFC 1002 4.2.18.
const groupFlag = "G"

func controls(t *traits) string {
	if n := t.report.NetBIOS; n != nil {
		domains := domainGroups(n)
		for _, name := range n.Names { // IIS registers "INet~Services"<1C>, which is no domain
			if name.Suffix == suffixControllers && slices.Contains(name.Flags, groupFlag) && slices.Contains(domains, name.Name) {
				return "it has registered the name " + quoted(name.Name) + "<1C> of its own domain, as controllers do"
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
	if t.mentions("MS-KRB5") && !listsKerberosAlways(t) && !authenticatesAlone(t) {
		return "it lists Kerberos, which takes a domain"
	}
	if n := t.report.NullSession; n != nil && n.Domain != nil && n.Domain.SID != "" {
		return "its primary domain " + quoted(n.Domain.Name) + " has a security identifier, which a workgroup has not"
	}
	return ""
}

func inWorkgroup(t *traits) string {
	if authenticatesAlone(t) {
		return "it authenticates for itself alone"
	}
	// Samba lists NTLMSSP alone in domains of NT 4.0 too: without a challenge there is no telling.
	if t.lists("NEGOEX", "NTLMSSP") || t.lists("NTLMSSP") && t.challenged() {
		return "it lists no Kerberos"
	}
	return ""
}

func authenticatesAlone(t *traits) bool {
	n := t.report.NTLM
	return t.challenged() && n.TargetType == "server" && n.NetBIOSComputer != "" && n.NetBIOSDomain == n.NetBIOSComputer
}

// roleCandidates are the roles that something speaks for without proof.
func roleCandidates(t *traits, role report.Role) []report.RoleCandidate {
	if _, _, build, ok := windowsBuild(t); ok && build >= buildSigns {
		return nil // clients of these builds require it by default
	}
	if role == report.RoleDomainController || role == report.RoleWorkgroup || t.report.Signing == nil || t.report.Signing.SMB2 == nil ||
		t.report.Signing.SMB2.Required != report.Yes {
		return nil
	}
	return []report.RoleCandidate{{Role: report.RoleDomainController, Confidence: suspected}}
}
