package identity_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/identity"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/testdata"
	"github.com/smbscope/smbscope/testdata/truth"
)

// recorded returns the report of a recording.
func recorded(t *testing.T, name string) *report.Report {
	t.Helper()
	text, err := testdata.Report(name)
	require.NoError(t, err)
	r := new(report.Report)
	require.NoError(t, json.Unmarshal(text, r))
	return r
}

func recordings(t *testing.T) []string {
	t.Helper()
	names, err := testdata.Names()
	require.NoError(t, err)
	more, err := testdata.NullSessions()
	require.NoError(t, err)
	return append(names, more...)
}

// implementation cuts the part of a hash that neither settings nor questions change.
func implementation(t *testing.T, s *report.Stack) string {
	t.Helper()
	parts := strings.Split(s.Hash, "_")
	require.Len(t, parts, 4, s.Hash)
	return parts[2]
}

// TestImplementationOfRecordings holds that the implementation part is one for all setups of Samba 4.17.12 that send an NTLM
// challenge, over SMB1 and SMB2, and that that of Impacket is another one.
func TestImplementationOfRecordings(t *testing.T) {
	groups := map[string][]string{}
	for _, name := range recordings(t) {
		r := recorded(t, name)
		s := identity.StackOf(r)
		kind, _, _ := strings.Cut(name, "-")
		if r.NTLM.Challenge != report.Yes {
			kind += " without extended security"
		}
		hash := implementation(t, s)
		groups[kind] = append(groups[kind], hash)
		t.Log(hash, kind, name)
	}
	require.Len(t, groups, 3)
	var different []string
	for kind, hashes := range groups {
		require.Len(t, slices.Compact(hashes), 1, kind)
		different = append(different, hashes[0])
	}
	slices.Sort(different)
	require.Len(t, slices.Compact(different), 3)
}

// TestNothingOfTheHost holds that the fingerprint is the same on another host, at another time.
func TestNothingOfTheHost(t *testing.T) {
	for _, name := range recordings(t) {
		r := recorded(t, name)
		before := identity.StackOf(r)
		for _, secret := range []string{r.ServerGUIDText, r.ServerGUID, r.Target} {
			if len(secret) > 3 {
				require.NotContains(t, before.Canonical, secret)
			}
		}
		if n := r.NTLM; n != nil && n.NetBIOSComputer != "" {
			require.NotContains(t, before.Canonical, n.NetBIOSComputer)
			if n.ServerChallenge != "" {
				require.NotContains(t, before.Canonical, n.ServerChallenge)
			}
			n.NetBIOSComputer, n.NetBIOSDomain, n.DNSComputer, n.TargetName, n.ServerChallenge = "OTHER", "OTHER", "other", "OTHER", "0000000000000001"
		}
		later := r.SystemTime.Sub(r.ServerStartTime)
		r.SystemTime = r.SystemTime.Add(17 * time.Minute)
		if !r.ServerStartTime.IsZero() {
			r.ServerStartTime = r.SystemTime.Add(-later)
		}
		r.Target, r.DurationMS, r.NullSession = "other", 1, nil
		require.Equal(t, before, identity.StackOf(r), name)
	}
}

// TestStacksOfCaptures holds that in captures one implementation part is never that of two families of servers where the
// server has shown its NTLM version, that Samba has the part that it has in the recordings, and that Windows 7 and 10, macOS and
// Samba have different ones.
func TestStacksOfCaptures(t *testing.T) {
	families, hashes := map[string]map[string]bool{}, map[string]map[string]bool{}
	samba := implementation(t, identity.StackOf(recorded(t, "samba-4.17.12-default")))
	same := 0
	for _, s := range truth.Streams(t) {
		stack := identity.StackOf(verdict.Of([]*dialogue.Dialogue{s.Dialogue()}, verdict.Options{}))
		if stack == nil {
			continue
		}
		require.True(t, strings.HasPrefix(stack.Hash, "s1p_"), "a passive one is marked so")
		hash := implementation(t, stack)
		if hash == samba {
			same++
			require.Contains(t, []string{"samba", "qnap-samba"}, s.Family)
		}
		if hashes[s.Family] == nil {
			hashes[s.Family] = map[string]bool{}
		}
		hashes[s.Family][hash] = true
		if strings.Contains(stack.Canonical, "ntlm=-") {
			continue
		}
		if families[hash] == nil {
			families[hash] = map[string]bool{}
		}
		families[hash][strings.TrimPrefix(s.Family, "qnap-")] = true // which is a Samba
	}
	for hash, list := range families {
		if list["honeypot?"] {
			continue // it answers as Windows 2000 does
		}
		require.Len(t, list, 1, "%s: %v", hash, list)
	}
	require.Greater(t, same, 20)
	for hash := range hashes["macos"] {
		require.False(t, hashes["samba"][hash] || hashes["win7-2008r2"][hash] || hashes["win10-2016plus"][hash])
	}
}

// TestRestart holds that the fingerprint of one Samba is the same over restarts, in recordings with other names, times and shares.
func TestRestart(t *testing.T) {
	one := identity.StackOf(recorded(t, "samba-4.17.12-default"))
	for _, other := range []string{"samba-4.17.12-three-ports", "samba-4.17.12-behaviour", "samba-4.17.12-open", "samba-4.17.12-closed"} {
		require.Equal(t, one, identity.StackOf(recorded(t, other)), other)
	}
	require.Equal(t, identity.StackOf(recorded(t, "samba-4.17.12-null-open")).Hash, identity.StackOf(recorded(t, "samba-4.17.12-null-closed")).Hash)
}

func TestKnown(t *testing.T) {
	known := identity.Known(identity.StackOf(recorded(t, "samba-4.17.12-default")).Hash)
	require.NotEmpty(t, known)
	require.Equal(t, "Samba", known[0].Product)
	require.Equal(t, "4.17.12", known[0].Version)
	require.Nil(t, identity.Known(identity.StackOf(recorded(t, "samba-4.17.12-plaintext")).Hash), "it shows too little")
	for _, hash := range []string{"", "s1f_311n_000000000000_000000000000", "s2" + identity.StackOf(recorded(t, "samba-4.17.12-default")).Hash[2:], "s1f_311nc",
		strings.Replace(identity.StackOf(recorded(t, "samba-4.17.12-default")).Hash, "s1f", "s10f", 1),
	} {
		require.Nil(t, identity.Known(hash), hash)
	}
}
