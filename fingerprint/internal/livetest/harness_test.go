//go:build linux

package livetest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The tests here are of the servers, not of the scanner: before it is said to be wrong about a server, the server has
// to be what its name says, by the word of a client that is not ours.

// smbclient lists the shares of a server anonymously, offering one dialect only, and returns all that it printed.
func smbclient(t testing.TB, target, dialect string) (string, error) {
	t.Helper()
	host, port, err := net.SplitHostPort(target)
	require.NoError(t, err)
	folder := newFolder(t)
	file := filepath.Join(folder, "client.conf")
	text := "[global]\nnetbios name = LABCLIENT\n"
	for _, option := range []string{"private dir", "lock directory", "state directory", "cache directory"} {
		text += option + " = " + folder + "\n"
	}
	text += fmt.Sprintf("client min protocol = %s\nclient max protocol = %[1]s\n", dialect)
	text += "client lanman auth = yes\nclient plaintext auth = yes\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	return run(t, "", nil, "smbclient", "-s", file, "-N", "-g", "-p", port, "-L", "//"+host)
}

func TestSetups(t *testing.T) {
	for _, setup := range setups() {
		t.Run(setup.name, func(t *testing.T) {
			server := startSetup(t, setup.name)
			require.Len(t, server.Ports, 3)
			for _, port := range server.Ports {
				output, err := smbclient(t, server.At(port), setup.speaks[0])
				require.NoError(t, err, "port %d: %s", port, output)
			}
			for _, dialect := range setup.speaks {
				output, err := smbclient(t, server.Target(), dialect)
				require.NoError(t, err, "%s: %s", dialect, output)
				require.Regexp(t, `(?m)^Disk\|public\|`, output, dialect)
				require.Regexp(t, `(?m)^IPC\|IPC\$\|`, output, dialect)
			}
			for _, dialect := range setup.denies {
				output, err := smbclient(t, server.Target(), dialect)
				require.Error(t, err, "%s: %s", dialect, output)
				require.Regexp(t, `protocol negotiation failed`, output, dialect)
			}
		})
	}
}

func TestTwoSambasAtOnce(t *testing.T) {
	one := startSamba(t, sambaConfig{Name: "LAB-ONE", Global: []string{"server max protocol = SMB2_02"}})
	two := startSamba(t, sambaConfig{Name: "LAB-TWO", Global: []string{"server min protocol = SMB3_11"}})
	require.NotEqual(t, one.Addr, two.Addr)
	for _, dialect := range []string{"SMB2_02", "SMB3_11"} {
		_, err := smbclient(t, one.Target(), dialect)
		require.Equal(t, dialect == "SMB2_02", err == nil, "%s at the server that speaks only 2.0.2: %v", dialect, err)
		_, err = smbclient(t, two.Target(), dialect)
		require.Equal(t, dialect == "SMB3_11", err == nil, "%s at the server that speaks only 3.1.1: %v", dialect, err)
	}
}

// The end of a server must take with it the processes that it has started, such as the one that smbd forks for every
// connection.
func TestServerEndsWithItsConnections(t *testing.T) {
	var conn net.Conn
	var target, namespace string
	if !t.Run("server", func(t *testing.T) {
		server := startSamba(t, sambaConfig{})
		target = server.Target()
		var err error
		namespace, err = os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", server.pid))
		require.NoError(t, err)
		require.Contains(t, processesOf(namespace), server.pid)
		require.NotContains(t, processesOf(namespace), os.Getpid())
		conn, err = net.DialTimeout("tcp", target, 5*time.Second)
		require.NoError(t, err)
	}) {
		return
	}
	defer conn.Close()
	require.Empty(t, processesOf(namespace))
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
	_, err := conn.Read(make([]byte, 1))
	require.Error(t, err)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the process of the connection lives on")
	_, err = net.DialTimeout("tcp", target, 5*time.Second)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

// processesOf returns the processes of a pid namespace, by their ids in ours.
func processesOf(namespace string) []int {
	var pids []int
	links, _ := filepath.Glob("/proc/[0-9]*/ns/pid")
	for _, link := range links {
		if name, err := os.Readlink(link); err == nil && name == namespace {
			pid, _ := strconv.Atoi(strings.Split(link, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

func TestImpacket(t *testing.T) {
	for _, test := range []struct {
		name           string
		options        []string
		speaks, denies []string
	}{
		{name: "NT1 alone", speaks: []string{"NT1"}, denies: []string{"SMB2_02"}},
		{name: "smb2support", options: []string{"-smb2support"}, speaks: []string{"NT1", "SMB2_02"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := startImpacket(t, test.options...)
			for _, dialect := range test.speaks {
				output, err := smbclient(t, server.Target(), dialect)
				require.NoError(t, err, "%s: %s", dialect, output)
				require.Regexp(t, `(?m)^Disk\|PUBLIC\|`, output, dialect)
			}
			for _, dialect := range test.denies {
				output, err := smbclient(t, server.Target(), dialect)
				require.Error(t, err, "%s: %s", dialect, output)
			}
		})
	}
}

func TestClosedPort(t *testing.T) {
	_, err := net.DialTimeout("tcp", closedPort(t), 5*time.Second)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestSilentListener(t *testing.T) {
	conn, err := net.DialTimeout("tcp", silentListener(t), 5*time.Second)
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Write([]byte("hello"))
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(200*time.Millisecond)))
	_, err = conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestHTTPServer(t *testing.T) {
	target := httpServer(t)
	conn, err := net.DialTimeout("tcp", target, 5*time.Second)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
	_, err = io.WriteString(conn, "\x00\x00\x00\x2d\xffSMB\r\n\r\n")
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Regexp(t, `^HTTP/1\.1 400 `, string(answer))

	response, err := (&http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + target)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusNotFound, response.StatusCode)
}

func TestDarkHost(t *testing.T) {
	target := darkHost(t)
	for _, port := range []string{"445", "139"} {
		host, _, err := net.SplitHostPort(target)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		_, err = new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(host, port))
		cancel()
		require.Error(t, err)
		var timeout net.Error
		require.ErrorAs(t, err, &timeout)
		require.True(t, timeout.Timeout(), "port %s: %v", port, err)
	}
}
