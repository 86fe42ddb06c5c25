//go:build linux

package livetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// provisionWithin bounds the making of a domain, which writes some 30 MB and waits for the disk.
const provisionWithin = 3 * time.Minute

// startController starts a domain controller of Active Directory, DC1 of the domain EXAMPLE (example.test), with SMB on
// the ports. Its other services, LDAP, Kerberos and RPC, listen on the same address.
func startController(t testing.TB, ports ...int) *server {
	t.Helper()
	s := &server{Addr: takeAddress(t, sambaNetwork), Port: ports[0], Ports: ports, Folder: newFolder(t)}
	domain := filepath.Join(s.Folder, "domain")
	file := filepath.Join(s.Folder, "smb.conf")
	lines := []string{
		"[global]",
		"netbios name = DC1",
		"workgroup = EXAMPLE",
		"realm = EXAMPLE.TEST",
		"server role = active directory domain controller",
		// What SMB needs, without what speaks first: no name service, replication or updates of DNS.
		"server services = s3fs, rpc, ldap, kdc, winbindd",
		"interfaces = " + s.Addr + "/8",
		"bind interfaces only = yes",
		"smb ports = " + strings.Trim(fmt.Sprint(ports), "[]"),
		"log file = " + filepath.Join(s.Folder, "log"),
	}
	for option, name := range map[string]string{
		"private dir": "private", "lock directory": "lock", "state directory": "state", "cache directory": "cache",
		"pid directory": "pid", "ncalrpc dir": "ncalrpc", "winbindd socket directory": "winbindd",
		"ntp signd socket directory": "ntp_signd", "binddns dir": "bind-dns",
	} {
		folder := filepath.Join(domain, name)
		require.NoError(t, os.MkdirAll(folder, 0o755))
		lines = append(lines, option+" = "+folder)
	}
	lines = append(lines,
		"[sysvol]", "path = "+filepath.Join(domain, "state", "sysvol"), "read only = no",
		"[netlogon]", "path = "+filepath.Join(domain, "state", "sysvol", "example.test", "scripts"), "read only = no",
	)
	text := []byte(strings.Join(lines, "\n") + "\n")
	require.NoError(t, os.WriteFile(file, text, 0o644))
	inside := onMachine(t, s, "dc1")
	argv := append(inside, requireTool(t, "samba-tool"), "domain", "provision", "--configfile="+file, "--targetdir="+domain,
		"--realm=EXAMPLE.TEST", "--domain=EXAMPLE", "--server-role=dc", "--host-name=DC1", "--host-ip="+s.Addr,
		"--dns-backend=NONE", "--adminpass=Passw0rd-of-the-lab")
	output, err := runWithin(t, provisionWithin, "", isolate, argv[0], argv[1:]...)
	require.NoError(t, err, output)
	// provision has written a configuration of its own, which lacks some of the folders.
	require.NoError(t, os.WriteFile(file, text, 0o644))

	// smbd asks winbindd who a user is, at the place that was compiled into the client library, whatever smb.conf says:
	// without it every logon ends with STATUS_INTERNAL_ERROR. /run is another one for this server alone.
	const script = `mount -t tmpfs run /run && mkdir -p /run/samba/winbindd && mount --bind "$1" /run/samba/winbindd && shift && exec "$@"`
	argv = append(inside, requireTool(t, "sh"), "-c", script, "sh", filepath.Join(domain, "winbindd"))
	argv = append(argv, requireTool(t, "samba"), "-F", "--no-process-group", "-s", file)
	s.process = start(t, "samba DC1", s.Folder, exec.Command(argv[0], argv[1:]...), filepath.Join(s.Folder, "log*"))
	var targets []string
	for _, port := range ports {
		targets = append(targets, s.At(port))
	}
	s.ready(t, targets...)
	requireNoLeftMount(t)
	return s
}
