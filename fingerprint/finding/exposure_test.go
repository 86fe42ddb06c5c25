package finding_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
)

func at(address string) *report.Report {
	return &report.Report{Transports: []report.Transport{{Transport: "direct-tcp", Address: address, Outcome: report.OutcomeSMB}}}
}

func exposureSamples(t *testing.T) []sample {
	refused := with(at("8.8.8.8:445"), func(r *report.Report) { r.Transports[0].Outcome = report.OutcomeRefused })
	passive := with(at("[2620:fe::fe]:445"), func(r *report.Report) { r.Level = report.LevelPassive })
	return []sample{
		{"globally-routable", "IPv4", at("8.8.8.8:445"), report.SeverityInfo, "As seen from this scanner"},
		{"globally-routable", "IPv6 in a capture", passive, report.SeverityInfo, "As seen from the place of the " +
			"capture"},
		{"globally-routable", "private", at("10.1.2.3:445"), none, ""},
		{"globally-routable", "no SMB there", refused, none, ""},
		{"globally-routable", "recorded on loopback", recorded(t, "samba-4.17.12-default"), none, ""},
	}
}

func TestRoutable(t *testing.T) {
	for address, want := range map[string]bool{
		"1.1.1.1:445": true, "9.255.255.255:445": true, "100.63.255.255:445": true, "100.128.0.0:445": true, "198.17.255.255:445": true,
		"198.20.0.0:445": true, "192.0.1.1:445": true, "223.255.255.255:445": true, "172.32.0.1:445": true,
		"[2001:200::1]:445": true, "[2a00::1]:445": true, "[2002:101:101::1]:445": true, "[64:ff9b::101:101]:445": true,
		"[::ffff:1.1.1.1]:445": true,

		"0.1.2.3:445": false, "10.0.0.1:445": false, "100.64.0.1:445": false, "100.127.255.255:445": false, "127.0.0.1:445": false,
		"169.254.1.1:445": false, "172.16.0.1:445": false, "172.31.255.255:445": false, "192.0.0.1:445": false, "192.0.2.1:445": false,
		"192.168.0.1:445": false, "192.88.99.1:445": false, "198.18.0.1:445": false, "198.19.255.255:445": false,
		"198.51.100.1:445": false, "203.0.113.1:445": false, "224.0.0.1:445": false, "240.0.0.1:445": false, "255.255.255.255:445": false,
		"[::1]:445": false, "[::]:445": false, "[fe80::1]:445": false, "[fe80::1%eth0]:445": false, "[fc00::1]:445": false,
		"[fd12::1]:445": false, "[ff02::1]:445": false, "[2001:db8::1]:445": false, "[3fff:fff::1]:445": false, "[2001::1]:445": false,
		"[2001:2::1]:445": false, "[2001:20::1]:445": false, "[2002:a00:1::1]:445": false, "[64:ff9b::a00:1]:445": false,
		"[64:ff9b:1::1]:445": false, "[5f00::1]:445": false, "[4000::1]:445": false, "[100::1]:445": false, "[::ffff:10.0.0.1]:445": false,
		"[fec0::1]:445": false, "[::1.1.1.1]:445": false,

		"": false, "1.1.1.1": false, "host:445": false,
	} {
		_, got := find(at(address), "globally-routable")
		require.Equal(t, want, got, address)
	}
}
