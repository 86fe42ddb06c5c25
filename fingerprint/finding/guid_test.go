package finding_test

import (
	"testing"

	"github.com/smbscope/smbscope/fingerprint/report"
)

func guidSamples(t *testing.T) []sample {
	of := func(guid string) *report.Report { return &report.Report{ServerGUID: guid} }
	samba, impacket := recorded(t, "samba-4.17.12-default"), recorded(t, "impacket-0.10.0-smb2")
	return []sample{
		{"guid-zero", "zero", of("00000000-0000-0000-0000-000000000000"), report.SeverityInfo, "ksmbd"},
		{"guid-zero", "none read", of(""), none, ""},
		{"guid-zero", "a name", samba, none, ""},
		{"guid-known-constant", "impacket", impacket, report.SeverityLow, "impacket"},
		{"guid-known-constant", "Dionaea", of("3865FF0B-7E54-426C-A43E-12D211971644"), report.SeverityLow, "Dionaea"},
		{"guid-known-constant", "a name", samba, none, ""},
		{"guid-known-constant", "zero", of("00000000-0000-0000-0000-000000000000"), none, ""},
	}
}
