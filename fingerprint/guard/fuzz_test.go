package guard_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/guard"
	"github.com/smbscope/smbscope/smb"
)

// A canned connection reads from bytes and writes to nowhere. It notes the largest piece that it was asked for.
type canned struct {
	net.Conn
	data    []byte
	piece   int
	largest int
}

func (c *canned) Read(b []byte) (int, error) {
	c.largest = max(c.largest, len(b))
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), c.piece)], c.data)
	c.data = c.data[n:]
	return n, nil
}
func (c *canned) Write(b []byte) (int, error)   { return len(b), nil }
func (c *canned) Close() error                  { return nil }
func (c *canned) SetDeadline(_ time.Time) error { return nil }

// FuzzGuard plays a recorded client against any bytes of a server: nothing panics, what passes is a prefix of what was
// sent that ends with a frame, and nothing comes after a refusal.
func FuzzGuard(f *testing.F) {
	for _, dialogues := range streams(f) {
		for _, d := range dialogues[:min(len(dialogues), 4)] {
			var sent, received []byte
			for _, frame := range d.Frames {
				if frame.Sent {
					sent = append(sent, onWire(f, frame)...)
				} else {
					received = append(received, onWire(f, frame)...)
				}
			}
			f.Add(sent, received, uint16(1000), d.Transport == dialogue.NetBIOSSession, true)
		}
	}
	f.Add([]byte{}, []byte{0, 0, 0, 0}, uint16(1), false, false)
	f.Fuzz(func(t *testing.T, sent, received []byte, piece uint16, session, loose bool) {
		const limit = 64 << 10
		o := guard.Options{MaxFrame: limit, MaxBytes: 1 << 20, Compounds: loose, AllowGuest: loose, NoTransforms: !loose}
		if session {
			o.Transport = guard.NetBIOSSession
		}
		inner := &canned{data: received, piece: int(piece) + 1}
		conn := guard.New(inner, o)
		_, err := conn.Write(sent)
		refused := err != nil
		var passed []byte
		b := make([]byte, int(piece)+1)
		for err == nil {
			var n int
			n, err = conn.Read(b)
			passed = append(passed, b[:n]...)
		}
		require.LessOrEqual(t, inner.largest, limit+smb.FrameHeaderSize)
		if !session {
			require.Equal(t, string(received[:len(passed)]), string(passed))
		}
		for len(passed) > 0 {
			h, err := smb.ParseFrameHeader(passed)
			require.NoError(t, err)
			require.LessOrEqual(t, h.Length, limit)
			require.LessOrEqual(t, smb.FrameHeaderSize+h.Length, len(passed))
			passed = passed[smb.FrameHeaderSize+h.Length:]
		}
		if err != io.EOF || refused {
			require.Equal(t, conn.Err(), err)
			_, again := conn.Read(b)
			require.Equal(t, err, again)
		}
	})
}
