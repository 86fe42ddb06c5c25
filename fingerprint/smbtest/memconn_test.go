package smbtest

import (
	"bytes"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/require"
)

const second = time.Second

// bubble runs a test in a synctest bubble, where time passes only while everyone waits.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// pipe is Pipe, closed at the end of the test.
func pipe(t *testing.T, p Path) (client, server *Conn) {
	t.Helper()
	client, server = Pipe(p)
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
	})
	return client, server
}

// both is the same link in both directions.
func both(l Link) Path { return Path{Up: l, Down: l} }

func write(t *testing.T, c net.Conn, s string) {
	t.Helper()
	n, err := c.Write([]byte(s))
	require.NoError(t, err)
	require.Equal(t, len(s), n)
}

// readOnce is one Read with room for more.
func readOnce(t *testing.T, c net.Conn) string {
	t.Helper()
	b := make([]byte, 1<<20)
	n, err := c.Read(b)
	require.NoError(t, err)
	return string(b[:n])
}

// outcome starts a call and returns a function that waits for its error, and for how long the call took.
func outcome(call func() error) (wait func() (time.Duration, error)) {
	var err error
	var took time.Duration
	done := make(chan struct{})
	go func() {
		start := time.Now()
		err = call()
		took = time.Since(start)
		close(done)
	}()
	synctest.Wait() // until the call is blocked, or over
	return func() (time.Duration, error) {
		<-done
		return took, err
	}
}

func reading(c net.Conn) func() error {
	return func() error { _, err := c.Read(make([]byte, 1)); return err }
}

func writing(c net.Conn, n int) func() error {
	return func() error { _, err := c.Write(make([]byte, n)); return err }
}

// requireOp checks that an error is the *net.OpError that package net would give.
func requireOp(t *testing.T, err, target error, op string) {
	t.Helper()
	require.ErrorIs(t, err, target)
	opErr, ok := err.(*net.OpError)
	require.True(t, ok, "%T", err)
	require.Equal(t, op, opErr.Op)
	require.Equal(t, "tcp", opErr.Net)
	require.NotNil(t, opErr.Addr)
	require.Equal(t, target == os.ErrDeadlineExceeded, opErr.Timeout())
}

func TestConnBothDirections(t *testing.T) {
	client, server := pipe(t, Path{})
	// No goroutine: both may speak first, which deadlocks with net.Pipe.
	write(t, client, "question")
	write(t, server, "answer")
	require.Equal(t, "question", readOnce(t, server))
	require.Equal(t, "answer", readOnce(t, client))

	require.Equal(t, client.LocalAddr(), server.RemoteAddr())
	require.Equal(t, server.LocalAddr(), client.RemoteAddr())
	require.NotEqual(t, client.LocalAddr(), client.RemoteAddr())
}

func TestConnReadJoinsAndSplits(t *testing.T) {
	for _, latency := range []time.Duration{0, time.Nanosecond} { // the two ways to keep bytes
		bubble(t, func(t *testing.T) {
			client, server := pipe(t, both(Link{Latency: latency}))
			for _, s := range []string{"a", "bc", "", "def"} {
				write(t, client, s)
			}
			time.Sleep(latency)
			b := make([]byte, 4)
			n, err := server.Read(b)
			require.NoError(t, err)
			require.Equal(t, "abcd", string(b[:n]))
			require.Equal(t, "ef", readOnce(t, server))
		})
	}
}

func TestConnOwnsWhatWasWritten(t *testing.T) {
	client, server := pipe(t, Path{})
	b := []byte("mine")
	_, err := client.Write(b)
	require.NoError(t, err)
	copy(b, "XXXX")
	require.Equal(t, "mine", readOnce(t, server))
}

func TestConnEmptyReadAndWrite(t *testing.T) {
	client, server := pipe(t, Path{})
	n, err := client.Read(nil)
	require.NoError(t, err)
	require.Zero(t, n)
	write(t, client, "")
	write(t, client, "x")
	require.Equal(t, "x", readOnce(t, server))
}

func TestConnBufferBlocksWrites(t *testing.T) {
	for _, link := range []Link{{}, {Buffer: 10}, {Buffer: 10, Segment: 3}, {Buffer: 10, Latency: second}} {
		bubble(t, func(t *testing.T) {
			size := max(link.Buffer, 10)
			if link.Buffer == 0 {
				size = DefaultBuffer
			}
			client, server := pipe(t, both(link))
			start := time.Now()
			write(t, client, string(make([]byte, size))) // does not block
			require.Zero(t, time.Since(start))

			require.NoError(t, client.SetWriteDeadline(start.Add(10*second)))
			n, err := client.Write([]byte("x"))
			require.Zero(t, n)
			requireOp(t, err, os.ErrDeadlineExceeded, "write")
			require.Equal(t, 10*second, time.Since(start))

			// Four bytes read are room for four: the fifth waits for the deadline.
			require.NoError(t, client.SetWriteDeadline(start.Add(20*second)))
			_, err = io.ReadFull(server, make([]byte, 4))
			require.NoError(t, err)
			n, err = client.Write([]byte("hello"))
			require.Equal(t, 4, n)
			requireOp(t, err, os.ErrDeadlineExceeded, "write")
			require.Equal(t, 20*second, time.Since(start))

			// A read wakes the writer.
			require.NoError(t, client.SetWriteDeadline(time.Time{}))
			blocked := outcome(writing(client, 2*size))
			_, err = io.ReadFull(server, make([]byte, 3*size))
			require.NoError(t, err)
			_, err = blocked()
			require.NoError(t, err)
		})
	}
}

func TestConnWritesDoNotMix(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, server := pipe(t, both(Link{Buffer: 7}))
		const size, writers = 100, 4
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() { _, _ = client.Write(bytes.Repeat([]byte{byte('a' + i)}, size)) })
		}
		got := make([]byte, size*writers)
		_, err := io.ReadFull(server, got)
		require.NoError(t, err)
		group.Wait()
		for i := range writers {
			part := got[i*size:][:size]
			require.Equal(t, bytes.Repeat(part[:1], size), part)
		}
	})
}

func TestConnLatency(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, server := pipe(t, Path{Up: Link{Latency: 2 * second}, Down: Link{Latency: 5 * second}})
		start := time.Now()
		write(t, client, "up1")
		write(t, server, "down")
		require.Zero(t, time.Since(start), "a write does not wait for the arrival")
		time.Sleep(second)
		write(t, client, "up2")

		require.Equal(t, "up1", readOnce(t, server))
		require.Equal(t, 2*second, time.Since(start))
		require.Equal(t, "up2", readOnce(t, server))
		require.Equal(t, 3*second, time.Since(start))
		require.Equal(t, "down", readOnce(t, client))
		require.Equal(t, 5*second, time.Since(start))

		// A deadline before the arrival loses nothing.
		write(t, client, "up3")
		require.NoError(t, server.SetReadDeadline(time.Now().Add(second)))
		requireOp(t, reading(server)(), os.ErrDeadlineExceeded, "read")
		require.NoError(t, server.SetReadDeadline(time.Time{}))
		require.Equal(t, "up3", readOnce(t, server))
		require.Equal(t, 7*second, time.Since(start))
	})
}

func TestConnSegments(t *testing.T) {
	tests := []struct {
		segment int
		writes  []string
		want    []string
	}{
		{1, []string{"abc"}, []string{"a", "b", "c"}},
		{3, []string{"abcdefgh"}, []string{"abc", "def", "gh"}},
		{3, []string{"ab", "cdef", "g"}, []string{"ab", "cde", "f", "g"}}, // writes are not joined
		{-1, []string{"ab", "c"}, []string{"abc"}},
	}
	for _, tt := range tests {
		client, server := pipe(t, Path{Up: Link{Segment: tt.segment}})
		for _, s := range tt.writes {
			write(t, client, s)
		}
		var got []string
		for range tt.want {
			got = append(got, readOnce(t, server))
		}
		require.Equal(t, tt.want, got)

		// The other direction has its own link.
		write(t, server, "abcdefgh")
		require.Equal(t, "abcdefgh", readOnce(t, client))
	}
}

func TestConnSegmentsAndShortReads(t *testing.T) {
	client, server := pipe(t, Path{Up: Link{Segment: 3}})
	write(t, client, "abcdefgh")
	var got []string
	for range 5 {
		b := make([]byte, 2)
		n, err := server.Read(b)
		require.NoError(t, err)
		got = append(got, string(b[:n]))
	}
	require.Equal(t, []string{"ab", "c", "de", "f", "gh"}, got)
}

// TestConnLeavesNothingBehind would find a timer that goes on after a Close: it keeps the connection alive.
func TestConnLeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	var pointer weak.Pointer[shared] // what a timer would hold
	func() {
		client, server := Pipe(both(Link{Latency: time.Hour, Buffer: 1}))
		pointer = weak.Make(client.shared)
		require.NoError(t, client.SetDeadline(time.Now().Add(time.Hour)))
		require.NoError(t, server.SetDeadline(time.Now().Add(time.Hour)))
		var group sync.WaitGroup
		group.Go(func() { _ = reading(client)() })
		group.Go(func() { _ = writing(client, 2)() })
		group.Go(func() { _ = reading(server)() })
		for !blockedInWrite(client) { // no bubble here: a real timer must be armed, and be seen to go
			runtime.Gosched()
		}
		require.NoError(t, client.Close())
		require.NoError(t, server.Close())
		group.Wait()
	}()
	for range 100 {
		runtime.GC()
		if pointer.Value() == nil {
			break
		}
		runtime.Gosched()
	}
	require.Nil(t, pointer.Value())
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

func blockedInWrite(c *Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writing
}

// TestConnSurvivesManyUsers is for the race detector.
func TestConnSurvivesManyUsers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, server := pipe(t, both(Link{Buffer: 64, Segment: 5, Latency: time.Millisecond}))
		var group sync.WaitGroup
		for _, c := range []*Conn{client, server} {
			for range 3 {
				group.Go(func() { _, _ = io.Copy(io.Discard, c) })
				group.Go(func() {
					for writing(c, 100)() == nil {
					}
				})
				group.Go(func() {
					for range 50 {
						time.Sleep(time.Millisecond)
						_ = c.SetDeadline(time.Now().Add(second))
					}
					_ = c.CloseWrite()
					_ = c.Close()
				})
			}
		}
		group.Wait()
		require.ErrorIs(t, client.Close(), net.ErrClosed)
	})
}
