//go:build linux

package livetest

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
)

// The dialects of level standard in ascending order.
var standardDialects = []string{smb.DialectNTLM012, "2.0.2", "2.1", "3.0", "3.0.2", "3.1.1"}

// truth is what smb.conf says about a server.
type truth struct {
	name        string // of the setup, and of its recording
	host        string // NetBIOS name; FILESERVER if empty
	global      []string
	from, to    string // the dialects that are taken, as an interval of standardDialects
	upgrade     report.Answer
	signingSMB1 report.Answer // required; empty without SMB1
	signingSMB2 report.Answer // required; empty without SMB2
	encryption  report.Answer
	ciphers     []string // that are taken, best first; nil for Samba's defaults
	signers     []string // signing algorithms likewise
	plaintext   bool     // passwords are not encrypted
	older       []string // of the LANMAN dialects, those that are taken
	connections int      // at level standard; 0: not counted
	full        int      // connections at level full; 0: not counted
}

const nt1 = smb.DialectNTLM012

// truths are the setups of real servers. Each answer follows from the lines beside it and from Samba's documentation of
// them, not from what a scan said.
func truths() []truth {
	const yes, no = report.Yes, report.No
	min := func(p string) string { return "server min protocol = " + p }
	max := func(p string) string { return "server max protocol = " + p }
	lanman := []string{smb.DialectLANMAN10, smb.DialectLM12X002, smb.DialectLANMAN21}
	return []truth{
		{name: "default", from: "2.0.2", to: "3.1.1", upgrade: yes, signingSMB2: no, encryption: yes, connections: 7, full: 12},
		{name: "nt1", host: "OLDSERVER", global: []string{min("NT1")}, from: nt1, to: "3.1.1", upgrade: yes, signingSMB1: no, signingSMB2: no, encryption: yes, connections: 7, full: 15},
		{name: "nt1-only", global: []string{min("NT1"), max("NT1"), "ntlm auth = yes"}, from: nt1, to: nt1, upgrade: no, signingSMB1: no, encryption: no, connections: 4, full: 8},
		{name: "lanman1-nt1", host: "MUSEUM", global: []string{min("LANMAN1"), max("NT1"), "lanman auth = yes", "raw NTLMv2 auth = yes"}, from: nt1, to: nt1, older: lanman, upgrade: no, signingSMB1: no, encryption: no, connections: 4, full: 12},
		{name: "plaintext", global: []string{min("LANMAN1"), max("NT1"), "lanman auth = yes", "raw NTLMv2 auth = yes", "encrypt passwords = no"}, from: nt1, to: nt1, older: lanman, upgrade: no, signingSMB1: no, encryption: no, plaintext: true, connections: 4, full: 11},
		{name: "smb1-signing", global: []string{min("NT1"), max("NT1"), "ntlm auth = yes", "server signing = mandatory"}, from: nt1, to: nt1, upgrade: no, signingSMB1: yes, encryption: no, connections: 4, full: 8},
		{name: "signing-mandatory", global: []string{"server signing = mandatory"}, from: "2.0.2", to: "3.1.1", upgrade: yes, signingSMB2: yes, encryption: yes, connections: 7, full: 12},
		{name: "signing-disabled", global: []string{min("NT1"), "server signing = disabled"}, from: nt1, to: "3.1.1", upgrade: yes, signingSMB1: no, signingSMB2: no, encryption: yes, connections: 7, full: 15},
		{name: "encryption-required", global: []string{"server smb encrypt = required"}, from: "2.0.2", to: "3.1.1", upgrade: yes, signingSMB2: no, encryption: yes, connections: 7, full: 12},
		{name: "encryption-desired", global: []string{"server smb encrypt = desired"}, from: "2.0.2", to: "3.1.1", upgrade: yes, signingSMB2: no, encryption: yes, connections: 7, full: 12},
		{name: "encryption-off", global: []string{"server smb encrypt = off"}, from: "2.0.2", to: "3.1.1", upgrade: yes, signingSMB2: no, encryption: no, ciphers: []string{}, connections: 7, full: 11},
		{name: "max-2.0.2", global: []string{max("SMB2_02")}, from: "2.0.2", to: "2.0.2", upgrade: no, signingSMB2: no, encryption: no, connections: 3, full: 4},
		{name: "max-2.1", global: []string{max("SMB2_10")}, from: "2.0.2", to: "2.1", upgrade: yes, signingSMB2: no, encryption: no, connections: 4, full: 5},
		{name: "max-3.0", global: []string{max("SMB3_00")}, from: "2.0.2", to: "3.0", upgrade: yes, signingSMB2: no, encryption: yes, connections: 5, full: 6},
		{name: "max-3.0.2", global: []string{max("SMB3_02")}, from: "2.0.2", to: "3.0.2", upgrade: yes, signingSMB2: no, encryption: yes, connections: 6, full: 7},
		{name: "only-3.1.1", global: []string{min("SMB3_11")}, from: "3.1.1", to: "3.1.1", upgrade: yes, signingSMB2: no, encryption: yes, connections: 7, full: 13},
		// Without HMAC-SHA256 there is no way to sign below 3.0. Samba 4.17 refuses those dialects with
		// STATUS_INVALID_PARAMETER (smb311_capabilities_check), as it does requests that are malformed; so too the
		// multi-protocol negotiation, which passes through 2.1.
		{name: "few-algorithms", global: []string{"server smb3 encryption algorithms = AES-256-GCM, AES-128-CCM", "server smb3 signing algorithms = AES-128-CMAC"}, from: "3.0", to: "3.1.1", upgrade: report.Unknown, signingSMB2: no, encryption: yes, ciphers: []string{"AES-256-GCM", "AES-128-CCM"}, signers: []string{"AES-CMAC"}, connections: 7, full: 13},
		{name: "open", global: []string{"restrict anonymous = 0", "map to guest = Bad User"}, from: "2.0.2", to: "3.1.1", upgrade: yes, signingSMB2: no, encryption: yes, connections: 7, full: 12},
		{name: "closed", global: []string{"restrict anonymous = 2", "map to guest = Never"}, from: "2.0.2", to: "3.1.1", upgrade: yes, signingSMB2: no, encryption: yes, connections: 7, full: 12},
		{name: "lanman1-3.1.1", host: "MUSEUM", global: []string{min("LANMAN1"), "lanman auth = yes", "raw NTLMv2 auth = yes"}, from: nt1, to: "3.1.1", older: lanman, upgrade: yes, signingSMB1: no, signingSMB2: no, encryption: yes, connections: 7, full: 19},
		{name: "three-processes", global: []string{min("NT1"), "max smbd processes = 3"}, from: nt1, to: "3.1.1", upgrade: yes, signingSMB1: no, signingSMB2: no, encryption: yes},
	}
}

// controller is what the lines of startController say. A domain controller requires signing without being told to.
func controller() truth {
	return truth{
		name: "domain-controller", host: "DC1", from: "2.0.2", to: "3.1.1", upgrade: report.Yes, signingSMB2: report.Yes,
		encryption: report.Yes, connections: 7, full: 12,
	}
}

func (w truth) start(t testing.TB, ports ...int) *server {
	t.Helper()
	return startSamba(t, sambaConfig{Name: w.netBIOSName(), Global: w.global, Ports: ports})
}

func (w truth) netBIOSName() string {
	if w.host == "" {
		return "FILESERVER"
	}
	return w.host
}

// takes tells whether one of the dialects is taken.
func (w truth) takes(dialects ...string) bool {
	taken := false
	for _, d := range standardDialects {
		taken = taken || d == w.from
		if taken && slices.Contains(dialects, d) {
			return true
		}
		taken = taken && d != w.to
	}
	return false
}

// Levels standard and full are right about every dialect, signing and encryption of every setup, on port 445 and on another.
func TestStandard(t *testing.T) {
	for _, tt := range truths() {
		t.Run(tt.name, func(t *testing.T) {
			server := tt.start(t, 445, 8445)
			requireNoUnknownLine(t, server)
			for _, port := range server.Ports {
				requireTruth(t, tt, scan(t, server.At(port), fingerprint.LevelStandard))
				requireTruth(t, tt, scan(t, server.At(port), fingerprint.LevelFull))
			}
		})
	}
}

// requireNoUnknownLine fails the test if Samba does not understand a line of the server's configuration.
func requireNoUnknownLine(t *testing.T, s *server) {
	t.Helper()
	output, err := run(t, "", nil, "testparm", "-s", filepath.Join(s.Folder, "smb.conf"))
	require.NoError(t, err, output)
	require.NotRegexp(t, `(?i)unknown|invalid|ignoring`, output)
}

func requireTruth(t *testing.T, want truth, r *report.Report) {
	t.Helper()
	require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
	require.Empty(t, r.Reason)
	for _, d := range standardDialects {
		require.Equal(t, report.AnswerOf(want.takes(d)), r.Dialects[d], "%s: %+v", d, r.Evidence["/dialects/"+d])
	}
	if want.to == nt1 {
		require.Empty(t, r.PreferredDialect)
	} else {
		require.Equal(t, want.to, r.PreferredDialect)
	}
	smb1 := want.takes(nt1)
	require.Equal(t, report.AnswerOf(smb1), r.SMB1.Supported)
	require.Equal(t, want.upgrade, r.SMB1.UpgradeToSMB2)
	require.Equal(t, orUnknown(want.signingSMB1), r.Signing.SMB1.Required)
	// "default" and "disabled" switch SMB1 signing off.
	require.Equal(t, orUnknown(want.signingSMB1), r.Signing.SMB1.Enabled)
	require.Equal(t, orUnknown(want.signingSMB2), r.Signing.SMB2.Required)
	if want.signingSMB2 != "" {
		require.Equal(t, report.Yes, r.Signing.SMB2.Enabled, "SMB2 signing cannot be switched off")
	} else {
		require.Equal(t, report.Unknown, r.Signing.SMB2.Enabled)
	}
	require.Equal(t, want.encryption, r.Encryption.Supported)
	requireAlgorithms(t, want, r)
	if smb1 {
		requireSMB1(t, want, r.SMB1)
	}
	told := map[string]bool{}
	for _, n := range r.Negotiated {
		require.False(t, told[n.Dialect], "two entries for %s", n.Dialect)
		told[n.Dialect] = true
		size := uint32(8 << 20)
		if n.Dialect == "2.0.2" {
			size = 64 << 10
		}
		require.Equal(t, []uint32{size, size, size}, []uint32{n.MaxReadSize, n.MaxWriteSize, n.MaxTransactSize}, n.Dialect)
	}
	for _, d := range standardDialects[1:] {
		require.Equal(t, want.takes(d), told[d], d)
	}
	connections := want.connections
	if r.Level == report.LevelFull {
		requireFull(t, want, r)
		connections = want.full
	}
	if connections > 0 {
		require.Equal(t, connections, r.Cost.Connections, "%+v", r.Probes)
	}
	require.Zero(t, r.Cost.Authentications)
	require.Zero(t, r.Cost.LogonAttempts)
	if !want.plaintext && want.host != controller().host {
		requireSambaNames(t, r, want.netBIOSName())
	}
}

func requireSMB1(t *testing.T, want truth, s *report.SMB1) {
	t.Helper()
	require.Equal(t, "user", s.SecurityLevel)
	require.NotNil(t, s.TimeZoneMinutes)
	require.Equal(t, "WORKGROUP", s.PrimaryDomain)
	require.Equal(t, report.AnswerOf(!want.plaintext), s.ChallengeResponse)
	require.Equal(t, report.AnswerOf(!want.plaintext), s.ExtendedSecurity, "Samba wraps only challenges in SPNEGO")
	if !want.plaintext { // without extended security the server's own words come only with a logon
		require.Contains(t, s.NativeLANManager, "Samba 4.")
	}
}

func orUnknown(a report.Answer) report.Answer {
	if a == "" {
		return report.Unknown
	}
	return a
}

func TestStandardOfDomainController(t *testing.T) {
	server := startController(t, 445, 8445)
	requireNoUnknownLine(t, server)
	for _, port := range server.Ports {
		requireController(t, scan(t, server.At(port), fingerprint.LevelStandard))
		requireController(t, scan(t, server.At(port), fingerprint.LevelFull))
	}
}

// A domain controller tells its domain and that it takes Kerberos.
func requireController(t *testing.T, r *report.Report) {
	t.Helper()
	requireTruth(t, controller(), r)
	require.Equal(t, "dc1", r.ServerGUIDText)
	require.Equal(t, report.Yes, r.NTLM.Listed)
	require.Equal(t, report.Yes, r.NTLM.Challenge)
	require.Equal(t, "domain", r.NTLM.TargetType)
	require.Equal(t, "EXAMPLE", r.NTLM.TargetName)
	require.Equal(t, "EXAMPLE", r.NTLM.NetBIOSDomain)
	require.Equal(t, "DC1", r.NTLM.NetBIOSComputer)
	require.Equal(t, "example.test", r.NTLM.DNSDomain)
	require.Equal(t, "dc1.example.test", r.NTLM.DNSComputer)
	var mechanisms []string
	for _, m := range r.SPNEGO.Mechanisms {
		mechanisms = append(mechanisms, m.OID)
	}
	require.Equal(t, []string{
		"1.2.840.48018.1.2.2", "1.2.840.113554.1.2.2", "1.3.6.1.4.1.311.2.2.10",
	}, mechanisms, "Kerberos as Microsoft writes it, Kerberos, NTLM")
	require.Empty(t, r.Anomalies)
}

func TestStandardOfImpacket(t *testing.T) {
	for _, tt := range impackets() {
		t.Run(tt.name, func(t *testing.T) {
			server := startImpacket(t, tt.options...)
			requireImpacket(t, tt, scan(t, server.Target(), fingerprint.LevelStandard))
			requireImpacket(t, tt, scan(t, server.Target(), fingerprint.LevelFull))
		})
	}
}

// What impacket's server answers stands in the source of version 0.10, smbserver.py.
func requireImpacket(t *testing.T, want impacketMode, r *report.Report) {
	t.Helper()
	require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
	require.Empty(t, r.Reason)
	for _, d := range standardDialects {
		taken := d == nt1 || d == "2.0.2" && want.smb2 == report.Yes
		require.Equal(t, report.AnswerOf(taken), r.Dialects[d], "%s: %+v", d, r.Evidence["/dialects/"+d])
	}
	require.Equal(t, report.Yes, r.SMB1.Supported)
	require.Equal(t, report.No, r.SMB1.UpgradeToSMB2, "at most to 2.0.2")
	require.Equal(t, "user", r.SMB1.SecurityLevel)
	require.Equal(t, report.Yes, r.SMB1.ChallengeResponse)
	require.Equal(t, report.Yes, r.SMB1.ExtendedSecurity)
	require.Equal(t, report.No, r.Encryption.Supported)
	require.Equal(t, report.No, r.Signing.SMB1.Required)
	require.Equal(t, report.Yes, r.NTLM.Challenge)
	if want.smb2 == report.Yes {
		require.Equal(t, report.No, r.Signing.SMB2.Required)
	} else {
		require.Equal(t, report.Unknown, r.Signing.SMB2.Required)
	}
	require.Zero(t, r.Cost.Authentications)
	if r.Level != report.LevelFull {
		require.Equal(t, 3, r.Cost.Connections)
		return
	}
	require.Equal(t, 6, r.Cost.Connections)
	for _, d := range smb.SMB1Dialects()[:4] {
		require.Equal(t, report.No, r.Dialects[d], d)
	}
	for _, d := range smb.OtherSMB1Dialects() {
		require.Equal(t, report.No, r.SMB1.OtherDialects[d], d)
	}
	require.Equal(t, report.No, r.Compression.Supported)
	require.Equal(t, report.No, r.RDMATransforms.Supported)
	require.Equal(t, report.No, r.POSIXExtensions)
	for name, a := range r.Encryption.Ciphers {
		require.Equal(t, report.No, a.Answer, name)
	}
	require.Equal(t, report.AnswerOf(want.smb2 == report.Yes), r.Signing.Algorithms["HMAC-SHA256"].Answer)
}

// impackets are the two modes of impacket's server.
func impackets() []impacketMode {
	return []impacketMode{
		{name: "smb1", smb2: report.No},
		{name: "smb2", smb2: report.Yes, options: []string{"-smb2support"}},
	}
}

type impacketMode struct {
	name    string
	smb2    report.Answer
	options []string
}
