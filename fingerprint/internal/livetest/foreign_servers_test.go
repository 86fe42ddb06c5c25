//go:build linux

package livetest

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Servers of other protocols, on ports where nobody expects them.

// daemon starts a program of which the arguments are made from its address, port and folder, and returns its target
// once it accepts connections.
func daemon(t testing.TB, program, port string, arguments func(address, folder string) string) string {
	t.Helper()
	address, folder := takeAddress(t, otherNetwork), newFolder(t)
	cmd := exec.Command(requireTool(t, program), strings.Fields(arguments(address, folder))...)
	cmd.Dir = folder
	p := start(t, program, folder, cmd, filepath.Join(folder, "log*"))
	target := net.JoinHostPort(address, port)
	p.ready(t, target)
	return target
}

// writeLines writes a file in a folder and returns its path.
func writeLines(t testing.TB, folder, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return path
}

// writeCertificate writes a key and a certificate for it to a folder, as key.pem and cert.pem.
func writeCertificate(t testing.TB, folder string) (certificate, key string) {
	t.Helper()
	certificate, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	output, err := run(t, "", nil, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
		"-subj", "/CN=server.example.test", "-days", "2", "-keyout", key, "-out", certificate)
	require.NoError(t, err, output)
	return certificate, key
}

// nginx returns a web server's port, with TLS or without.
func nginx(port string, secure bool) func(testing.TB) string {
	return func(t testing.TB) string {
		return daemon(t, "nginx", port, func(address, folder string) string {
			listen := "listen " + address + ":" + port
			if secure {
				certificate, key := writeCertificate(t, folder)
				listen += " ssl; ssl_certificate " + certificate + "; ssl_certificate_key " + key
			}
			file := writeLines(t, folder, "nginx.conf",
				"daemon off; master_process off; user root; pid nginx.pid;",
				"events {}",
				"http { access_log off; server { "+listen+"; } }",
			)
			return "-p " + folder + " -e stderr -c " + file
		})
	}
}

func opensslServer(t testing.TB) string {
	return daemon(t, "openssl", "8443", func(address, folder string) string {
		certificate, key := writeCertificate(t, folder)
		return "s_server -quiet -accept " + address + ":8443 -cert " + certificate + " -key " + key
	})
}

func sshServer(t testing.TB) string {
	// Debian's sshd does not start without this folder, which its service makes.
	require.NoError(t, os.MkdirAll("/run/sshd", 0o755))
	return daemon(t, "sshd", "2222", func(address, folder string) string {
		key := filepath.Join(folder, "key")
		output, err := run(t, "", nil, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
		require.NoError(t, err, output)
		return "-D -e -f /dev/null -h " + key + " -o ListenAddress=" + address + " -o Port=2222 -o UsePAM=no -o PidFile=none"
	})
}

// ftpServer starts vsftpd below a shell. As process 1 of its namespace it would inherit the second process of each
// session, and version 3.0.3 crashes when one ends that it has not started.
func ftpServer(t testing.TB) string {
	return daemon(t, "sh", "2121", func(address, folder string) string {
		empty := filepath.Join(folder, "empty")
		require.NoError(t, os.Mkdir(empty, 0o755))
		file := writeLines(t, folder, "vsftpd.conf", "listen=YES", "listen_address="+address, "listen_port=2121", "background=NO",
			"secure_chroot_dir="+empty, "anonymous_enable=YES", "xferlog_enable=NO")
		return writeLines(t, folder, "run.sh", requireTool(t, "vsftpd")+" "+file, "exit")
	})
}

func mailServer(t testing.TB) string {
	return daemon(t, "msmtpd", "2525", func(address, _ string) string {
		return "--interface=" + address + " --port=2525 --command=/bin/cat"
	})
}

func redisServer(t testing.TB) string {
	return daemon(t, "redis-server", "6380", func(address, folder string) string {
		return writeLines(t, folder, "redis.conf", "bind "+address, "port 6380", `save ""`, "dir "+folder)
	})
}

func memcachedServer(t testing.TB) string {
	return daemon(t, "memcached", "11311", func(address, _ string) string {
		return "-u nobody -m 8 -U 0 -p 11311 -l " + address
	})
}

func rsyncServer(t testing.TB) string {
	return daemon(t, "rsync", "8730", func(address, folder string) string {
		file := writeLines(t, folder, "rsyncd.conf", "use chroot = no", "[module]", "path = "+folder)
		return "--daemon --no-detach --config=" + file + " --address=" + address + " --port=8730"
	})
}

// rdpServer starts xrdp with the configuration of its package, apart from where it listens and logs to.
func rdpServer(t testing.TB) string {
	return daemon(t, "xrdp", "3390", func(address, folder string) string {
		text, err := os.ReadFile("/etc/xrdp/xrdp.ini")
		require.NoError(t, err)
		changed := strings.NewReplacer(
			"\nport=3389\n", "\nport=tcp://"+address+":3390\n",
			"\nLogFile=xrdp.log\n", "\nLogFile="+filepath.Join(folder, "log")+"\n",
			"\nEnableSyslog=true\n", "\nEnableSyslog=false\n",
		).Replace(string(text))
		require.Contains(t, changed, address)
		require.Contains(t, changed, folder)
		return "--nodaemon --config " + writeLines(t, folder, "xrdp.ini", changed)
	})
}

// goServer returns a server in Go that has a function talk over each connection, and closes it then.
func goServer(port int, talk func(net.Conn)) func(testing.TB) string {
	return func(t testing.TB) string {
		t.Helper()
		listener, err := net.Listen("tcp", net.JoinHostPort(takeAddress(t, otherNetwork), strconv.Itoa(port)))
		require.NoError(t, err)
		return talking(t, listener, talk)
	}
}

// says returns what greets and then listens for ever.
func says(greeting string) func(net.Conn) {
	return func(conn net.Conn) {
		io.WriteString(conn, greeting)
		silent(conn)
	}
}

func silent(conn net.Conn) { io.Copy(io.Discard, conn) }

func echoes(conn net.Conn) { io.Copy(conn, conn) }

// closesAtOnce says that nothing will come and reads what does. To close before the client's bytes are there, as
// a program would, gives a reset or not, as it happens.
func closesAtOnce(conn net.Conn) {
	conn.(*net.TCPConn).CloseWrite()
	silent(conn)
}

// closesUnread closes a connection whose bytes nobody has read, for which the kernel resets it (RFC 2525 2.17).
func closesUnread(conn net.Conn) { conn.Read(make([]byte, 1)) }

func resets(conn net.Conn) {
	conn.Read(make([]byte, 4096))
	conn.(*net.TCPConn).SetLinger(0)
}

// goWeb is a web server of Go's library. It cannot use goServer: it closes connections itself.
func goWeb(t testing.TB) string {
	listener, err := net.Listen("tcp", net.JoinHostPort(takeAddress(t, otherNetwork), "8008"))
	require.NoError(t, err)
	srv := &http.Server{Handler: http.NotFoundHandler()}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(listener) }()
	t.Cleanup(func() {
		srv.Close()
		require.ErrorIs(t, <-done, http.ErrServerClosed)
	})
	return listener.Addr().String()
}

// goTLS is a server of Go's crypto/tls.
func goTLS(t testing.TB) string {
	certificate, err := tls.LoadX509KeyPair(writeCertificate(t, newFolder(t)))
	require.NoError(t, err)
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	return goServer(9443, func(conn net.Conn) { tls.Server(conn, config).Handshake() })(t)
}
