package finding

import (
	"fmt"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
)

// A sambaCVE is a hole in a range of Samba's versions.
type sambaCVE struct {
	id       string // CVE
	name     string // a few words
	versions window
	effect   string // a sentence: what an attacker gets and what he needs
	hidden   bool   // it needs a setting that is not the default and cannot be seen
	dc       bool   // of domain controllers alone
	remedy   string // besides an upgrade, for smb.conf
}

// sambaCVEs are those that let somebody in without an account, or with any. Ranges are those of Samba's own advisories
// (https://www.samba.org/samba/security/) and release notes (WHATSNEW.txt of the releases named as fixed).
var sambaCVEs = []sambaCVE{
	{
		id: "CVE-2007-2447", name: "username map script", hidden: true,
		versions: window{since: release(3, 0, 0), fixed: []version{release(3, 0, 25)}}, // candidates up to rc3 have it
		effect: "A user name with shell characters runs commands, without an account, where username map script is " +
			"set.",
		remedy: "remove username map script",
	},
	{
		id: "CVE-2012-1182", name: "heap overflow in RPC",
		versions: window{since: release(3, 0, 0), fixed: []version{release(3, 4, 16), release(3, 5, 14), release(3, 6, 4)}},
		effect:   "A crafted RPC call over an anonymous session runs code as root.",
		remedy:   "hosts allow = NETWORKS",
	},
	{
		id: "CVE-2015-0240", name: "uninitialised pointer in netlogon",
		versions: window{
			since: release(3, 5, 0),
			fixed: []version{release(3, 6, 25), release(4, 0, 25), release(4, 1, 17), {4, 2, 0, 5}}, // 4.2.0rc5
		},
		effect: "A crafted netlogon call over an anonymous session may run code as root.",
		remedy: "on 4.x that is no domain controller, rpc_server:netlogon = disabled",
	},
	{
		id: "CVE-2016-2118", name: "Badlock", // earlier than 3.6 was not assessed
		versions: window{since: release(3, 6, 0), fixed: []version{release(4, 2, 10), release(4, 3, 7), release(4, 4, 1)}},
		effect:   "Whoever is between a client and this server can act in the client's name in SAMR and LSA.",
		remedy:   "server signing = mandatory",
	},
	{
		id: "CVE-2017-7494", name: "SambaCry",
		versions: window{since: release(3, 5, 0), fixed: []version{release(4, 4, 14), release(4, 5, 10), release(4, 6, 4)}},
		effect:   "Whoever can write to a share can have the server load a library from there, and so run code as root.",
		remedy:   "nt pipe support = no",
	},
	{
		id: "CVE-2020-1472", name: "Zerologon", dc: true,
		// From 4.8 on server schannel is yes by default.
		versions: window{since: release(4, 0, 0), fixed: []version{release(4, 8, 0)}},
		effect: "Whoever reaches the domain controller can become any machine of the domain, unless server " +
			"schannel is yes.",
		remedy: "server schannel = yes",
	},
	{
		id: "CVE-2021-44142", name: "vfs_fruit", hidden: true,
		versions: window{
			since: release(4, 2, 0), // the first with vfs_fruit; the advisory says all versions
			fixed: []version{release(4, 13, 17), release(4, 14, 12), release(4, 15, 5)},
		},
		effect: "Whoever may write extended attributes, a guest perhaps, can run code as root, where vfs_fruit is " +
			"loaded.",
		remedy: "take fruit off vfs objects",
	},
	{
		id: "CVE-2022-38023", name: "RC4 in netlogon", dc: true,
		versions: window{fixed: []version{release(4, 15, 13), release(4, 16, 8), release(4, 17, 4)}},
		effect:   "The secure channel of members takes a cipher whose checksums can be forged.",
		remedy:   "reject md5 clients = yes",
	},
	{
		id: "CVE-2023-3961", name: "path of a named pipe",
		versions: window{since: release(4, 16, 0), fixed: []version{release(4, 17, 12), release(4, 18, 8), release(4, 19, 1)}},
		effect:   "A client can connect to sockets of other services of the host, as root.",
	},
	{
		id: "CVE-2025-10230", name: "wins hook", dc: true, hidden: true,
		versions: window{since: release(4, 0, 0), fixed: []version{release(4, 21, 9), release(4, 22, 5), release(4, 23, 2)}},
		effect: "A registered name runs commands, without an account, where wins support and wins hook are set on " +
			"an AD domain controller.",
		remedy: "clear wins hook",
	},
	{
		id: "CVE-2026-4408", name: "check password script", hidden: true,
		versions: window{
			since: release(4, 16, 0), // the first with samba-dcerpcd, which it needs as a service of its own
			fixed: []version{release(4, 22, 10), release(4, 23, 8), release(4, 24, 3)},
		},
		effect: "A user name runs commands, without an account, where check password script has %u and " +
			"samba-dcerpcd is a service of its own. AD domain controllers do not have it.",
		remedy: "take %u off check password script",
	},
	{
		id: "CVE-2026-4480", name: "print command", hidden: true,
		versions: window{fixed: []version{release(4, 22, 10), release(4, 23, 8), release(4, 24, 3)}},
		effect: "The name of a print job runs commands, where print command has %J and printing is neither cups nor iprint; " +
			"printers are open to guests more often than files.",
		remedy: "take %J off print command",
	},
	{
		id: "CVE-2026-58216", name: "release of July 2026", dc: true, // to 58224, and CVE-2026-6949
		versions: window{since: release(4, 0, 0), fixed: []version{release(4, 22, 11), release(4, 23, 10), release(4, 24, 5)}},
		effect:   "The first of a set of holes in the KDC, the DNS and the LDAP server of an AD domain controller.",
		remedy:   "hosts allow = NETWORKS",
	},
}

func sambaRules(table []sambaCVE) []rule {
	list := make([]rule, len(table))
	for i, c := range table {
		list[i] = c.rule()
	}
	return list
}

func (c sambaCVE) rule() rule {
	severities := []report.Severity{report.SeverityLow, report.SeverityMedium}
	if c.hidden {
		severities = severities[:1]
	}
	branches := make([]string, len(c.versions.fixed))
	for i, v := range c.versions.fixed {
		branches[i] = v.String()
	}
	of := "Samba"
	if c.dc {
		of = "Samba as a domain controller"
	}
	return rule{
		Rule: Rule{
			ID: "samba-" + strings.ToLower(c.id), Severities: severities, Title: "Possible " + c.id + " (" + c.name + ")",
			Raised: "The version that " + of + " sent is one that the hole was in; it was mended in " +
				enumerate(branches) + "." +
				when(!c.hidden, " Low where the version has a distributor's suffix."),
			References: []string{c.id, sambaCVEPage + c.id + ".html", docSambaCVEs, attackRemote},
		},
		remedy: "Windows: does not have this hole.\nSamba: upgrade to " + anyOf(branches) +
			" or later, or to the distribution's package that has the fix." +
			when(c.remedy != "", " Until then, in smb.conf: "+c.remedy+"."),
		find: c.find,
	}
}

func (v version) String() string {
	s := fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2])
	if v[3] >= 0 && v[3] < 1000 {
		s += fmt.Sprintf("rc%d", v[3])
	}
	return s
}

func (c sambaCVE) find(r *report.Report) (hit, bool) {
	id := r.Identity
	if id == nil || id.Product != "Samba" || id.Version == "" || c.dc && id.Role != report.RoleDomainController {
		return hit{}, false
	}
	v, suffix, ok := readVersion(id.Version)
	if !ok || !c.versions.holds(v) {
		return hit{}, false
	}
	h := hit{severity: report.SeverityMedium, evidence: []string{pointer("identity", "version")}}
	if c.dc {
		h.evidence = append(h.evidence, pointer("identity", "role"))
	}
	if suffix != "" || c.hidden {
		h.severity = report.SeverityLow
	}
	ported := "Whoever packaged it may have mended it without a new number."
	if suffix != "" {
		ported = "The suffix " + quote(suffix) + " marks a package whose distributor mends holes without a new " +
			"number: ask its list of fixes."
	}
	h.detail = sentences("Samba "+quote(id.Version)+" is of a version that has "+c.id+" as the Samba team released "+
		"it.", c.effect, ported)
	return h, true
}
