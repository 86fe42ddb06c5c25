package smbtest

import (
	"context"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const smbAddress = "192.0.2.1:445"

// listen is Listen, closed at the end of the test.
func listen(t *testing.T, n *Network, address string) *Listener {
	t.Helper()
	l, err := n.Listen(address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// connect dials and accepts.
func connect(t *testing.T, n *Network, l *Listener) (client, server net.Conn) {
	t.Helper()
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, _ := l.Accept()
		accepted <- conn
	}()
	client, err := n.Dial(t.Context(), "tcp", l.Addr().String())
	require.NoError(t, err)
	server = <-accepted
	require.NotNil(t, server)
	return client, server
}

func dialing(ctx context.Context, n *Network, address string) func() error {
	return func() error { _, err := n.Dial(ctx, "tcp", address); return err }
}

func requireDialError(t *testing.T, err, target error) {
	t.Helper()
	require.ErrorIs(t, err, target)
	opErr, ok := err.(*net.OpError)
	require.True(t, ok, "%T", err)
	require.Equal(t, "dial", opErr.Op)
	require.NotNil(t, opErr.Addr)
	require.Equal(t, target == context.DeadlineExceeded, opErr.Timeout())
}

func TestNetworkAddresses(t *testing.T) {
	tests := []struct {
		listen, dial, want string
		tcp                bool
	}{
		{"192.0.2.1:445", "192.0.2.1:445", "192.0.2.1:445", true},
		{"192.0.2.1:445", "[::ffff:192.0.2.1]:445", "192.0.2.1:445", true},
		{"[2001:DB8:0::2]:139", "[2001:db8::2]:139", "[2001:db8::2]:139", true},
		{"files.example:445", "files.example:445", "files.example:445", false},
	}
	for _, tt := range tests {
		n := NewNetwork(Path{})
		l := listen(t, n, tt.listen)
		require.Equal(t, tt.want, l.Addr().String())
		go func() { _, _ = l.Accept() }()
		client, err := n.Dial(t.Context(), "tcp", tt.dial)
		require.NoError(t, err)
		require.Equal(t, tt.want, client.RemoteAddr().String())
		for _, addr := range []net.Addr{l.Addr(), client.RemoteAddr(), client.LocalAddr()} {
			_, ok := addr.(*net.TCPAddr)
			require.Equal(t, tt.tcp, ok, "%T", addr)
			require.Equal(t, "tcp", addr.Network())
		}
	}
}

func TestNetworkClientsDiffer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := NewNetwork(Path{})
		l := listen(t, n, smbAddress)
		one, server := connect(t, n, l)
		other, _ := connect(t, n, l)
		require.NotEqual(t, one.LocalAddr().String(), other.LocalAddr().String())
		require.Equal(t, one.LocalAddr(), server.RemoteAddr())
		require.Equal(t, one.RemoteAddr(), server.LocalAddr())
		write(t, one, "to the right one")
		require.Equal(t, "to the right one", readOnce(t, server))
	})
}

func TestNetworkListenTwice(t *testing.T) {
	n := NewNetwork(Path{})
	l := listen(t, n, smbAddress)
	_, err := n.Listen("[::ffff:192.0.2.1]:445")
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	require.NoError(t, l.Close())
	require.ErrorIs(t, l.Close(), net.ErrClosed)
	again := listen(t, n, smbAddress)
	require.ErrorIs(t, l.Close(), net.ErrClosed, "does not close the new one")
	go func() { _, _ = again.Accept() }()
	_, err = n.Dial(t.Context(), "tcp", smbAddress)
	require.NoError(t, err)
}

func TestNetworkFreePort(t *testing.T) {
	n := NewNetwork(Path{})
	taken := listen(t, n, "127.0.0.1:49152")
	seen := map[string]bool{taken.Addr().String(): true}
	for range 100 {
		l := listen(t, n, "127.0.0.1:0")
		require.False(t, seen[l.Addr().String()])
		require.NotZero(t, l.Addr().(*net.TCPAddr).Port)
		seen[l.Addr().String()] = true
	}
}

func TestNetworkRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := NewNetwork(Path{Up: Link{Latency: second}, Down: Link{Latency: 2 * second}})
		took, err := outcome(dialing(t.Context(), n, smbAddress))()
		requireDialError(t, err, syscall.ECONNREFUSED)
		require.Equal(t, smbAddress, err.(*net.OpError).Addr.String())
		require.Equal(t, 3*second, took, "a refusal takes a round trip")
		_, err = n.Dial(t.Context(), "udp", smbAddress)
		require.ErrorAs(t, err, new(net.UnknownNetworkError))
	})
}

func TestNetworkLatency(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := NewNetwork(Path{Up: Link{Latency: second}, Down: Link{Latency: 2 * second}})
		near := listen(t, n, smbAddress)
		far, err := n.ListenPath("192.0.2.2:445", Path{Up: Link{Latency: time.Minute}})
		require.NoError(t, err)
		for l, want := range map[*Listener][3]time.Duration{
			near: {3 * second, second, 2 * second},
			far:  {time.Minute, time.Minute, 0},
		} {
			start := time.Now()
			client, server := connect(t, n, l)
			require.Equal(t, want[0], time.Since(start))

			start = time.Now()
			write(t, client, "q")
			readOnce(t, server)
			require.Equal(t, want[1], time.Since(start))
			start = time.Now()
			write(t, server, "a")
			readOnce(t, client)
			require.Equal(t, want[2], time.Since(start))

			ctx, cancel := context.WithTimeout(t.Context(), want[0]-1)
			defer cancel()
			took, err := outcome(dialing(ctx, n, l.Addr().String()))()
			requireDialError(t, err, context.DeadlineExceeded)
			require.Equal(t, want[0]-1, took)
		}
	})
}

func TestNetworkBlackhole(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := NewNetwork(Path{})
		l := listen(t, n, smbAddress)
		n.Blackhole(smbAddress)
		accept := outcome(func() error { _, err := l.Accept(); return err })

		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		took, err := outcome(dialing(ctx, n, smbAddress))()
		requireDialError(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Hour, took)

		ctx, cancel = context.WithCancel(t.Context())
		blocked := outcome(dialing(ctx, n, smbAddress))
		require.Equal(t, Counts{Dials: 2, Dialing: 1}, n.Counts())
		cancel()
		_, err = blocked()
		requireDialError(t, err, context.Canceled)
		require.Equal(t, Counts{Dials: 2}, n.Counts())

		require.NoError(t, l.Close())
		_, err = accept()
		require.ErrorIs(t, err, net.ErrClosed, "nobody came")
	})
}

func TestNetworkDialWaitsForAccept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := NewNetwork(Path{})
		l := listen(t, n, smbAddress)

		dial := outcome(dialing(t.Context(), n, smbAddress))
		time.Sleep(time.Minute)
		_, err := l.Accept()
		require.NoError(t, err)
		took, err := dial()
		require.NoError(t, err)
		require.Equal(t, time.Minute, took)

		ctx, cancel := context.WithTimeout(t.Context(), second)
		defer cancel()
		took, err = outcome(dialing(ctx, n, smbAddress))()
		requireDialError(t, err, context.DeadlineExceeded)
		require.Equal(t, second, took)
		requireDialError(t, dialing(ctx, n, smbAddress)(), context.DeadlineExceeded)
		require.Equal(t, 1, n.Counts().Open, "a dial that gave up is no connection")
	})
}

func TestListenerCloseUnblocks(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := NewNetwork(Path{})
		l := listen(t, n, smbAddress)
		client, server := connect(t, n, l)

		dial := outcome(dialing(t.Context(), n, smbAddress))
		require.NoError(t, l.Close())
		_, err := dial()
		requireDialError(t, err, syscall.ECONNREFUSED)
		requireDialError(t, dialing(t.Context(), n, smbAddress)(), syscall.ECONNREFUSED)
		_, err = l.Accept()
		require.ErrorIs(t, err, net.ErrClosed)

		other := listen(t, n, smbAddress)
		accept := outcome(func() error { _, err := other.Accept(); return err })
		require.NoError(t, other.Close())
		_, err = accept()
		require.ErrorIs(t, err, net.ErrClosed)
		require.Equal(t, "accept", err.(*net.OpError).Op)

		write(t, client, "lives on")
		require.Equal(t, "lives on", readOnce(t, server))
	})
}

func TestNetworkCounts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := NewNetwork(Path{})
		l, other := listen(t, n, smbAddress), listen(t, n, "files:445")
		require.Zero(t, n.Counts())

		one, server := connect(t, n, l)
		require.Equal(t, Counts{Dials: 1, Open: 1, MaxOpen: 1}, n.Counts())
		two, _ := connect(t, n, l)
		three, _ := connect(t, n, other)
		require.Equal(t, Counts{Dials: 3, Open: 3, MaxOpen: 3}, n.Counts())
		require.Equal(t, Counts{Dials: 2, Open: 2, MaxOpen: 2}, n.CountsFor("[::ffff:192.0.2.1]:445"))

		require.NoError(t, server.Close())
		require.Equal(t, 3, n.Counts().Open, "the client still holds it")
		require.NoError(t, one.Close())
		require.Error(t, one.Close(), "is not counted twice")
		require.NoError(t, two.(*Conn).Reset())
		require.Equal(t, Counts{Dials: 3, Open: 1, MaxOpen: 3}, n.Counts())
		require.NoError(t, three.Close())
		requireDialError(t, dialing(t.Context(), n, "nobody:445")(), syscall.ECONNREFUSED)
		require.Equal(t, Counts{Dials: 4, MaxOpen: 3}, n.Counts())
		require.Equal(t, Counts{Dials: 2, MaxOpen: 2}, n.CountsFor(smbAddress))
		require.Equal(t, Counts{Dials: 1, MaxOpen: 1}, n.CountsFor("files:445"))
		require.Equal(t, Counts{Dials: 1}, n.CountsFor("nobody:445"))
		require.Zero(t, n.CountsFor("never dialled:445"))
	})
}

// TestNetworkCountsAtBothEnds: whoever gets the connection first must see it counted.
func TestNetworkCountsAtBothEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := NewNetwork(Path{})
		l := listen(t, n, smbAddress)
		var client net.Conn
		ends := []func(){
			func() { client, _ = n.Dial(t.Context(), "tcp", smbAddress) },
			func() { _, _ = l.Accept() },
		}
		const rounds = 200
		for i := range rounds { // either end waits for the other in turn
			var group sync.WaitGroup
			for j := range ends {
				group.Go(func() {
					ends[(i+j)%2]()
					if open := n.Counts().Open; open != 1 {
						t.Errorf("%d open", open)
					}
				})
				synctest.Wait()
			}
			group.Wait()
			require.NoError(t, client.Close())
		}
		require.Equal(t, Counts{Dials: rounds, MaxOpen: 1}, n.Counts())
	})
}

func TestNetworkManyDials(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := NewNetwork(both(Link{Latency: time.Millisecond}))
		l := listen(t, n, smbAddress)
		stop := Serve(l, Echo)
		const many = 50
		var group sync.WaitGroup
		for range many {
			group.Go(func() {
				client, err := n.Dial(t.Context(), "tcp", smbAddress)
				if err != nil {
					t.Error(err)
					return
				}
				time.Sleep(second) // until all are open
				_, _ = client.Write([]byte("x"))
				if _, err := client.Read(make([]byte, 1)); err != nil {
					t.Error(err)
				}
				_ = client.Close()
			})
		}
		group.Wait()
		require.Equal(t, Counts{Dials: many, MaxOpen: many}, n.Counts())
		stop()
		synctest.Wait()
	})
}

// TestDialFitsANetDialer holds the shape that Scanner.Dial has.
func TestDialFitsANetDialer(t *testing.T) {
	type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)
	var dialer net.Dialer
	dials := []dialFunc{dialer.DialContext, NewNetwork(Path{}).Dial}
	_, err := dials[1](t.Context(), "tcp", smbAddress)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
}
