//go:build linux

package livetest

import (
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A sambaConfig tells how to start a Samba. The zero value is what Samba does when nobody configures it, on port 445.
type sambaConfig struct {
	Name   string            // NetBIOS name, at most 15 bytes; "" for LABHOST
	Global []string          // further lines of [global]
	Shares map[string]string // further shares: lines by name, joined with newlines; %folder stands for the folder
	Ports  []int             // nil for 445 alone
	Users  map[string]string // passwords by account name
	Groups []string          // groups of the system, for Prepare to build on
	// Prepare are commands of Samba's programs that run where the server will, with its configuration, before it starts.
	Prepare [][]string
}

// A server is a real server on a loopback address.
type server struct {
	*process
	Addr   string // IP address, such as 127.0.17.1
	Port   int    // the first of Ports
	Ports  []int
	Folder string // configuration, logs and shares
}

// Target returns the address with the first port.
func (s *server) Target() string { return s.At(s.Port) }

// At returns the address with a port.
func (s *server) At(port int) string { return net.JoinHostPort(s.Addr, strconv.Itoa(port)) }

// startSamba starts an smbd and returns when it accepts connections on every port. It has one share, "public", which
// guests may read.
func startSamba(t testing.TB, config sambaConfig) *server {
	t.Helper()
	if config.Name == "" {
		config.Name = "LABHOST"
	}
	if config.Ports == nil {
		config.Ports = []int{445}
	}
	s := &server{Addr: takeAddress(t, sambaNetwork), Port: config.Ports[0], Ports: config.Ports, Folder: newFolder(t)}
	file := writeSambaConfig(t, s, config)
	writeAccounts(t, s.Folder, slices.Sorted(maps.Keys(config.Users)), config.Groups)
	inside := onMachine(t, s, config.Name)
	for _, name := range slices.Sorted(maps.Keys(config.Users)) {
		password := config.Users[name] + "\n"
		argv := append(inside, requireTool(t, "smbpasswd"), "-c", file, "-L", "-s", "-a", name)
		output, err := run(t, password+password, isolate, argv[0], argv[1:]...)
		require.NoError(t, err, "account %s: %s", name, output)
	}
	for _, command := range config.Prepare {
		argv := append(inside, requireTool(t, command[0]), "-s", file)
		argv = append(argv, command[1:]...)
		output, err := run(t, "", isolate, argv[0], argv[1:]...)
		require.NoError(t, err, "%q: %s", command, output)
	}
	argv := append(inside, requireTool(t, "smbd"), "-F", "--no-process-group", "-s", file)
	s.process = start(t, "smbd "+config.Name, s.Folder, exec.Command(argv[0], argv[1:]...), filepath.Join(s.Folder, "log*"))
	var targets []string
	for _, port := range s.Ports {
		targets = append(targets, s.At(port))
	}
	s.ready(t, targets...)
	requireNoLeftMount(t)
	return s
}

// writeSambaConfig writes smb.conf with every folder that Samba writes to below the server's own, and returns its path.
func writeSambaConfig(t testing.TB, s *server, config sambaConfig) string {
	t.Helper()
	lines := []string{
		"[global]",
		"netbios name = " + config.Name,
		// With /32 smbd says "No sockets available to bind to" and ends.
		"interfaces = " + s.Addr + "/8",
		"bind interfaces only = yes",
		"smb ports = " + strings.Trim(fmt.Sprint(config.Ports), "[]"),
		"server role = standalone server",
		"passdb backend = tdbsam:" + filepath.Join(s.Folder, "passdb.tdb"),
		"log file = " + filepath.Join(s.Folder, "log"),
		"usershare path =",
		"load printers = no",
		"printing = bsd",
		"printcap name = /dev/null",
		"disable spoolss = yes",
	}
	for option, name := range map[string]string{
		"private dir": "private", "lock directory": "lock", "state directory": "state", "cache directory": "cache",
		"pid directory": "pid", "ncalrpc dir": "ncalrpc", "winbindd socket directory": "winbindd",
	} {
		folder := filepath.Join(s.Folder, name)
		require.NoError(t, os.Mkdir(folder, 0o755))
		lines = append(lines, option+" = "+folder)
	}
	lines = append(lines, config.Global...)

	share := filepath.Join(s.Folder, "public")
	require.NoError(t, os.Mkdir(share, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(share, "hello.txt"), []byte("hello\n"), 0o644))
	lines = append(lines, "[public]", "path = "+share, "read only = yes", "guest ok = yes")
	for _, name := range slices.Sorted(maps.Keys(config.Shares)) {
		lines = append(lines, "["+name+"]", strings.ReplaceAll(config.Shares[name], "%folder", s.Folder))
	}

	file := filepath.Join(s.Folder, "smb.conf")
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	return file
}

// writeAccounts makes files for onMachine with accounts and groups of the system of those names: Samba wants one behind each
// of its own.
func writeAccounts(t testing.TB, folder string, names, groups []string) {
	t.Helper()
	if len(names)+len(groups) == 0 {
		return
	}
	passwd, err := os.ReadFile("/etc/passwd")
	require.NoError(t, err)
	group, err := os.ReadFile("/etc/group")
	require.NoError(t, err)
	for i, name := range names {
		id := 62000 + i // below what Debian gives away for services and after what it gives to people
		passwd = fmt.Appendf(passwd, "%s:x:%d:%d::/nonexistent:/usr/sbin/nologin\n", name, id, id)
		group = fmt.Appendf(group, "%s:x:%d:\n", name, id)
	}
	for i, name := range groups {
		group = fmt.Appendf(group, "%s:x:%d:\n", name, 62000+len(names)+i)
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, "passwd"), passwd, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "group"), group, 0o644))
}

// onMachine returns the beginning of a command line that runs the rest of it on what looks like a machine of that name,
// with the accounts that writeAccounts has made: servers tell their clients the name of the machine, and this one's is
// nobody's business. The files that say so are laid over the machine's in the command's mount namespace (isolate) and
// nowhere else. With the name among the hosts, no server asks a DNS server for it either.
func onMachine(t testing.TB, s *server, name string) []string {
	t.Helper()
	name = strings.ToLower(name)
	hosts := fmt.Sprintf("127.0.0.1 localhost\n%s %s\n", s.Addr, name)
	require.NoError(t, os.WriteFile(filepath.Join(s.Folder, "hosts"), []byte(hosts), 0o644))
	// Making the mounts private fails where / is no mount point, as in a chroot made without one. That is no harm
	// where mounts are private to begin with; requireNoLeftMount notices the other case.
	const script = `
		hostname "$2" || exit
		mount --make-rprivate / 2>/dev/null
		for file in passwd group hosts; do
			[ ! -e "$1/$file" ] || mount --bind "$1/$file" "/etc/$file" || exit
		done
		shift 2
		exec "$@"`
	return []string{requireTool(t, "unshare"), "--uts", requireTool(t, "sh"), "-c", script, "sh", s.Folder, name}
}

// requireNoLeftMount fails the test if the account files were laid over the machine's own.
func requireNoLeftMount(t testing.TB) {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	require.NoError(t, err)
	for _, file := range []string{"/etc/passwd", "/etc/group"} {
		require.NotContains(t, string(mounts), " "+file+" ", "a mount got out of its namespace; umount %s", file)
	}
}
