package finding_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
)

func nullSessionSamples(t *testing.T) []sample {
	const high, medium, low = report.SeverityHigh, report.SeverityMedium, report.SeverityLow
	of := func(name string) *report.Report { return recorded(t, name) }
	shares := func(list ...report.Share) *report.Report {
		return &report.Report{NullSession: &report.NullSession{Shares: list}}
	}
	policy := func(p report.PasswordPolicy) *report.Report {
		return &report.Report{NullSession: &report.NullSession{PasswordPolicy: &p}}
	}
	five, seven := 5, 7
	open, closed := of("samba-4.17.12-null-open"), of("samba-4.17.12-null-closed")
	drivers := report.Share{Name: "print$", Type: "STYPE_DISKTREE", Read: report.Yes, Write: report.Yes}
	attempts := &report.Report{NullSession: &report.NullSession{
		Session: report.Yes, UnknownUserMapsToGuest: report.Yes,
		Attempts: []report.SessionAttempt{
			{Identity: report.IdentityAnonymous, Result: report.ResultRefused, Dialect: "2.1"},
			{Identity: report.IdentityAnonymous, Result: report.ResultSupported},
			{Identity: report.IdentityAnonymous, Result: report.ResultSupported, Dialect: "3.0"},
			{Identity: report.IdentityAnonymous, Result: report.ResultSupported, Dialect: "3.0"},
			{Identity: report.IdentityUnknownUser, Result: report.ResultSupported, Dialect: "3.1.1"},
		},
	}}
	bare := &report.Report{NullSession: &report.NullSession{Session: report.Yes}}
	return []sample{
		{"null-session", "several attempts", attempts, low, `asked in "3.0". What such a session`},
		{"guest-mapping", "several attempts", attempts, medium, `asked in "3.1.1". So`},
		{"null-session", "no attempt told", bare, low, "without an account. What"},
		{"null-session", "IPC$ too", open, medium, `asked in "3.1.1"`},
		{"null-session", "IPC$ refused", closed, low, "IPC$ was refused"},
		{"null-session", "not asked", of("samba-4.17.12-default"), none, ""},
		{"null-session", "refused", &report.Report{NullSession: &report.NullSession{Session: report.No}}, none, ""},
		{"guest-mapping", "bad user", open, medium, "invented"},
		{"guest-mapping", "never", closed, none, ""},
		{"share-readable-anonymously", "several", open, medium, `"public", "drop", "hidden$", "locked" and "общая"`},
		{"share-readable-anonymously", "impacket's IPC$ is a disk", of("impacket-0.10.0-null-smb2"), medium, `may read in "PUBLIC".`},
		{"share-readable-anonymously", "none listed", closed, none, ""},
		{"share-readable-anonymously", "IPC$", shares(report.Share{Name: "ipc$", Read: report.Yes}), none, ""},
		{"share-readable-anonymously", "print$", shares(drivers), none, ""},
		{"share-readable-anonymously", "share's rights", shares(report.Share{Name: "x", Read: report.Yes, AccessBasis: report.BasisShareACL}), medium,
			"by the share's rights alone"},
		{"share-writable-anonymously", "drop box", open, high, `may write in "drop".`},
		{"share-writable-anonymously", "drivers", shares(drivers), high, `"print$"`},
		{"share-writable-anonymously", "printer", shares(report.Share{Name: "laser", Type: "STYPE_PRINTQ", Write: report.Yes}), none, ""},
		{"share-writable-anonymously", "read only", of("impacket-0.10.0-null-smb2"), none, ""},
		{"users-leaked", "all", open, medium, "6 accounts"},
		{"users-leaked", "none", closed, none, ""},
		{"password-policy-leaked", "no lockout", policy(report.PasswordPolicy{MinLength: &seven, Threshold: new(int)}), medium, "never locked"},
		{"password-policy-leaked", "lockout", policy(report.PasswordPolicy{MinLength: &seven, History: &five, Threshold: &five}), low,
			"at least 7 characters, 5 old passwords are remembered and an account is locked after 5"},
		{"password-policy-leaked", "refused", policy(report.PasswordPolicy{Status: "STATUS_ACCESS_DENIED"}), none, ""},
		{"password-policy-leaked", "not told", closed, none, ""},
	}
}

func TestSharesByIndex(t *testing.T) {
	f, ok := find(recorded(t, "samba-4.17.12-null-open"), "share-writable-anonymously")
	require.True(t, ok)
	require.Equal(t, []string{"/null_session/shares/2/write"}, f.Evidence)
	_, ok = find(recorded(t, "samba-4.17.12-null-open"), "password-policy-leaked")
	require.True(t, ok)
}
