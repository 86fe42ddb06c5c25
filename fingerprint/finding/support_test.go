package finding_test

import (
	"time"

	"github.com/smbscope/smbscope/fingerprint/report"
)

func supportSamples() []sample {
	of := func(product, version string, candidates ...report.Candidate) *report.Report {
		return &report.Report{ObservedAt: observed, Identity: &report.Identity{
			Product: product, Version: version, Confidence: 0.99, Candidates: candidates,
		}}
	}
	windows7 := report.Candidate{Product: "Windows 7", Release: "SP1", Confidence: 0.5, SupportEnds: "2023-01-10"}
	server2008 := report.Candidate{Product: "Windows Server 2008 R2", Release: "SP1", Confidence: 0.5, SupportEnds: "2026-01-13"}
	client1903 := report.Candidate{Product: "Windows 10", Release: "1903", Confidence: 1, SupportEnds: "2020-12-08"}
	server2019 := report.Candidate{Product: "Windows Server 2019", SupportEnds: "2029-01-09"}
	unknown := report.Candidate{Product: "Windows"}
	on := func(r *report.Report, day string) *report.Report {
		r.ObservedAt, _ = time.Parse(time.RFC3339, day)
		return r
	}
	return []sample{
		{"end-of-support", "long ago", of("Windows", "10.0.18362", client1903), report.SeverityHigh, `"Windows 10 1903" (2020-12-08)`},
		{"end-of-support", "this year", of("Windows", "6.1.7601", windows7, server2008), report.SeverityMedium, `" (2023-01-10) or "`},
		{"end-of-support", "no version read", of("Windows", "", client1903), none, ""},
		{"end-of-support", "candidates left out", of("Windows", "10.0.17763", windows7), none, ""},
		{"end-of-support", "one candidate is maintained", of("Windows", "10.0.17763", windows7, server2019), none, ""},
		{"end-of-support", "one candidate's end is not known", of("Windows", "10.0.18362", client1903, unknown), none, ""},
		{"end-of-support", "last day", on(of("Windows", "10.0.18362", client1903), "2020-12-08T23:59:59Z"), none, ""},
		{"end-of-support", "the day after", on(of("Windows", "10.0.18362", client1903), "2020-12-09T00:00:00Z"), report.SeverityMedium, ""},
		{"end-of-support", "a year after", on(of("Windows", "10.0.18362", client1903), "2021-12-08T00:00:00Z"), report.SeverityMedium, ""},
		{"end-of-support", "more than a year after", on(of("Windows", "10.0.18362", client1903), "2021-12-09T00:00:00Z"), report.SeverityHigh, ""},
		{"end-of-support", "no time of the scan", on(of("Windows", "10.0.18362", client1903), ""), none, ""},
		{"end-of-support", "no product", of("", "10.0.18362", client1903), none, ""},
	}
}
