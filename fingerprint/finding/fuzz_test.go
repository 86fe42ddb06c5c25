package finding_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/finding"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/testdata"
)

// FuzzOf reads reports that nobody made.
func FuzzOf(f *testing.F) {
	seeds := []*report.Report{windowsReport("10.0.18362", 18362), samba("3.6.3-114.el6", ""), at("[2620:fe::fe]:445")}
	for _, name := range []string{"samba-4.17.12-null-open", "impacket-0.10.0-smb2", "samba-4.17.12-three-ports"} {
		b, err := testdata.Report(name)
		require.NoError(f, err)
		r := new(report.Report)
		require.NoError(f, json.Unmarshal(b, r))
		r.Probes, r.Evidence, r.Negotiated, r.Findings = nil, nil, nil, nil // not read, and large
		seeds = append(seeds, r)
	}
	for _, r := range seeds {
		b, err := json.Marshal(r)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := new(report.Report)
		if json.Unmarshal(b, r) != nil {
			return
		}
		for _, found := range finding.Of(r) {
			wellFormed(t, r, found)
		}
	})
}
