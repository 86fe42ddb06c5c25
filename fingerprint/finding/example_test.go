package finding_test

import (
	"fmt"

	"github.com/smbscope/smbscope/fingerprint/finding"
	"github.com/smbscope/smbscope/fingerprint/report"
)

func ExampleOf() {
	r := &report.Report{
		SMB1:    &report.SMB1{Supported: report.Yes},
		Signing: &report.Signing{SMB2: &report.SigningMode{Required: report.No}, SMB1: &report.SigningMode{Required: report.Unknown}},
	}
	for _, f := range finding.Of(r) {
		fmt.Println(f.Severity, f.ID, f.Evidence)
	}
	// Output:
	// high smb1-enabled [/smb1/supported]
	// medium signing-not-required [/signing/smb2/required]
}
