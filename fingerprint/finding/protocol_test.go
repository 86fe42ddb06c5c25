package finding_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
)

func protocolSamples(t *testing.T) []sample {
	const high, medium, low, info = report.SeverityHigh, report.SeverityMedium, report.SeverityLow, report.SeverityInfo
	of := func(name string) *report.Report { return recorded(t, name) }
	other := with(of("samba-4.17.12-three-ports"), func(r *report.Report) {
		r.Transports[1].SMB1 = &report.SMB1{Supported: report.Yes}
		r.Transports[1].Dialects = map[string]report.Answer{"NT LM 0.12": report.Yes}
		r.Transports[1].Signing = &report.Signing{SMB1: &report.SigningMode{Required: report.No, Dialect: "NT LM 0.12"}}
	})
	encrypted := with(of("samba-4.17.12-encryption-required"), func(r *report.Report) { r.Encryption.Required = report.Yes })
	bare := &report.Report{
		SMB1: &report.SMB1{Supported: report.Yes}, NTLM: &report.NTLM{Challenge: report.Yes},
		Signing: &report.Signing{SMB2: &report.SigningMode{Required: report.No}, SMB1: &report.SigningMode{Required: report.No, Enabled: report.No}},
	}
	return []sample{
		{"smb1-enabled", "no dialect known", bare, high, "The server speaks SMBv1. "},
		{"ntlm-challenge", "no names", bare, info, "anybody in. NTLM can be relayed"},
		{"signing-not-required", "no more known", bare, medium, "Signing is not required in SMB2. "},
		{"smb1-signing-not-required", "cannot sign", bare, medium, "in SMBv1; the server does not sign at all."},
		{"smb1-enabled", "on", of("samba-4.17.12-nt1"), high, "NT LM 0.12"},
		{"smb1-enabled", "old dialects", of("samba-4.17.12-lanman1-nt1"), high, "LANMAN1.0, LM1.2X002, LANMAN2.1 " +
			"and NT LM 0.12"},
		{"smb1-enabled", "on another port", other, high, `over "netbios-session" at "127.0.17.2:139"`},
		{"smb1-enabled", "off", of("samba-4.17.12-default"), none, ""},
		{"smb1-enabled", "not asked", of("samba-4.17.12-null-open"), none, ""},
		{"smb1-plaintext-passwords", "plain", of("samba-4.17.12-plaintext"), high, "as it is"},
		{"smb1-plaintext-passwords", "challenge", of("samba-4.17.12-nt1"), none, ""},
		{"smb1-plaintext-passwords", "SMB1 off", of("samba-4.17.12-default"), none, ""},
		{"signing-not-required", "Samba's default", of("samba-4.17.12-default"), medium, `dialect "3.1.1"`},
		{"signing-not-required", "cannot sign", of("samba-4.17.12-signing-disabled"), medium, ""},
		{"signing-not-required", "encryption required", encrypted, low, "encryption is required"},
		{"signing-not-required", "mandatory", of("samba-4.17.12-signing-mandatory"), none, ""},
		{"signing-not-required", "domain controller", of("samba-4.17.12-domain-controller"), none, ""},
		{"signing-not-required", "no SMB2", of("samba-4.17.12-nt1-only"), none, ""},
		{"smb1-signing-not-required", "SMB1 only", of("samba-4.17.12-nt1-only"), medium, "NT LM 0.12"},
		{"smb1-signing-not-required", "on another port", other, medium, "netbios-session"},
		{"smb1-signing-not-required", "required", of("samba-4.17.12-smb1-signing"), none, ""},
		{"smb1-signing-not-required", "no SMB1", of("samba-4.17.12-default"), none, ""},
		{"ntlm-challenge", "names", of("samba-4.17.12-default"), info, `computer "FILESERVER"`},
		{"ntlm-challenge", "none came", of("samba-4.17.12-plaintext"), none, ""},
	}
}

// TestTransports has the answer of another transport at its own path.
func TestTransports(t *testing.T) {
	r := with(recorded(t, "samba-4.17.12-three-ports"), func(r *report.Report) {
		r.Transports[1].SMB1 = &report.SMB1{Supported: report.Yes}
	})
	f, ok := find(r, "smb1-enabled")
	require.True(t, ok)
	require.Equal(t, []string{"/transports/1/smb1/supported"}, f.Evidence)
}

func TestPointers(t *testing.T) {
	f, ok := find(recorded(t, "samba-4.17.12-lanman1-3.1.1"), "smb1-enabled")
	require.True(t, ok)
	require.Equal(t, []string{
		"/smb1/supported", "/dialects/LANMAN1.0", "/dialects/LM1.2X002", "/dialects/LANMAN2.1", "/dialects/NT LM 0.12",
	}, f.Evidence)
}
