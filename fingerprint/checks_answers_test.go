package fingerprint_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// What the checks say of servers with and without the weaknesses, and why they say nothing where they cannot.
func TestChecks(t *testing.T) {
	const off, unproven = "SMB1 is off", "SMB1 was not proven to be on"
	yes, no, open := report.Yes, report.No, report.Unknown
	vulnerable := dtyp.StatusInsuffServerResources
	both := []smb.Dialect{smb.DialectSMB210, smb.DialectSMB311}
	quick := func(s *fingerprint.Scanner) { s.Level = fingerprint.LevelQuick }
	type result struct {
		answer         report.Answer
		status, reason string
	}
	tests := map[string]struct {
		server *smbtest.WeakServer
		edit   func(*fingerprint.Scanner)
		want   [2]result // MS17-010 and DoublePulsar
		logons int
	}{
		"patched": {server: &smbtest.WeakServer{}, logons: 1, want: [2]result{
			{no, "STATUS_INVALID_HANDLE", "not the answer of an unpatched"}, {no, "STATUS_NOT_IMPLEMENTED", "of the request, 65"},
		}},
		"patched, denied": {server: &smbtest.WeakServer{Peek: dtyp.StatusAccessDenied, Dialects: both}, logons: 1, want: [2]result{
			{no, "STATUS_ACCESS_DENIED", "not the answer of an unpatched"}, {no, "STATUS_NOT_IMPLEMENTED", ""},
		}},
		"vulnerable": {server: &smbtest.WeakServer{Peek: vulnerable, Dialects: both}, logons: 1, want: [2]result{
			{yes, "STATUS_INSUFF_SERVER_RESOURCES", "the update is missing"}, {no, "STATUS_NOT_IMPLEMENTED", ""},
		}},
		"implanted": {server: &smbtest.WeakServer{Implant: true}, logons: 1, want: [2]result{
			{no, "STATUS_INVALID_HANDLE", ""}, {yes, "STATUS_NOT_IMPLEMENTED", "message id 65 has 81"},
		}},
		"both": {server: &smbtest.WeakServer{Peek: vulnerable, Implant: true, ImplantKey: 1}, logons: 1, want: [2]result{
			{yes, "STATUS_INSUFF_SERVER_RESOURCES", ""}, {yes, "STATUS_NOT_IMPLEMENTED", ""},
		}},
		"both, quick, which has not asked for SMB1": {server: &smbtest.WeakServer{Peek: vulnerable, Implant: true, Dialects: both}, edit: quick, logons: 1,
			want: [2]result{{yes, "STATUS_INSUFF_SERVER_RESOURCES", ""}, {yes, "STATUS_NOT_IMPLEMENTED", ""}}},
		"both, full": {server: &smbtest.WeakServer{Peek: vulnerable, Implant: true, Dialects: both}, logons: 1,
			edit: func(s *fingerprint.Scanner) { s.Level = fingerprint.LevelFull },
			want: [2]result{{yes, "STATUS_INSUFF_SERVER_RESOURCES", ""}, {yes, "STATUS_NOT_IMPLEMENTED", ""}}},
		"both, without extended security": {server: &smbtest.WeakServer{Peek: vulnerable, Implant: true, NotExtended: true}, logons: 1,
			want: [2]result{{yes, "STATUS_INSUFF_SERVER_RESOURCES", ""}, {yes, "STATUS_NOT_IMPLEMENTED", ""}}},
		"implanted, another status": {server: &smbtest.WeakServer{Implant: true, Ping: dtyp.StatusInvalidParameter}, logons: 1, want: [2]result{
			{no, "STATUS_INVALID_HANDLE", ""}, {open, "STATUS_INVALID_PARAMETER", "but not the implant's status"},
		}},
		"no implant, another status": {server: &smbtest.WeakServer{Ping: dtyp.StatusInvalidParameter}, logons: 1, want: [2]result{
			{no, "STATUS_INVALID_HANDLE", ""}, {no, "STATUS_INVALID_PARAMETER", ""},
		}},
		"a strange status": {server: &smbtest.WeakServer{Peek: dtyp.StatusObjectNameNotFound}, logons: 1, want: [2]result{
			{open, "STATUS_OBJECT_NAME_NOT_FOUND", "neither a patched nor an unpatched"}, {no, "STATUS_NOT_IMPLEMENTED", ""},
		}},
		"Samba": {server: &smbtest.WeakServer{Peek: vulnerable, Implant: true, NativeOS: "Windows 6.1", NativeLANManager: "Samba 3.0"}, logons: 1,
			want: [2]result{
				{open, "STATUS_INSUFF_SERVER_RESOURCES", "not Windows: it calls itself Samba 3.0"}, {open, "STATUS_NOT_IMPLEMENTED", "not Windows"},
			}},
		"Samba, patched": {server: &smbtest.WeakServer{NativeOS: "Unix", NativeLANManager: "Samba 3.0"}, logons: 1, want: [2]result{
			{no, "STATUS_INVALID_HANDLE", ""}, {no, "STATUS_NOT_IMPLEMENTED", ""},
		}},
		"nobody's": {server: &smbtest.WeakServer{Peek: vulnerable, NativeOS: "Other", NativeLANManager: "Other"}, logons: 1, want: [2]result{
			{open, "STATUS_INSUFF_SERVER_RESOURCES", "the server does not call itself Windows"}, {no, "STATUS_NOT_IMPLEMENTED", ""},
		}},
		"the logon is refused": {server: &smbtest.WeakServer{Anonymous: dtyp.StatusAccessDenied, Peek: vulnerable}, logons: 1, want: [2]result{
			{open, "", "the anonymous logon was refused: STATUS_ACCESS_DENIED"}, {open, "", "the anonymous logon was refused: STATUS_ACCESS_DENIED"},
		}},
		"IPC$ is refused": {server: &smbtest.WeakServer{IPC: dtyp.StatusAccessDenied, Peek: vulnerable}, logons: 1, want: [2]result{
			{open, "", "IPC$ was refused: STATUS_ACCESS_DENIED"}, {open, "", "IPC$ was refused: STATUS_ACCESS_DENIED"},
		}},
		"dropped at the logon": {server: &smbtest.WeakServer{Step: actAt(smbtest.StepLogon, smbtest.PipeAction{Close: true})}, logons: 1, want: [2]result{
			{open, "", "at the anonymous logon: the connection was closed"}, {open, "", "at the anonymous logon: the connection was closed"},
		}},
		"dropped at the peek": {server: &smbtest.WeakServer{Step: actAt(smbtest.StepPeek, smbtest.PipeAction{Reset: true})}, logons: 1, want: [2]result{
			{open, "", "the connection was reset"}, {open, "", "at the question before: the connection was reset"},
		}},
		"closed at the peek": {server: &smbtest.WeakServer{Step: actAt(smbtest.StepPeek, smbtest.PipeAction{Close: true})}, logons: 1, want: [2]result{
			{open, "", "the connection was closed"}, {open, "", "at the question before: the connection was closed"},
		}},
		"dropped at the ping": {server: &smbtest.WeakServer{Peek: vulnerable, Step: actAt(smbtest.StepPing, smbtest.PipeAction{Close: true})}, logons: 1,
			want: [2]result{{yes, "STATUS_INSUFF_SERVER_RESOURCES", ""}, {open, "", "the connection was closed"}}},
		"silent at the peek": {server: &smbtest.WeakServer{Step: actAt(smbtest.StepPeek, smbtest.PipeAction{Silent: true})}, logons: 1, want: [2]result{
			{open, "", "no answer came in time"}, {open, "", "at the question before: no answer came in time"},
		}},
		"SMB1 off": {server: &smbtest.WeakServer{NoSMB1: true, Dialects: both, Peek: vulnerable}, want: [2]result{{open, "", off}, {open, "", off}}},
		"SMB1 off, quick": {server: &smbtest.WeakServer{NoSMB1: true, Dialects: both, Peek: vulnerable}, edit: quick,
			want: [2]result{{open, "", off}, {open, "", off}}},
		"SMB1 not asked for": {server: &smbtest.WeakServer{Dialects: both, Peek: vulnerable}, edit: func(s *fingerprint.Scanner) { s.NoSMB1 = true },
			want: [2]result{{open, "", unproven}, {open, "", unproven}}},
		"the budget is used up": {server: &smbtest.WeakServer{Dialects: both, Peek: vulnerable}, edit: func(s *fingerprint.Scanner) {
			quick(s)
			s.Budget.Connections = 1
		}, want: [2]result{{open, "", unproven}, {open, "", unproven}}},
		"the budget is used up behind SMB1": {server: &smbtest.WeakServer{Peek: vulnerable}, edit: func(s *fingerprint.Scanner) {
			quick(s)
			s.Budget.Connections = 2
		}, want: [2]result{{open, "", "the scan's budget was used up"}, {open, "", "the scan's budget was used up"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, _ := checksOf(t, tt.server, tt.edit)
				require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
				require.Len(t, r.Checks, 2)
				for i, id := range []report.CheckID{report.CheckMS17010, report.CheckDoublePulsar} {
					c, want := r.Checks[i], tt.want[i]
					require.Equal(t, id, c.ID)
					require.Equal(t, want.answer, c.Answer, "%s: %s", id, c.Reason)
					require.Contains(t, c.Reason, want.reason, id)
					if want.status != "" || want.answer.Known() {
						require.Equal(t, want.status, c.Status, id)
					}
					evidence := r.Evidence[fmt.Sprintf("/checks/%d/answer", i)]
					require.Len(t, evidence, 1)
					require.Equal(t, c.Reason, evidence[0].Text)
				}
				require.Equal(t, tt.logons, r.Cost.Authentications)
				require.Zero(t, r.Cost.LogonAttempts)
				require.Nil(t, r.NullSession, "nobody asked for it")
				if tt.logons == 0 {
					require.Zero(t, tt.server.Count(smbtest.StepPeek)+tt.server.Count(smbtest.StepPing)+tt.server.Count(smbtest.StepLogon))
				}
				require.LessOrEqual(t, tt.server.Count(smbtest.StepPeek), 1)
				require.LessOrEqual(t, tt.server.Count(smbtest.StepPing), 1)
			})
		})
	}
}
