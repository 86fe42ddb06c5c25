package fingerprint_test

import (
	"context"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb/nbns"
)

// NodeStatus tells what the name service does.
func TestNodeStatus(t *testing.T) {
	scanner := func(n *nameService) *fingerprint.Scanner {
		s := &fingerprint.Scanner{Timeout: timeout}
		n.join(s)
		return s
	}
	synctest.Test(t, func(t *testing.T) {
		service := tells(t, "FILES")
		for _, target := range []string{"192.0.2.1", "192.0.2.1:445"} {
			status, err := scanner(service).NodeStatus(t.Context(), target)
			require.NoError(t, err)
			name, ok := status.FileServerName()
			require.True(t, ok)
			require.Equal(t, "FILES<20>", name.String())
			require.Equal(t, [6]byte{2, 0, 0x5E, 0, 0x53, 1}, status.Unit)
		}
		require.Equal(t, []string{"192.0.2.1:137", "192.0.2.1:137"}, service.asked)

		start := time.Now()
		status, err := scanner(tells(t, "")).NodeStatus(t.Context(), "192.0.2.1")
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Nil(t, status)
		require.LessOrEqual(t, time.Since(start), 2*time.Second+slack)

		refuses := &nameService{answer: func(r nbns.Request) []byte {
			return []byte{byte(r.TransactionID >> 8), byte(r.TransactionID), 0x85, 0x83, 0, 0, 0, 0, 0, 0, 0, 0}
		}}
		_, err = scanner(refuses).NodeStatus(t.Context(), "192.0.2.1")
		require.ErrorIs(t, err, nbns.ErrNegative)

		cause := context.Canceled
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(300*time.Millisecond, cancel)
		start = time.Now()
		_, err = scanner(tells(t, "")).NodeStatus(ctx, "192.0.2.1")
		require.ErrorIs(t, err, cause)
		require.Equal(t, 300*time.Millisecond, time.Since(start))

		s := scanner(tells(t, ""))
		s.Timeout = 500 * time.Millisecond
		start = time.Now()
		_, err = s.NodeStatus(t.Context(), "192.0.2.1")
		require.ErrorIs(t, err, os.ErrDeadlineExceeded, "the scanner's time is up")
		require.LessOrEqual(t, time.Since(start), 500*time.Millisecond+slack)
	})
}

// What cannot be asked is not asked.
func TestNodeStatusErrors(t *testing.T) {
	network := smbtest.NewNetwork(smbtest.Path{})
	s := &fingerprint.Scanner{Dial: network.Dial}
	_, err := s.NodeStatus(t.Context(), "192.0.2.1")
	require.ErrorIs(t, err, fingerprint.ErrConfig)
	require.Zero(t, network.Counts().Dials)
	for _, target := range []string{"", "a b", "192.0.2.1:0"} {
		_, err = new(fingerprint.Scanner).NodeStatus(t.Context(), target)
		require.ErrorIs(t, err, fingerprint.ErrTarget, target)
	}
	_, err = (&fingerprint.Scanner{Level: "odd"}).NodeStatus(t.Context(), "192.0.2.1")
	require.ErrorIs(t, err, fingerprint.ErrConfig)
}

// Over a real socket too.
func TestNodeStatusOverUDP(t *testing.T) {
	server, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer server.Close()
	go func() {
		b := make([]byte, 1<<10)
		n, from, err := server.ReadFrom(b)
		if err != nil {
			return
		}
		if request, err := nbns.ParseRequest(b[:n]); err == nil {
			_, _ = server.WriteTo(tells(t, "FILES").answer(request), from)
		}
	}()
	s := new(fingerprint.Scanner)
	fingerprint.Adjust(s, func(set *exchange.Settings) {
		usual := set.DialUDP
		set.DialUDP = func(ctx context.Context, address string) (net.Conn, error) {
			require.Equal(t, "127.0.0.1:137", address)
			return usual(ctx, server.LocalAddr().String())
		}
	})
	status, err := s.NodeStatus(t.Context(), "127.0.0.1")
	require.NoError(t, err)
	name, ok := status.FileServerName()
	require.True(t, ok)
	require.Equal(t, "FILES<20>", name.String())
}
