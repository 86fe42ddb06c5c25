package exchange_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

const (
	address = "192.0.2.1:445"
	wait    = 3 * time.Second
)

func settings(network *smbtest.Network) *exchange.Settings {
	return &exchange.Settings{
		Dial: network.Dial, DialTimeout: time.Second, Now: time.Now, Log: slog.New(slog.DiscardHandler), Poison: true,
	}
}

func peer(s *exchange.Settings) *exchange.Peer {
	return &exchange.Peer{Settings: s, Host: "192.0.2.1", Port: 445, Target: "target", Level: "quick"}
}

// listen puts a peer on a network. It must be stopped before the bubble ends.
func listen(t *testing.T, path smbtest.Path, handle func(net.Conn)) (*smbtest.Network, func()) {
	t.Helper()
	network := smbtest.NewNetwork(path)
	l, err := network.Listen(address)
	require.NoError(t, err)
	return network, smbtest.Serve(l, handle)
}

// exchangeOne asks a peer one question over a network of its own and returns the answer and the dialogue.
func exchangeOne(t *testing.T, path smbtest.Path, handle func(net.Conn)) ([]byte, *dialogue.Dialogue) {
	t.Helper()
	network, stop := listen(t, path, handle)
	defer stop()
	c := peer(settings(network)).Open(t.Context())
	require.True(t, c.Ready())
	answer := c.Ask(t.Context(), "question", question(t), wait)
	require.Equal(t, answer != nil, c.Ready())
	d := c.Done()
	require.Zero(t, network.Counts().Open)
	require.Equal(t, "question", d.Frames[0].Probe)
	return answer, d
}

// question is an SMB2 negotiate request with message id 0.
func question(t testing.TB) []byte {
	t.Helper()
	b, err := negotiate.All().Build(bytes.NewReader(make([]byte, 64)))
	require.NoError(t, err)
	return b
}

// message is an SMB2 response with a header that edit may change.
func message(t testing.TB, edit func(*smb.SMB2Header)) []byte {
	t.Helper()
	h := smb.SMB2Header{Command: smb.SMB2Negotiate, Flags: smb.SMB2FlagServerToRedir, Status: dtyp.StatusNotSupported}
	if edit != nil {
		edit(&h)
	}
	b, err := smb.SMB2ErrorResponse{Header: h}.AppendBinary(nil)
	require.NoError(t, err)
	return b
}

func framed(t testing.TB, messages ...[]byte) []byte {
	t.Helper()
	var b []byte
	var err error
	for _, m := range messages {
		b, err = smb.AppendFrame(b, m)
		require.NoError(t, err)
	}
	return b
}

// answers is a peer that reads a request and writes bytes, each slice in one write, and then ends as end says.
func answers(end func(net.Conn), writes ...[]byte) func(net.Conn) {
	return func(conn net.Conn) {
		var head [4]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		if _, err := io.CopyN(io.Discard, conn, int64(head[2])<<8|int64(head[3])); err != nil {
			return
		}
		for _, b := range writes {
			if _, err := conn.Write(b); err != nil {
				return
			}
		}
		end(conn)
	}
}

func stay(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func leave(conn net.Conn) { _ = conn.Close() }

func kinds(d *dialogue.Dialogue) []dialogue.Kind {
	var list []dialogue.Kind
	for _, f := range d.Frames {
		if !f.Sent {
			list = append(list, f.Kind)
		}
	}
	return list
}

func resolver(addresses ...string) func(context.Context, string, string) ([]netip.Addr, error) {
	return func(context.Context, string, string) ([]netip.Addr, error) {
		var list []netip.Addr
		for _, a := range addresses {
			list = append(list, netip.MustParseAddr(a))
		}
		return list, nil
	}
}
