package identity

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// A candidate is a product that the server may be, with its names in the CPE dictionary.
type candidate struct {
	report.Candidate
	cpe []string
}

// Builds of Windows with which something that shows began, [MS-SMB2] Appendix A.
const (
	buildNoStartTime   = 16299 // 10 1709: ServerStartTime is zero from here on, <221>
	buildCompression   = 18362 // 10 1903, <14>
	buildChaining      = 19041 // 10 2004, <136>
	buildSigning       = 20348 // Server 2022 and Windows 11: signing contexts and 256-bit ciphers, <135>
	buildNotifications = 25398 // Server 23H2
	buildLZ4           = 26100 // 11 24H2 and Server 2025, <282>
)

// windowsBuild is the version of Windows that was read, from the NTLM challenge or from the native OS. Where both name
// one, that of the native OS counts if it is an enablement package's: those keep their parent's build in NTLM.
func windowsBuild(t *traits) (major, minor, build int, ok bool) {
	native, named := t.nativeOS, t.named
	if v, ok := windowsVersion(t); ok {
		if named && native.Build > int(v.Build) && sameParent(int(v.Major), int(v.Minor), int(v.Build), native.Build) {
			return int(v.Major), int(v.Minor), native.Build, true
		}
		return int(v.Major), int(v.Minor), int(v.Build), true
	}
	if named && native.Build > 0 {
		for _, r := range buildReleases {
			if r.Build == native.Build {
				return r.Major, r.Minor, r.Build, true
			}
		}
	}
	return 0, 0, 0, false
}

// sameParent tells whether a build is made of another by an enablement package: the two share a release.
func sameParent(major, minor, parent, build int) bool {
	above := ReleasesOf(major, minor, build)
	return slices.ContainsFunc(ReleasesOf(major, minor, parent), func(r Release) bool {
		return slices.ContainsFunc(above, func(a Release) bool { return a.Product == r.Product && a.Release == r.Release })
	})
}

// windowsCandidates shares a confidence among the products of Windows that the server can be.
func windowsCandidates(t *traits, share float64) []candidate {
	releases, weights := buildReleases[:], allWeights[:]
	if major, minor, build, ok := windowsBuild(t); ok {
		releases = ReleasesOf(major, minor, build)
		if len(releases) == 0 {
			return []candidate{{Candidate: report.Candidate{
				Product: "Windows", Release: fmt.Sprintf("%d.%d build %d", major, minor, build), Confidence: share,
			}}}
		}
		weights = []weight{byRarity, byName, byEdition} // what follows from a build needs no sign of it
	}
	groups := group(releases, func(r Release) float64 { return likelihood(t, r, weights) })
	if len(groups) == 0 { // a name that does not fit the build, or a build that was not read and that none fits
		groups = group(releases, func(r Release) float64 { return byRarity(t, r) })
	}
	total := 0.0
	for _, g := range groups {
		total += g.Confidence
	}
	for i := range groups {
		groups[i].Confidence *= share / total
	}
	return groups
}

// group makes candidates of releases, one for each product, with the weight of the likeliest for a confidence.
func group(releases []Release, weigh func(Release) float64) []candidate {
	var groups []candidate
	names := map[string][]string{} // releases of a product
	for _, r := range releases {
		w := weigh(r)
		if w == 0 {
			continue
		}
		i := slices.IndexFunc(groups, func(c candidate) bool { return c.Product == r.Product })
		if i < 0 {
			i = len(groups)
			groups = append(groups, candidate{Candidate: report.Candidate{Product: r.Product}})
		}
		g := &groups[i]
		g.Confidence = max(g.Confidence, w) // a product with many releases is not likelier for that
		g.SupportEnds = max(g.SupportEnds, r.SupportEnds)
		if r.Release != "" && !slices.Contains(names[r.Product], r.Release) {
			names[r.Product] = append(names[r.Product], r.Release)
		}
		if r.CPE != "" && !slices.Contains(g.cpe, r.CPE) {
			g.cpe = append(g.cpe, r.CPE)
		}
	}
	for i := range groups {
		groups[i].Release = span(names[groups[i].Product])
	}
	return groups
}

// span writes releases in few words.
func span(list []string) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0]
	}
	return list[0] + " to " + list[len(list)-1]
}

// A weight tells how well what was seen fits a release, 0 where it cannot be. What a setting can hide makes a release less
// likely and never impossible.
type weight func(*traits, Release) float64

var allWeights = [...]weight{
	byRarity, byName, byDialect, byStart, bySizes, byMechanisms, byCompression, bySigning, byCapabilities, byEdition,
}

// noReleaseFits tells whether no release of Windows answers as the server does, where no build was read that says which
// it is.
func noReleaseFits(t *traits) bool {
	if _, _, _, ok := windowsBuild(t); ok {
		return false
	}
	return !slices.ContainsFunc(buildReleases[:], func(r Release) bool { return likelihood(t, r, allWeights[:]) > 0 })
}

func likelihood(t *traits, r Release, weights []weight) float64 {
	w := 1.0
	for _, one := range weights {
		if w *= one(t, r); w == 0 {
			break
		}
	}
	return w
}

const (
	hidden   = 0.2  // it takes a setting to hide what is not seen
	unlikely = 0.05 // it takes more than one
	usual    = 5.0  // how much likelier a usual sight makes it
	rare     = 0.1  // how much rarer a product is than those that everybody has
)

// fits turns a necessary condition into a likelihood.
func fits(condition bool) float64 {
	if condition {
		return 1
	}
	return 0
}

// byRarity knows that few have the channels with releases twice a year and what Azure runs on.
func byRarity(_ *traits, r Release) float64 {
	switch r.Product {
	case "Windows Server, Semi-Annual Channel", "Windows Server, Annual Channel", "Azure Stack HCI", "Azure Local":
		return rare
	}
	return 1
}

// byName compares the product that the native OS names.
func byName(t *traits, r Release) float64 {
	if !t.named || t.nativeOS.Product == "" {
		return 1
	}
	return fits(t.nativeOS.Product == r.Product)
}

// byDialect compares the highest dialect: none above is there, and one below takes a setting.
func byDialect(t *traits, r Release) float64 {
	most := MaxDialectOf(r.Major, r.Minor)
	switch best := rank(t.best); {
	case best > rank(most):
		return 0
	case t.best == "" && (most == "" || t.report.Dialects[smb.DialectSMB202.String()] != report.No):
		return 1 // it has no SMB2, or was not asked for it
	case t.best == "":
		return unlikely
	case best == rank(most):
		return usual
	case t.report.Dialects[above(t.best)] != report.No:
		return 1 // nothing higher was asked for
	}
	return unlikely
}

// above is the next dialect.
func above(dialect string) string {
	list := smb.Dialects()
	return list[min(rank(dialect)+1, len(list)-1)].String()
}

func byStart(t *traits, r Release) float64 {
	switch t.start() {
	case startNone:
		return fits(r.Build >= buildNoStartTime)
	case startSet:
		return fits(r.Build < buildNoStartTime)
	}
	return 1
}

func bySizes(t *traits, r Release) float64 {
	switch {
	case t.sizes(1<<20, 1<<20, 1<<20): // 8 and 2012 without KB2934016 too
		return fits(r.Build < 9600)
	case t.sizes(8<<20, 8<<20, 8<<20):
		return fits(r.Build >= 9200)
	}
	return 1
}

func byMechanisms(t *traits, r Release) float64 {
	switch {
	case t.mentions("NEGOEX"):
		return fits(r.Build >= 7600)
	case t.best == "" || len(t.mechanisms) == 0:
		return 1
	}
	return fits(r.Build < 7600)
}

func byCompression(t *traits, r Release) float64 {
	switch {
	case t.compresses("LZ4") == report.Yes:
		return fits(r.Build >= buildLZ4)
	case t.compresses("Pattern_V1") == report.Yes:
		return fits(r.Build >= buildChaining)
	case t.compression() == report.Yes:
		return fits(r.Build >= buildCompression)
	case t.compression() == report.No && r.Build >= buildCompression:
		return hidden
	}
	return 1
}

func bySigning(t *traits, r Release) float64 {
	_, signing := t.context(negotiate.ContextSigning)
	long := t.cipher("AES-256-GCM")
	switch {
	case signing || long == report.Yes:
		return fits(r.Build >= buildSigning)
	case t.signs("AES-GMAC") == report.No || long == report.No:
		if r.Build >= buildSigning {
			return hidden
		}
	}
	return 1
}

func byCapabilities(t *traits, r Release) float64 {
	if t.capability(smb.CapNotifications.Tokens()[0]) {
		return fits(r.Build >= buildNotifications)
	}
	return 1
}

// byEdition tells servers from clients by SMB1's buffer, and controllers of domains, which are servers, by signing.
func byEdition(t *traits, r Release) float64 {
	if s := t.report.SMB1; s != nil && s.MaxBufferSize != nil {
		switch *s.MaxBufferSize {
		case maxBufferServer:
			return cmp.Or(fits(r.Kind == KindServer), unlikely)
		case maxBufferClient:
			return cmp.Or(fits(r.Kind == KindClient), unlikely)
		}
	}
	if t.controller {
		return fits(r.Kind == KindServer)
	}
	return 1
}

// versionText writes a version of Windows.
func versionText(major, minor, build int) string {
	return strconv.Itoa(major) + "." + strconv.Itoa(minor) + "." + strconv.Itoa(build)
}
