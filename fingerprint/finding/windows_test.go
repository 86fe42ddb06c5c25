package finding_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
)

// windowsReport is a report of a Windows by its build, which takes 3.1.1 and compresses.
func windowsReport(version string, build int) *report.Report {
	return &report.Report{
		ObservedAt: observed,
		Dialects:   map[string]report.Answer{"2.0.2": report.Yes, "3.1.1": report.Yes},
		Signing:    &report.Signing{SMB2: &report.SigningMode{Enabled: report.Yes, Required: report.No}},
		Compression: &report.Compression{
			Supported: report.Yes, Chained: report.No,
			Algorithms: map[string]report.Answer{"LZNT1": report.Yes, "LZ77": report.Yes, "LZ77+Huffman": report.Yes, "Pattern_V1": report.No, "LZ4": report.No},
		},
		Identity: &report.Identity{Product: "Windows", Version: version, Build: build, Confidence: 0.9},
	}
}

func windowsSamples(t *testing.T) []sample {
	const high, medium, low = report.SeverityHigh, report.SeverityMedium, report.SeverityLow
	of := windowsReport
	unread := func(change func(r *report.Report)) *report.Report {
		r := of("", 0)
		change(r)
		return r
	}
	same := func(*report.Report) {}
	return []sample{
		{"smbghost-candidate", "3.1.1 unknown", with(of("", 18362), func(r *report.Report) { r.Dialects["3.1.1"] = report.Unknown }), none, ""},
		{"smbghost-candidate", "compression unknown", with(of("", 18362), func(r *report.Report) { r.Compression.Supported = report.Unknown }), none, ""},
		{"smbghost-candidate", "1903", of("10.0.18362", 18362), high, "patch level cannot be seen"},
		{"smbghost-candidate", "1909", of("10.0.18363", 18363), high, "18363"},
		{"smbghost-candidate", "2004, without chaining", of("10.0.19041", 19041), none, ""},
		{"smbghost-candidate", "Server 2019", of("10.0.17763", 17763), none, ""},
		{"smbghost-candidate", "Server 2022", of("10.0.20348", 20348), none, ""},
		{"smbghost-candidate", "Server 2025", of("10.0.26100", 26100), none, ""},
		{"smbghost-candidate", "build not read", unread(same), medium, "build itself was not read"},
		{"smbghost-candidate", "no identity", unread(func(r *report.Report) { r.Identity = nil }), medium, ""},
		{"smbghost-candidate", "another product", unread(func(r *report.Report) { r.Identity.Product = "Samba" }), none, ""},
		{"smbghost-candidate", "chained", unread(func(r *report.Report) { r.Compression.Chained = report.Yes }), none, ""},
		{"smbghost-candidate", "chaining not " +
			"offered", unread(func(r *report.Report) { r.Compression.Chained = report.Unknown }), none, ""},
		{"smbghost-candidate", "Pattern_V1", unread(func(r *report.Report) { r.Compression.Algorithms["Pattern_V1"] = report.Yes }), none, ""},
		{"smbghost-candidate", "Pattern_V1 not " +
			"asked", unread(func(r *report.Report) { delete(r.Compression.Algorithms, "Pattern_V1") }), none, ""},
		{"smbghost-candidate", "LZ4", unread(func(r *report.Report) { r.Compression.Algorithms["LZ4"] = report.Yes }), none, ""},
		{"smbghost-candidate", "LZ4 unknown", unread(func(r *report.Report) { r.Compression.Algorithms["LZ4"] = report.Unknown }), none, ""},
		{"smbghost-candidate", "compression off", with(of("10.0.18362", 18362), func(r *report.Report) { r.Compression.Supported = report.No }), none, ""},
		{"smbghost-candidate", "no 3.1.1", with(of("10.0.18362", 18362), func(r *report.Report) { r.Dialects["3.1.1"] = report.No }), none, ""},
		{"smbghost-candidate", "recorded Samba", recorded(t, "samba-4.17.12-default"), none, ""},
		{"cve-2020-1206", "1909", of("10.0.18363", 18363), medium, "SMBleed"},
		{"cve-2020-1206", "2004 to 22H2", of("10.0.19041", 19041), none, ""},
		{"cve-2020-1206", "build not read", unread(same), none, ""},
		{"ms08-067", "XP by its name", of("5.1", 0), medium, `Windows "5.1"`},
		{"ms08-067", "Server 2003", of("5.2.3790", 3790), medium, ""},
		{"ms08-067", "Windows 2000", of("5.0.2195", 2195), medium, ""},
		{"ms08-067", "XP", of("5.1.2600", 2600), medium, ""},
		{"ms08-067", "Windows 2000 by its name", of("5.0", 0), medium, ""},
		{"ms08-067", "Server 2003 by its name", of("5.2", 0), medium, ""},
		{"ms08-067", "Server 2008", of("6.0.6001", 6001), medium, ""},
		{"ms08-067", "Vista", of("", 6000), medium, "Windows build 6000 had"},
		{"ms08-067", "Server 2008 SP2", of("6.0.6002", 6002), none, ""},
		{"ms08-067", "Windows 7", of("6.1.7601", 7601), none, ""},
		{"ms08-067", "Samba of that " +
			"number", with(of("5.1", 0), func(r *report.Report) { r.Identity.Product = "Samba" }), none, ""},
		{"cve-2009-3103", "Server 2008", of("6.0.6001", 6001), medium, "crashes the system"},
		{"cve-2009-3103", "Vista", of("6.0.6000", 6000), medium, ""},
		{"cve-2009-3103", "SP2", of("6.0.6002", 6002), medium, ""},
		{"cve-2009-3103", "later", of("6.0.6003", 6003), none, ""},
		{"cve-2009-3103", "no SMB2", with(of("6.0.6001", 6001), func(r *report.Report) { r.Dialects["2.0.2"] = report.No }), none, ""},
		{"cve-2025-33073", "Server 2019", of("10.0.17763", 17763), low, "revision 7434"},
		{"cve-2025-33073", "signing required", with(of("10.0.17763", 17763), func(r *report.Report) { r.Signing.SMB2.Required = report.Yes }), none, ""},
		{"cve-2025-33073", "workgroup", with(of("10.0.17763", 17763), func(r *report.Report) { r.Identity.Role = report.RoleWorkgroup }), none, ""},
		{"cve-2025-33073", "signing not asked", with(of("10.0.17763", 17763), func(r *report.Report) { r.Signing = nil }), none, ""},
		{"cve-2025-33073", "SMB2 not asked", with(of("10.0.17763", 17763), func(r *report.Report) { r.Signing.SMB2 = nil }), none, ""},
		{"cve-2025-33073", "25H2", of("10.0.26200", 26200), none, ""},
		{"cve-2025-33073", "Samba", with(of("", 17763), func(r *report.Report) { r.Identity.Product = "Samba" }), none, ""},
	}
}

// TestNewerWindowsHasNoGhost takes no build from 19041 on for a candidate, whatever it compresses with (behaviour 32).
func TestNewerWindowsHasNoGhost(t *testing.T) {
	for build := 19041; build < 30000; build++ {
		_, ok := find(windowsReport("", build), "smbghost-candidate")
		require.False(t, ok, build)
	}
}

func TestGhostEvidence(t *testing.T) {
	f, ok := find(windowsReport("10.0.18362", 18362), "smbghost-candidate")
	require.True(t, ok)
	require.Equal(t, []string{"/dialects/3.1.1", "/compression/supported", "/identity/build"}, f.Evidence)
	f, ok = find(windowsReport("10.0.18362", 18362), "cve-2020-1206")
	require.True(t, ok)
	require.Equal(t, []string{"/dialects/3.1.1", "/compression/supported", "/identity/build"}, f.Evidence)
	f, ok = find(windowsReport("", 0), "smbghost-candidate")
	require.True(t, ok)
	require.Equal(t, []string{
		"/dialects/3.1.1", "/compression/supported", "/compression/chained", "/compression/algorithms/Pattern_V1",
		"/compression/algorithms/LZ4",
	}, f.Evidence)
}
