package finding_test

import "github.com/smbscope/smbscope/fingerprint/report"

func tellSamples() []sample {
	of := func(product string, confidence float64, contradictions ...string) *report.Report {
		return &report.Report{Identity: &report.Identity{Product: product, Confidence: confidence, Contradictions: contradictions}}
	}
	return []sample{
		{"honeypot-tell", "attack tool", of("Responder", 0.9), none, ""},
		{"honeypot-tell", "contradiction", of("Windows", 0.6, "Windows with Samba's "+
			"GUID."), report.SeverityInfo, "Windows with Samba's GUID."},
		{"honeypot-tell", "honeypot", of("Dionaea", 0.9), report.SeverityLow, "honeypot Dionaea"},
		{"honeypot-tell", "hardly a honeypot", of("Dionaea", 0.5), none, ""},
		{"honeypot-tell", "plain", of("Samba", 0.9), none, ""},
		{"attack-tool", "Responder", of("Responder", 0.8), report.SeverityMedium, "Responder"},
		{"attack-tool", "smbserver", of("Impacket smbserver", 0.95), report.SeverityMedium, "Impacket smbserver"},
		{"attack-tool", "ntlmrelayx", of("Impacket ntlmrelayx", 0.95), report.SeverityMedium, "Impacket ntlmrelayx"},
		{"attack-tool", "honeypot", of("Dionaea", 0.9), none, ""},
		{"attack-tool", "hardly", of("Responder", 0.3), none, ""},
		{"attack-tool", "plain", of("Windows", 0.9), none, ""},
	}
}
