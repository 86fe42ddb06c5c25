package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/nbns"
)

const transaction = 0xABCD

// status is a node status response with one name.
func status(t testing.TB, id uint16) []byte {
	t.Helper()
	b, err := nbns.Status{
		TransactionID: id, Flags: nbns.FlagAuthoritative, Name: nbns.Wildcard(), Statistics: make([]byte, 40),
		Names: []nbns.NameEntry{{Name: smb.MakeNetBIOSName("FILES", smb.SuffixFileServer), Flags: nbns.NameActive}},
	}.AppendBinary(nil)
	require.NoError(t, err)
	return b
}

// udpPeer is a peer of a name server that answers each datagram with some, over a connection that keeps datagrams apart.
// It must be stopped before the bubble ends.
func udpPeer(answer func(n int, request []byte) [][]byte) (*exchange.Peer, func()) {
	s := settings(smbtest.NewNetwork(smbtest.Path{}))
	s.Rand = bytes.NewReader([]byte{transaction >> 8, transaction & 0xFF})
	link := smbtest.Link{Segment: 64 << 10}
	client, server := smbtest.Pipe(smbtest.Path{Up: link, Down: link})
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1<<10)
		for n := 0; ; n++ {
			size, err := server.Read(buf)
			if err != nil {
				return
			}
			for _, b := range answer(n, buf[:size]) {
				if _, err := server.Write(b); err != nil {
					return
				}
			}
		}
	}()
	s.DialUDP = func(context.Context, string) (net.Conn, error) { return client, nil }
	return peer(s), func() {
		_ = client.Close()
		_ = server.Close()
		<-done
	}
}

func always(datagrams ...[]byte) func(int, []byte) [][]byte {
	return func(int, []byte) [][]byte { return datagrams }
}

func TestNodeStatus(t *testing.T) {
	negative := []byte{transaction >> 8, transaction & 0xFF, 0x85, 0x83, 0, 0, 0, 0, 0, 0, 0, 0}
	good, other := status(t, transaction), status(t, transaction+1)
	tests := map[string]struct {
		answer func(n int, request []byte) [][]byte
		after  time.Duration
		end    dialogue.End
		sent   int
		got    []byte
	}{
		"answered":             {always(good), 0, dialogue.EndDone, 1, good},
		"refused by name":      {always(negative), 0, dialogue.EndDone, 1, negative},
		"others before":        {always(other, nil, []byte("garbage"), make([]byte, 2000), good), 0, dialogue.EndDone, 1, good},
		"its own question":     {func(_ int, b []byte) [][]byte { return [][]byte{bytes.Clone(b)} }, wait, dialogue.EndTimeout, 2, nil},
		"silent":               {always(), wait, dialogue.EndTimeout, 2, nil},
		"another's only":       {always(other), wait, dialogue.EndTimeout, 2, nil},
		"the second time":      {func(n int, _ []byte) [][]byte { return [][]byte{good}[:n] }, wait / 2, dialogue.EndDone, 2, good},
		"sixteen are ignored":  {always(append(slicesOf(other, 16), good)...), 0, dialogue.EndDone, 1, good},
		"the next is too much": {always(append(slicesOf(other, 17), good)...), 0, dialogue.EndLimit, 1, nil},
		"too much in both":     {always(slicesOf(other, 9)...), wait / 2, dialogue.EndLimit, 2, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, stop := udpPeer(tt.answer)
				defer stop()
				start := time.Now()
				d := p.NodeStatus(t.Context(), 7, wait)
				require.Equal(t, tt.after, time.Since(start))
				require.Equal(t, tt.end, d.End, d.Reason)
				require.Equal(t, tt.end == dialogue.EndDone, d.Reason == "")
				require.Equal(t, []any{"target", "quick", 7, dialogue.NetBIOSNameService, "192.0.2.1:137"},
					[]any{d.Target, d.Level, d.Connection, d.Transport, d.Address})
				require.True(t, d.Connected.IsZero(), "nothing is connected over UDP")
				var got [][]byte
				sent := 0
				for _, f := range d.Frames {
					require.Equal(t, []any{dialogue.Raw, "node-status"}, []any{f.Kind, f.Probe})
					if !f.Sent {
						got = append(got, f.Data)
						continue
					}
					sent++
					r, err := nbns.ParseRequest(f.Data)
					require.NoError(t, err)
					require.Equal(t, nbns.Request{TransactionID: transaction, Name: nbns.Wildcard()}, r)
				}
				require.Equal(t, tt.sent, sent)
				if tt.got == nil {
					require.Empty(t, got)
				} else {
					require.Equal(t, [][]byte{tt.got}, got, "the answer, which no buffer is under, and nothing else")
				}
			})
		})
	}
}

func slicesOf(b []byte, n int) [][]byte {
	list := make([][]byte, n)
	for i := range list {
		list[i] = b
	}
	return list
}

// The end of the context interrupts the wait for an answer, and sends nothing when it came before.
func TestNodeStatusCanceled(t *testing.T) {
	cause := errors.New("the user has left")
	synctest.Test(t, func(t *testing.T) {
		for after, frames := range map[time.Duration]int{0: 0, time.Second: 1, wait/2 + time.Second: 2} {
			p, stop := udpPeer(always())
			ctx, cancel := context.WithCancelCause(t.Context())
			if after == 0 {
				cancel(cause)
			}
			time.AfterFunc(after, func() { cancel(cause) })
			start := time.Now()
			d := p.NodeStatus(ctx, 1, wait)
			require.Equal(t, after, time.Since(start))
			require.Equal(t, dialogue.EndCanceled, d.End)
			require.Equal(t, cause.Error(), d.Reason)
			require.Len(t, d.Frames, frames)
			stop()
		}
		p, stop := udpPeer(always())
		defer stop()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, exchange.ErrTime)
		defer cancel()
		d := p.NodeStatus(ctx, 1, wait)
		require.Equal(t, []any{dialogue.EndTimeout, exchange.ErrTime.Error()}, []any{d.End, d.Reason})
		require.Len(t, d.Frames, 1, "the time for the target was up before the second")
	})
}

// Sent and received bytes count, those that are ignored among them: 50 of the request, 121 of an answer.
func TestNodeStatusBudget(t *testing.T) {
	require.Len(t, status(t, 0), 121)
	for budget, want := range map[int]struct {
		end    dialogue.End
		frames int
	}{49: {dialogue.EndBudget, 0}, 50: {dialogue.EndBudget, 1}, 291: {dialogue.EndBudget, 1}, 292: {dialogue.EndDone, 2}} {
		synctest.Test(t, func(t *testing.T) {
			p, stop := udpPeer(always(status(t, 1), status(t, transaction)))
			defer stop()
			p.Settings.Bytes = budget
			d := p.NodeStatus(t.Context(), 1, wait)
			require.Equal(t, want.end, d.End, budget)
			require.Len(t, d.Frames, want.frames, budget)
		})
	}
	p, stop := udpPeer(always())
	defer stop()
	p.Settings.Connections = 2
	d := p.NodeStatus(t.Context(), 3, wait)
	require.Equal(t, dialogue.EndBudget, d.End)
	require.Empty(t, d.Frames)
}

// Without what it needs nothing is sent.
func TestNodeStatusNotSent(t *testing.T) {
	for name, tt := range map[string]struct {
		edit    func(*exchange.Peer)
		end     dialogue.End
		reason  string
		address string
	}{
		"no UDP": {func(p *exchange.Peer) {
			p.Settings.DialUDP = nil
			p.Settings.Resolve = func(context.Context, string, string) ([]netip.Addr, error) { panic("nothing is looked up") }
		}, dialogue.EndError, "UDP is not sent: it would go past the dialer", ""},
		"no random": {func(p *exchange.Peer) {
			p.Settings.Rand = iotest.ErrReader(errors.New("no entropy"))
		}, dialogue.EndError, "drawing a transaction id: no entropy", ""},
		"no socket": {func(p *exchange.Peer) {
			p.Settings.DialUDP = func(context.Context, string) (net.Conn, error) { return nil, errors.New("no socket") }
		}, dialogue.EndError, "no socket", "192.0.2.1:137"},
		"nothing": {func(p *exchange.Peer) {
			p.Settings.DialUDP = func(context.Context, string) (net.Conn, error) { return nil, nil }
		}, dialogue.EndError, "neither", "192.0.2.1:137"},
		"no address": {func(p *exchange.Peer) {
			p.Host, p.Settings.Resolve = "files", resolver()
		}, dialogue.EndUnresolved, "no address", ""},
		"a dialer's own name": {func(p *exchange.Peer) {
			p.Host = "files"
			p.Settings.DialUDP = func(_ context.Context, address string) (net.Conn, error) { return nil, errors.New("to " + address) }
		}, dialogue.EndError, "to files:137", ""},
		"broken deadlines": {func(p *exchange.Peer) {
			client, _ := smbtest.Pipe(smbtest.Path{})
			p.Settings.DialUDP = func(context.Context, string) (net.Conn, error) {
				return &faulty{Conn: client, deadlineErr: errors.New("no deadlines")}, nil
			}
		}, dialogue.EndError, "no deadlines", "192.0.2.1:137"},
	} {
		t.Run(name, func(t *testing.T) {
			p, stop := udpPeer(always())
			defer stop()
			tt.edit(p)
			d := p.NodeStatus(t.Context(), 1, wait)
			require.Equal(t, tt.end, d.End, d.Reason)
			require.Contains(t, d.Reason, tt.reason)
			require.Equal(t, tt.address, d.Address)
			require.Empty(t, d.Frames)
		})
	}
}

// The question goes to the address that took a connection, whatever port a retarget has led to.
func TestNodeStatusAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, stop := listen(t, smbtest.Path{}, smbtest.Silent)
		defer stop()
		p := peer(settings(network))
		p.Host, p.Settings.Resolve = "files", resolver("192.0.2.7", "192.0.2.1")
		p.Settings.Rand = bytes.NewReader(make([]byte, 64))
		var asked []string
		p.Settings.DialUDP = func(_ context.Context, address string) (net.Conn, error) {
			asked = append(asked, address)
			return nil, io.ErrUnexpectedEOF
		}
		require.Equal(t, "192.0.2.7:137", p.NodeStatus(t.Context(), 1, wait).Address, "the first, while none has answered")
		require.True(t, p.Open(t.Context()).Ready())
		require.True(t, p.Redirect(netip.MustParseAddrPort("192.0.2.1:7")))
		require.Equal(t, "192.0.2.1:137", p.NodeStatus(t.Context(), 1, wait).Address)
		require.Equal(t, []string{"192.0.2.7:137", "192.0.2.1:137"}, asked)
	})
}

// Over real sockets: a name server at a free port, a stranger who answers first, and a port where nobody listens.
func TestNodeStatusOverUDP(t *testing.T) {
	server, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	require.NoError(t, err)
	stranger, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	wrong, right := status(t, transaction), status(t, transaction)
	wrong[len(wrong)-1]++ // so that it can be told from the right one
	go func() {
		buf := make([]byte, 1<<10)
		_, from, err := server.ReadFrom(buf)
		if err == nil {
			_, err = stranger.WriteTo(wrong, from)
		}
		if err == nil {
			_, err = server.WriteTo(right, from)
		}
		served <- err
	}()
	s := settings(smbtest.NewNetwork(smbtest.Path{}))
	s.Rand = bytes.NewReader([]byte{transaction >> 8, transaction & 0xFF, 0, 0})
	s.DialUDP = func(ctx context.Context, address string) (net.Conn, error) {
		require.Equal(t, "127.0.0.1:137", address)
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}
	p := &exchange.Peer{Settings: s, Host: "127.0.0.1", Port: 139}
	d := p.NodeStatus(t.Context(), p.Next(), wait)
	require.NoError(t, <-served)
	require.NoError(t, server.Close())
	require.NoError(t, stranger.Close())
	require.Equal(t, dialogue.EndDone, d.End, d.Reason)
	require.Len(t, d.Frames, 2)
	require.Equal(t, right, d.Frames[1].Data)
	require.NotEmpty(t, d.Client)

	d = p.NodeStatus(t.Context(), p.Next(), wait) // the port is free now
	require.Contains(t, []dialogue.End{dialogue.EndRefused, dialogue.EndTimeout}, d.End)
	require.NotEmpty(t, d.Frames)
}
