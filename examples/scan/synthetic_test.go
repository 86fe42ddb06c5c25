package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
)

// TestSynthetic scans the personalities: each shows that it is made up, and what the product that it plays shows.
func TestSynthetic(t *testing.T) {
	w := &world{}
	require.Zero(t, w.run(t.Context(), "-synthetic", "-json", "-null", "-guest", "-checks"), w.stderr.String())
	require.Contains(t, w.stderr.String(), "36 synthetic servers, made up of documented values")
	reports := map[string]*fingerprint.Report{}
	for line := range strings.Lines(w.stdout.String()) {
		r := new(fingerprint.Report)
		require.NoError(t, json.Unmarshal([]byte(line), r))
		require.True(t, strings.HasPrefix(r.Target, "synthetic-"), r.Target)
		require.Equal(t, report.OutcomeSMB, r.Outcome)
		require.Len(t, r.Checks, 2, r.Target)
		reports[r.Target] = r
	}
	require.Len(t, reports, len(smbtest.Personalities()))
	for target, product := range map[string]string{
		"synthetic-windows-7-workgroup": "Windows", "synthetic-windows-server-2022-dc": "Windows", "synthetic-ksmbd": "ksmbd",
		"synthetic-macos": "macOS", "synthetic-responder": "Responder", "synthetic-ntlmrelayx": "Impacket ntlmrelayx",
	} {
		require.Equal(t, product, reports[target].Identity.Product, target)
	}
	found := func(target, id string) bool {
		for _, f := range reports[target].Findings {
			if f.ID == id {
				return true
			}
		}
		return false
	}
	require.True(t, found("synthetic-windows-10-1903-workgroup", "smbghost-candidate"))
	for _, target := range []string{"synthetic-windows-10-22h2-member", "synthetic-windows-server-2022-member", "synthetic-windows-server-2025-member"} {
		require.False(t, found(target, "smbghost-candidate"), target)
	}
	require.True(t, found("synthetic-windows-7-member", "end-of-support"))
	require.False(t, found("synthetic-windows-server-2025-member", "end-of-support"))
	require.True(t, found("synthetic-responder", "attack-tool"))
}

// TestReplayWithChecks shows what a recorded server was told by the weakness checks.
func TestReplayWithChecks(t *testing.T) {
	w := &world{}
	require.Zero(t, w.run(t.Context(), "-json", "-checks"), w.stderr.String())
	require.NotContains(t, w.stderr.String(), "Weakness checks were asked of none")
	with := 0
	for line := range strings.Lines(w.stdout.String()) {
		r := new(fingerprint.Report)
		require.NoError(t, json.Unmarshal([]byte(line), r))
		for _, c := range r.Checks {
			require.Equal(t, "samba-4.17.12-checks", r.Target)
			require.Equal(t, report.No, c.Answer)
			with++
		}
	}
	require.Equal(t, 2, with)
}
