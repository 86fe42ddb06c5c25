package finding

import (
	"cmp"
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
)

// A Rule describes one finding that Of can make.
type Rule struct {
	ID         string            // stable, in kebab case
	Severities []report.Severity // that the finding may have, the least first
	Title      string            // a few words
	Raised     string            // what raises it, in a sentence
	References []string          // CVE, vendors' documents, MITRE ATT&CK, CIS
}

// A rule is a Rule, what finds it and what to do about it. To add one: 1. put it into the list of its theme, with a find
// that compares answers with Yes and No only; 2. give it a case that raises it and one that does not (cases_test.go).
type rule struct {
	Rule
	remedy string
	find   func(r *report.Report) (hit, bool)
}

// A hit is what a rule found.
type hit struct {
	severity report.Severity // empty where the rule has only one
	evidence []string
	detail   string
}

// table has all rules, by theme.
var table = slices.Concat(protocolRules, encryptionRules, nullSessionRules, supportRules, exposureRules, clockRules,
	guidRules, checkRules, windowsRules, sambaRules(sambaCVEs), tellRules)

// Of returns the findings of a report, the most severe first, then by ID. They own their memory. r is not changed; its
// own Findings are not read.
func Of(r *report.Report) []report.Finding {
	if r == nil {
		return nil
	}
	var list []report.Finding
	for _, rule := range table {
		h, ok := rule.find(r)
		if !ok {
			continue
		}
		list = append(list, report.Finding{
			ID: rule.ID, Severity: cmp.Or(h.severity, rule.Severities[0]), Title: rule.Title, Evidence: h.evidence,
			Detail: h.detail, Remediation: rule.remedy, References: slices.Clone(rule.References),
		})
	}
	slices.SortFunc(list, func(a, b report.Finding) int {
		return cmp.Or(cmp.Compare(rank(b.Severity), rank(a.Severity)), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// rank orders severities, info first.
func rank(s report.Severity) int { return slices.Index(s.Enum(), string(s)) }

// Rules lists all findings that Of can make, by ID. The slices are the caller's.
func Rules() []Rule {
	list := make([]Rule, len(table))
	for i, rule := range table {
		list[i] = rule.Rule
		list[i].Severities, list[i].References = slices.Clone(rule.Severities), slices.Clone(rule.References)
	}
	slices.SortFunc(list, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// only is the list of a rule that has one severity.
func only(s report.Severity) []report.Severity { return []report.Severity{s} }
