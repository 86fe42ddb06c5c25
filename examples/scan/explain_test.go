package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

func TestExplain(t *testing.T) {
	w := world{scan: answering(judged())}
	require.Equal(t, exitDone, w.run(t.Context(), "-explain", "a"))
	_, after, _ := strings.Cut(w.stdout.String(), "\n\n")
	explanation, _, _ := strings.Cut(after, "\n\nfindings: ")
	require.Equal(t, strings.TrimPrefix(`
  identity
    product     Windows Server 2022 21H2 (0.97), build 20348, domain-joined, possibly domain-controller (0.30)
    vendor      Microsoft
    version     10.0.20348
    candidates  0.95 Windows Server 2022 21H2, support ends 2031-10-14
                0.02 Azure Stack HCI 21H2, support ended 2023-11-14
    may be      0.30 domain-controller
    because     its NTLM version is 10.0.20348
                it lists NEGOEX
    but         its GUID is a host name, as Samba makes it
    CPE         cpe:2.3:o:microsoft:windows_server_2022:*:*:*:*:*:*:*:*

  stack
    hash        s1s_311n_0123456789ab_cdef01234567
    canonical   guid=name;start=none|dialect=3.1.1;smb1=n

  findings
    high        SMB2 signing is not required (smb2-signing-not-required)
    seen        The server takes unsigned messages.
    evidence    /signing/smb2/required: no
                ← all-offer: supported STATUS_SUCCESS: SecurityMode 1
                /ntlm/flags
                /nowhere
    remedy      Windows: Set-SmbServerConfiguration -RequireSecuritySignature $true
    see         MITRE ATT&CK T1557.001
                https://example.com/signing

    info        Its clock is off (clock-skew)
    evidence    /clock_skew_ms: 1.5`, "\n"), explanation)
	require.NotContains(t, w.stdout.String(), "signing/smb2/required: no)", "it is told once")
	require.NotContains(t, w.stdout.String(), "\n  evidence\n", "which -v tells")

	w = world{scan: answering(judged())}
	require.Equal(t, exitDone, w.run(t.Context(), "-explain", "-v", "a"))
	require.Regexp(t, `(?s)\n  evidence\n.*\n  identity\n.*\n  stack\n.*\n  findings\n`, w.stdout.String())

	w = world{scan: answering(sample())}
	require.Equal(t, exitDone, w.run(t.Context(), "-explain", "a"))
	for _, title := range []string{"identity", "stack", "findings"} {
		require.NotContains(t, w.stdout.String(), "\n  "+title+"\n", "there is nothing to tell")
	}
}

// The remedy is wrapped to the terminal, beside its label.
func TestExplainWraps(t *testing.T) {
	w := world{scan: answering(judged()), env: map[string]string{"COLUMNS": "80"}}
	require.Equal(t, exitDone, w.run(t.Context(), "-explain", "a"))
	require.Contains(t, w.stdout.String(), `
    remedy      Windows: Set-SmbServerConfiguration -RequireSecuritySignature
                $true
`)
}

// What a finding rests on is shown whatever it is.
func TestValues(t *testing.T) {
	exact := 16.0
	r := &fingerprint.Report{
		Outcome: report.OutcomeSMB, ClockSkewErrorMS: &exact, Cost: report.Cost{Requests: 3},
		Transports: []report.Transport{{}, {}}, SMB1: &report.SMB1{Capabilities: []string{}},
		NTLM: &report.NTLM{Flags: []string{"A", "B"}, Version: &report.NTLMVersion{Major: 10}},
	}
	lookup := valuesOf(r)
	for path, want := range map[string]string{
		"/outcome": "smb", "/clock_skew_error_ms": "16", "/cost/requests": "3", "/transports": "2 entries", "/ntlm/flags": "A B",
		"/smb1/capabilities": "none", "/ntlm/version": `{"build":0,"major":10,"minor":0,"revision":0}`, "/nowhere": "", "/transports/7": "", "": "",
	} {
		require.Equal(t, want, lookup(path), path)
	}
}

func TestSupport(t *testing.T) {
	day := time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC)
	require.Empty(t, supportText("", day))
	require.Equal(t, ", support ends 2026-11-24", supportText("2026-11-24", day), "until its end")
	require.Equal(t, ", support ended 2026-11-23", supportText("2026-11-23", day))
	require.Equal(t, ", support ends 2020-01-14", supportText("2020-01-14", time.Time{}), "the day is not known")
}

// TestRemedyForTheProduct holds that what to do is told for the product that a server all but certainly is, and for all
// where that is open.
func TestRemedyForTheProduct(t *testing.T) {
	const text = "Look at it.\nWindows: this.\nSamba: that."
	of := func(product string, confidence float64) string {
		return remedyFor(&fingerprint.Report{Identity: &report.Identity{Product: product, Confidence: confidence}}, text)
	}
	require.Equal(t, "Look at it.\nWindows: this.", of("Windows", 0.99))
	require.Equal(t, "Look at it.\nSamba: that.", of("Samba", 0.9))
	require.Equal(t, text, of("Samba", 0.89))
	require.Equal(t, "Look at it.", of("macOS", 0.99))
	require.Equal(t, text, remedyFor(&fingerprint.Report{}, text))
	require.Equal(t, "Windows: this.\nSamba: that.", remedyFor(
		&fingerprint.Report{Identity: &report.Identity{Product: "macOS", Confidence: 1}}, "Windows: this.\nSamba: that."))
}
