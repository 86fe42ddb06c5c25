//go:build linux

package livetest

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// The program as Debian installs it, and the Python that it is installed for: another one that comes first in PATH
// would not find impacket.
const (
	impacketServer = "/usr/share/doc/python3-impacket/examples/smbserver.py"
	debianPython   = "/usr/bin/python3"
)

// startImpacket starts impacket's smbserver on port 445 with the share "PUBLIC". Without options it speaks NT LM 0.12
// alone; with "-smb2support" also 2.0.2. It listens on a second, random port of 127.0.0.1, which is not SMB.
func startImpacket(t testing.TB, options ...string) *server {
	t.Helper()
	require.FileExists(t, impacketServer, "live tests need impacket's example programs")
	s := &server{Addr: takeAddress(t, otherNetwork), Port: 445, Ports: []int{445}, Folder: newFolder(t)}
	argv := append(onMachine(t, s, "fileserver"), requireTool(t, debianPython), impacketServer, "-ip", s.Addr, "-port", strconv.Itoa(s.Port))
	argv = append(append(argv, options...), "PUBLIC", s.Folder)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = s.Folder
	s.process = start(t, "impacket", s.Folder, cmd, filepath.Join(s.Folder, "log*"))
	s.ready(t, s.Target())
	return s
}
