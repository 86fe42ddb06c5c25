package identity

import (
	"cmp"
	"slices"

	"github.com/smbscope/smbscope/smb"
)

//go:generate go run ./gen

// A Kind is whether a Windows is sold for desks or for server rooms. Both serve SMB.
type Kind string

// The kinds.
const (
	KindClient Kind = "client"
	KindServer Kind = "server"
)

// A BuildSight is how it is known whether a Windows sends its build in the version of an NTLM challenge.
type BuildSight string

// The ways to know. An enablement package changes the number that Windows shows and none of the files that SMB is made of:
// Windows 10 22H2 calls itself 19045 in SMB1's native OS and 19041, as 2004 did, in NTLM.
const (
	BuildObserved BuildSight = "observed" // a capture has it
	BuildInferred BuildSight = "inferred" // no capture at hand; by the rule that all others follow
	BuildAbsent   BuildSight = "absent"   // NTLM has no version, or that of the parent build
)

// A Release is a release of a Windows product that has a build number. Its table is testdata/tables/windows_builds.csv,
// where each row has its source and an example.
type Release struct {
	Major, Minor, Build int
	Product             string // such as "Windows Server 2022"
	Release             string // such as "21H2" or "SP1"; empty where the build tells none
	Kind                Kind
	// SupportEnds is the last day, YYYY-MM-DD, on which anybody gets updates on general terms: those of the edition that is
	// served longest count, LTSC and LTSB, embedded and IoT editions among them, and extensions that are or were sold
	// (Extended Security Updates, Premium Assurance). Who says after that day that support has ended is right, whatever the
	// edition and the contract. Where a day is not known it is one that is not too early. Empty for a beta.
	SupportEnds string
	// RegularEnds is that day without what is paid for, and without editions that are served longer than the others.
	RegularEnds string
	CPE         string // the CPE 2.3 name, as in the NVD's dictionary; empty where none was found there
	NTLM        BuildSight
}

// Releases returns all releases that are known, ascending by version. The list is the caller's own.
func Releases() []Release { return slices.Clone(buildReleases[:]) }

// ReleasesOf returns all releases that have a build, none where the build is not known: it then stays a number. Most builds
// are of a client and of a server, and some of several releases. The list is the caller's own.
func ReleasesOf(major, minor, build int) []Release {
	first, ok := slices.BinarySearchFunc(buildReleases[:], Release{Major: major, Minor: minor, Build: build}, buildCompare)
	if !ok {
		return nil
	}
	rest := buildReleases[first:]
	end := slices.IndexFunc(rest, func(r Release) bool { return buildCompare(r, rest[0]) != 0 })
	if end < 0 {
		end = len(rest)
	}
	return slices.Clone(rest[:end])
}

// buildCompare orders releases by version.
func buildCompare(a, b Release) int {
	return cmp.Or(cmp.Compare(a.Major, b.Major), cmp.Compare(a.Minor, b.Minor), cmp.Compare(a.Build, b.Build))
}

// MaxDialectOf returns the highest SMB2 dialect of a version of Windows, [MS-SMB2] Appendix A <10> to <13>; empty where it
// has SMB1 alone, or where the version is not known. A policy can lower it.
func MaxDialectOf(major, minor int) string {
	switch [2]int{major, minor} {
	case [2]int{6, 0}: // Vista without a service pack has a draft of it
		return smb.DialectSMB202.String()
	case [2]int{6, 1}:
		return smb.DialectSMB210.String()
	case [2]int{6, 2}:
		return smb.DialectSMB300.String()
	case [2]int{6, 3}:
		return smb.DialectSMB302.String()
	case [2]int{10, 0}:
		return smb.DialectSMB311.String()
	}
	return ""
}
