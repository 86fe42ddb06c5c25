package fingerprint_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
)

// One Scanner serves many goroutines, and no method changes it.
func TestScannerIsShared(t *testing.T) {
	network := serve(t, smbtest.Path{}, replay(t, "samba-4.17.12-nt1").Handle)
	s := fingerprint.Scanner{Dial: network.Dial, Rand: rand.Reader}
	want := scan(t, &s)
	var group sync.WaitGroup
	reports := make([]*fingerprint.Report, 32)
	for i := range reports {
		group.Go(func() { reports[i], _ = s.Scan(t.Context(), address) })
	}
	group.Wait()
	for _, r := range reports {
		require.Equal(t, timeless(t, want), timeless(t, r))
	}
	require.Nil(t, s.Now)
	require.Empty(t, s.Level)
	require.Zero(t, s.Timeout)
}

// The log tells how each connection ended, and nothing of what a server has sent.
func TestLogHoldsNoPeerBytes(t *testing.T) {
	for _, peer := range []string{"SSH-2.0-\x1b[31mOpenSSH\r\n", "\x00\x00\x00\x44\xFESMB\x1b[31mnothing"} {
		var log bytes.Buffer
		network := serve(t, smbtest.Path{}, smbtest.SaysFirst(peer))
		s := fingerprint.Scanner{
			Level: fingerprint.LevelQuick, Timeout: timeout / 30, Dial: network.Dial,
			Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		}
		r := scan(t, &s)
		require.NotContains(t, log.String(), "OpenSSH")
		require.NotContains(t, log.String(), hex.EncodeToString([]byte(peer)))
		require.Contains(t, log.String(), "connection ended")
		require.Contains(t, log.String(), "question=all-offer")
		require.NotContains(t, r.Reason, "\x1b")
	}
}
