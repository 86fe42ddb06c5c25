package smbtest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

// counting is a source of random bytes that is the same in each scan.
type counting struct{ n byte }

func (c *counting) Read(b []byte) (int, error) {
	for i := range b {
		c.n++
		b[i] = c.n
	}
	return len(b), nil
}

// scanOf scans a personality over an in-memory network, in a bubble of its own, and returns the dialogues as well.
func scanOf(
	t *testing.T, p smbtest.Personality, s fingerprint.Scanner, port string,
) (*report.Report, []*dialogue.Dialogue) {
	t.Helper()
	network := smbtest.NewNetwork(smbtest.Path{Up: smbtest.Link{Latency: time.Millisecond}})
	listener, err := network.Listen("192.0.2.1:" + port)
	require.NoError(t, err)
	defer smbtest.Serve(listener, p.Handle)()
	var dialogues []*dialogue.Dialogue
	s.Dial, s.Rand = network.Dial, &counting{}
	s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
	r, err := s.Scan(t.Context(), "192.0.2.1:"+port)
	require.NoError(t, err)
	return r, dialogues
}

// whole is a scan that asks everything.
func whole(level report.Level) fingerprint.Scanner {
	return fingerprint.Scanner{
		Level: level, NullSession: true, GuestMapping: true, BehaviourProbes: level == report.LevelFull,
	}
}

func text(t *testing.T, r *report.Report) string {
	t.Helper()
	b, err := json.MarshalIndent(r, "", " ")
	require.NoError(t, err)
	return string(b)
}

// eachPersonality runs a test for each personality and each level.
func eachPersonality(t *testing.T, test func(t *testing.T, p smbtest.Personality, level report.Level)) {
	for _, p := range smbtest.Personalities() {
		for _, level := range fingerprint.Levels() {
			t.Run(p.Name+"/"+string(level), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { test(t, p, level) })
			})
		}
	}
}

// A scan at each level tells what is documented of a product, and nothing else; Observe of its dialogues tells the same,
// and so does the same scan again.
func TestPersonalities(t *testing.T) {
	eachPersonality(t, func(t *testing.T, p smbtest.Personality, level report.Level) {
		fixed := time.Now()
		p.Now = func() time.Time { return fixed }
		r, dialogues := scanOf(t, p, whole(level), "445")
		require.Equal(t, report.OutcomeSMB, r.Outcome)
		checkDialects(t, p, r, level)
		checkAnomalies(t, p, r)
		checkNTLM(t, p, r)
		if len(p.Dialects) > 0 {
			require.Equal(t, told(p.SigningRequired), r.Signing.SMB2.Required)
			require.Equal(t, p.StartTime, !r.ServerStartTime.IsZero())
			require.Equal(t, p.Name == "synthetic-responder", r.ServerStartTime.Equal(r.SystemTime))
			require.Equal(t, fixed.UTC(), r.SystemTime)
		}
		if level == report.LevelFull {
			checkAlgorithms(t, p, r)
			checkLogons(t, p, r)
			checkSMB1(t, p, r)
		}
		observed := fingerprint.Observe(dialogues)
		require.Len(t, observed, 1)
		require.Equal(t, text(t, r), text(t, observed[0]))
	})
}

func told(yes bool) report.Answer {
	if yes {
		return report.Yes
	}
	return report.No
}

func checkDialects(t *testing.T, p smbtest.Personality, r *report.Report, level report.Level) {
	t.Helper()
	for _, d := range smb.Dialects() {
		got, taken := r.Dialects[d.String()], slices.Contains(p.Dialects, d)
		switch {
		case level == report.LevelQuick && len(p.Dialects) > 0 && d != p.Dialects[len(p.Dialects)-1]:
			require.NotEqual(t, told(!taken), got, d) // unknown, where it does not follow
		case !taken && slices.Contains([]string{"synthetic-ksmbd", "synthetic-responder"}, p.Name) && d == smb.DialectSMB202:
			require.Equal(t, report.Unknown, got) // refused with a status that says nothing of dialects, and not refused
		default:
			require.Equal(t, told(taken), got, d)
		}
	}
	if level != report.LevelQuick || len(p.Dialects) == 0 {
		require.Equal(t, told(p.SMB1), r.Dialects[smb.DialectNTLM012])
		require.Equal(t, told(p.SMB1), r.SMB1.Supported)
	}
}

// checkAnomalies checks that what is odd is a documented tell, and each tell is seen in a scan that is long enough.
func checkAnomalies(t *testing.T, p smbtest.Personality, r *report.Report) {
	t.Helper()
	for _, a := range r.Anomalies {
		said := a.Where + ": " + a.What
		require.True(t, slices.ContainsFunc(p.Tells, func(tell string) bool { return strings.Contains(said, tell) }), said)
	}
	if r.Level != report.LevelFull {
		return
	}
	for _, tell := range p.Tells {
		require.True(t, slices.ContainsFunc(r.Anomalies, func(a report.Anomaly) bool {
			return strings.Contains(a.Where+": "+a.What, tell)
		}), tell)
	}
}

func checkNTLM(t *testing.T, p smbtest.Personality, r *report.Report) {
	t.Helper()
	require.Equal(t, report.Yes, r.NTLM.Challenge)
	require.Equal(t, p.Computer, r.NTLM.NetBIOSComputer)
	require.Equal(t, p.DNSComputer, r.NTLM.DNSComputer)
	require.True(t, strings.HasPrefix(strings.ToUpper(r.NTLM.NetBIOSComputer), "SYNTHETIC"))
	require.Equal(t, map[bool]string{true: "domain", false: "server"}[p.Role != smbtest.RoleWorkgroup], r.NTLM.TargetType)
	require.Equal(t, p.Role != smbtest.RoleWorkgroup, r.NTLM.DNSForest != "")
	if p.Version == nil {
		require.Nil(t, r.NTLM.Version)
		return
	}
	require.EqualValues(t, p.Version.ProductMajorVersion, r.NTLM.Version.Major)
	require.EqualValues(t, p.Version.ProductMinorVersion, r.NTLM.Version.Minor)
	require.EqualValues(t, p.Version.ProductBuild, r.NTLM.Version.Build)
}

func checkAlgorithms(t *testing.T, p smbtest.Personality, r *report.Report) {
	t.Helper()
	modern := slices.Contains(p.Dialects, smb.DialectSMB311)
	for _, c := range negotiate.Ciphers() {
		taken := slices.Contains(p.Ciphers, c) || c == negotiate.CipherAES128CCM && p.Encrypts30
		require.Equal(t, told(taken), r.Encryption.Ciphers[c.String()].Answer, c)
	}
	if len(p.Ciphers) > 1 {
		require.EqualValues(t, "client-order", r.Encryption.Selection)
	}
	require.Equal(t, told(slices.Contains(p.Signing, negotiate.SigningAESGMAC)), r.Signing.Algorithms["AES-GMAC"].Answer)
	if modern {
		require.Equal(t, report.Yes, r.Signing.Algorithms["AES-CMAC"].Answer)
	}
	for _, a := range negotiate.All().Compression {
		require.Equal(t, told(slices.Contains(p.Compression, a)), r.Compression.Algorithms[a.String()], a)
	}
	require.Equal(t, told(slices.Contains(p.Compression, negotiate.CompressionPatternV1)), r.Compression.Chained)
	require.Equal(t, told(len(p.RDMA) > 0), r.RDMATransforms.Supported)
	require.Equal(t, told(p.Name == "synthetic-ksmbd"), r.POSIXExtensions)
}

func checkLogons(t *testing.T, p smbtest.Personality, r *report.Report) {
	t.Helper()
	seen := map[string][]string{}
	for _, probe := range r.Probes {
		seen[probe.ID] = append(seen[probe.ID], probe.Status)
	}
	require.NotEmpty(t, seen["null-session"])
	require.Equal(t, p.NullSession, slices.Contains(seen["null-session"], "STATUS_SUCCESS"))
	require.Equal(t, p.NullSession, slices.Contains(seen["null-session-ipc"], "STATUS_SUCCESS"))
	if p.Name == "synthetic-responder" { // SMB.py: STATUS_ACCOUNT_DISABLED in SMB1, and nothing else in SMB2
		require.Contains(t, seen["null-session"], "STATUS_ACCOUNT_DISABLED")
		require.Contains(t, seen["null-session"], "STATUS_ACCESS_DENIED")
	}
	require.Len(t, seen["guest-mapping"], 1)
	require.Contains(t, []string{"STATUS_LOGON_FAILURE", "STATUS_ACCESS_DENIED"}, seen["guest-mapping"][0])
}

func checkSMB1(t *testing.T, p smbtest.Personality, r *report.Report) {
	t.Helper()
	require.Equal(t, p.NativeOS, r.SMB1.NativeOS)
	require.Equal(t, p.NativeLanMan, r.SMB1.NativeLANManager)
	leads := len(p.Dialects) > 1 || p.Name == "synthetic-responder"
	require.Equal(t, told(leads), r.SMB1.UpgradeToSMB2)
	if p.SMB1 {
		require.Equal(t, told(p.SigningRequired), r.Signing.SMB1.Required)
	}
}

// The same scan has the same messages to the byte, in whatever order connections come.
func TestPersonalitiesAreDeterministic(t *testing.T) {
	for _, p := range smbtest.Personalities() {
		var first [][]byte
		for range 3 {
			synctest.Test(t, func(t *testing.T) {
				_, dialogues := scanOf(t, p, whole(report.LevelFull), "445")
				var all [][]byte
				for _, d := range dialogues {
					for _, f := range d.Frames {
						all = append(all, f.Data)
					}
				}
				if first == nil {
					first = all
				}
				require.Equal(t, first, all, p.Name)
			})
		}
	}
}

// Names and what they tell are marked, and each row says where its values come from.
func TestPersonalitiesAreNamedSynthetic(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range smbtest.Personalities() {
		require.True(t, strings.HasPrefix(p.Name, "synthetic-"), p.Name)
		require.False(t, seen[p.Name], p.Name)
		seen[p.Name] = true
		require.NotEmpty(t, p.Sources, p.Name)
		require.NotEmpty(t, p.Product, p.Name)
		for _, name := range []string{p.Computer, p.Domain, p.DNSComputer} {
			require.True(t, strings.HasPrefix(strings.ToLower(name), "synthetic"), "%s: %s", p.Name, name)
		}
		require.LessOrEqual(t, len(p.Computer), smb.MaxNetBIOSName)
		found, ok := smbtest.PersonalityOf(p.Name)
		require.True(t, ok)
		require.Equal(t, p.Product, found.Product)
		if p.Version != nil {
			require.Equal(t, p.Name != "synthetic-macos", p.Version.NTLMRevisionCurrent == ntlmssp.NTLMRevisionW2K3)
		}
	}
	for _, want := range []string{
		"synthetic-windows-7-workgroup", "synthetic-windows-8.1-member", "synthetic-windows-10-1607-member",
		"synthetic-windows-10-1809-workgroup", "synthetic-windows-10-22h2-member", "synthetic-windows-11-24h2-member",
		"synthetic-windows-server-2012-r2-dc", "synthetic-windows-server-2016-dc", "synthetic-windows-server-2019-dc",
		"synthetic-windows-server-2022-member", "synthetic-windows-server-2025-dc", "synthetic-ksmbd", "synthetic-macos",
		"synthetic-responder",
	} {
		require.True(t, seen[want], want)
	}
	_, ok := smbtest.PersonalityOf("windows-server-2022-dc")
	require.False(t, ok)
}
