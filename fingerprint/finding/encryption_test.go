package finding_test

import (
	"testing"

	"github.com/smbscope/smbscope/fingerprint/report"
)

func encryptionSamples(t *testing.T) []sample {
	const low, info = report.SeverityLow, report.SeverityInfo
	of := func(name string) *report.Report { return recorded(t, name) }
	half := with(of("samba-4.17.12-max-3.0.2"), func(r *report.Report) { r.Encryption.Ciphers["AES-256-GCM"] = report.Algorithm{} })
	unknown := with(of("samba-4.17.12-max-3.0.2"), func(r *report.Report) { r.Encryption.Ciphers["AES-256-CCM"] = report.Algorithm{} })
	refused := with(of("samba-4.17.12-max-3.0.2"), func(r *report.Report) {
		r.Encryption.Ciphers["AES-128-CCM"] = report.Algorithm{Answer: report.No}
	})
	return []sample{
		{"no-aes-gcm", "another unknown", unknown, info, "with AES-128-CCM."},
		{"no-aes-gcm", "none seen", refused, info, "The server encrypts. "},
		{"encryption-unavailable", "off", of("samba-4.17.12-encryption-off"), low, "though it takes 3.0, 3.0.2 and " +
			"3.1.1"},
		{"encryption-unavailable", "old dialects only", of("samba-4.17.12-max-2.1"), low, "The server does not " +
			"encrypt."},
		{"encryption-unavailable", "default", of("samba-4.17.12-default"), none, ""},
		{"no-aes-gcm", "SMB 3.0.2 at most", of("samba-4.17.12-max-3.0.2"), info, "with AES-128-CCM"},
		{"no-aes-gcm", "one unknown", half, none, ""},
		{"no-aes-gcm", "AES-256-GCM", of("samba-4.17.12-few-algorithms"), none, ""},
		{"no-aes-gcm", "no encryption at all", of("samba-4.17.12-encryption-off"), none, ""},
		{"no-256-bit-cipher", "SMB 3.0 at most", of("samba-4.17.12-max-3.0"), info, "No cipher of SMB 3 is weak"},
		{"no-256-bit-cipher", "all", of("samba-4.17.12-default"), none, ""},
		{"no-256-bit-cipher", "not asked for each", of("samba-4.17.12-null-open"), none, ""},
		{"no-256-bit-cipher", "no encryption at all", of("samba-4.17.12-max-2.0.2"), none, ""},
	}
}
