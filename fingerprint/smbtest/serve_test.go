package smbtest

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// listeners are the two kinds of listener that Serve is for.
func listeners(t *testing.T) map[string]func() (net.Listener, func() (net.Conn, error)) {
	t.Helper()
	return map[string]func() (net.Listener, func() (net.Conn, error)){
		"memory": func() (net.Listener, func() (net.Conn, error)) {
			n := NewNetwork(Path{})
			l := listen(t, n, smbAddress)
			return l, func() (net.Conn, error) { return n.Dial(t.Context(), "tcp", smbAddress) }
		},
		"tcp": func() (net.Listener, func() (net.Conn, error)) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			return l, func() (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) }
		},
	}
}

func TestServe(t *testing.T) {
	for name, open := range listeners(t) {
		t.Run(name, func(t *testing.T) {
			l, dial := open()
			var running atomic.Int32
			stop := Serve(l, func(conn net.Conn) {
				running.Add(1)
				defer running.Add(-1)
				_, _ = io.Copy(conn, conn)
			})
			var clients []net.Conn
			for range 3 { // side by side
				client, err := dial()
				require.NoError(t, err)
				write(t, client, "hello")
				require.Equal(t, "hello", readOnce(t, client))
				clients = append(clients, client)
			}
			require.EqualValues(t, 3, running.Load())

			var group sync.WaitGroup
			for range 3 { // as often as one likes, and from anywhere
				group.Go(stop)
			}
			group.Wait()
			require.Zero(t, running.Load(), "all have been joined")
			_, err := dial()
			require.Error(t, err)
			for _, client := range clients {
				_, err := client.Read(make([]byte, 1))
				require.Equal(t, io.EOF, err)
				require.NoError(t, client.Close())
			}
			stop()
		})
	}
}

func TestServeClosesWhenTheHandlerReturns(t *testing.T) {
	for name, open := range listeners(t) {
		t.Run(name, func(t *testing.T) {
			l, dial := open()
			defer Serve(l, func(conn net.Conn) { _, _ = io.WriteString(conn, "bye") })()
			client, err := dial()
			require.NoError(t, err)
			defer client.Close()
			all, err := io.ReadAll(client)
			require.NoError(t, err)
			require.Equal(t, "bye", string(all))
		})
	}
}

// TestServeStopsTwiceWhileAHandlerTakesTime would deadlock the bubble if the second stop waited for a mutex.
func TestServeStopsTwiceWhileAHandlerTakesTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := NewNetwork(Path{})
		stop := Serve(listen(t, n, smbAddress), func(net.Conn) { time.Sleep(time.Minute) })
		_, err := n.Dial(t.Context(), "tcp", smbAddress)
		require.NoError(t, err)
		synctest.Wait() // the client knows of the connection before the handler runs
		start := time.Now()
		go stop()
		synctest.Wait()
		stop()
		require.Equal(t, time.Minute, time.Since(start))
	})
}

// failing fails some times before it accepts, as a listener does that has no file descriptors left.
type failing struct {
	net.Listener
	times atomic.Int32
}

func (f *failing) Accept() (net.Conn, error) {
	if f.times.Add(-1) >= 0 {
		return nil, errors.New("too many open files")
	}
	return f.Listener.Accept()
}

func TestServeOutlivesFailures(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := NewNetwork(Path{})
		l := &failing{Listener: listen(t, n, smbAddress)}
		l.times.Store(3)
		start := time.Now()
		stop := Serve(l, Echo)
		_, err := n.Dial(t.Context(), "tcp", smbAddress)
		require.NoError(t, err)
		require.Equal(t, 3*acceptPause, time.Since(start), "it does not spin")
		stop()

		l.Listener = listen(t, n, smbAddress)
		l.times.Store(1 << 30)
		start = time.Now()
		stop = Serve(l, Echo)
		synctest.Wait()
		stop()
		require.Zero(t, time.Since(start), "a stop interrupts the pause")
	})
}

// late accepts a connection although it has been closed.
type late struct {
	net.Listener
	closed chan struct{}
	conn   net.Conn
	given  bool
}

func (l *late) Accept() (net.Conn, error) {
	<-l.closed
	if l.given {
		return nil, net.ErrClosed
	}
	l.given = true
	return l.conn, nil
}

func (l *late) Close() error { close(l.closed); return nil }

func TestServeClosesALateConnection(t *testing.T) {
	client, server := pipe(t, Path{})
	Serve(&late{closed: make(chan struct{}), conn: server}, func(net.Conn) { t.Error("handled") })()
	require.Equal(t, io.EOF, reading(client)())
}
