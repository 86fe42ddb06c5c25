package fingerprint_test

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
)

// limited gives a server a number of processes, as Samba's "max smbd processes" does: one for each connection, which
// lingers for a while after it. A connection for which there is none is reset.
func limited(handle func(net.Conn), processes int, linger time.Duration) func(net.Conn) {
	var mu sync.Mutex
	running := 0
	return func(conn net.Conn) {
		mu.Lock()
		free := running < processes
		if free {
			running++
		}
		mu.Unlock()
		if !free {
			smbtest.ResetAtOnce(conn)
			return
		}
		handle(conn)
		_ = conn.Close()
		time.Sleep(linger) // of the bubble's time
		mu.Lock()
		running--
		mu.Unlock()
	}
}

// A server that is short of processes is never given a wrong no, at any level, whatever it takes; and one of three
// processes, which end in less time than a pause, is given the same answers as one without a limit, unless it drops what
// it refuses: then there is no telling.
func TestBusyServer(t *testing.T) {
	servers := map[string]scripted{
		"everything":    {smb2: smb.Dialects(), smb1: "take"},
		"no SMB1":       {smb2: smb.Dialects(), smb1: "refuse"},
		"drops SMB1":    {smb2: smb.Dialects(), smb1: "close"},
		"SMB1 alone":    {smb1: "take"},
		"2.1 and older": {smb2: smb.Dialects()[:2], smb1: "take"},
	}
	for name, server := range servers {
		for _, level := range fingerprint.Levels() {
			for processes := 1; processes <= 3; processes++ {
				for _, linger := range []time.Duration{time.Millisecond, 20 * time.Millisecond, 70 * time.Millisecond, 300 * time.Millisecond} {
					t.Run(fmt.Sprintf("%s/%s/%d/%v", name, level, processes, linger), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							server.t = t
							want := busyScan(t, level, server.handle)
							got := busyScan(t, level, limited(server.handle, processes, linger))
							for dialect, answer := range got.Dialects {
								if answer == report.No {
									require.NotEqual(t, report.Yes, want.Dialects[dialect], "%s: %+v", dialect, got.Evidence["/dialects/"+dialect])
								}
							}
							if processes == 3 && linger < 75*time.Millisecond && server.smb1 != "close" {
								require.Equal(t, want.Dialects, got.Dialects)
							}
							require.LessOrEqual(t, got.Cost.Repeats, 6)
						})
					})
				}
			}
		}
	}
}

func busyScan(t *testing.T, level fingerprint.Level, handle func(net.Conn)) *fingerprint.Report {
	t.Helper()
	network := smbtest.NewNetwork(smbtest.Path{Up: smbtest.Link{Latency: time.Millisecond}, Down: smbtest.Link{Latency: time.Millisecond}})
	l, err := network.Listen(address)
	require.NoError(t, err)
	defer smbtest.Serve(l, handle)()
	s := fixed(network)
	s.Level = level
	return scan(t, s)
}
