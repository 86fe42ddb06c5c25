package smbtest

import (
	"bytes"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// peers are all handlers of the package, each in the form that keeps its connection longest.
var peers = map[string]func(net.Conn){
	"Silent":            Silent,
	"CloseAtOnce":       CloseAtOnce,
	"ResetAtOnce":       ResetAtOnce,
	"HalfClose":         HalfClose,
	"Echo":              Echo,
	"Drip":              Drip(second, []byte("drop"), true),
	"Drip once":         Drip(second, []byte("drop"), false),
	"Drip at once":      Drip(0, []byte("drop"), true),
	"SaysFirst":         SaysFirst("SSH-2.0-OpenSSH_9.6\r\n"),
	"HTTP":              HTTP,
	"HugeFrame":         HugeFrame(second),
	"HugeFrame at once": HugeFrame(0),
	"KeepAlives":        KeepAlives,
	"EndlessFrames":     EndlessFrames([]byte("\x00\x00\x00\x04\xFESMB")),
	"NetBIOS":           NetBIOS(nil, Echo),
}

// meet runs a peer on the other end of a connection. The channel is closed when it has returned.
func meet(t *testing.T, p Path, peer func(net.Conn)) (client *Conn, server *Conn, done <-chan struct{}) {
	t.Helper()
	client, server = pipe(t, p)
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		peer(server)
	}()
	return client, server, returned
}

// TestPeersReturn ends the connection of each peer in every way while it does what it does, and at once.
func TestPeersReturn(t *testing.T) {
	ends := map[string]func(client, server *Conn){
		"client closes": func(client, _ *Conn) { _ = client.Close() },
		"client resets": func(client, _ *Conn) { _ = client.Reset() },
		"server closes": func(_, server *Conn) { _ = server.Close() }, // what the stop of Serve does
	}
	for name, peer := range peers {
		for how, end := range ends {
			for _, after := range []time.Duration{0, 90 * second} {
				t.Run(name+"/"+how+" after "+after.String(), func(t *testing.T) {
					bubble(t, func(t *testing.T) {
						client, server, done := meet(t, Path{}, peer)
						synctest.Wait()
						time.Sleep(after + second/2)
						end(client, server)
						start := time.Now()
						<-done
						require.Zero(t, time.Since(start))
						require.ErrorIs(t, server.Close(), net.ErrClosed, "it closes its connection itself")
					})
				})
			}
		}
	}
}

// TestPeersEndOverTCP runs all peers over real sockets, with a client that reads a little and closes.
func TestPeersEndOverTCP(t *testing.T) {
	for name, peer := range peers {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			stop := Serve(l, peer)
			defer stop()
			client, err := net.Dial("tcp", l.Addr().String())
			if name == "ResetAtOnce" && err != nil {
				require.ErrorIs(t, err, syscall.ECONNRESET)
				return
			}
			require.NoError(t, err)
			_, _ = client.Write([]byte("question\n"))
			require.NoError(t, client.SetReadDeadline(time.Now().Add(10*time.Millisecond)))
			_, _ = client.Read(make([]byte, 100))
			stop() // with the client still there
			require.NoError(t, client.Close())
		})
	}
}

// TestPeersAreBounded has a client that takes and gives without end. Every peer must end it.
func TestPeersAreBounded(t *testing.T) {
	for name, peer := range peers {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				client, _, done := meet(t, Path{}, peer)
				received := make(chan int64, 1)
				go func() {
					n, _ := io.Copy(io.Discard, client)
					received <- n
				}()
				sent, chunk := 0, []byte(strings.Repeat("x", 64<<10))
				var err error
				for err == nil && sent < 4*PeerLimit {
					var n int
					n, err = client.Write(chunk)
					sent += n
				}
				<-done
				require.Error(t, err)
				require.LessOrEqual(t, sent, PeerLimit+2*DefaultBuffer)
				require.LessOrEqual(t, <-received, int64(PeerLimit))
			})
		})
	}
}

func TestSilent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, _, _ := meet(t, Path{}, Silent)
		write(t, client, strings.Repeat("x", 2*DefaultBuffer)) // is read, or it would block
		require.NoError(t, client.SetReadDeadline(time.Now().Add(time.Hour)))
		require.ErrorIs(t, reading(client)(), os.ErrDeadlineExceeded)
	})
}

// TestPeersThatEndAtOnce goes over both kinds of connection, since they do it in different ways.
func TestPeersThatEndAtOnce(t *testing.T) {
	tests := map[string]struct {
		peer func(net.Conn)
		want error
	}{
		"close": {CloseAtOnce, io.EOF},
		"reset": {ResetAtOnce, syscall.ECONNRESET},
		"half":  {HalfClose, io.EOF},
	}
	for name, tt := range tests {
		for kind, open := range listeners(t) {
			t.Run(name+" "+kind, func(t *testing.T) {
				l, dial := open()
				defer Serve(l, tt.peer)()
				client, err := dial()
				if err == nil {
					defer client.Close()
					err = reading(client)()
				}
				require.ErrorIs(t, err, tt.want)
			})
		}
	}
}

// onlyConn hides what a net.Conn need not have.
type onlyConn struct{ net.Conn }

func TestPeersThatEndAtOnceOverAnyConn(t *testing.T) {
	for _, peer := range []func(net.Conn){ResetAtOnce, HalfClose} {
		client, server := pipe(t, Path{})
		peer(onlyConn{server})
		require.Equal(t, io.EOF, reading(client)())
		require.ErrorIs(t, writing(client, 1)(), syscall.EPIPE)
	}
}

func TestHalfCloseReadsOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, _, done := meet(t, Path{}, HalfClose)
		require.Equal(t, io.EOF, reading(client)())
		write(t, client, strings.Repeat("x", 2*DefaultBuffer))
		require.NoError(t, client.CloseWrite())
		<-done
	})
}

func TestEcho(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, _, done := meet(t, Path{}, Echo)
		write(t, client, "one")
		require.Equal(t, "one", readOnce(t, client))
		write(t, client, "two")
		require.NoError(t, client.CloseWrite())
		all, err := io.ReadAll(client)
		require.NoError(t, err)
		require.Equal(t, "two", string(all))
		<-done
	})
}

func TestDrip(t *testing.T) {
	bubble(t, func(t *testing.T) {
		data := []byte("abc")
		peer := Drip(2*second, data, true)
		data[0] = 'X' // is the caller's
		client, _, _ := meet(t, Path{}, peer)
		start := time.Now()
		for i, want := range []string{"a", "b", "c", "a", "b"} {
			require.Equal(t, want, readOnce(t, client))
			require.Equal(t, time.Duration(i+1)*2*second, time.Since(start))
			write(t, client, "is dropped, and changes nothing")
		}
	})
}

func TestDripOnce(t *testing.T) {
	for _, data := range []string{"ab", ""} {
		bubble(t, func(t *testing.T) {
			client, _, done := meet(t, Path{}, Drip(second, []byte(data), data == ""))
			require.NoError(t, client.SetReadDeadline(time.Now().Add(time.Hour)))
			all, err := io.ReadAll(client)
			require.ErrorIs(t, err, os.ErrDeadlineExceeded, "silent after the last byte")
			require.Equal(t, data, string(all))
			require.NoError(t, client.CloseWrite())
			<-done
		})
	}
}

func TestDripEndsWithItsClient(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, _, done := meet(t, Path{}, Drip(time.Hour, []byte("a"), true))
		start := time.Now()
		require.NoError(t, client.CloseWrite())
		<-done
		require.Zero(t, time.Since(start))
	})
}

func TestDripLimit(t *testing.T) {
	for _, every := range []time.Duration{0, second} { // eighteen hours
		bubble(t, func(t *testing.T) {
			client, _, done := meet(t, Path{}, Drip(every, []byte("abc"), true))
			b := make([]byte, DripLimit)
			start := time.Now()
			_, err := io.ReadFull(client, b)
			require.NoError(t, err)
			require.Equal(t, DripLimit*every, time.Since(start))
			require.NoError(t, client.SetReadDeadline(time.Now().Add(time.Hour)))
			require.ErrorIs(t, reading(client)(), os.ErrDeadlineExceeded)
			require.NoError(t, client.Close())
			<-done
		})
	}
}

func TestSaysFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, _, _ := meet(t, Path{}, SaysFirst("SSH-2.0-x\r\n"))
		require.Equal(t, "SSH-2.0-x\r\n", readOnce(t, client))
		write(t, client, "\x00\x00\x00\x04\xFESMB")
		require.NoError(t, client.SetReadDeadline(time.Now().Add(time.Hour)))
		require.ErrorIs(t, reading(client)(), os.ErrDeadlineExceeded)
	})
}

func TestHTTP(t *testing.T) {
	bubble(t, func(t *testing.T) {
		client, _, done := meet(t, Path{}, HTTP)
		write(t, client, "\x00\x00\x00\x04\xFESMB")
		require.NoError(t, client.SetReadDeadline(time.Now().Add(time.Hour)))
		require.ErrorIs(t, reading(client)(), os.ErrDeadlineExceeded, "waits for a line feed")
		require.NoError(t, client.SetReadDeadline(time.Time{}))

		write(t, client, "\x0A and more")
		start := time.Now()
		all, err := io.ReadAll(client)
		require.NoError(t, err)
		require.Zero(t, time.Since(start))
		require.Equal(t, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"+
			"Connection: close\r\n\r\n400 Bad Request", string(all))
		<-done
		require.Equal(t, httpPatience, time.Since(start), "then it no longer waits for the client")

		client, _, done = meet(t, Path{}, HTTP)
		go func() { _, _ = client.Write(bytes.Repeat([]byte("x"), lineLimit)) }()
		all, err = io.ReadAll(client)
		require.NoError(t, err)
		require.Contains(t, string(all), "HTTP/1.1 431 ")
		<-done
	})
}

func TestHugeFrame(t *testing.T) {
	const start, length = "\x00\xFF\xFF\xFF\xFESMB", 1<<24 - 1
	t.Run("slow", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			client, _, _ := meet(t, Path{}, HugeFrame(second))
			begun := time.Now()
			b := make([]byte, len(start)+2)
			_, err := io.ReadFull(client, b)
			require.NoError(t, err)
			require.Equal(t, start+"\x00\x00", string(b))
			require.Equal(t, 6*second, time.Since(begun), "the header at once, then a byte a second")
		})
	})
	t.Run("fast", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			client, _, _ := meet(t, Path{}, HugeFrame(0))
			b := make([]byte, 4+length)
			_, err := io.ReadFull(client, b)
			require.NoError(t, err)
			require.True(t, bytes.HasPrefix(b, []byte(start)))
			require.Equal(t, make([]byte, 1000), b[len(b)-1000:])
			require.NoError(t, client.SetReadDeadline(time.Now().Add(time.Hour)))
			require.ErrorIs(t, reading(client)(), os.ErrDeadlineExceeded, "not a byte more")
		})
	})
}

func TestFloods(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789"), 1000) // larger than a block
	tests := map[string]struct {
		peer func(net.Conn)
		unit []byte
	}{
		"keep-alives":   {KeepAlives, []byte{0x85, 0, 0, 0}},
		"seven bytes":   {EndlessFrames([]byte("\x00\x00\x00\x03abc")), []byte("\x00\x00\x00\x03abc")},
		"a large frame": {EndlessFrames(big), big},
		"nothing":       {EndlessFrames(nil), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				client, _, done := meet(t, Path{}, tt.peer)
				all, err := io.ReadAll(client)
				require.NoError(t, err)
				<-done
				want := 0
				if len(tt.unit) > 0 {
					want = PeerLimit / len(tt.unit) // whole ones only
				}
				require.Len(t, all, want*len(tt.unit))
				require.True(t, bytes.Equal(bytes.Repeat(tt.unit, want), all))
			})
		})
	}
}
