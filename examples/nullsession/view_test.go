package main

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// hostile has everything that a terminal or a reader could be fooled with in every text that a server chooses.
func hostile() fingerprint.Report {
	const evil = "E\x1b[31m\x1b]0;title\x07\u202eevil\u2066\u200b\u009b1m\x00\r\n\xff\u2028\U000e0041" + `\uD800`
	long := evil + strings.Repeat("x", 70_000)
	number, list := uint32(7), []string{evil, long}
	return fingerprint.Report{
		Outcome: report.OutcomeSMB, PreferredDialect: evil, Reason: long,
		NTLM:       &report.NTLM{NetBIOSComputer: long, DNSDomain: evil},
		Transports: []report.Transport{{Address: evil}, {Address: long}},
		NullSession: &report.NullSession{
			Session: evil, IPC: evil, Guest: evil, UnknownUserMapsToGuest: evil, Partial: long,
			Attempts: []report.SessionAttempt{
				{Dialect: long, Transport: 1, Identity: evil, Result: evil, Status: evil, SessionFlags: list, SMB1Action: list, IPCStatus: evil},
				{Transport: -1}, {Transport: 9},
			},
			Calls: []report.RPCCall{{Pipe: evil, Call: long, Status: evil}},
			ServerInfo: &report.ServerInfo{
				Status: evil, Name: long, Comment: long, PlatformID: &number, Version: evil, Type: list, Users: &number, UserPath: evil,
				Computer: evil, LANGroup: evil,
			},
			Domain: &report.Domain{
				Status: evil, Name: long, SID: evil, DNS: long, Forest: evil, GUID: evil, AccountName: evil, AccountSID: evil,
			},
			PasswordPolicy: &report.PasswordPolicy{Status: evil, Domain: long, Properties: list, LockStatus: evil},
			SharesStatus:   evil, UsersStatus: evil, GroupsStatus: evil, EndpointsStatus: evil,
			Shares: []report.Share{
				{Name: long, Type: evil, Comment: long, Status: evil, Read: evil, Write: evil, AccessBasis: evil, MaximalAccess: list}, {},
			},
			Users:     []report.User{{Name: long, FullName: evil, Comment: long, Domain: evil, Flags: list, Sources: list}, {}},
			Groups:    []report.Group{{Name: long, Domain: evil, Kind: evil, Sources: list}, {}},
			Pipes:     []report.Pipe{{Name: evil, Open: evil, Status: long, Interfaces: []report.Interface{{UUID: evil, Name: evil, Status: long}}}, {}},
			Endpoints: []report.Endpoint{{UUID: evil, Name: evil, Protocol: evil, Endpoint: long, Annotation: evil}, {Name: "spoolss", Annotation: long}},
		},
	}
}

func TestHostileText(t *testing.T) {
	for _, flags := range [][]string{{}, {"-v"}, {"-json"}, {"-v", "second"}} {
		for _, width := range []string{"", "80", "120"} {
			w := world{scan: answering(hostile()), env: map[string]string{"COLUMNS": width}}
			require.Equal(t, exitDone, w.run(t.Context(), append(flags, "a")...))
			for _, c := range w.stdout.String() {
				require.True(t, unicode.IsPrint(c) || c == '\n', "%U in %v", c, flags)
			}
			require.Contains(t, w.stdout.String(), `\uD800`)
			if len(flags) == 0 {
				require.Less(t, w.stdout.Len(), 20_000, "a name is not a flood")
			}
		}
	}
}

// An answer that is not known, or is no answer, is never shown as a no.
func TestUnknownIsNeverNo(t *testing.T) {
	for name, n := range map[string]*report.NullSession{
		"nothing": nil,
		"zero":    {Pipes: []report.Pipe{{Name: "x", Interfaces: []report.Interface{{}}}}, Shares: []report.Share{{}}},
		"unknown": {Session: report.Unknown, IPC: report.Unknown, Guest: report.Unknown, Shares: []report.Share{{Read: report.Unknown}}},
		"open":    {Session: report.Yes},
		"new":     {Session: "perhaps", Shares: []report.Share{{Read: "perhaps", Write: "perhaps"}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := world{scan: answering(fingerprint.Report{Outcome: report.OutcomeSMB, NullSession: n})}
			require.Equal(t, exitDone, w.run(t.Context(), "-guest", "a"))
			said, _, _ := strings.Cut(w.stdout.String(), "? is not known")
			require.NotEqual(t, said, w.stdout.String())
			require.NotRegexp(t, `\bno\b( |:|$)[^l]`, strings.NewReplacer("no logon", "", "no account", "").Replace(said))
		})
	}
}

// What was cut off is said, before what there is; and a list that is empty because it was refused does not look like one
// that is empty.
func TestPartial(t *testing.T) {
	r := recorded(t, open)
	r.NullSession.Partial = "the time for reading is up"
	r.NullSession.Users, r.NullSession.UsersStatus = nil, "STATUS_ACCESS_DENIED"
	r.NullSession.Groups, r.NullSession.GroupsStatus = nil, "STATUS_SUCCESS"
	w := world{scan: answering(r)}
	require.Equal(t, exitDone, w.run(t.Context(), "a"))
	require.Regexp(t, `(?s)incomplete +yes: the time for reading is up; what is missing below may be there\n.*\n  server\n`, w.stdout.String())
	require.Contains(t, w.stdout.String(), "\n  users · STATUS_ACCESS_DENIED\n")
	require.Contains(t, w.stdout.String(), "\n  groups · none\n")
}

func many(n int) fingerprint.Report {
	null := &report.NullSession{Session: report.Yes, IPC: report.Yes, UsersStatus: "STATUS_SUCCESS"}
	for i := range n {
		null.Users = append(null.Users, report.User{RID: uint32(1000 + i), Name: fmt.Sprintf("user%05d", i), Comment: "имя 🐟"})
	}
	null.Calls = []report.RPCCall{{Pipe: "samr", Call: "SamrEnumerateUsersInDomain", Status: "STATUS_SUCCESS", Count: &n}}
	return fingerprint.Report{Outcome: report.OutcomeSMB, NullSession: null}
}

// A thousand users do not bury the rest, and -v has them all.
func TestThousandUsers(t *testing.T) {
	w := world{scan: answering(many(1000))}
	require.Equal(t, exitDone, w.run(t.Context(), "a"))
	require.Contains(t, w.stdout.String(), "1000 users")
	require.Contains(t, w.stdout.String(), "users (1000)\n")
	require.Contains(t, w.stdout.String(), "user00099")
	require.NotContains(t, w.stdout.String(), "user00100")
	require.Contains(t, w.stdout.String(), "    … and 900 more; -v shows all, -json has them\n")
	w = world{scan: answering(many(1000))}
	require.Equal(t, exitDone, w.run(t.Context(), "-v", "a"))
	require.Contains(t, w.stdout.String(), "user00999")
	require.NotContains(t, w.stdout.String(), " more;")
}

// No line is wider than the terminal, and colour moves nothing.
func TestWidths(t *testing.T) {
	for width, limit := range map[string]int{"80": 80, "100": 100, "120": 120} {
		for _, flags := range [][]string{nil, {"-v"}} {
			w := world{scan: answering(recorded(t, open)), env: map[string]string{"COLUMNS": width}}
			require.Equal(t, exitDone, w.run(t.Context(), append(flags, "192.0.2.1")...))
			for l := range strings.Lines(w.stdout.String()) {
				require.LessOrEqual(t, text.StringWidthWithoutEscSequences(strings.TrimSuffix(l, "\n")), limit, l)
			}
			painted := world{scan: answering(recorded(t, open)), env: map[string]string{"COLUMNS": width}, terminal: true}
			require.Equal(t, exitDone, painted.run(t.Context(), append(flags, "192.0.2.1")...))
			require.Contains(t, painted.stdout.String(), "\x1b[1;31myes !\x1b[0m")
			require.Equal(t, w.stdout.String(), text.StripEscape(painted.stdout.String()))
		}
	}
}

func TestPolicyWords(t *testing.T) {
	for seconds, want := range map[int64]string{
		0: "no time", 1: "1 second", 90: "1 minute 30 seconds", 3600: "1 hour", 42 * 86400: "42 days", 86400 + 7200: "1 day 2 hours",
		report.Never: "a time without end", -5: "-5 seconds",
	} {
		require.Equal(t, want, spanWords(seconds))
	}
	five, none, never, half := 5, 0, report.Never, int64(1800)
	for want, p := range map[string]*report.PasswordPolicy{
		"":                                {},
		"never, however many logons fail": {Threshold: &none, Lockout: &half},
		"after 5 failed logons within 30 minutes, for 30 minutes":                     {Threshold: &five, Lockout: &half, Window: &half},
		"after 5 failed logons within 30 minutes, until somebody unlocks the account": {Threshold: &five, Lockout: &never, Window: &half},
		"after 5 failed logons":    {Threshold: &five},
		"? · STATUS_ACCESS_DENIED": {Threshold: &none, LockStatus: "STATUS_ACCESS_DENIED"},
	} {
		require.Equal(t, want, lockoutWords(p))
	}
	require.Equal(t, "required", complexityWords([]string{complexToken}))
	require.Equal(t, "never", mayChange(report.Never))
	require.Equal(t, "after 1 day", mayChange(86400))
	require.Equal(t, "none: a password may be empty", lengthWords(0))
	require.Equal(t, "the last password may not be used again", historyWords(1))
}
