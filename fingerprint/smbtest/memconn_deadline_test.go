package smbtest

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestConnDeadlines(t *testing.T) {
	read := func(c *Conn) func() error { return reading(c) }
	write := func(c *Conn) func() error { return writing(c, 2) } // more than the buffer holds
	calls := map[string]struct {
		op    string
		call  func(*Conn) func() error
		set   func(*Conn, time.Time) error
		other func(*Conn, time.Time) error
	}{
		"read":        {"read", read, (*Conn).SetReadDeadline, (*Conn).SetWriteDeadline},
		"write":       {"write", write, (*Conn).SetWriteDeadline, (*Conn).SetReadDeadline},
		"both, read":  {"read", read, (*Conn).SetDeadline, (*Conn).SetWriteDeadline},
		"both, write": {"write", write, (*Conn).SetDeadline, (*Conn).SetReadDeadline},
	}
	for name, tt := range calls {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				client, _ := pipe(t, both(Link{Buffer: 1}))
				past := time.Now().Add(-second)
				call := tt.call(client)

				// Set before the call, to come and passed.
				require.NoError(t, tt.set(client, time.Now().Add(3*second)))
				took, err := outcome(call)()
				requireOp(t, err, os.ErrDeadlineExceeded, tt.op)
				require.Equal(t, 3*second, took)
				for _, now := range []time.Time{past, time.Now(), time.Unix(1, 0)} {
					require.NoError(t, tt.set(client, now))
					took, err = outcome(call)()
					requireOp(t, err, os.ErrDeadlineExceeded, tt.op)
					require.Zero(t, took)
				}
				var netErr net.Error
				require.ErrorAs(t, err, &netErr)
				require.True(t, netErr.Timeout())

				// Moved under a blocked call: to the past, sooner, later, and there from never.
				for _, move := range []struct {
					from, to time.Duration // since the start; 0 is never
					after    time.Duration
				}{{60, -1, 5}, {60, 20, 20}, {10, 30, 30}, {0, 30, 30}, {0, -1, 5}} {
					start := time.Now()
					at := func(d time.Duration) time.Time {
						if d == 0 {
							return time.Time{}
						}
						return start.Add(d * second)
					}
					require.NoError(t, tt.set(client, at(move.from)))
					require.NoError(t, tt.other(client, time.Time{}))
					blocked := outcome(call)
					time.Sleep(5 * second)
					require.NoError(t, tt.other(client, past), "concerns the other direction only")
					require.NoError(t, tt.other(client, time.Time{}))
					require.NoError(t, tt.set(client, at(move.to)))
					took, err := blocked()
					requireOp(t, err, os.ErrDeadlineExceeded, tt.op)
					require.Equal(t, move.after*second, took)
				}
			})
		})
	}
}

func TestConnDeadlineComesBeforeBytes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, server := pipe(t, Path{})
		write(t, client, "here")
		require.NoError(t, server.SetReadDeadline(time.Now()))
		requireOp(t, reading(server)(), os.ErrDeadlineExceeded, "read")
		require.NoError(t, client.SetWriteDeadline(time.Now()))
		requireOp(t, writing(client, 1)(), os.ErrDeadlineExceeded, "write")

		// And is over when it is cleared: nothing is lost.
		require.NoError(t, server.SetReadDeadline(time.Time{}))
		require.Equal(t, "here", readOnce(t, server))
	})
}
