package identity

import (
	"cmp"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	maxCandidates = 6   // products that a server may be
	maxCPE        = 12  // names in the CPE dictionary
	likely        = 0.5 // from here on a product is named
)

// Of says what a server is, from its report; nil where it does not speak SMB. It is a pure function of the report's
// answers and of nothing in its Identity, Stack and Findings.
func Of(r *report.Report) *report.Identity {
	if r.Outcome != report.OutcomeSMB {
		return nil
	}
	t := traitsOf(r)
	scores := weigh(t)
	id := &report.Identity{}
	candidates := candidatesOf(t, scores)
	for _, c := range candidates {
		id.Candidates = append(id.Candidates, c.Candidate)
	}
	winner := ""
	if len(scores) > 0 {
		id.Reasons = slices.Clone(scores[0].reasons)
		if s := scores[0]; s.share >= likely {
			winner = s.stack.id
			id.Vendor, id.Product, id.Confidence = s.stack.vendor, s.stack.product, rounded(s.share)
			id.Version, id.Build = versionOf(t, winner)
			id.CPE = cpeOf(s.stack, id.Version, candidates)
		}
	} else {
		id.Reasons = []string{"nothing that it sends is known to be a product's"}
	}
	id.Reasons = append(id.Reasons, liesOf(t)...)
	role, why := roleOf(t)
	if id.Role = role; why != "" {
		id.Reasons = append(id.Reasons, why)
	}
	id.RoleCandidates = roleCandidates(t, role)
	id.Contradictions = contradict(t)
	return id
}

// candidatesOf lists the products that a server may be, likeliest first.
func candidatesOf(t *traits, scores []score) []candidate {
	var list []candidate
	for _, s := range scores {
		if rounded(s.share) == 0 {
			continue
		}
		switch s.stack.id {
		case stackWindows:
			list = append(list, windowsCandidates(t, s.share)...)
		case stackSamba:
			version := sambaVersion(t)
			if version == "" {
				version = sambaLine(t)
			}
			list = append(list, plain(s, wire.EscapeText(version)))
		default:
			version, _ := versionOf(t, s.stack.id)
			list = append(list, plain(s, version))
		}
	}
	for i := range list {
		list[i].Confidence = rounded(list[i].Confidence)
	}
	list = slices.DeleteFunc(list, func(c candidate) bool { return c.Confidence == 0 })
	// Of those that are as likely, those that are longest maintained stay where the list is cut: what is left out is worse.
	slices.SortStableFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(b.SupportEnds, a.SupportEnds))
	})
	return list[:min(len(list), maxCandidates)]
}

func plain(s score, release string) candidate {
	return candidate{Candidate: report.Candidate{Product: s.stack.product, Release: release, Confidence: s.share}}
}

// versionOf returns the version that the server sent, and the build where it is Windows.
func versionOf(t *traits, id string) (version string, build int) {
	system, manager := t.native()
	switch id {
	case stackWindows:
		if major, minor, build, ok := windowsBuild(t); ok {
			return versionText(major, minor, build), build
		}
		if v := versionBehind(system, "Windows "); v == "5.0" || v == "5.1" {
			version = v
		}
	case stackSamba:
		version = sambaVersion(t)
	case stackNQ:
		_, version, _ = strings.Cut(manager, " ")
	case stackJFileServer:
		version = versionBehind(manager, "Java File Server ")
	case stackGuardianOS:
		_, version, _ = strings.Cut(manager, " v")
	case stackIBMi:
		_, version, _ = strings.Cut(system, " ")
	case stackCelerra:
		version = versionBehind(system, "EMC-SNAS:T")
	}
	return wire.EscapeText(version), 0
}

// cpeOf returns the names of a product in the CPE dictionary.
func cpeOf(s stack, version string, candidates []candidate) []string {
	if s.id == stackWindows {
		var list []string
		for _, c := range candidates {
			list = append(list, c.cpe...)
		}
		return list[:min(len(list), maxCPE)]
	}
	if s.cpe == "" {
		return nil
	}
	number, update := cpeVersion(version)
	return []string{s.cpe + ":" + number + ":" + update + ":*:*:*:*:*:*"}
}

// cpeVersion writes a version and its update as the dictionary has them: what distributions append is left out, and so is
// what would have to be escaped (NISTIR 7695 6.2).
func cpeVersion(version string) (number, update string) {
	end := strings.IndexFunc(version, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && r != '.'
	})
	if end >= 0 {
		version = version[:end]
	}
	if version = strings.Trim(version, "."); version == "" || version[0] < '0' || version[0] > '9' {
		return "*", "*"
	}
	if number, candidate, ok := strings.Cut(version, "rc"); ok && number != "" && candidate != "" {
		return number, "rc" + candidate
	}
	return version, "*"
}
