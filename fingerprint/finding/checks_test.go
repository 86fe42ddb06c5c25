package finding_test

import "github.com/smbscope/smbscope/fingerprint/report"

func checkSamples() []sample {
	var list []sample
	for id, check := range map[string]report.CheckID{"ms17-010-missing": report.CheckMS17010, "doublepulsar": report.CheckDoublePulsar} {
		of := func(answer report.Answer, product string) *report.Report {
			return &report.Report{
				Checks:   []report.Check{{ID: "other", Answer: report.Yes}, {ID: check, Answer: answer, Status: "STATUS_INSUFF_SERVER_RESOURCES"}},
				Identity: &report.Identity{Product: product, Confidence: 0.9},
			}
		}
		list = append(list,
			sample{id, "yes", of(report.Yes, "Windows"), report.SeverityCritical, `answered "STATUS_INSUFF_SERVER_RESOURCES"`},
			sample{id, "attack tool", of(report.Yes, "Responder"), report.SeverityCritical, ""},
			sample{id, "honeypot", of(report.Yes, "Dionaea"), report.SeverityLow, "plays this weakness"},
			sample{id, "a server that contradicts itself", contradicting(of(report.Yes, "Windows")), report.SeverityHigh, "may only play this"},
			sample{id, "no", of(report.No, "Windows"), none, ""},
			sample{id, "could not be tested", of(report.Unknown, "Windows"), none, ""},
		)
	}
	return list
}

func contradicting(r *report.Report) *report.Report {
	r.Identity.Contradictions = []string{"it calls itself Windows, but its GUID is a host name"}
	return r
}
