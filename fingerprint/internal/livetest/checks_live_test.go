//go:build linux

package livetest

import (
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// checkLive scans a server with the weakness checks, and returns them with the report. Observe of the dialogues says the same.
func checkLive(t *testing.T, s *server, scanner fingerprint.Scanner) (*fingerprint.Report, [2]report.Answer) {
	t.Helper()
	var dialogues []*dialogue.Dialogue
	scanner.Checks = true
	scanner.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
	r, err := scanner.Scan(t.Context(), s.Target())
	require.NoError(t, err)
	require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
	require.Len(t, r.Checks, 2)
	require.Equal(t, r.Checks, fingerprint.Observe(dialogues)[0].Checks)
	for _, c := range r.Checks {
		t.Logf("%s: %s %s: %s", c.ID, c.Answer, c.Status, c.Reason)
	}
	return r, [2]report.Answer{r.Checks[0].Answer, r.Checks[1].Answer}
}

// Samba has neither weakness, and says so where SMB1 is on; where it is off nothing is asked of it.
func TestChecksOfSamba(t *testing.T) {
	requireLive(t)
	on := startSetup(t, "B")
	for _, level := range fingerprint.Levels() {
		r, answers := checkLive(t, on, fingerprint.Scanner{Level: level})
		require.Equal(t, [2]report.Answer{report.No, report.No}, answers, level)
		require.Equal(t, "STATUS_INVALID_HANDLE", r.Checks[0].Status)
		require.Equal(t, 1, r.Cost.Authentications)
	}
	_, answers := checkLive(t, startSetup(t, "F"), fingerprint.Scanner{})
	require.Equal(t, [2]report.Answer{report.No, report.No}, answers, "SMB1 alone")

	off := startSetup(t, "A")
	for _, level := range fingerprint.Levels() {
		r, answers := checkLive(t, off, fingerprint.Scanner{Level: level})
		require.Equal(t, [2]report.Answer{report.Unknown, report.Unknown}, answers, level)
		require.Contains(t, r.Checks[0].Reason, "SMB1 is off")
		require.Zero(t, r.Cost.Authentications)
	}
}

// A server that lets nobody connect IPC$ cannot be tested.
func TestChecksOfClosedSamba(t *testing.T) {
	requireLive(t)
	r, answers := checkLive(t, startNull(t, closed("server min protocol = NT1"), 445), fingerprint.Scanner{})
	require.Equal(t, [2]report.Answer{report.Unknown, report.Unknown}, answers)
	require.Contains(t, r.Checks[0].Reason, "IPC$ was refused")
}

// impacket's server knows neither transaction.
func TestChecksOfImpacket(t *testing.T) {
	requireLive(t)
	for _, tt := range impackets() {
		t.Run(tt.name, func(t *testing.T) {
			r, answers := checkLive(t, startImpacket(t, tt.options...), fingerprint.Scanner{})
			require.Equal(t, [2]report.Answer{report.Unknown, report.No}, answers)
			require.Equal(t, "STATUS_NOT_IMPLEMENTED", r.Checks[0].Status)
		})
	}
}

// The synthetic server is what nmap's scripts of the same names take it for, and a scan says the same. Its answers are ours;
// that they mean what they should is the word of the scripts.
func TestChecksBesideNmap(t *testing.T) {
	requireLive(t)
	for name, tt := range map[string]struct {
		server *smbtest.WeakServer
		want   [2]bool
	}{
		"weak": {&smbtest.WeakServer{Peek: dtyp.StatusInsuffServerResources, Implant: true, Dialects: []smb.Dialect{smb.DialectSMB210}}, [2]bool{true, true}},
		"fine": {&smbtest.WeakServer{Dialects: []smb.Dialect{smb.DialectSMB210}}, [2]bool{false, false}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{Addr: takeAddress(t, otherNetwork), Port: 445}
			l, err := net.Listen("tcp", s.Target())
			require.NoError(t, err)
			t.Cleanup(smbtest.Serve(l, tt.server.Handle))
			output, err := run(t, "", nil, "nmap", "-Pn", "-n", "-p445", "--script", "smb-vuln-ms17-010,smb-double-pulsar-backdoor", s.Addr)
			require.NoError(t, err, output)
			_, answers := checkLive(t, s, fingerprint.Scanner{})
			for i, script := range []string{"smb-vuln-ms17-010:", "smb-double-pulsar-backdoor:"} {
				require.Equal(t, tt.want[i], strings.Contains(output, script), output) // a script that finds nothing says nothing
				require.Equal(t, report.AnswerOf(tt.want[i]), answers[i])
			}
			require.Equal(t, 2, tt.server.Count(smbtest.StepPeek), "nmap's and ours")
			require.Equal(t, 2, tt.server.Count(smbtest.StepPing), "nmap's and ours")
		})
	}
}
