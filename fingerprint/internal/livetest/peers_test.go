//go:build linux

package livetest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// closedPort returns an address on which nothing listens: connecting is refused at once.
func closedPort(t testing.TB) string {
	t.Helper()
	return net.JoinHostPort(takeAddress(t, otherNetwork), "445")
}

// listen listens on port 445 of an address of its own until the test ends.
func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(takeAddress(t, otherNetwork), "445"))
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	return listener
}

// silentListener returns the address of a server that accepts connections, reads all it is sent and never says a word.
func silentListener(t testing.TB) string {
	t.Helper()
	return talking(t, listen(t), func(conn net.Conn) { io.Copy(io.Discard, conn) }) // which ends when either side closes
}

// talking holds a talk over each connection to a listener, closes it then, and returns the listener's address. All ends
// with the test.
func talking(t testing.TB, listener net.Listener, talk func(net.Conn)) string {
	t.Helper()
	var (
		all   sync.WaitGroup
		mutex sync.Mutex
		open  []net.Conn
		ended bool
	)
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mutex.Lock()
			if ended {
				conn.Close()
			}
			open = append(open, conn)
			mutex.Unlock()
			all.Go(func() {
				defer conn.Close()
				talk(conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mutex.Lock()
		ended = true
		for _, conn := range open {
			conn.Close()
		}
		mutex.Unlock()
		all.Wait()
	})
	return listener.Addr().String()
}

// httpServer returns the address of a web server.
func httpServer(t testing.TB) string {
	t.Helper()
	listener := listen(t)
	srv := &http.Server{Handler: http.NotFoundHandler()}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(listener) }()
	t.Cleanup(func() {
		srv.Close()
		require.ErrorIs(t, <-done, http.ErrServerClosed)
	})
	return listener.Addr().String()
}

// darkHost returns the address of a host that drops every packet, on every port: a connection attempt gets no answer
// whatsoever. It is the far end of a pair of virtual network devices, where nobody has the address. The address is
// one of loopback, so that nothing can leave the machine, not even if the devices were gone.
func darkHost(t testing.TB) string {
	t.Helper()
	address := takeAddress(t, otherNetwork)
	number := address[strings.LastIndexByte(address, '.')+1:]
	near, far := "smbdark"+number, "smbgone"+number
	ip := func(arguments string) error {
		output, err := run(t, "", nil, "ip", strings.Fields(arguments)...)
		if err != nil {
			err = fmt.Errorf("ip %s: %w: %s", arguments, err, output)
		}
		return err
	}
	if _, err := os.Stat("/sys/class/net/" + near); err == nil { // left by a test that was killed
		require.NoError(t, ip("link delete "+near))
	}
	require.NoError(t, ip("link add "+near+" type veth peer name "+far))
	t.Cleanup(func() { // takes the far end, the address and the route with it
		if err := ip("link delete " + near); err != nil {
			t.Error(err)
		}
	})
	for _, arguments := range []string{
		"link set " + near + " addrgenmode none arp off up", // no IPv6, and no neighbour that has to answer first
		"link set " + far + " addrgenmode none arp off up",
		// The source: the kernel sends nothing from a loopback address through a real device.
		"address add 198.18.90." + number + "/32 dev " + near,
		"route add table local " + address + "/32 dev " + near + " src 198.18.90." + number,
	} {
		require.NoError(t, ip(arguments))
	}
	return net.JoinHostPort(address, "445")
}
