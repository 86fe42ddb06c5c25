package finding

import (
	"math"
	"regexp"
	"slices"
	"strconv"
)

// A version is a version of Samba. Its last number is that of a release candidate, or the most there is for a release.
type version [4]int

// sambaVersion reads "4.17.12-Debian", "3.0.28a", "3.6.23-114.el6", "4.2.0rc4", "4.3.0pre1-GIT-abc", "3.0.20".
var sambaVersion = regexp.MustCompile(`^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})(?:(rc|pre)([0-9]{1,3})|[a-z])?(?:[-+~. ](.+))?$`)

// readVersion reads a version as Samba sends it, and what a distributor appended to it.
func readVersion(s string) (v version, suffix string, ok bool) {
	m := sambaVersion.FindStringSubmatch(s)
	if m == nil {
		return version{}, "", false
	}
	for i := range 3 {
		v[i], _ = strconv.Atoi(m[i+1]) // at most three digits each
	}
	switch v[3] = math.MaxInt; m[4] {
	case "rc":
		v[3], _ = strconv.Atoi(m[5])
	case "pre":
		v[3] = -1 // before all candidates
	}
	return v, m[6], true
}

func (v version) before(o version) bool { return slices.Compare(v[:], o[:]) < 0 }

func (v version) sameBranch(o version) bool { return v[0] == o[0] && v[1] == o[1] }

// release makes the version of a release.
func release(major, minor, patch int) version { return version{major, minor, patch, math.MaxInt} }

// A window is a range of versions that have a hole.
type window struct {
	since version
	fixed []version // the first without it in each branch that was mended, ascending; later branches never had it
}

// holds tells whether a version lies in the window. A branch that was not mended, because it was no longer maintained,
// lies in it to its end.
func (w window) holds(v version) bool {
	if v.before(w.since) {
		return false
	}
	for _, f := range w.fixed {
		if v.sameBranch(f) {
			return v.before(f)
		}
	}
	return v.before(w.fixed[len(w.fixed)-1])
}
