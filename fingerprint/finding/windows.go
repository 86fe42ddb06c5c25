package finding

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
)

const unseen = "The patch level cannot be seen from outside: a server that has the update answers alike."

var windowsRules = []rule{
	{
		Rule: Rule{
			ID: "smbghost-candidate", Severities: []report.Severity{report.SeverityMedium, report.SeverityHigh},
			Title: "Possible SMBGhost (CVE-2020-0796)",
			Raised: "SMB 3.1.1 and compression are taken by build 18362 or 18363; medium where no build was read, " +
				"and only when chaining was offered and not echoed and neither Pattern_V1 nor LZ4 was taken.",
			References: []string{"CVE-2020-0796", "KB4551762", "ADV200005", msrc + "CVE-2020-0796", attackRemote},
		},
		remedy: "Windows: install KB4551762 of 12 March 2020 or a later update; better, upgrade, since Windows 10 " +
			"1903 and 1909 get none any more. Until then turn compression off: Set-ItemProperty -Path " +
			"HKLM:\\SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Parameters -Name DisableCompression -Type " +
			"DWORD -Value 1 -Force, or the same registry value by group policy preferences.\nSamba: does not " +
			"compress; nothing to do.",
		find: findGhost,
	},
	{
		Rule: Rule{
			ID: "cve-2020-1206", Severities: only(report.SeverityMedium), Title: "Possible SMBleed (CVE-2020-1206)",
			Raised:     "SMB 3.1.1 and compression are taken by build 18362 or 18363.",
			References: []string{"CVE-2020-1206", msrc + "CVE-2020-1206", attackRemote},
		},
		remedy: "Windows: install the updates of June 2020 or later; better, upgrade, since Windows 10 1903 and " +
			"1909 get none any more. Until then the registry value DisableCompression (REG_DWORD) = 1 in " +
			"HKLM\\SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Parameters, by PowerShell or group policy " +
			"preferences.\nSamba: does not compress; nothing to do.",
		find: findBleed,
	},
	{
		Rule: Rule{
			ID: "ms08-067", Severities: only(report.SeverityMedium), Title: "Possible MS08-067 (Conficker)",
			Raised:     "Windows 2000, XP or Server 2003 by its version, or build 6000 or 6001.",
			References: []string{"CVE-2008-4250", "MS08-067", "KB958644", attackRemote},
		},
		remedy: "Windows: install KB958644; better, replace the system, which gets no updates any more. Windows " +
			"Firewall, by group policy: block TCP 139 and 445 inbound.\nSamba: does not have this hole.",
		find: findConficker,
	},
	{
		Rule: Rule{
			ID: "cve-2009-3103", Severities: only(report.SeverityMedium), Title: "Possible MS09-050 (CVE-2009-3103)",
			Raised:     "SMB 2.0.2 is taken by build 6000, 6001 or 6002.",
			References: []string{"CVE-2009-3103", "MS09-050", "KB975517", attackRemote},
		},
		remedy: "Windows: install MS09-050; better, replace the system, which gets no updates any more. Windows " +
			"Firewall, by group policy: block TCP 139 and 445 inbound.\nSamba: does not have this hole.",
		find: findProcessID,
	},
	{
		Rule: Rule{
			ID: "cve-2025-33073", Severities: only(report.SeverityLow), Title: "Possible NTLM reflection " +
				"(CVE-2025-33073)",
			Raised: "Signing is not required by a Windows whose build had the hole and that is not known to be " +
				"outside of a domain.",
			References: []string{
				"CVE-2025-33073", msrc + "CVE-2025-33073", attackRelay, attackForcedAuth, cisSigning,
			},
		},
		remedy: "Windows: install the updates of June 2025 or later, and require signing, which closes this and " +
			"its like: Set-SmbServerConfiguration -RequireSecuritySignature $true; group policy " + policy +
			" > Microsoft network server: Digitally sign communications (always) = Enabled.\nSamba: does not have " +
			"this hole; server signing = mandatory in [global] of smb.conf is sound there too.",
		find: findReflection,
	},
}

// windows tells whether the server is Windows by its identity.
func windows(r *report.Report) bool { return r.Identity != nil && r.Identity.Product == "Windows" }

// build is the build of Windows that was read, or 0.
func build(r *report.Report) int {
	if !windows(r) {
		return 0
	}
	return r.Identity.Build
}

// compresses tells whether SMB 3.1.1 and compression were taken, and where the report says so.
func compresses(r *report.Report) ([]string, bool) {
	ok := r.Dialects["3.1.1"] == report.Yes && r.Compression != nil && r.Compression.Supported == report.Yes
	return []string{pointer("dialects", "3.1.1"), pointer("compression", "supported")}, ok
}

// ghostBuilds are Windows 10 and Server 1903 and 1909, the only ones whose first release had the hole.
var ghostBuilds = []int{18362, 18363}

const ghostly = "If the update of March 2020 is missing, a crafted message that says it is compressed runs code as " +
	"the system."

func findGhost(r *report.Report) (hit, bool) {
	evidence, ok := compresses(r)
	if !ok {
		return hit{}, false
	}
	if b := build(r); b != 0 {
		return hit{
			severity: report.SeverityHigh, evidence: append(evidence, pointer("identity", "build")),
			detail: fmt.Sprintf("SMB 3.1.1 with compression, by build %d: one of the two that had SMBGhost. %s "+
				"%s", b, ghostly, unseen),
		}, slices.Contains(ghostBuilds, b)
	}
	// Without a build: chaining and Pattern_V1 came with build 19041, LZ4 with 26100, so that none of them may be there.
	if r.Identity != nil && r.Identity.Product != "" && !windows(r) {
		return hit{}, false
	}
	c := r.Compression
	if c.Chained != report.No || c.Algorithms["Pattern_V1"] != report.No || c.Algorithms["LZ4"] != report.No {
		return hit{}, false
	}
	return hit{
		severity: report.SeverityMedium,
		evidence: append(evidence, pointer("compression", "chained"), pointer("compression", "algorithms", "Pattern_V1"),
			pointer("compression", "algorithms", "LZ4")),
		detail: "SMB 3.1.1 with compression, but neither chained compression nor Pattern_V1 nor LZ4: so answer the " +
			"builds 18362 and 18363, which had SMBGhost. The build itself was not read. " + ghostly + " " + unseen,
	}, true
}

func findBleed(r *report.Report) (hit, bool) {
	evidence, ok := compresses(r)
	b := build(r)
	return hit{
		evidence: append(evidence, pointer("identity", "build")),
		detail: fmt.Sprintf("SMB 3.1.1 with compression, by build %d, which had SMBleed until June 2020: memory of "+
			"the kernel could be read from afar. %s", b, unseen),
	}, ok && slices.Contains(ghostBuilds, b)
}

func findConficker(r *report.Report) (hit, bool) {
	if !windows(r) {
		return hit{}, false
	}
	id := r.Identity
	what := "Windows " + quote(id.Version)
	if id.Version == "" {
		what = fmt.Sprintf("Windows build %d", id.Build)
	}
	h := hit{detail: what + " had MS08-067 when it came out: a path in a call to the Server service runs code as " +
		"the system. " + unseen + " It was not tested, since the test can crash the service."}
	switch {
	case id.Build == 6000 || id.Build == 6001: // Vista, Server 2008
		h.evidence = []string{pointer("identity", "build")}
	case id.Version == "5.0" || id.Version == "5.1" || id.Version == "5.2" ||
		strings.HasPrefix(id.Version, "5.0.") ||
		strings.HasPrefix(id.Version, "5.1.") || strings.HasPrefix(id.Version, "5.2."):
		h.evidence = []string{pointer("identity", "version")}
	default:
		return hit{}, false
	}
	return h, true
}

func findProcessID(r *report.Report) (hit, bool) {
	b := build(r)
	return hit{
		evidence: []string{pointer("dialects", "2.0.2"), pointer("identity", "build")},
		detail: fmt.Sprintf("SMB 2.0.2 by build %d, which had CVE-2009-3103 when it came out: one field of a "+
			"negotiation crashes the system or runs code. %s It was not tested, since the test crashes the "+
			"system.", b, unseen),
	}, r.Dialects["2.0.2"] == report.Yes && b >= 6000 && b <= 6002
}

// reflectionFixed are the builds that had CVE-2025-33073 and the first revision without it: Microsoft's list of affected
// releases, as NetExec (nxc/modules/enum_cve.py) has it. Builds that are an enablement of another share its revisions.
var reflectionFixed = map[int]int{
	6003: 23351, 7601: 27769, 9200: 25522, 9600: 22620, 10240: 21034, 14393: 8148, 17763: 7434,
	19041: 5965, 19042: 5965, 19043: 5965, 19044: 5965, 19045: 5965, 20348: 3807,
	22621: 5472, 22631: 5472, 25398: 1665, 26100: 4270,
}

func findReflection(r *report.Report) (hit, bool) {
	b := build(r)
	fixed, ok := reflectionFixed[b]
	if _, ended := findUnsupported(r); ended {
		return hit{}, false // which had no update of June 2025, and says what to do
	}
	if !ok || r.Identity.Role == report.RoleWorkgroup || r.Signing == nil || r.Signing.SMB2 == nil ||
		r.Signing.SMB2.Required != report.No {
		return hit{}, false
	}
	return hit{
		evidence: []string{pointer("identity", "build"), pointer("signing", "smb2", "required")},
		detail: fmt.Sprintf("Windows build %d without required signing had CVE-2025-33073 before revision %d (June "+
			"2025): a domain user could make it log on to itself and become the system. %s", b, fixed, unseen),
	}, true
}
