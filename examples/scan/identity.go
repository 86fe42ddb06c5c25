package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// The confidences from which a product stands without a word of doubt, and with less of one.
const (
	sureFrom   = 0.9
	likelyFrom = 0.5 // above it
)

const (
	mostNames = 3    // products or releases in a line
	more      = "…"  // stands for those that are not named
	roundings = 0.03 // that confidences may have lost, taken together
)

// identityLine tells in one line what a server is, how sure that is, and the fingerprint of its stack.
func (v view) identityLine(r *fingerprint.Report) string {
	var parts []string
	if i := r.Identity; i != nil {
		parts = append(parts, identityText(i))
		if n := len(i.Contradictions); n > 0 {
			parts = append(parts, count(n, "contradiction"))
		}
	}
	if r.Stack != nil && r.Stack.Hash != "" {
		parts = append(parts, "stack "+shortHash(r.Stack.Hash))
	}
	if len(parts) == 0 {
		return ""
	}
	return v.paragraph("  ", strings.Join(parts, " · "))
}

func identityText(i *report.Identity) string {
	text := productText(i)
	if build := "build " + strconv.Itoa(i.Build); i.Build != 0 && !strings.Contains(text, build) {
		text += ", " + build
	}
	if i.Role != "" {
		text += ", " + clean(string(i.Role))
	}
	if n := len(i.RoleCandidates); n > 0 {
		best := slices.MaxFunc(i.RoleCandidates, func(a, b report.RoleCandidate) int { return compare(a.Confidence, b.Confidence) })
		text += fmt.Sprintf(", possibly %s (%s)", clean(string(best.Role)), confidence(best.Confidence))
	}
	return text
}

// productText names the product with as much doubt as there is, or what it may be.
func productText(i *report.Identity) string {
	if i.Product != "" {
		return doubt(i.Confidence) + productName(i) + " (" + confidence(i.Confidence) + ")"
	}
	var names []string
	for _, c := range i.Candidates {
		names = append(names, candidateName(c)+" ("+confidence(c.Confidence)+")")
	}
	if len(names) == 0 {
		return "product not known"
	}
	return "product not known, could be " + alternatives(names)
}

// productName is as exact as what was read: with the version that the server told, or with the releases that it may be.
func productName(i *report.Identity) string {
	if i.Version != "" && i.Build == 0 {
		return clean(i.Product) + " " + clean(i.Version)
	}
	var names []string
	last, told := "", 0.0
	for _, c := range refinements(i) {
		name := candidateName(c)
		if c.Product == last && c.Release != "" {
			name = clean(c.Release)
		}
		names = append(names, name)
		last, told = c.Product, told+c.Confidence
	}
	if len(names) == 0 {
		return clean(i.Product)
	}
	if told+roundings < i.Confidence { // which counts what is not named here too
		names = append(names, more)
	}
	return alternatives(names)
}

// refinements are the candidates that are the product, but for those that are much less likely than the first.
func refinements(i *report.Identity) []report.Candidate {
	var list []report.Candidate
	for _, c := range i.Candidates {
		own := c.Product == i.Product || strings.HasPrefix(c.Product, i.Product+" ")
		if own && (len(list) == 0 || c.Confidence*2 >= list[0].Confidence) {
			list = append(list, c)
		}
	}
	return list
}

func candidateName(c report.Candidate) string {
	name := clean(c.Product)
	if c.Release != "" {
		name += " " + clean(c.Release)
	}
	return name
}

// alternatives joins names, and says where it leaves some out.
func alternatives(names []string) string {
	if len(names) > mostNames {
		names = append(slices.Clone(names[:mostNames]), more)
	}
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

func doubt(c float64) string {
	switch {
	case c >= sureFrom:
		return ""
	case c > likelyFrom:
		return "likely "
	}
	return "possibly "
}

// confidence is never rounded up: what is not certain is not 1.00.
func confidence(c float64) string {
	const hair = 1e-9 // 0.29 is a little less in binary
	return strconv.FormatFloat(math.Floor(min(max(c, 0), 1)*100+hair)/100, 'f', 2, 64)
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// shortHash leaves out the last part of a hash, which is that of the configuration. -explain and the JSON have all of it.
func shortHash(s string) string {
	if parts := strings.SplitN(s, "_", 4); len(parts) == 4 {
		return clean(strings.Join(parts[:3], "_")) + "…"
	}
	return clean(s)
}
