//go:build linux

package livetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
)

const (
	nullHost      = "LAB-OPEN"
	nullWorkgroup = "ЛАБГРУППА"
	nullComment   = "Файловый сервер 🚀"
	nullSID       = "S-1-5-21-1111111111-2222222222-333333333"
)

// nullPasswords are the five users of the servers that tell them. A user's RID is 1000 and its place among the sorted names.
func nullPasswords() map[string]string {
	return map[string]string{"alice": "correct horse", "bob": "battery", "carol": "staple-9", "dave": "staple-8", "пётр": "staple-7"}
}

// A nullShare is a share, and what an anonymous session may do with it by smb.conf and the rights of its folder.
type nullShare struct {
	name        string
	lines       string
	mode        os.FileMode // of the folder, which is root's
	read, write report.Answer
	comment     string
}

// nullShares are the shares of the open server, beside "public". That a folder lets everybody write tells what only
// smb.conf forbids, and the other way round.
func nullShares() []nullShare {
	const yes, no = report.Yes, report.No
	return []nullShare{
		{name: "общая", lines: "read only = yes\nguest ok = yes", mode: 0o777, read: yes, write: no, comment: "Общая папка 📁"},
		{name: "closed", lines: "read only = no\nvalid users = alice", mode: 0o777, read: no, write: no, comment: "for one | user"},
		{name: "hidden$", lines: "read only = yes\nguest ok = yes", mode: 0o755, read: yes, write: no},
		{name: "drop", lines: "read only = no\nguest ok = yes", mode: 0o777, read: yes, write: yes, comment: "Briefkasten für alle"},
		{name: "locked", lines: "read only = no\nguest ok = yes", mode: 0o755, read: yes, write: no},
		{name: "sealed", lines: "read only = no\nguest ok = yes", mode: 0o700, read: no, write: no},
		{name: "laser", lines: "printable = yes\nguest ok = yes", mode: 0o777, read: report.Unknown, write: report.Unknown},
	}
}

// A nullRule is a rule for passwords: its name to pdbedit, and its value there.
type nullRule struct{ name, value string }

func nullRules() []nullRule {
	return []nullRule{
		{"min password length", "7"},
		{"password history", "5"},
		{"bad lockout attempt", "4"},
		{"maximum password age", "3628800"}, // seconds
		{"minimum password age", "86400"},
		{"lockout duration", "45"}, // minutes
		{"reset count minutes", "20"},
	}
}

// startNull starts a server with users, groups, rules for passwords and shares. What it tells to nobody is for the lines
// of [global] to say.
func startNull(t testing.TB, global []string, ports ...int) *server {
	t.Helper()
	config := sambaConfig{
		Name: nullHost, Ports: ports, Users: nullPasswords(), Groups: []string{"lab-builders", "lab-readers", "lab-archive"},
		Global: append([]string{"workgroup = " + nullWorkgroup, "server string = " + nullComment}, global...),
		Shares: map[string]string{},
	}
	for _, s := range nullShares() {
		config.Shares[s.name] = "path = " + s.folder("%folder") + "\ncomment = " + s.comment + "\n" + s.lines
	}
	config.Prepare = [][]string{
		{"net", "setlocalsid", nullSID},
		{"pdbedit", "-r", "-u", "bob", "-f", "Борис Годунов", "-N", "Бухгалтерия 🧮"},
		{"pdbedit", "-r", "-u", "carol", "-c", "[DX]", "-N", "left\tus: \"c\" [x]"},
		{"pdbedit", "-r", "-u", "пётр", "-f", "Пётр 🐟"},
		{"net", "groupmap", "add", "unixgroup=lab-builders", "ntgroup=Инженеры", "type=domain", "comment=Те, кто строит"},
		{"net", "groupmap", "add", "unixgroup=lab-readers", "ntgroup=Readers", "type=domain"},
		{"net", "groupmap", "add", "unixgroup=lab-archive", "ntgroup=Архив", "type=local"},
	}
	for _, r := range nullRules() {
		config.Prepare = append(config.Prepare, []string{"pdbedit", "-P", r.name, "-C", r.value})
	}
	server := startSamba(t, config)
	for _, s := range nullShares() {
		folder := s.folder(server.Folder)
		require.NoError(t, os.Mkdir(folder, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "hello.txt"), []byte("hello\n"), 0o644))
		require.NoError(t, os.Chmod(folder, s.mode))
	}
	return server
}

// folder is where a share's files are: in a folder with a name of its own, because Samba reads "$" in paths.
func (s nullShare) folder(below string) string {
	return filepath.Join(below, "share-"+strings.TrimSuffix(s.name, "$"))
}

// open is what smb.conf says where all is told to everybody, and closed where nothing is.
func open(further ...string) []string {
	return append([]string{"restrict anonymous = 0", "map to guest = Bad User"}, further...)
}

func closed(further ...string) []string {
	return append([]string{"restrict anonymous = 2", "map to guest = Never"}, further...)
}

// onlyNT1 leaves a server nothing but NT LM 0.12.
func onlyNT1() []string {
	return []string{"server min protocol = NT1", "server max protocol = NT1", "ntlm auth = yes"}
}
