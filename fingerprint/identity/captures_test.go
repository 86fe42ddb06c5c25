package identity_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/identity"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/testdata/truth"
)

// familyOfProduct is what the captures' truth counts as one family.
var familyOfProduct = map[string]string{
	"Samba": "samba", "QTS": "qnap-samba", "macOS": "macos", "Windows XP": "winxp", "Windows 2000": "win2000",
	"Windows Server 2003": "win2003", "Windows Server 2003 R2": "win2003", "Windows XP x64": "win2003",
	"Windows Longhorn": "win-longhorn-beta", "Windows Vista": "vista-2008", "Windows Server 2008": "vista-2008",
	"Windows 7": "win7-2008r2", "Windows Server 2008 R2": "win7-2008r2", "Windows 10": "win10-2016plus", "Windows 11": "win10-2016plus",
	"Windows Server 2016": "win10-2016plus", "Windows Server 2019": "win10-2016plus", "Windows Server 2022": "win10-2016plus",
	"Windows Server 2025": "win10-2016plus", "Windows Server, Semi-Annual Channel": "win10-2016plus",
	"Windows Server, Annual Channel": "win10-2016plus", "Azure Stack HCI": "win10-2016plus", "Azure Local": "win10-2016plus",
}

// exceptions are the streams whose family identification does not give, and why.
var exceptions = map[string]string{
	// The truth does not know either: its strings are those of Windows XP, its capture that of a contest about attacks.
	"ajbanjara-Wireshark__AIS_Dump.pcap": "Windows XP or honeypot",
	// A negotiation without NTLM, strings or extended security. The truth has it from another stream of the same server; its
	// numbers are those of every Windows since 2000.
	"ajbanjara-Wireshark__packet_capture.pcap": "Windows 2000",
	// Named in host announcements, which are no SMB negotiation.
	"ajbanjara-Wireshark__smb-legacy-implementation.NONTCP.pcap": "Windows for Workgroups 3.11",
}

// TestCaptures measures identification on other people's captures, each stream by itself: the family agrees in at least
// 95 of 100, and nothing is confidently wrong.
func TestCaptures(t *testing.T) {
	right, total, seen := 0, 0, map[string]bool{}
	for _, s := range truth.Streams(t) {
		if s.Product == "" || s.Family == "none" {
			continue
		}
		total++
		id := identity.Of(verdict.Of([]*dialogue.Dialogue{s.Dialogue()}, verdict.Options{}))
		require.NotNil(t, id, "%s, stream %v", s.File, s.TCPStream)
		family, share := familyOf(id)
		if family == s.Family || family == "" && s.Family == "lanman" { // which the truth does not know either
			right++
			continue
		}
		require.Equal(t, exceptions[s.File], s.Product, "%s, stream %v: %v", s.File, s.TCPStream, id.Candidates)
		seen[s.File] = true
		if s.Family != "honeypot?" {
			require.Less(t, share, 0.5, "%s: %v", s.File, id.Candidates)
		}
	}
	require.Len(t, seen, len(exceptions), "an exception that is none any more")
	t.Logf("the family of %d in %d streams is right", right, total)
	require.GreaterOrEqual(t, float64(right), 0.95*float64(total))
}

// familyOf returns the family with the largest confidence.
func familyOf(id *report.Identity) (family string, share float64) {
	sums := map[string]float64{}
	for _, c := range id.Candidates {
		sums[familyOfProduct[c.Product]] += c.Confidence
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		if sums[name] > share {
			family, share = name, sums[name]
		}
	}
	return family, share
}

// TestBuildsOfCaptures holds that a build that was read gives candidates that contain the truth, always.
func TestBuildsOfCaptures(t *testing.T) {
	read := 0
	for _, s := range truth.Streams(t) {
		id := identity.Of(verdict.Of([]*dialogue.Dialogue{s.Dialogue()}, verdict.Options{}))
		if id == nil || id.Build == 0 {
			continue
		}
		read++
		var products []string
		for _, c := range id.Candidates {
			products = append(products, c.Product)
		}
		for name := range strings.SplitSeq(s.Product, "/") {
			if !strings.HasPrefix(name, "Windows") {
				name = "Windows " + name
			}
			native, ok := identity.ParseNativeOS(strings.TrimSuffix(strings.TrimSuffix(name, " or later"), " (inferred)"))
			if ok && strings.HasPrefix(native.Product, "Windows ") {
				require.Contains(t, products, native.Product, "%s, stream %v: %s", s.File, s.TCPStream, s.Product)
			}
		}
	}
	t.Logf("%d streams have a build", read)
	require.Greater(t, read, 100)
}
