package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

const recordedNull = "samba-4.17.12-null-session"

// What was asked for stands in the table, in a column or on the line below a narrow row; what was not does not.
func TestNullCells(t *testing.T) {
	const yes, no, open = report.Yes, report.No, report.Unknown
	for name, c := range map[string]struct {
		flag string
		null *report.NullSession
		want string
	}{
		"granted":    {"-null", &report.NullSession{Session: yes, IPC: yes, UnknownUserMapsToGuest: yes}, "yes, IPC$ !"},
		"no pipes":   {"-null", &report.NullSession{Session: yes, IPC: no}, "yes, no IPC$"},
		"open pipes": {"-null", &report.NullSession{Session: yes, IPC: open}, "yes, IPC$?"},
		"refused":    {"-null", &report.NullSession{Session: no}, "no"},
		"unknown":    {"-null", &report.NullSession{Session: open}, "?"},
		"no answer":  {"-null", nil, "?"},
		"no account": {"-guest", nil, "?"},
		"mapped":     {"-guest", &report.NullSession{Session: yes, UnknownUserMapsToGuest: yes}, "yes !"},
		"not mapped": {"-guest", &report.NullSession{Session: yes, UnknownUserMapsToGuest: no}, "no"},
		"new answer": {"-guest", &report.NullSession{UnknownUserMapsToGuest: "perhaps"}, "?"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sample()
			r.NullSession = c.null
			wide, narrow := tableText(t, r, "", c.flag), tableText(t, r, "80", c.flag)
			require.Contains(t, wide, " yes ? "+c.want+" DC1 ")
			require.Equal(t, c.flag == "-null", strings.Contains(wide, " NULL SESSION NAME "))
			require.Equal(t, c.flag == "-guest", strings.Contains(wide, " GUEST NAME "))
			require.Equal(t, c.flag == "-null", strings.Contains(narrow, "· null session "+c.want+" "))
			require.Equal(t, c.flag == "-guest", strings.Contains(narrow, "· invented account "+c.want+" "))
			require.Contains(t, tableText(t, r, ""), " SMB1 NAME ", "nothing was asked for")
		})
	}
}

// tableText returns the table of one report with single spaces.
func tableText(t *testing.T, r fingerprint.Report, width string, flags ...string) string {
	t.Helper()
	w := world{scan: answering(r), env: map[string]string{"COLUMNS": width}}
	require.Equal(t, exitDone, w.run(t.Context(), append(flags, "a")...))
	return strings.Join(strings.Fields(w.stdout.String()), " ")
}

func TestNullVerbose(t *testing.T) {
	r := sample()
	r.NullSession = &report.NullSession{
		Session: report.Yes, IPC: report.Yes, Guest: report.Unknown, UnknownUserMapsToGuest: report.Yes,
		Attempts: []report.SessionAttempt{
			{
				Dialect: "3.1.1", Identity: report.IdentityAnonymous, Result: report.ResultSupported, Status: "STATUS_SUCCESS",
				SessionFlags: []string{}, IPCStatus: "STATUS_SUCCESS",
			},
			{
				Dialect: "NT LM 0.12", Identity: report.IdentityUnknownUser, Result: report.ResultSupported, Status: "STATUS_SUCCESS",
				SMB1Action: []string{"SMB_SETUP_GUEST"},
			},
			{Dialect: "2.1", Identity: report.IdentityAnonymous, Result: report.ResultRefused, Status: "STATUS_LOGON_FAILURE"},
		},
	}
	w := world{scan: answering(r)}
	require.Equal(t, exitDone, w.run(t.Context(), "-v", "-null", "-guest", "a"))
	_, after, _ := strings.Cut(w.stdout.String(), "\n  null session\n")
	block, _, _ := strings.Cut(after, "\n\n")
	require.Equal(t, strings.TrimPrefix(`
    session               yes      a logon without an account is accepted
    IPC$                  yes      it may be connected in such a session
    guest                 unknown  the server calls such a session a guest's
    unknown user          yes      an account that does not exist is let in
    3.1.1                 anonymous → supported STATUS_SUCCESS · (no flags) · IPC$ STATUS_SUCCESS
    NT LM 0.12            unknown-user → supported STATUS_SUCCESS · GUEST
    2.1                   anonymous → refused STATUS_LOGON_FAILURE`, "\n"), block)
	w = world{scan: answering(r)}
	require.Equal(t, exitDone, w.run(t.Context(), "-v", "a"))
	require.NotContains(t, w.stdout.String(), "\n  null session\n", "not asked for")
}

// A replay asks only those for a session that were asked when they were recorded.
func TestReplayOfNullSessions(t *testing.T) {
	var w world
	require.Equal(t, exitDone, w.run(t.Context(), "-null", "-guest", "-level", "full"))
	require.NotContains(t, w.stderr.String(), "of none of them")
	require.Regexp(t, `(?m)^`+recordedNull+` +smb .* yes, IPC\$ ! +yes ! `, w.stdout.String())
	require.Regexp(t, `(?m)^samba-4\.17\.12-default +smb .* \? +\? +FILESERVER`, w.stdout.String())
	w = world{}
	require.Equal(t, exitDone, w.run(t.Context(), "-null", "-json"))
	for _, r := range parse(t, w.stdout.String()) {
		require.Equal(t, r.Target == recordedNull, r.NullSession != nil, r.Target)
		if r.NullSession != nil {
			require.Equal(t, report.Yes, r.NullSession.IPC)
			require.Empty(t, r.NullSession.UnknownUserMapsToGuest)
		}
	}
}

func TestUnasked(t *testing.T) {
	r := replay{extras: map[string]extras{"a": {null: true}, "b": {behaviour: true}}}
	require.Equal(t, []string{"Invented accounts", "Weakness checks"}, r.unasked(options{behaviour: true, null: true, guest: true, checks: true}))
	require.Empty(t, r.unasked(options{null: true}))
	require.Len(t, (&replay{}).unasked(options{behaviour: true, null: true, guest: true, checks: true}), 4)
}

// The flags reach a server over the network.
func TestNullOverTheNetwork(t *testing.T) {
	r, _ := scanOne(t, "-null", "-guest", "127.0.0.1:"+serveReplay(t, recordedNull))
	require.Equal(t, fingerprint.LevelFull, r.Level)
	require.Equal(t, report.Yes, r.NullSession.Session)
	require.Equal(t, report.Yes, r.NullSession.UnknownUserMapsToGuest)
	require.Equal(t, 1, r.Cost.LogonAttempts)
	require.Greater(t, len(r.NullSession.Attempts), 6)
}

// The legend tells of the marks in these columns too.
func TestNullMarks(t *testing.T) {
	r := &fingerprint.Report{Signing: &report.Signing{SMB2: &report.SigningMode{Required: report.Yes}}}
	require.False(t, view{}.marksOf([]*fingerprint.Report{r}).risk)
	r.NullSession = &report.NullSession{Session: report.Yes, IPC: report.Yes}
	require.True(t, view{}.marksOf([]*fingerprint.Report{r}).risk)
	r.NullSession = &report.NullSession{UnknownUserMapsToGuest: report.Yes}
	require.True(t, view{}.marksOf([]*fingerprint.Report{r}).risk)
}
