package finding_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/finding"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// TestRules pins the IDs and the severities: others filter by them.
func TestRules(t *testing.T) {
	want := []string{
		"attack-tool medium", "clock-skew low", "cve-2009-3103 medium", "cve-2020-1206 medium", "cve-2025-33073 low",
		"doublepulsar low high critical", "encryption-unavailable low", "end-of-support medium " +
			"high", "globally-routable info",
		"guest-mapping medium", "guid-known-constant low", "guid-zero info", "honeypot-tell info " +
			"low", "ms08-067 medium",
		"ms17-010-missing low high critical", "no-256-bit-cipher info", "no-aes-gcm info", "ntlm-challenge " +
			"info", "null-session low medium",
		"password-policy-leaked low medium", "samba-cve-2007-2447 low", "samba-cve-2012-1182 low medium",
		"samba-cve-2015-0240 low medium", "samba-cve-2016-2118 low medium", "samba-cve-2017-7494 low medium",
		"samba-cve-2020-1472 low medium", "samba-cve-2021-44142 low", "samba-cve-2022-38023 low " +
			"medium", "samba-cve-2023-3961 low medium",
		"samba-cve-2025-10230 low", "samba-cve-2026-4408 low", "samba-cve-2026-4480 low", "samba-cve-2026-58216 " +
			"low medium",
		"share-readable-anonymously medium", "share-writable-anonymously high", "signing-not-required low " +
			"medium", "smb1-enabled high",
		"smb1-plaintext-passwords high", "smb1-signing-not-required medium", "smbghost-candidate medium " +
			"high", "users-leaked medium",
	}
	var got []string
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	cve := regexp.MustCompile(`CVE-\d{4}-\d{4,}`)
	for _, r := range finding.Rules() {
		line := r.ID
		for _, s := range r.Severities {
			line += " " + string(s)
		}
		got = append(got, line)
		require.Regexp(t, kebab, r.ID)
		require.Regexp(t, `^[A-Z].*\.$`, r.Raised, r.ID)
		require.NotEmpty(t, r.References, r.ID)
		for _, reference := range r.References {
			require.Regexp(t, `^(https://[^ ]+|CVE-\d{4}-\d{4,}|KB\d+|ADV\d+|MS\d\d-\d+|MITRE ATT&CK T\d{4}(\.\d{3})?|CIS: .+|\[MS-\w+\] [\d.]+)$`,
				reference, r.ID)
		}
		for _, id := range cve.FindAllString(r.Title, -1) {
			require.Contains(t, r.References, id)
			require.Contains(t, r.Title, "Possible", r.ID)
		}
	}
	require.Equal(t, want, got)
	i := slices.IndexFunc(finding.Rules(), func(r finding.Rule) bool { return r.ID == "samba-cve-2015-0240" })
	require.Contains(t, finding.Rules()[i].Raised, "mended in 3.6.25, 4.0.25, 4.1.17 and 4.2.0rc5.")
}

func TestRulesAreCopies(t *testing.T) {
	mine := finding.Rules()
	clear(mine[0].References)
	clear(mine[0].Severities)
	require.NotEqual(t, mine, finding.Rules())

	r := recorded(t, "samba-4.17.12-nt1")
	list := finding.Of(r)
	clear(list[0].References)
	require.NotEqual(t, list, finding.Of(r))
}

func TestOrder(t *testing.T) {
	for _, name := range all(t) {
		list := finding.Of(recorded(t, name))
		require.NotEmpty(t, list, name)
		severities := report.SeverityInfo.Enum()
		require.True(t, slices.IsSortedFunc(list, func(a, b report.Finding) int {
			if by := slices.Index(severities, string(b.Severity)) - slices.Index(severities, string(a.Severity)); by != 0 {
				return by
			}
			return strings.Compare(a.ID, b.ID)
		}), name)
		require.Equal(t, list, finding.Of(recorded(t, name)), "the same report gives the same findings")
	}
}

// TestRecorded checks every finding of every recorded server. The evidence of an answer is where the report's own
// evidence has its probes.
func TestRecorded(t *testing.T) {
	for _, name := range all(t) {
		t.Run(name, func(t *testing.T) {
			r, before := recorded(t, name), recorded(t, name)
			for _, f := range finding.Of(r) {
				wellFormed(t, r, f)
				for _, p := range f.Evidence {
					switch {
					case strings.HasPrefix(p, "/null_session/shares/"), p == "/null_session/users", p == "/server_guid",
						strings.HasPrefix(p, "/null_session/password_policy/"), strings.HasPrefix(p, "/clock_skew"):
					default:
						require.Contains(t, r.Evidence, p, f.ID)
					}
				}
			}
			require.Equal(t, before, r, "the report was changed")
		})
	}
}

// onValues are the findings that rest on what was read and on no answer.
var onValues = []string{
	"clock-skew", "guid-known-constant", "guid-zero", "globally-routable", "users-leaked", "password-policy-leaked", "end-of-support",
	"attack-tool", "honeypot-tell", "ms08-067",
}

// TestNothingFromUnknown takes all answers from every recorded server and every sample.
func TestNothingFromUnknown(t *testing.T) {
	for _, unknown := range []report.Answer{report.Unknown, "", "maybe"} {
		reports := map[string]*report.Report{}
		for _, name := range all(t) {
			reports[name] = recorded(t, name)
		}
		for _, s := range samples(t) {
			reports[s.id+"/"+s.name] = s.report
		}
		for name, r := range reports {
			forget(reflect.ValueOf(r).Elem(), unknown)
			for _, f := range finding.Of(r) {
				if !strings.HasPrefix(f.ID, "samba-cve-") {
					require.Contains(t, onValues, f.ID, "%s, all answers %q", name, unknown)
				}
				wellFormed(t, r, f)
			}
		}
	}
}

// TestForget makes sure that the test above sees all answers.
func TestForget(t *testing.T) {
	r := recorded(t, "samba-4.17.12-null-open")
	require.Greater(t, forget(reflect.ValueOf(r).Elem(), report.Unknown), 40)
	require.Zero(t, forget(reflect.ValueOf(r).Elem(), report.Unknown), "none is left")
	require.Equal(t, report.Unknown, r.Dialects["3.1.1"])
	require.Equal(t, report.Unknown, r.Encryption.Ciphers["AES-128-GCM"].Answer)
	require.Equal(t, report.Unknown, r.NullSession.Shares[0].Read)
}

// forget sets all answers in a value and tells how many it changed.
func forget(v reflect.Value, unknown report.Answer) (changed int) {
	switch {
	case v.Type() == reflect.TypeFor[report.Answer]():
		if v.String() != string(unknown) {
			v.SetString(string(unknown))
			changed++
		}
	case v.Type() == reflect.TypeFor[time.Time]():
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			changed += forget(v.Field(i), unknown)
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		changed += forget(v.Elem(), unknown)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			changed += forget(v.Index(i), unknown)
		}
	case v.Kind() == reflect.Map:
		for _, key := range v.MapKeys() {
			elem := reflect.New(v.Type().Elem()).Elem()
			elem.Set(v.MapIndex(key))
			changed += forget(elem, unknown)
			v.SetMapIndex(key, elem)
		}
	}
	return changed
}

// TestNothingToSay has reports that say nothing, and such whose parts exist and say nothing.
func TestNothingToSay(t *testing.T) {
	require.Empty(t, finding.Of(nil))
	require.Empty(t, finding.Of(new(report.Report)))
	require.Empty(t, finding.Of(&report.Report{
		Transports: []report.Transport{{}, {SMB1: new(report.SMB1), Signing: new(report.Signing), Address: "[fe80::1%eth0]:445"}, {Address: "x"}},
		SMB1:       new(report.SMB1), Signing: &report.Signing{SMB1: new(report.SigningMode), SMB2: new(report.SigningMode)},
		Encryption: new(report.Encryption), Compression: new(report.Compression), NTLM: new(report.NTLM), SPNEGO: new(report.SPNEGO),
		NullSession: &report.NullSession{Shares: []report.Share{{}}, PasswordPolicy: new(report.PasswordPolicy)},
		Checks:      []report.Check{{}, {ID: report.CheckMS17010}}, Identity: new(report.Identity), ClockSkewMS: new(float64),
	}))
	odd := &report.Report{ObservedAt: observed, Identity: &report.Identity{
		Product: "Samba", Version: "4", Build: -1, Confidence: -1, Candidates: []report.Candidate{{}, {SupportEnds: "soon"}},
	}}
	require.Empty(t, finding.Of(odd))
	for _, version := range []string{"", "4.17", "4.17.x", "99999999999999999999.1.1", "4.17.12.", "unknown", "4.17.12\x00"} {
		odd.Identity.Version = version
		require.Empty(t, finding.Of(odd), version)
	}
}

// TestStrangersText has texts of servers that would move a cursor, turn the direction or fill a page.
func TestStrangersText(t *testing.T) {
	evil := "\x1b[2J\u202egnp\n" + strings.Repeat("я", 200)
	r := &report.Report{
		ObservedAt: observed,
		Transports: []report.Transport{{Transport: evil, Address: evil, SMB1: &report.SMB1{Supported: report.Yes}}},
		Signing:    &report.Signing{SMB2: &report.SigningMode{Required: report.No, Dialect: evil}},
		NTLM:       &report.NTLM{Challenge: report.Yes, NetBIOSComputer: evil, DNSForest: evil},
		NullSession: &report.NullSession{
			Session: report.Yes, UnknownUserMapsToGuest: report.Yes, Users: []report.User{{Name: evil}},
			Attempts: []report.SessionAttempt{{Identity: report.IdentityAnonymous, Result: report.ResultSupported, Dialect: evil}},
		},
		Checks: []report.Check{{ID: report.CheckMS17010, Answer: report.Yes, Status: evil}},
		Identity: &report.Identity{
			Product: "Samba", Version: "4.16.0-" + evil, Contradictions: []string{evil},
			Candidates: []report.Candidate{{Product: evil, SupportEnds: "2020-01-01"}},
		},
	}
	for range 100 {
		r.NullSession.Shares = append(r.NullSession.Shares, report.Share{Name: evil, Read: report.Yes, Write: report.Yes})
	}
	list := finding.Of(r)
	require.Greater(t, len(list), 10)
	for _, f := range list {
		wellFormed(t, r, f)
		require.Less(t, len(f.Detail), 3000, f.ID)
	}
}
