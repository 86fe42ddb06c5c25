package fingerprint_test

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/testdata"
)

// A mutating connection changes what a server writes: each pair of bytes is a place and what is added there; a place
// beyond the end cuts the connection off.
type mutating struct {
	net.Conn
	changes []byte
}

func (m *mutating) Write(b []byte) (int, error) {
	b = append([]byte{}, b...)
	n := len(b)
	for ; len(m.changes) >= 2; m.changes = m.changes[2:] {
		at := int(m.changes[0])
		if at >= len(b) {
			m.changes = m.changes[2:]
			_, _ = m.Conn.Write(b[:len(b)/2])
			return 0, net.ErrClosed
		}
		b[at] += m.changes[1]
		if m.changes[1]&1 == 1 { // the rest is for the next write
			m.changes = m.changes[2:]
			break
		}
	}
	_, err := m.Conn.Write(b)
	return n, err
}

// FuzzScan scans a recorded server whose answers are changed: the scan ends in time, leaves nothing behind, and its
// dialogues give its report again.
func FuzzScan(f *testing.F) {
	names, err := testdata.Names()
	require.NoError(f, err)
	for i := range names {
		for how := range byte(12) {
			f.Add(byte(i), how, []byte{})
		}
		f.Add(byte(i), byte(0), []byte{16, 0xBB, 72, 1, 255, 1, 3, 200})
		f.Add(byte(i), byte(2), []byte{4, 1, 68, 2, 70, 5, 12, 3})
		f.Add(byte(i), byte(11), []byte{0, 2, 68, 2, 70, 5, 12, 3, 0, 1})
	}
	f.Fuzz(func(t *testing.T, which, how byte, changes []byte) {
		synctest.Test(t, func(t *testing.T) {
			server := replay(t, names[int(which)%len(names)])
			network := smbtest.NewNetwork(smbtest.Path{Down: smbtest.Link{Latency: time.Millisecond}})
			for _, at := range []string{address, host + ":139"} {
				l, err := network.Listen(at)
				require.NoError(t, err)
				defer smbtest.Serve(l, func(conn net.Conn) { server.Handle(&mutating{Conn: conn, changes: changes}) })()
			}
			s := fixed(network)
			s.Timeout = timeout
			fingerprint.Poison(s)
			levels := fingerprint.Levels()
			s.Level = levels[int(how)%len(levels)]
			if how/3%2 == 1 {
				s.Ports = []uint16{139, 445}
			}
			s.BehaviourProbes = how/6%2 == 1
			var dialogues []*dialogue.Dialogue
			s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
			start := time.Now()
			r := scan(t, s)
			require.LessOrEqual(t, time.Since(start), timeout+slack)
			require.Zero(t, network.Counts().Open)
			require.Equal(t, text(t, r), text(t, fingerprint.Observe(dialogues)[0]))
			require.LessOrEqual(t, r.Cost.Repeats, 6*max(1, len(s.Ports)))
			require.Zero(t, r.Cost.Authentications)
		})
	})
}
