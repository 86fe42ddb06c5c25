//go:build linux

package livetest

import (
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
	name        string
	global      []string
	from, to    string // the dialects that are taken, as an interval of standardDialects
	upgrade     report.Answer
	signingSMB1 report.Answer // required; empty without SMB1
	signingSMB2 report.Answer // required; empty without SMB2
	encryption  report.Answer
	connections int // 0: not counted
}

const nt1 = smb.DialectNTLM012

// truths are the setups of real servers. Each answer follows from the lines beside it and from Samba's documentation of
// them, not from what a scan said.
func truths() []truth {
	const yes, no = report.Yes, report.No
	min := func(p string) string { return "server min protocol = " + p }
	max := func(p string) string { return "server max protocol = " + p }
	return []truth{
		{name: "default", from: "2.0.2", to: "3.1.1", upgrade: yes, signingSMB2: no, encryption: yes, connections: 7},
		{name: "NT1 as well", global: []string{min("NT1")}, from: nt1, to: "3.1.1", upgrade: yes, signingSMB1: no, signingSMB2: no, encryption: yes, connections: 7},
		{name: "NT1 only", global: []string{min("NT1"), max("NT1"), "ntlm auth = yes"}, from: nt1, to: nt1, upgrade: no, signingSMB1: no, encryption: no, connections: 4},
		{name: "LANMAN1 to NT1", global: []string{min("LANMAN1"), max("NT1"), "lanman auth = yes", "raw NTLMv2 auth = yes"}, from: nt1, to: nt1, upgrade: no, signingSMB1: no, encryption: no, connections: 4},
		{name: "SMB1 signing", global: []string{min("NT1"), max("NT1"), "server signing = mandatory"}, from: nt1, to: nt1, upgrade: no, signingSMB1: yes, encryption: no},
		{name: "signing mandatory", global: []string{"server signing = mandatory"}, from: "2.0.2", to: "3.1.1", upgrade: yes, signingSMB2: yes, encryption: yes},
		{name: "signing disabled", global: []string{min("NT1"), "server signing = disabled"}, from: nt1, to: "3.1.1", upgrade: yes, signingSMB1: no, signingSMB2: no, encryption: yes},
		{name: "encryption required", global: []string{"server smb encrypt = required"}, from: "2.0.2", to: "3.1.1", upgrade: yes, signingSMB2: no, encryption: yes},
		{name: "encryption off", global: []string{"server smb encrypt = off"}, from: "2.0.2", to: "3.1.1", upgrade: yes, signingSMB2: no, encryption: no},
		{name: "at most 2.0.2", global: []string{max("SMB2_02")}, from: "2.0.2", to: "2.0.2", upgrade: no, signingSMB2: no, encryption: no},
		{name: "at most 2.1", global: []string{max("SMB2_10")}, from: "2.0.2", to: "2.1", upgrade: yes, signingSMB2: no, encryption: no, connections: 4},
		{name: "at most 3.0", global: []string{max("SMB3_00")}, from: "2.0.2", to: "3.0", upgrade: yes, signingSMB2: no, encryption: yes},
		{name: "at most 3.0.2", global: []string{max("SMB3_02")}, from: "2.0.2", to: "3.0.2", upgrade: yes, signingSMB2: no, encryption: yes},
		{name: "3.1.1 only", global: []string{min("SMB3_11")}, from: "3.1.1", to: "3.1.1", upgrade: yes, signingSMB2: no, encryption: yes, connections: 7},
		{name: "three processes", global: []string{min("NT1"), "max smbd processes = 3"}, from: nt1, to: "3.1.1", upgrade: yes, signingSMB1: no, signingSMB2: no, encryption: yes},
	}
}

// Level standard is right about every dialect, signing and encryption of every setup, on port 445 and on another.
func TestStandard(t *testing.T) {
	for _, tt := range truths() {
		t.Run(tt.name, func(t *testing.T) {
			server := startSamba(t, sambaConfig{Global: tt.global, Ports: []int{445, 8445}})
			for _, port := range server.Ports {
				requireTruth(t, tt, scan(t, server.At(port), fingerprint.LevelStandard))
			}
		})
	}
}

func requireTruth(t *testing.T, want truth, r *report.Report) {
	t.Helper()
	require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
	require.Empty(t, r.Reason)
	taken := false
	for _, d := range standardDialects {
		taken = taken || d == want.from
		require.Equal(t, report.AnswerOf(taken), r.Dialects[d], "%s: %+v", d, r.Evidence["/dialects/"+d])
		taken = taken && d != want.to
	}
	smb1 := want.from == nt1
	require.Equal(t, report.AnswerOf(smb1), r.SMB1.Supported)
	require.Equal(t, want.upgrade, r.SMB1.UpgradeToSMB2)
	require.Equal(t, orUnknown(want.signingSMB1), r.Signing.SMB1.Required)
	require.Equal(t, orUnknown(want.signingSMB2), r.Signing.SMB2.Required)
	if want.signingSMB2 != "" {
		require.Equal(t, report.Yes, r.Signing.SMB2.Enabled, "SMB2 signing cannot be switched off")
	}
	require.Equal(t, want.encryption, r.Encryption.Supported)
	if smb1 {
		require.Contains(t, r.SMB1.NativeLANManager, "Samba 4.")
		require.Equal(t, "user", r.SMB1.SecurityLevel)
		require.NotNil(t, r.SMB1.TimeZoneMinutes)
	}
	for _, n := range r.Negotiated {
		size := uint32(8 << 20)
		if n.Dialect == "2.0.2" {
			size = 64 << 10
		}
		require.Equal(t, size, n.MaxReadSize, n.Dialect)
	}
	if want.connections > 0 {
		require.Equal(t, want.connections, r.Cost.Connections)
	}
	require.Zero(t, r.Cost.Authentications)
}

func orUnknown(a report.Answer) report.Answer {
	if a == "" {
		return report.Unknown
	}
	return a
}

// impacket's servers at level standard.
func TestStandardOfImpacket(t *testing.T) {
	r := scan(t, startImpacket(t, "-smb2support").Target(), fingerprint.LevelStandard)
	require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
	require.Equal(t, report.Yes, r.Dialects["2.0.2"])
	for _, d := range []string{"2.1", "3.0", "3.0.2", "3.1.1"} {
		require.Equal(t, report.No, r.Dialects[d], d)
	}
	require.Equal(t, report.Yes, r.Dialects[nt1], "%+v", r.Evidence["/dialects/"+nt1])

	r = scan(t, startImpacket(t).Target(), fingerprint.LevelStandard)
	require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
	require.Equal(t, report.Yes, r.Dialects[nt1])
	require.Equal(t, report.Yes, r.SMB1.Supported)
}
