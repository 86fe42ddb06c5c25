package smbtest

import (
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestConnCloseWrite(t *testing.T) {
	client, server := pipe(t, Path{})
	write(t, client, "last words")
	require.NoError(t, client.CloseWrite())
	require.NoError(t, client.CloseWrite(), "as TCP: no harm")
	requireOp(t, writing(client, 1)(), syscall.EPIPE, "write")

	require.Equal(t, "last words", readOnce(t, server))
	for range 2 { // and again
		_, err := server.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err, "not wrapped")
	}
	write(t, server, "the other direction lives")
	require.Equal(t, "the other direction lives", readOnce(t, client))

	// A close after it still tells the peer that nobody reads.
	require.NoError(t, client.Close())
	requireOp(t, writing(server, 1)(), syscall.EPIPE, "write")
}

func TestConnClose(t *testing.T) {
	client, server := pipe(t, Path{})
	write(t, client, "under way")
	write(t, server, "unread")
	require.NoError(t, client.Close())

	require.Equal(t, "under way", readOnce(t, server))
	_, err := server.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	requireOp(t, writing(server, 1)(), syscall.EPIPE, "write")
	_, err = server.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
}

func TestConnReset(t *testing.T) {
	client, server := pipe(t, Path{})
	write(t, client, "dropped")
	write(t, server, "unread")
	require.NoError(t, client.Reset())

	for range 2 {
		requireOp(t, reading(server)(), syscall.ECONNRESET, "read")
		requireOp(t, writing(server, 1)(), syscall.ECONNRESET, "write")
	}
	require.NoError(t, server.CloseWrite())
	require.NoError(t, server.Close())
}

func TestConnAfterCloseOrReset(t *testing.T) {
	for name, end := range map[string]func(*Conn) error{"close": (*Conn).Close, "reset": (*Conn).Reset} {
		t.Run(name, func(t *testing.T) {
			client, server := pipe(t, Path{})
			write(t, server, "unread")
			require.NoError(t, end(client))
			requireOp(t, reading(client)(), net.ErrClosed, "read")
			requireOp(t, writing(client, 1)(), net.ErrClosed, "write")
			_, err := client.Read(nil)
			requireOp(t, err, net.ErrClosed, "read")
			_, err = client.Write(nil)
			requireOp(t, err, net.ErrClosed, "write")
			requireOp(t, client.Close(), net.ErrClosed, "close")
			requireOp(t, client.Reset(), net.ErrClosed, "close")
			requireOp(t, client.CloseWrite(), net.ErrClosed, "close")
			requireOp(t, client.SetDeadline(time.Now()), net.ErrClosed, "set")
			requireOp(t, client.SetReadDeadline(time.Now()), net.ErrClosed, "set")
			requireOp(t, client.SetWriteDeadline(time.Now()), net.ErrClosed, "set")
			require.Equal(t, Addr("client"), client.LocalAddr(), "still known")
		})
	}
}

// TestConnEndsInterruptBlockedCalls has a reader and a writer blocked at both ends when one end goes.
func TestConnEndsInterruptBlockedCalls(t *testing.T) {
	tests := map[string]struct {
		end         func(*Conn) error
		local       error
		read, write error // of the peer
	}{
		"close": {(*Conn).Close, net.ErrClosed, io.EOF, syscall.EPIPE},
		"reset": {(*Conn).Reset, net.ErrClosed, syscall.ECONNRESET, syscall.ECONNRESET},
	}
	for name, tt := range tests {
		for _, latency := range []time.Duration{0, 2 * second} {
			t.Run(name+" "+latency.String(), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					// The ends of two connections: one whose buffers are empty, one whose buffers are full.
					path := Path{Up: Link{Buffer: 1, Latency: time.Minute}, Down: Link{Buffer: 1, Latency: latency}}
					client, server := pipe(t, path)
					fullClient, fullServer := pipe(t, path)
					write(t, fullClient, "x")
					write(t, fullServer, "x")
					read, written := outcome(reading(server)), outcome(writing(fullServer, 1))
					peerRead, peerWritten := outcome(reading(client)), outcome(writing(fullClient, 1))

					require.NoError(t, tt.end(server))
					require.NoError(t, tt.end(fullServer))
					for _, wait := range []func() (time.Duration, error){read, written} {
						took, err := wait()
						require.ErrorIs(t, err, tt.local)
						require.Zero(t, took)
					}
					took, err := peerRead()
					require.ErrorIs(t, err, tt.read)
					require.Equal(t, latency, took, "the news takes as long as a byte")
					took, err = peerWritten()
					require.ErrorIs(t, err, tt.write)
					require.Equal(t, latency, took, "what nobody reads makes no room")
				})
			})
		}
	}
}

// TestConnNewsTravels holds the order of bytes and ends: a reset overtakes nothing that has arrived before it.
func TestConnNewsTravels(t *testing.T) {
	t.Run("close", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			client, server := pipe(t, both(Link{Latency: 2 * second}))
			write(t, client, "under way")
			require.NoError(t, client.Close())
			write(t, server, "into the void")
			start := time.Now()
			require.Equal(t, "under way", readOnce(t, server))
			require.Equal(t, 2*second, time.Since(start))
			require.Equal(t, io.EOF, reading(server)())
			require.Equal(t, 2*second, time.Since(start))
			requireOp(t, writing(server, 1)(), syscall.EPIPE, "write")
		})
	})
	t.Run("half-close", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			client, server := pipe(t, both(Link{Latency: 2 * second}))
			require.NoError(t, client.CloseWrite())
			took, err := outcome(reading(server))()
			require.Equal(t, io.EOF, err)
			require.Equal(t, 2*second, took)
		})
	})
	t.Run("reset", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			client, server := pipe(t, both(Link{Latency: 2 * second}))
			start := time.Now()
			write(t, client, "one")
			time.Sleep(second)
			write(t, client, "two")
			require.NoError(t, client.Reset())
			require.Equal(t, "one", readOnce(t, server), "arrives before the reset does")
			require.Equal(t, 2*second, time.Since(start))
			write(t, server, "not known yet")
			requireOp(t, reading(server)(), syscall.ECONNRESET, "read")
			require.Equal(t, 3*second, time.Since(start))
		})
	})
	t.Run("deadline first", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			client, server := pipe(t, both(Link{Latency: 2 * second}))
			require.NoError(t, client.Reset())
			require.NoError(t, server.SetDeadline(time.Now().Add(second)))
			requireOp(t, reading(server)(), os.ErrDeadlineExceeded, "read")
		})
	})
}

// TestConnIsLikeTCP runs the same calls over TCP on the loopback device: the errors are promised to be the same.
func TestConnIsLikeTCP(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	pairs := map[string]func(t *testing.T) (client, server net.Conn){
		"memory": func(t *testing.T) (net.Conn, net.Conn) { return pipe(t, Path{}) },
		"tcp": func(t *testing.T) (net.Conn, net.Conn) {
			client, err := net.Dial("tcp", listener.Addr().String())
			require.NoError(t, err)
			server, err := listener.Accept()
			require.NoError(t, err)
			t.Cleanup(func() { _ = client.Close(); _ = server.Close() })
			return client, server
		},
	}
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			client, server := pair(t)
			require.NoError(t, client.SetDeadline(time.Now().Add(-1)))
			requireOp(t, reading(client)(), os.ErrDeadlineExceeded, "read")
			requireOp(t, writing(client, 1)(), os.ErrDeadlineExceeded, "write")
			n, err := client.Read(nil)
			require.NoError(t, err)
			require.Zero(t, n)
			require.True(t, closeWrite(client))
			require.True(t, closeWrite(client))
			require.NoError(t, client.SetDeadline(time.Time{}))
			requireOp(t, writing(client, 1)(), syscall.EPIPE, "write")
			require.Equal(t, io.EOF, reading(server)())
			require.NoError(t, client.Close())
			requireOp(t, client.Close(), net.ErrClosed, "close")
			requireOp(t, reading(client)(), net.ErrClosed, "read")
			requireOp(t, writing(client, 0)(), net.ErrClosed, "write")
			requireOp(t, client.SetDeadline(time.Time{}), net.ErrClosed, "set")

			client, server = pair(t)
			ResetAtOnce(server)
			requireOp(t, reading(client)(), syscall.ECONNRESET, "read")
		})
	}
}
