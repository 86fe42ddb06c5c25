package finding_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/finding"
	"github.com/smbscope/smbscope/fingerprint/report"
)

func samba(version string, role report.Role) *report.Report {
	return &report.Report{Identity: &report.Identity{Product: "Samba", Version: version, Confidence: 0.99, Role: role}}
}

func sambaSamples(t *testing.T) []sample {
	const medium, low, dc = report.SeverityMedium, report.SeverityLow, report.RoleDomainController
	list := []sample{
		{"samba-cve-2017-7494", "version not read", samba("", ""), none, ""},
		{"samba-cve-2017-7494", "a product made of " +
			"Samba", with(samba("4.6.3", ""), func(r *report.Report) { r.Identity.Product = "QTS" }), none, ""},
		{"samba-cve-2017-7494", "recorded, without identity", recorded(t, "samba-4.17.12-nt1"), none, ""},
	}
	for _, row := range []struct {
		cve  string
		want report.Severity
		role report.Role
		in   string // versions that have it
		out  string // versions that do not
	}{
		{"2007-2447", low, "", "3.0.0 3.0.20 3.0.20-Debian 3.0.25rc3 3.0.24", "2.2.12 3.0.25 3.0.25a 3.0.37 3.2.0 " +
			"4.17.12"},
		{"2012-1182", medium, "", "3.0.0 3.0.28a 3.2.15 3.3.16 3.4.15 3.5.13 3.6.3", "2.2.8 3.4.16 3.5.14 3.6.4 4.0.0"},
		{"2015-0240", medium, "", "3.5.0 3.5.22 3.6.24 4.0.24 4.1.16 4.2.0pre1 4.2.0rc4", "3.4.17 3.6.25 4.0.25 4.1.17 " +
			"4.2.0rc5 4.2.0 4.3.0"},
		{"2016-2118", medium, "", "3.6.25 4.0.26 4.1.23 4.2.9 4.3.6 4.4.0", "3.5.22 4.2.10 4.3.7 4.4.1 4.5.0"},
		{"2017-7494", medium, "", "3.5.0 3.6.25 4.3.13 4.4.13 4.5.9 4.6.3 4.6.0rc1", "3.4.17 4.4.14 4.5.10 4.6.4 " +
			"4.7.0"},
		{"2020-1472", medium, dc, "4.0.0 4.7.12", "3.6.25 4.8.0 4.17.12"},
		{"2021-44142", low, "", "4.2.0 4.9.5 4.13.16 4.14.11 4.15.4", "3.6.25 4.1.17 4.13.17 4.14.12 4.15.5 4.16.0"},
		{"2022-38023", medium, dc, "3.6.25 4.14.14 4.15.12 4.16.7 4.17.3", "4.15.13 4.16.8 4.17.4 4.18.0"},
		{"2023-3961", medium, "", "4.16.0 4.16.11 4.17.11 4.18.7 4.19.0 4.19.0rc1", "4.15.13 4.17.12 4.18.8 4.19.1 " +
			"4.20.0"},
		{"2025-10230", low, dc, "4.0.0 4.17.12 4.20.8 4.21.8 4.22.4 4.23.1", "3.6.25 4.21.9 4.22.5 4.23.2 4.24.0"},
		{"2026-4408", low, "", "4.16.0 4.17.12 4.22.9 4.23.7 4.24.2", "4.15.13 4.22.10 4.23.8 4.24.3 4.25.0"},
		{"2026-4480", low, "", "3.0.20 4.17.12 4.22.9 4.23.7 4.24.2", "4.22.10 4.23.8 4.24.3 4.25.0pre1"},
		{"2026-58216", medium, dc, "4.17.12 4.22.10 4.23.9 4.24.4", "4.22.11 4.23.10 4.24.5 4.25.0"},
	} {
		id := "samba-cve-" + row.cve
		for _, v := range strings.Fields(row.in) {
			want := row.want
			if strings.Contains(v, "-") {
				want = low
			}
			list = append(list, sample{id, v, samba(v, row.role), want, "CVE-" + row.cve})
			if row.role != "" {
				list = append(list, sample{id, v + " no controller", samba(v, report.RoleDomainJoined), none, ""})
			}
			if !strings.Contains(v, "-") {
				list = append(list, sample{id, v + " of a distribution", samba(v+"-114.el6", row.role), low, `The suffix "114.el6"`})
			}
		}
		for _, v := range strings.Fields(row.out) {
			list = append(list, sample{id, v, samba(v, row.role), none, ""})
		}
	}
	return list
}

// TestReadVersion has the version that the recorded Samba sends.
func TestReadVersion(t *testing.T) {
	r := recorded(t, "samba-4.17.12-nt1")
	version, ok := strings.CutPrefix(r.SMB1.NativeLANManager, "Samba ")
	require.True(t, ok)
	r.Identity = &report.Identity{Product: "Samba", Version: version}
	var ids []string
	for _, f := range finding.Of(r) {
		if strings.HasPrefix(f.ID, "samba-") {
			ids = append(ids, f.ID)
			require.Contains(t, f.Detail, `"4.17.12-Debian"`)
			require.Contains(t, f.Detail, `"Debian"`)
			require.Equal(t, report.SeverityLow, f.Severity)
		}
	}
	require.Equal(t, []string{"samba-cve-2026-4408", "samba-cve-2026-4480"}, ids)
	_, err := json.Marshal(r)
	require.NoError(t, err)
}
