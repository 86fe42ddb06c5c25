package nullsession_test

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/testdata"
)

// What is read from a replay is what was read from the real server, however its replies are cut into segments.
func TestReadOfReplay(t *testing.T) {
	names, err := testdata.NullSessions()
	require.NoError(t, err)
	require.NotEmpty(t, names)
	paths := map[string]smbtest.Path{
		"whole segments": {}, "byte by byte": {Up: smbtest.Link{Segment: 1}, Down: smbtest.Link{Segment: 1}},
		"far away": {Up: smbtest.Link{Latency: 25 * time.Millisecond}, Down: smbtest.Link{Latency: 25 * time.Millisecond}},
	}
	for _, name := range names {
		for cut, path := range paths {
			t.Run(name+"/"+cut, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					want := recorded(t, name)
					server, s := replayed(t, name, path)
					s.Extend = nullsession.Reader{PipeAudit: true}.Read
					var dialogues []*dialogue.Dialogue
					s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
					got, err := s.Scan(t.Context(), want.Transports[0].Address)
					require.NoError(t, err)
					require.Empty(t, server.Unmatched())
					require.Equal(t, text(t, want.NullSession), text(t, got.NullSession))
					require.Equal(t, nullEvidence(want), nullEvidence(got))
					require.Equal(t, want.Cost.Requests, got.Cost.Requests)
					require.Equal(t, want.Cost.Authentications, got.Cost.Authentications)
					require.Equal(t, want.Cost.LogonAttempts, got.Cost.LogonAttempts)
					require.Len(t, dialogues, want.Cost.Connections)
					evidenced(t, got)
				})
			})
		}
	}
}

func recorded(t *testing.T, name string) *fingerprint.Report {
	t.Helper()
	b, err := testdata.Report(name)
	require.NoError(t, err)
	r := new(fingerprint.Report)
	require.NoError(t, json.Unmarshal(b, r))
	return r
}

// replayed puts a recorded server on a network, and returns a scanner that asks what was asked then.
func replayed(t *testing.T, name string, path smbtest.Path) (*smbtest.Replay, *fingerprint.Scanner) {
	t.Helper()
	dialogues, err := testdata.Dialogues(name)
	require.NoError(t, err)
	server := smbtest.NewReplay(dialogues)
	network := smbtest.NewNetwork(path)
	at := recorded(t, name).Transports[0].Address
	require.True(t, netip.MustParseAddrPort(at).IsValid())
	l, err := network.Listen(at)
	require.NoError(t, err)
	t.Cleanup(smbtest.Serve(l, server.Handle))
	return server, &fingerprint.Scanner{Level: fingerprint.LevelQuick, NullSession: true, GuestMapping: true, Dial: network.Dial}
}

func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	require.NoError(t, err)
	return string(b)
}

func nullEvidence(r *fingerprint.Report) map[string][]report.Evidence {
	part := map[string][]report.Evidence{}
	for path, e := range r.Evidence {
		if len(path) > 14 && path[:14] == "/null_session/" {
			part[path] = e
		}
	}
	return part
}

// evidenced checks that each answer about null sessions has evidence, and each evidence an answer.
func evidenced(t testing.TB, r *fingerprint.Report) {
	t.Helper()
	b, err := json.Marshal(r.NullSession)
	require.NoError(t, err)
	var tree any
	require.NoError(t, json.Unmarshal(b, &tree))
	answers := map[string]string{}
	collect(answers, "/null_session", tree)
	for path, answer := range answers {
		if answer != string(report.Unknown) {
			require.NotEmpty(t, r.Evidence[path], "%s is %s without evidence", path, answer)
		}
	}
	for path := range nullEvidence(r) {
		require.Contains(t, answers, path)
	}
}

// What was recorded is what the servers were set up with.
func TestRecordedServers(t *testing.T) {
	open := recorded(t, "samba-4.17.12-null-open").NullSession
	const yes, no, unknown = report.Yes, report.No, report.Unknown
	require.Equal(t, []report.Answer{yes, yes, unknown, yes},
		[]report.Answer{open.Session, open.IPC, open.Guest, open.UnknownUserMapsToGuest})
	type rights = map[string][2]report.Answer
	rightsOf := func(n *report.NullSession) rights {
		all := rights{}
		for _, s := range n.Shares {
			all[s.Name] = [2]report.Answer{s.Read, s.Write}
		}
		return all
	}
	require.Equal(t, rights{
		"public": {yes, no}, "общая": {yes, no}, "closed": {no, no}, "hidden$": {yes, no}, "drop": {yes, yes}, "locked": {yes, no},
		"sealed": {no, unknown}, "laser": {unknown, unknown}, "IPC$": {unknown, unknown},
	}, rightsOf(open))
	require.Equal(t, rights{ // SMB1 does not tell the rights to a folder
		"public": {yes, no}, "общая": {yes, no}, "closed": {no, no}, "hidden$": {yes, no}, "drop": {yes, unknown}, "locked": {yes, unknown},
		"sealed": {unknown, unknown}, "laser": {unknown, unknown}, "IPC$": {unknown, unknown},
	}, rightsOf(recorded(t, "samba-4.17.12-null-open-nt1").NullSession))
	require.Equal(t, "Общая папка 📁", open.Shares[7].Comment)
	var users []string
	for _, u := range open.Users {
		users = append(users, u.Name)
	}
	require.Equal(t, []string{"nobody", "alice", "bob", "carol", "dave", "пётр"}, users)
	require.Equal(t, "Борис Годунов", open.Users[2].FullName)
	require.Equal(t, "Бухгалтерия 🧮", open.Users[2].Comment)
	require.Equal(t, []any{7, 4, int64(3628800)},
		[]any{*open.PasswordPolicy.MinLength, *open.PasswordPolicy.Threshold, *open.PasswordPolicy.MaxAge})
	require.Equal(t, "ЛАБГРУППА", open.Domain.Name)

	closed := recorded(t, "samba-4.17.12-null-closed").NullSession
	require.Equal(t, []report.Answer{report.Yes, report.No, report.No},
		[]report.Answer{closed.Session, closed.IPC, closed.UnknownUserMapsToGuest})
	require.Empty(t, closed.Shares)
	require.Empty(t, closed.Calls)
	require.NotEmpty(t, closed.Partial)

	for _, s := range recorded(t, "impacket-0.10.0-null-smb1").NullSession.Shares {
		require.Equal(t, report.Unknown, s.Read, "it connects a name that nobody has")
	}
}

// collect lists the answers below a node of JSON under their paths.
func collect(answers map[string]string, path string, node any) {
	switch n := node.(type) {
	case map[string]any:
		for key, child := range n {
			collect(answers, path+"/"+key, child)
		}
	case []any:
		for i, child := range n {
			collect(answers, path+"/"+strconv.Itoa(i), child)
		}
	case string:
		if n == "yes" || n == "no" || n == "unknown" {
			answers[path] = n
		}
	}
}
