//go:build linux

package livetest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// readNull scans a server with every logon and reads what it tells to nobody.
func readNull(t *testing.T, s *server) *report.NullSession {
	t.Helper()
	scanner := &fingerprint.Scanner{NullSession: true, GuestMapping: true, Extend: nullsession.Reader{PipeAudit: true}.Read}
	r, err := scanner.Scan(t.Context(), s.Target())
	require.NoError(t, err)
	require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
	require.NotNil(t, r.NullSession)
	return r.NullSession
}

// What is read over 3.1.1 and over NT LM 0.12 is what Samba's own clients print, and what the server was set up with.
func TestNullSessionAgainstSamba(t *testing.T) {
	requireLive(t)
	for dialect, global := range map[string][]string{"SMB3_11": open(), "NT1": open(onlyNT1()...)} {
		t.Run(dialect, func(t *testing.T) {
			s := startNull(t, global, 445)
			before := filesBelow(t, s.Folder)
			n := readNull(t, s)
			require.Equal(t, []report.Answer{report.Yes, report.Yes, report.Yes},
				[]report.Answer{n.Session, n.IPC, n.UnknownUserMapsToGuest})
			require.Equal(t, before, filesBelow(t, s.Folder), "something was written")
			w := newWitness(t, s, dialect)
			requireUsers(t, w, n)
			requireShares(t, w, s, dialect, n)
			requireRules(t, s, n)

			info, types := w.serverInfo(t)
			require.Equal(t, []string{info.Name, info.Comment, info.Version}, []string{n.ServerInfo.Name, n.ServerInfo.Comment, n.ServerInfo.Version})
			require.Equal(t, *info.PlatformID, *n.ServerInfo.PlatformID)
			for _, token := range types {
				require.Contains(t, n.ServerInfo.Type, token)
			}
			name, sid := w.domain(t)
			require.Equal(t, []string{name, sid}, []string{n.Domain.Name, n.Domain.SID})
			require.Equal(t, w.accountSID(t, nullHost), n.Domain.AccountSID)
			requireEndpoints(t, w.endpoints(t), n)
		})
	}
}

// requireEndpoints compares what is registered. Samba's processes for RPC come and go, so that only those that were there
// both times can be.
func requireEndpoints(t *testing.T, want map[report.Endpoint]int, n *report.NullSession) {
	t.Helper()
	both := 0
	for _, e := range n.Endpoints {
		if e.Name = ""; want[e] > 0 {
			both++
		}
	}
	require.Greater(t, both, 5, "%v\n%v", want, n.Endpoints)
}

// filesBelow lists the files of the shares with their sizes and times.
func filesBelow(t *testing.T, folder string) (list []string) {
	t.Helper()
	for _, s := range nullShares() {
		require.NoError(t, filepath.Walk(s.folder(folder), func(path string, info os.FileInfo, err error) error {
			if err == nil {
				list = append(list, path+" "+info.ModTime().String()+" "+info.Mode().String())
			}
			return err
		}))
	}
	require.NotEmpty(t, list)
	return list
}

func requireUsers(t *testing.T, w witness, n *report.NullSession) {
	t.Helper()
	shown, names, looked := w.displayed(t), w.listed(t, "enumdomusers"), w.lookedUp(t, n.Domain.AccountSID, []uint32{500, 501, 513, 514})
	require.NotEmpty(t, shown)
	for _, u := range n.Users {
		if !slices.Contains(u.Sources, "SamrEnumerateUsersInDomain") {
			require.Equal(t, namedSID{u.Domain, u.Name, "user"}, looked[u.RID])
			continue
		}
		require.Equal(t, names[u.RID], u.Name)
		want := shown[u.RID]
		require.Equal(t, []string{want.FullName, want.Comment}, []string{u.FullName, u.Comment})
		require.Equal(t, want.Flags, u.Flags)
		delete(names, u.RID)
	}
	require.Empty(t, names, "users that were not found")

	groups := map[string]map[uint32]string{"group": w.listed(t, "enumdomgroups"), "alias": w.listed(t, "enumalsgroups domain")}
	require.NotEmpty(t, groups["group"])
	require.NotEmpty(t, groups["alias"])
	for _, g := range n.Groups {
		if len(g.Sources) == 1 && g.Sources[0] == "LsarLookupSids2" {
			require.Equal(t, namedSID{g.Domain, g.Name, g.Kind}, looked[g.RID])
			continue
		}
		require.Equal(t, groups[g.Kind][g.RID], g.Name)
		delete(groups[g.Kind], g.RID)
	}
	require.Empty(t, groups["group"], "groups that were not found")
	require.Empty(t, groups["alias"], "aliases that were not found")
}

func requireShares(t *testing.T, w witness, s *server, dialect string, n *report.NullSession) {
	t.Helper()
	comments, listed := w.shares(t), smbclientShares(t, s, dialect)
	require.NotEmpty(t, listed)
	found := map[string]report.Share{}
	for _, share := range n.Shares {
		require.Equal(t, comments[share.Name], share.Comment)
		require.Equal(t, listed[share.Name][1], share.Comment)
		kind := map[string]string{"Disk": "STYPE_DISKTREE", "IPC": "STYPE_IPC", "Printer": "STYPE_PRINTQ"}[listed[share.Name][0]]
		require.Contains(t, share.Type, kind)
		found[share.Name] = share
	}
	require.Len(t, found, len(comments))
	require.Len(t, found, len(listed))
	for _, want := range nullShares() {
		got := found[want.name]
		for _, pair := range [][2]report.Answer{{want.read, got.Read}, {want.write, got.Write}} {
			if pair[1] != report.Unknown { // what could not be learnt is said to be so; nothing that is said is wrong
				require.Equal(t, pair[0], pair[1], "%s: %+v", want.name, got)
			}
		}
		if dialect == "SMB3_11" && want.name != "sealed" {
			require.Equal(t, [2]report.Answer{want.read, want.write}, [2]report.Answer{got.Read, got.Write}, want.name)
		}
	}
	require.Equal(t, []report.Answer{report.Yes, report.No}, []report.Answer{found["общая"].Read, found["общая"].Write}, "read only is read only")
	require.Equal(t, report.Unknown, found["laser"].Read)
	require.Empty(t, found["laser"].Status, "a print share is not even connected")

	// Another client, with a user's rights, sees the same shares.
	if dialect == "SMB3_11" {
		names, err := logOn(t, s.Target(), anyDialect, "alice", nullPasswords()["alice"])
		require.NoError(t, err)
		var ours []string
		for name := range found {
			ours = append(ours, name)
		}
		require.ElementsMatch(t, names, ours)
	}
}

func requireRules(t *testing.T, s *server, n *report.NullSession) {
	t.Helper()
	want, p := rules(t, s), n.PasswordPolicy
	require.Equal(t, map[string]int64{
		"min password length": int64(*p.MinLength), "password history": int64(*p.History), "bad lockout attempt": int64(*p.Threshold),
		"maximum password age": *p.MaxAge, "minimum password age": *p.MinAge,
		"lockout duration": *p.Lockout / 60, "reset count minutes": *p.Window / 60,
	}, want)
}

// A server that tells nothing to nobody: a session, and nothing is invented.
func TestNullSessionOfClosedServer(t *testing.T) {
	requireLive(t)
	n := readNull(t, startNull(t, closed("server min protocol = NT1"), 445))
	require.Equal(t, []report.Answer{report.Yes, report.No, report.No}, []report.Answer{n.Session, n.IPC, n.UnknownUserMapsToGuest})
	require.Empty(t, n.Calls)
	require.Empty(t, n.Shares)
	require.Empty(t, n.Users)
	require.Nil(t, n.Domain)
	require.Nil(t, n.PasswordPolicy)
	require.Contains(t, n.Partial, "IPC$")
}

// impacket's server grants everybody a session and lists its share; over SMB1 it connects shares that it does not have,
// so that nothing is said of access there.
func TestNullSessionOfImpacket(t *testing.T) {
	requireLive(t)
	for _, tt := range impackets() {
		t.Run(tt.name, func(t *testing.T) {
			n := readNull(t, startImpacket(t, tt.options...))
			require.Equal(t, []report.Answer{report.Yes, report.Yes, report.Yes}, []report.Answer{n.Session, n.IPC, n.UnknownUserMapsToGuest})
			i := slices.IndexFunc(n.Shares, func(s report.Share) bool { return s.Name == "PUBLIC" })
			require.GreaterOrEqual(t, i, 0)
			want := report.Unknown
			if tt.smb2 == report.Yes {
				want = report.Yes
			}
			require.Equal(t, want, n.Shares[i].Read)
			require.Equal(t, report.Unknown, n.Shares[i].Write)
			require.Empty(t, n.Users)
			for _, p := range n.Pipes {
				require.Equal(t, slices.Contains([]string{"srvsvc", "wkssvc"}, p.Name), p.Open == report.Yes, p.Name)
			}
		})
	}
}

// A domain controller tells of its domain; what it tells is what rpcclient prints.
func TestNullSessionOfController(t *testing.T) {
	requireLive(t)
	s := startController(t, 445)
	var n *report.NullSession
	for range 30 { // winbindd is ready later than the port, and until then every logon ends in STATUS_INTERNAL_ERROR
		if n = readNull(t, s); n.Session == report.Yes {
			break
		}
		require.Equal(t, report.Unknown, n.Session, "a server in trouble refuses nobody")
		time.Sleep(time.Second)
	}
	require.Equal(t, []report.Answer{report.Yes, report.Yes}, []report.Answer{n.Session, n.IPC}, "%+v", n.Attempts)
	w := newWitness(t, s, "SMB3_11")
	name, sid := w.domain(t)
	require.NotEmpty(t, sid)
	require.Equal(t, []string{name, sid, sid}, []string{n.Domain.Name, n.Domain.SID, n.Domain.AccountSID})
	require.Equal(t, []string{"example.test", "example.test"}, []string{n.Domain.DNS, n.Domain.Forest})
	require.NotEmpty(t, n.Domain.GUID)
	names := w.listed(t, "enumdomusers") // ordinary accounts alone
	require.NotEmpty(t, names)
	for _, u := range n.Users {
		delete(names, u.RID)
	}
	require.Empty(t, names, "users that were not found")
}
