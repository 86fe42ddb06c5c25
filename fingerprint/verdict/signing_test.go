package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

func TestSigningSMB2(t *testing.T) {
	tests := []struct {
		mode              smb.SecurityMode
		enabled, required report.Answer
		anomalies         int
	}{
		{0, report.Unknown, no, 1}, {1, yes, no, 0}, {2, yes, yes, 0}, {3, yes, yes, 0}, {0x8000, report.Unknown, no, 1},
	}
	for _, tt := range tests {
		for _, d := range smb.Dialects() {
			r := of(t, conn(1, done, all(t), takesWith(t, d, func(r *negotiate.SMB2Response) { r.SecurityMode = tt.mode })))
			mode := uint16(tt.mode)
			require.Equal(t, &report.SigningMode{Enabled: tt.enabled, Required: tt.required, Dialect: d.String(), SecurityMode: &mode}, r.Signing.SMB2)
			require.Equal(t, &report.SigningMode{Enabled: report.Unknown, Required: report.Unknown}, r.Signing.SMB1)
			require.Len(t, r.Anomalies, tt.anomalies)
		}
	}
}

func TestSigningSMB1(t *testing.T) {
	tests := []struct {
		mode              negotiate.SMB1SecurityMode
		enabled, required report.Answer
	}{
		{3, no, no}, {7, yes, no}, {15, yes, yes}, {0x0B, yes, yes}, {0, no, no},
	}
	for _, tt := range tests {
		r := of(t, conn(1, done, smb1(t), nt(t, 4, func(r *negotiate.SMB1Response) { r.SecurityMode = tt.mode })))
		mode := uint16(tt.mode)
		require.Equal(t, &report.SigningMode{Enabled: tt.enabled, Required: tt.required, Dialect: "NT LM 0.12", SecurityMode: &mode}, r.Signing.SMB1)
		require.Equal(t, &report.SigningMode{Enabled: report.Unknown, Required: report.Unknown}, r.Signing.SMB2)
		require.Equal(t, report.AnswerOf(tt.mode&2 != 0), r.SMB1.ChallengeResponse)
		require.Equal(t, map[bool]string{true: "user", false: "share"}[tt.mode&1 != 0], r.SMB1.SecurityLevel)
	}
	// The other forms have no bits of signing: zeros in them say nothing.
	r := of(t, conn(1, done, smb1(t), lanman(t, 3, func(r *negotiate.SMB1Response) { r.SecurityMode = 15 })))
	require.Equal(t, &report.SigningMode{Enabled: report.Unknown, Required: report.Unknown}, r.Signing.SMB1)
}

func TestSigningAlgorithms(t *testing.T) {
	const hmac, cmac, gmac = negotiate.SigningHMACSHA256, negotiate.SigningAESCMAC, negotiate.SigningAESGMAC
	signing := func(list ...negotiate.SigningAlgorithm) part { return negotiate.Signing{Algorithms: list} }
	is := func(a report.Answer, b report.Basis) report.Algorithm { return report.Algorithm{Answer: a, Basis: b} }
	unknown := is(report.Unknown, "")
	tests := map[string]struct {
		dialect          smb.Dialect
		contexts         []part
		hmac, cmac, gmac report.Algorithm
		anomalies        int
	}{
		"2.0.2":      {smb.DialectSMB202, nil, is(yes, report.BasisDialect), is(no, report.BasisDialect), is(no, report.BasisDialect), 0},
		"2.1":        {smb.DialectSMB210, nil, is(yes, report.BasisDialect), is(no, report.BasisDialect), is(no, report.BasisDialect), 0},
		"3.0":        {smb.DialectSMB300, nil, unknown, is(yes, report.BasisDialect), is(no, report.BasisDialect), 0},
		"3.0.2":      {smb.DialectSMB302, nil, unknown, is(yes, report.BasisDialect), is(no, report.BasisDialect), 0},
		"no context": {smb.DialectSMB311, []part{preauth()}, unknown, is(yes, report.BasisDialect), is(no, report.BasisContext), 0},
		"GMAC":       {smb.DialectSMB311, []part{signing(gmac)}, unknown, unknown, is(yes, report.BasisContext), 0},
		"HMAC":       {smb.DialectSMB311, []part{signing(hmac)}, is(yes, report.BasisContext), unknown, unknown, 0},
		"several":    {smb.DialectSMB311, []part{signing(gmac, cmac)}, unknown, is(yes, report.BasisContext), is(yes, report.BasisContext), 1},
		"empty":      {smb.DialectSMB311, []part{signing()}, unknown, unknown, unknown, 1},
		"unreadable": {smb.DialectSMB311, []part{odd{Type: negotiate.ContextSigning, Data: []byte{1}}}, unknown, unknown, unknown, 2},
		"unknown":    {smb.DialectSMB311, []part{signing(0x99)}, unknown, unknown, unknown, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := of(t, conn(1, done, all(t), takes(t, tt.dialect, tt.contexts...)))
			a := r.Signing.Algorithms
			require.Equal(t, []report.Algorithm{tt.hmac, tt.cmac, tt.gmac}, []report.Algorithm{a["HMAC-SHA256"], a["AES-CMAC"], a["AES-GMAC"]})
			require.Len(t, r.Anomalies, tt.anomalies)
		})
	}
	// Not offered: neither is its absence a no nor its presence a yes.
	r := of(t, conn(1, done, conservative(t), takes(t, smb.DialectSMB311, preauth())))
	require.Equal(t, unknown, r.Signing.Algorithms["AES-GMAC"])
	require.Equal(t, is(yes, report.BasisDialect), r.Signing.Algorithms["AES-CMAC"])
	r = of(t, conn(1, done, conservative(t), takes(t, smb.DialectSMB311, signing(gmac))))
	require.Equal(t, unknown, r.Signing.Algorithms["AES-GMAC"])
	require.Len(t, r.Anomalies, 1)
}
