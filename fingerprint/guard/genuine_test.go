package guard_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/guard"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/testdata"
)

// onWire returns the bytes of a frame as they were on the wire.
func onWire(t testing.TB, f dialogue.Frame) []byte {
	t.Helper()
	if f.Kind != dialogue.Message {
		return f.Data
	}
	frame, err := smb.AppendFrame(nil, f.Data)
	require.NoError(t, err)
	return frame
}

// joined puts the messages of a compound, which a dialogue from a capture holds one by one, together again.
func joined(frames []dialogue.Frame) []dialogue.Frame {
	var list []dialogue.Frame
	open := false
	for _, f := range frames {
		if open {
			last := &list[len(list)-1]
			last.Data = append(slices.Clip(last.Data), f.Data...)
		} else {
			list = append(list, f)
		}
		h, err := smb.ParseSMB2Header(f.Data)
		open = err == nil && int(h.NextCommand) == len(f.Data)
	}
	return list
}

// play plays a recorded dialogue through a guard, cutting what is written into pieces of a size, and returns why the
// guard refused it.
func play(t testing.TB, d *dialogue.Dialogue, segment int, o guard.Options) error {
	t.Helper()
	client, server := smbtest.Pipe(smbtest.Path{Up: smbtest.Link{Buffer: 1 << 20}, Down: smbtest.Link{Segment: segment, Buffer: 1 << 20}})
	defer server.Close()
	if d.Transport == dialogue.NetBIOSSession {
		o.Transport = guard.NetBIOSSession
	}
	o.Timeout = time.Hour
	conn := guard.New(client, o)
	defer conn.Close()
	for i, f := range joined(d.Frames) {
		data := onWire(t, f)
		got := make([]byte, len(data))
		if f.Sent {
			for rest := data; len(rest) > 0; {
				n := len(rest)
				if segment > 0 {
					n = min(n, segment)
				}
				if _, err := conn.Write(rest[:n]); err != nil {
					return fmt.Errorf("frame %d of %d, sent: %w", i, len(d.Frames), err)
				}
				rest = rest[n:]
			}
			_, err := io.ReadFull(server, got)
			require.NoError(t, err)
		} else {
			_, err := server.Write(data)
			require.NoError(t, err)
			if _, err := io.ReadFull(conn, got); err != nil {
				return fmt.Errorf("frame %d of %d, received: %w", i, len(d.Frames), err)
			}
		}
		require.Equal(t, data, got)
	}
	return conn.Err()
}

// streams are the recorded dialogues of all servers over TCP in which only frames were seen.
func streams(t testing.TB) map[string][]*dialogue.Dialogue {
	t.Helper()
	names, err := testdata.Names()
	require.NoError(t, err)
	require.NotEmpty(t, names)
	list := map[string][]*dialogue.Dialogue{}
	for _, name := range names {
		dialogues, err := testdata.Dialogues(name)
		require.NoError(t, err)
		for _, d := range dialogues {
			raw := d.Connected.IsZero() || d.Transport == dialogue.NetBIOSNameService
			for _, f := range d.Frames {
				raw = raw || f.Kind == dialogue.Raw
			}
			if !raw {
				list[name] = append(list[name], d)
			}
		}
	}
	return list
}

// What genuine servers and their clients have said passes, byte for byte, however it is cut: all but the answer to an
// invented account that became guest, which is what AllowGuest is for.
func TestGenuineDialoguesPass(t *testing.T) {
	guests := 0
	for name, dialogues := range streams(t) {
		for _, segment := range []int{0, 1, 3, 100} {
			for _, d := range dialogues {
				err := play(t, d, segment, guard.Options{})
				if errors.Is(err, guard.ErrGuest) {
					guests++
					err = play(t, d, segment, guard.Options{AllowGuest: true})
				}
				require.NoError(t, err, "%s connection %d, pieces of %d", name, d.Connection, segment)
			}
		}
	}
	require.Equal(t, 4, guests)
}
