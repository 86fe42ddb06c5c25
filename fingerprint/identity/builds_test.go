package identity_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/identity"
	"github.com/smbscope/smbscope/fingerprint/identity/internal/buildtable"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/testdata/truth"
)

const buildCSV = "../../testdata/tables/windows_builds.csv"

func buildRows(t *testing.T) []buildtable.Row {
	t.Helper()
	table, err := os.ReadFile(buildCSV)
	require.NoError(t, err)
	rows, err := buildtable.Read(table)
	require.NoError(t, err)
	return rows
}

// The generated file is what the table gives now.
func TestBuildTableIsUpToDate(t *testing.T) {
	table, err := os.ReadFile(buildCSV)
	require.NoError(t, err)
	want, err := buildtable.Generate(table)
	require.NoError(t, err)
	got, err := os.ReadFile("builds_table.go")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "run go generate ./fingerprint/identity")
}

// TestBuildTable compares the table and the code both ways.
func TestBuildTable(t *testing.T) {
	rows, releases := buildRows(t), identity.Releases()
	require.Len(t, releases, len(rows))
	for i, r := range rows {
		require.Equal(t, identity.Release{
			Major: r.Major, Minor: r.Minor, Build: r.Build, Product: r.Product, Release: r.Release, Kind: identity.Kind(r.Kind),
			SupportEnds: r.SupportEnds, RegularEnds: r.RegularEnds, CPE: r.CPE, NTLM: identity.BuildSight(r.NTLM),
		}, releases[i])
		require.Contains(t, identity.ReleasesOf(r.Major, r.Minor, r.Build), releases[i])
	}
	for _, r := range releases {
		for _, of := range identity.ReleasesOf(r.Major, r.Minor, r.Build) {
			require.Equal(t, []int{r.Major, r.Minor, r.Build}, []int{of.Major, of.Minor, of.Build})
		}
	}
	releases[0].Product = "changed"
	require.NotEqual(t, "changed", identity.Releases()[0].Product, "the list is the caller's own")
	one := identity.ReleasesOf(10, 0, 17763)
	one[0].Product = "changed"
	require.NotEqual(t, one, identity.ReleasesOf(10, 0, 17763))
}

func TestUnknownBuilds(t *testing.T) {
	for _, v := range [][3]int{{6, 1, 0}, {10, 0, 12345}, {10, 0, 99999}, {6, 3, 17763}, {255, 255, 65535}, {0, 0, 0}, {-1, -1, -1}} {
		require.Nil(t, identity.ReleasesOf(v[0], v[1], v[2]), v)
	}
}

// TestBuildFacts holds what the reader of a report relies on.
func TestBuildFacts(t *testing.T) {
	names := func(list []identity.Release) (names []string) {
		for _, r := range list {
			names = append(names, strings.TrimSpace(r.Product+" "+r.Release))
		}
		return names
	}
	require.Equal(t, []string{
		"Windows 10 2004", "Windows 10 20H2", "Windows 10 21H1", "Windows 10 21H2", "Windows 10 22H2",
		"Windows Server, Semi-Annual Channel 2004", "Windows Server, Semi-Annual Channel 20H2",
	}, names(identity.ReleasesOf(10, 0, 19041)))
	require.Equal(t, []string{"Windows 10 22H2"}, names(identity.ReleasesOf(10, 0, 19045)))
	require.Equal(t, []string{"Windows 10 1809", "Windows Server 2019 1809", "Windows Server, Semi-Annual Channel 1809"}, names(identity.ReleasesOf(10, 0, 17763)))
	require.Equal(t, []string{"Windows 7 SP1", "Windows Server 2008 R2 SP1"}, names(identity.ReleasesOf(6, 1, 7601)))
	// An enablement package keeps the files of its parent: what it is is a candidate of the parent's build too.
	for child, parent := range map[int]int{
		18363: 18362, 19042: 19041, 19043: 19041, 19044: 19041, 19045: 19041, 22631: 22621, 26200: 26100, 26300: 26100,
	} {
		for _, r := range identity.ReleasesOf(10, 0, child) {
			require.Equal(t, identity.BuildAbsent, r.NTLM)
			require.True(t, slices.ContainsFunc(identity.ReleasesOf(10, 0, parent), func(p identity.Release) bool {
				return p.Product == r.Product && p.Release == r.Release && p.SupportEnds == r.SupportEnds && p.CPE == r.CPE
			}), "%s %s is not among %d", r.Product, r.Release, parent)
		}
	}
	for _, r := range identity.Releases() {
		if r.SupportEnds == "" {
			require.Equal(t, "beta", r.Release)
			continue
		}
		ends, err := time.Parse(time.DateOnly, r.SupportEnds)
		require.NoError(t, err)
		regular, err := time.Parse(time.DateOnly, r.RegularEnds)
		require.NoError(t, err)
		require.False(t, regular.After(ends), r)
		if r.CPE != "" {
			parts := strings.Split(r.CPE, ":")
			require.Len(t, parts, 13, r.CPE)
			require.Equal(t, []string{"cpe", "2.3", "o", "microsoft"}, parts[:4])
			require.NotContains(t, parts, "")
			require.Equal(t, strings.ToLower(r.CPE), r.CPE)
		}
	}
}

// TestBuildTableErrors changes one thing in the table after another.
func TestBuildTableErrors(t *testing.T) {
	const head = "major,minor,build,product,release,kind,support_ends,regular_ends,cpe,source,ntlm,example\n"
	const row = "10,0,20348,Windows Server 2022,21H2,server,2031-10-14,2026-10-13,cpe:2.3:o:microsoft:windows_server_2022:-:*:*:*:*:*:*:*,s,observed,a.pcap\n"
	_, err := buildtable.Read([]byte(head + row))
	require.NoError(t, err)
	for from, to := range map[string]string{
		"major": "x", "10,": "x,", "20348": "70000", "Windows Server 2022": "", ",server": ",desk", ",observed": ",seen", "2026-10-13": "2032-10-13",
		"2031-10-14": "2031-13-14", "2031-10-14,": ",", ":-:": ":", ",s,": ",,", "a.pcap": "", ",a.pcap": ",documented", ",server,": ",",
	} {
		_, err := buildtable.Generate([]byte(strings.Replace(head+row, from, to, 1)))
		require.Error(t, err, "%s to %s", from, to)
	}
	_, err = buildtable.Read([]byte(head + row + row))
	require.ErrorContains(t, err, "twice")
	_, err = buildtable.Read([]byte(head + row + strings.Replace(row, "20348", "20347", 1)))
	require.ErrorContains(t, err, "order")
	_, err = buildtable.Read(nil)
	require.Error(t, err)
}

// TestBuildExamples holds that the capture which is a row's example has its build, in NTLM where it was observed there, and
// that what is made of the capture has the row's product among its candidates.
func TestBuildExamples(t *testing.T) {
	streams := truth.Streams(t)
	for _, r := range buildRows(t) {
		if r.Example == buildtable.Documented {
			continue
		}
		sent, named := false, false
		for _, s := range streams {
			if s.File != r.Example || !buildSent(s, r) {
				continue
			}
			sent = true
			id := identity.Of(verdict.Of([]*dialogue.Dialogue{s.Dialogue()}, verdict.Options{}))
			require.NotNil(t, id)
			for _, c := range id.Candidates {
				named = named || c.Product == r.Product
			}
		}
		require.True(t, sent, "no stream of %s has %d", r.Example, r.Build)
		if r.Product != "Windows XP x64" { // no capture has its build without words that name Server 2003
			require.True(t, named, "%s of %d is no candidate in %s", r.Product, r.Build, r.Example)
		}
	}
}

// buildSent tells whether a server's NTLM challenge, or its native OS where NTLM has no such build, names a row's build.
func buildSent(s truth.Stream, r buildtable.Row) bool {
	return slices.ContainsFunc(s.Setups, func(setup truth.Setup) bool {
		if !setup.Response {
			return false
		}
		if r.NTLM == "absent" {
			native, ok := identity.ParseNativeOS(deref(setup.NativeOS))
			return ok && native.Build == r.Build
		}
		if setup.NTLMSSP == nil || setup.NTLMSSP.Version == nil || setup.NTLMSSP.Type != 2 {
			return false
		}
		v := setup.NTLMSSP.Version
		return v.Major == r.Major && v.Minor == r.Minor && v.Build == r.Build
	})
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// TestReleasesOfCaptures holds that a build gives releases that contain what the server is by the captures' index, always.
func TestReleasesOfCaptures(t *testing.T) {
	seen := map[int]bool{}
	for _, s := range truth.Streams(t) {
		if !strings.Contains(s.Product, "Windows") {
			continue
		}
		for _, setup := range s.Setups {
			if !setup.Response || setup.NTLMSSP == nil || setup.NTLMSSP.Type != 2 || setup.NTLMSSP.Version == nil {
				continue
			}
			v := setup.NTLMSSP.Version
			list := identity.ReleasesOf(v.Major, v.Minor, v.Build)
			require.True(t, slices.ContainsFunc(list, func(r identity.Release) bool {
				return r.NTLM == identity.BuildObserved && familyOfProduct[r.Product] == s.Family
			}), "%s: %v gives %v", s.Product, *v, list)
			seen[v.Build] = true
		}
	}
	for _, r := range identity.Releases() {
		require.Equal(t, r.NTLM == identity.BuildObserved, seen[r.Build], "%s %d", r.Product, r.Build)
	}
}

func TestMaxDialect(t *testing.T) {
	for version, dialect := range map[[2]int]string{
		{4, 0}: "", {5, 0}: "", {5, 1}: "", {5, 2}: "", {11, 0}: "", {6, 0}: "2.0.2",
		{6, 1}: "2.1", {6, 2}: "3.0", {6, 3}: "3.0.2", {10, 0}: "3.1.1",
	} {
		require.Equal(t, dialect, identity.MaxDialectOf(version[0], version[1]), version)
	}
	for _, r := range identity.Releases() {
		require.Equal(t, r.Major < 6, identity.MaxDialectOf(r.Major, r.Minor) == "", r.Product)
	}
}
