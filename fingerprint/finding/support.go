package finding

import (
	"fmt"
	"time"

	"github.com/smbscope/smbscope/fingerprint/report"
)

var supportRules = []rule{{
	Rule: Rule{
		ID: "end-of-support", Severities: []report.Severity{report.SeverityMedium, report.SeverityHigh},
		Title: "The system gets no updates any more",
		Raised: "A build or a version was read, and everything that has it had its last day of support before the scan; " +
			"high where that was more than a year before.",
		References: []string{docLifecycle, attackRemote},
	},
	remedy: remedySupport, find: findUnsupported,
}}

func findUnsupported(r *report.Report) (hit, bool) {
	id := r.Identity
	if id == nil || id.Product == "" || len(id.Candidates) == 0 || r.ObservedAt.IsZero() {
		return hit{}, false
	}
	// Without a build or a version the candidates are guesses, and cut off: those that are left out may be maintained.
	if id.Version == "" && id.Build == 0 || !accountsForAll(id) {
		return hit{}, false
	}
	var h hit
	var names []string
	var last time.Time
	for i, c := range id.Candidates {
		day, err := time.Parse(time.DateOnly, c.SupportEnds)
		if err != nil || r.ObservedAt.Before(day.AddDate(0, 0, 1)) {
			return hit{}, false
		}
		if day.After(last) {
			last = day
		}
		h.evidence = append(h.evidence, pointer("identity", "candidates", i, "support_ends"))
		name := c.Product
		if c.Release != "" {
			name += " " + c.Release
		}
		names = append(names, quote(name)+" ("+c.SupportEnds+")")
	}
	h.severity = report.SeverityMedium
	if r.ObservedAt.After(last.AddDate(1, 0, 0)) {
		h.severity = report.SeverityHigh
	}
	if id.Build != 0 {
		h.evidence = append(h.evidence, pointer("identity", "build"))
	}
	if id.Version != "" {
		h.evidence = append(h.evidence, pointer("identity", "version"))
	}
	h.detail = sentences(
		fmt.Sprintf("The server is %s: support has ended, the last day of it in brackets.", anyOf(names)),
		"New holes stay open there.")
	return h, true
}

// rounding is how much the confidences of six candidates may lack, each of which has two digits.
const rounding = 0.03

// accountsForAll tells whether the candidates are all that the server may be.
func accountsForAll(id *report.Identity) bool {
	sum := rounding
	for _, c := range id.Candidates {
		sum += c.Confidence
	}
	return sum >= id.Confidence
}
