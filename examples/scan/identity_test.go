package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// judged is a report with everything that is concluded from one.
func judged() fingerprint.Report {
	r := sample()
	r.ObservedAt = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	r.Identity = &report.Identity{
		Vendor: "Microsoft", Product: "Windows", Version: "10.0.20348", Build: 20348, Confidence: 0.97,
		Candidates: []report.Candidate{
			{Product: "Windows Server 2022", Release: "21H2", Confidence: 0.95, SupportEnds: "2031-10-14"},
			{Product: "Azure Stack HCI", Release: "21H2", Confidence: 0.02, SupportEnds: "2023-11-14"},
		},
		CPE:            []string{"cpe:2.3:o:microsoft:windows_server_2022:*:*:*:*:*:*:*:*"},
		Role:           report.RoleDomainJoined,
		RoleCandidates: []report.RoleCandidate{{Role: report.RoleDomainController, Confidence: 0.3}},
		Reasons:        []string{"its NTLM version is 10.0.20348", "it lists NEGOEX"},
		Contradictions: []string{"its GUID is a host name, as Samba makes it"},
	}
	r.Stack = &report.Stack{Hash: "s1s_311n_0123456789ab_cdef01234567", Canonical: "guid=name;start=none|dialect=3.1.1;smb1=n"}
	r.Findings = []report.Finding{
		{ID: "clock-skew", Severity: report.SeverityInfo, Title: "Its clock is off", Evidence: []string{"/clock_skew_ms"}},
		{
			ID: "smb2-signing-not-required", Severity: report.SeverityHigh, Title: "SMB2 signing is not required",
			Evidence:    []string{"/signing/smb2/required", "/ntlm/flags", "/nowhere"},
			Detail:      "The server takes unsigned messages.",
			Remediation: "Windows: Set-SmbServerConfiguration -RequireSecuritySignature $true\nSamba: server signing = mandatory",
			References:  []string{"MITRE ATT&CK T1557.001", "https://example.com/signing"},
		},
	}
	return r
}

func TestIdentityText(t *testing.T) {
	candidates := func(confidence float64, pairs ...string) []report.Candidate {
		var list []report.Candidate
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, report.Candidate{Product: pairs[i], Release: pairs[i+1], Confidence: confidence})
		}
		return list
	}
	for name, c := range map[string]struct {
		identity report.Identity
		want     string
	}{
		"version": {
			report.Identity{Product: "Samba", Version: "4.17.12-Debian", Confidence: 0.99, Role: report.RoleWorkgroup},
			"Samba 4.17.12-Debian (0.99), workgroup",
		},
		"version before candidates": {
			report.Identity{Product: "Samba", Version: "4.17.12", Confidence: 1, Candidates: candidates(1, "Samba", "4.17")}, "Samba 4.17.12 (1.00)",
		},
		"build": {
			report.Identity{
				Product: "Windows", Version: "10.0.20348", Build: 20348, Confidence: 0.9, Role: report.RoleDomainJoined,
				Candidates: candidates(0.9, "Windows Server 2022", "21H2"),
			},
			"Windows Server 2022 21H2 (0.90), build 20348, domain-joined",
		},
		"build, no candidate": {report.Identity{Product: "Windows", Build: 30000, Confidence: 0.9}, "Windows (0.90), build 30000"},
		"unknown build": {
			report.Identity{Product: "Windows", Build: 30000, Confidence: 0.9, Candidates: candidates(0.9, "Windows", "10.0 build 30000")},
			"Windows 10.0 build 30000 (0.90)",
		},
		"product of another name": {
			report.Identity{Product: "Windows", Build: 20348, Confidence: 0.9, Candidates: candidates(0.45, "Windows Server 2022", "21H2", "Azure Stack HCI", "21H2")},
			"Windows Server 2022 21H2 or … (0.90), build 20348",
		},
		"releases of one product": {
			report.Identity{Product: "Windows", Build: 18362, Confidence: 0.9, Candidates: candidates(0.45, "Windows 10", "1903", "Windows 10", "1909")},
			"Windows 10 1903 or 1909 (0.90), build 18362",
		},
		"more than fit": {
			report.Identity{Product: "Windows", Build: 19041, Confidence: 0.9, Candidates: candidates(0.18,
				"Windows 10", "2004", "Windows Server", "2004", "Windows Server", "20H2", "Windows 10", "20H2", "Windows 10", "22H2")},
			"Windows 10 2004, Windows Server 2004, 20H2 or … (0.90), build 19041",
		},
		"likely, with a weak candidate": {
			report.Identity{Product: "Samba", Confidence: 0.8, Candidates: []report.Candidate{
				{Product: "Samba", Release: "4.15 to 4.21", Confidence: 0.7}, {Product: "Samba", Release: "4.22", Confidence: 0.1},
				{Product: "ksmbd", Confidence: 0.7},
			}},
			"likely Samba 4.15 to 4.21 or … (0.80)",
		},
		"other products are no refinement": {
			report.Identity{Product: "Samba", Confidence: 0.6, Candidates: candidates(0.6, "DSM", "7", "Sambar", "")}, "likely Samba (0.60)",
		},
		"possibly":         {report.Identity{Product: "macOS", Confidence: 0.5}, "possibly macOS (0.50)"},
		"not sure":         {report.Identity{Product: "macOS", Confidence: 0.8999}, "likely macOS (0.89)"},
		"not known":        {report.Identity{}, "product not known"},
		"role alone":       {report.Identity{Role: report.RoleWorkgroup}, "product not known, workgroup"},
		"could be":         {report.Identity{Candidates: candidates(0.4, "ksmbd", "")}, "product not known, could be ksmbd (0.40)"},
		"could be several": {report.Identity{Candidates: candidates(0.4, "a", "1", "b", "", "c", "", "d", "")}, "product not known, could be a 1 (0.40), b (0.40), c (0.40) or …"},
		"candidate for a role": {
			report.Identity{Product: "Samba", Confidence: 1, RoleCandidates: []report.RoleCandidate{
				{Role: report.RoleDomainJoined, Confidence: 0.1}, {Role: report.RoleDomainController, Confidence: 0.3},
			}},
			"Samba (1.00), possibly domain-controller (0.30)",
		},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, identityText(&c.identity)) })
	}
}

func TestConfidence(t *testing.T) {
	for c, want := range map[float64]string{
		0: "0.00", 0.29: "0.29", 0.57: "0.57", 0.995: "0.99", 0.99999: "0.99", 1: "1.00", 7: "1.00", -1: "0.00", math.Inf(1): "1.00",
	} {
		require.Equal(t, want, confidence(c))
	}
}

func TestIdentityLine(t *testing.T) {
	r := judged()
	require.Equal(t, "  Windows Server 2022 21H2 (0.97), build 20348, domain-joined, possibly domain-controller (0.30) · "+
		"1 contradiction · stack s1s_311n_0123456789ab…\n", view{}.identityLine(&r))
	r.Identity = nil
	require.Equal(t, "  stack s1s_311n_0123456789ab…\n", view{}.identityLine(&r))
	r.Stack.Hash = "s1_short"
	require.Equal(t, "  stack s1_short\n", view{}.identityLine(&r))
	r.Stack = nil
	require.Empty(t, view{}.identityLine(&r), "nothing was concluded")

	// It stands under the row, and the legend says what its number is.
	w := world{scan: answering(judged())}
	require.Equal(t, exitDone, w.run(t.Context(), "a"))
	require.Regexp(t, `(?m)^a +smb .*\n  Windows Server 2022 21H2 \(0\.97\), `, w.stdout.String())
	require.Contains(t, w.stdout.String(), "\nthe number behind a product")
	w = world{scan: answering(sample())}
	require.Equal(t, exitDone, w.run(t.Context(), "a"))
	require.False(t, strings.Contains(w.stdout.String(), "the number behind a product"))
}

// The recorded servers show what they are and what is wrong with them.
func TestReplayIsJudged(t *testing.T) {
	var w world
	require.Equal(t, exitDone, w.run(t.Context()))
	require.Regexp(t, `(?m)^samba-4\.17\.12-nt1 .*\n.*\n  Samba 4\.17\.12-Debian \(0\.9\d\), workgroup · stack s\w+_\w+_\w+…\n`+
		`  high      SMBv1 is enabled\n  medium    .*signing is not required`, w.stdout.String())
	require.Regexp(t, `\nfindings\n  high      █+░+  \d+ of \d+ servers, \d+ findings\n  medium `, w.stdout.String())

	w = world{}
	require.Equal(t, exitDone, w.run(t.Context(), "-explain"))
	require.Regexp(t, `(?m)^    evidence    /smb1/supported: yes\n                ← smb1: supported STATUS_SUCCESS`, w.stdout.String())
	require.Equal(t, strings.Count(w.stdout.String(), "\n  identity\n"), strings.Count(w.stdout.String(), "\n    canonical   "))
}
