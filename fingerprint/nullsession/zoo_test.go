package nullsession_test

import (
	"hash/fnv"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
)

// Every hostile server, its pipes read with all that a reader can ask: reading ends in time, leaves no connection, and
// says nothing without evidence. Of the servers with one field changed that have no pipes every eighth is read, or all of
// them where SMBSCOPE_LONG is set.
func TestZoo(t *testing.T) {
	for _, h := range smbtest.Zoo(7) {
		sum := fnv.New32a()
		_, _ = sum.Write([]byte(h.Name))
		if h.NetBIOS || strings.HasPrefix(h.Name, "fields/") && !h.Pipes && sum.Sum32()%24 != 0 && os.Getenv("SMBSCOPE_LONG") == "" {
			continue
		}
		t.Run(h.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { readZoo(t, h) })
		})
	}
}

// readZoo scans and reads a hostile server with the times that a scanner has of its own: 15 s and 30 s for the scan, and
// as much again for what extends it.
func readZoo(t *testing.T, h smbtest.Hostile) {
	t.Helper()
	const timeout, slack = 45 * time.Second, 100 * time.Millisecond
	network := smbtest.NewNetwork(smbtest.Path{Down: smbtest.Link{Latency: time.Millisecond}})
	l, err := network.Listen("192.0.2.1:445")
	require.NoError(t, err)
	defer smbtest.Serve(l, h.Handle)()
	s := &fingerprint.Scanner{
		Level: fingerprint.LevelQuick, Timeout: timeout, NullSession: true, Dial: network.Dial,
		Extend: nullsession.Reader{PipeAudit: true}.Read,
	}
	begun := time.Now()
	r, err := s.Scan(t.Context(), "192.0.2.1")
	require.NoError(t, err)
	require.LessOrEqual(t, time.Since(begun), 2*timeout+slack)
	require.Zero(t, network.Counts().Open, "a connection stays open")
	require.Equal(t, network.Counts().Dials, network.CountsFor("192.0.2.1:445").Dials, "it leads the scan elsewhere")
	require.Zero(t, r.Cost.LogonAttempts)
	require.Less(t, len(text(t, r)), 4<<20)
	if r.NullSession != nil {
		holds(t, r)
	}
	if strings.HasSuffix(h.Name, "-genuine") { // or nothing below would be met
		require.Equal(t, report.Yes, r.NullSession.Session)
		require.Len(t, r.NullSession.Shares, 2)
		require.Equal(t, "public", r.NullSession.Shares[0].Name)
	}
}
