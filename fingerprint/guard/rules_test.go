package guard_test

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/guard"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
)

func header(kind byte, length int) []byte {
	return []byte{kind, byte(length >> 16), byte(length >> 8), byte(length)}
}

// Four zero bytes, and other frames that hold no message.
func TestRefusedMessages(t *testing.T) {
	good := encode(t, choice(t, smb.DialectSMB202))
	for name, msg := range map[string][]byte{
		"empty":             {},
		"one byte":          {0xFE},
		"identifier only":   []byte("\xFESMB"),
		"63 bytes":          good[:63],
		"another protocol":  append([]byte("HTTP"), good[4:]...),
		"StructureSize 0":   poke(good, u16(4, 0)),
		"StructureSize 65":  poke(good, u16(4, 65)),
		"a request":         poke(good, u32(16, 0)),
		"header alone":      good[:64],
		"half a fixed part": good[:100],
		"StructureSize":     poke(good, u16(64, 64)),
	} {
		t.Run(name, func(t *testing.T) {
			k := start(t, guard.Options{})
			k.ask(encode(t, offer(t)))
			k.refused(k.tell(msg), guard.ErrMalformed)
			require.Equal(t, 1, k.conn.Err().(*guard.RefusedError).Frame)
		})
	}
}

func TestFrameSize(t *testing.T) {
	h := says(smb.SMB2Read, 3)
	read := func(size int) []byte {
		return append(message(h, 16, u16(0, 17), u8(2, 80), u32(4, uint32(size))), make([]byte, size)...)
	}
	for _, over := range []int{0, 1} {
		k := loggedOn(t, guard.Options{MaxFrame: 1000}, smb.DialectSMB202)
		k.ask(message(asks(smb.SMB2Read, 3), 49, u16(0, 49), u32(4, 1000)))
		err := k.tell(read(1000 - 80 + over))
		if over == 0 {
			require.NoError(t, err)
			continue
		}
		k.refused(err, guard.ErrFrameSize)
	}
	k := start(t, guard.Options{})
	k.refused(k.raw(header(0, guard.DefaultMaxFrame+1), false), guard.ErrFrameSize)
	k = start(t, guard.Options{Transport: guard.NetBIOSSession, MaxFrame: 1 << 20})
	k.refused(k.raw(header(0, 1<<17), false), guard.ErrFrameSize)
}

func TestFrameTypes(t *testing.T) {
	k := start(t, guard.Options{})
	k.refused(k.raw(header(0x85, 0), false), guard.ErrFrame)
	for name, raw := range map[string][]byte{
		"retarget":             append(header(0x84, 6), make([]byte, 6)...),
		"request":              header(0x81, 0),
		"unknown":              header(0x42, 0),
		"long keep-alive":      header(0x85, 1),
		"long positive":        header(0x82, 1),
		"negative without any": header(0x83, 0),
	} {
		t.Run(name, func(t *testing.T) {
			k := start(t, guard.Options{Transport: guard.NetBIOSSession})
			k.refused(k.raw(raw, false), guard.ErrFrame)
		})
	}
}

// Over the session service the session is answered once, keep-alives are left out, and all else is as over TCP.
func TestNetBIOSSession(t *testing.T) {
	request := append(header(0x81, 68), encode(t, smb.SessionRequest{
		Called: smb.MakeNetBIOSName("*SMBSERVER", smb.SuffixFileServer), Calling: smb.MakeNetBIOSName("ME", smb.SuffixWorkstation),
	})...)
	for _, answer := range [][]byte{header(0x82, 0), append(header(0x83, 1), 0x82)} {
		k := start(t, guard.Options{Transport: guard.NetBIOSSession})
		_, err := k.conn.Write(append(request, header(0x85, 0)...))
		require.NoError(t, err)
		require.NoError(t, k.raw(answer, true))
		_, err = k.server.Write(append(header(0x85, 0), header(0x85, 0)...))
		require.NoError(t, err)
		k.refused(k.raw(answer, false), guard.ErrUnsolicited)
		require.Equal(t, 4, k.conn.Err().(*guard.RefusedError).Frame)
	}
	k := start(t, guard.Options{Transport: guard.NetBIOSSession})
	k.refused(k.raw(header(0x82, 0), false), guard.ErrUnsolicited)
}

func TestBudget(t *testing.T) {
	good := frame(t, encode(t, choice(t, smb.DialectSMB202)))
	for _, short := range []int64{0, 1} {
		k := start(t, guard.Options{MaxBytes: int64(len(good)) - short})
		k.ask(encode(t, offer(t)))
		err := k.raw(good, true)
		if short == 0 {
			require.NoError(t, err)
			err = k.raw(good[:4], false)
		}
		k.refused(err, guard.ErrBudget)
	}
	// Frames without a message count too.
	k := start(t, guard.Options{MaxBytes: 400, Transport: guard.NetBIOSSession})
	for range 101 {
		_, err := k.server.Write(header(0x85, 0))
		require.NoError(t, err)
	}
	_, err := k.conn.Read(make([]byte, 1))
	k.refused(err, guard.ErrBudget)
	k = start(t, guard.Options{MaxFrame: 8 << 20})
	k.refused(k.raw(header(0, guard.DefaultMaxBytes+1), false), guard.ErrBudget)
}

// An end between frames is one; an end inside a frame is not passed off as one.
func TestEnd(t *testing.T) {
	k := start(t, guard.Options{})
	require.NoError(t, k.server.Close())
	_, err := k.conn.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	require.NoError(t, k.conn.Err())

	for _, n := range []int{1, 3, 4, 50} {
		k = start(t, guard.Options{})
		k.ask(encode(t, offer(t)))
		_, err = k.server.Write(frame(t, encode(t, choice(t, smb.DialectSMB202)))[:n])
		require.NoError(t, err)
		require.NoError(t, k.server.CloseWrite())
		n, err := k.conn.Read(make([]byte, 100))
		require.Zero(t, n)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		k.refused(err, guard.ErrFrame)
	}
}

// The deadline of the connection holds whatever deadlines the client sets; an earlier one of the client's is only its own.
func TestDeadline(t *testing.T) {
	for name, o := range map[string]struct {
		options guard.Options
		after   time.Duration
	}{
		"timeout":        {guard.Options{Timeout: 10 * time.Second}, 10 * time.Second},
		"deadline":       {guard.Options{Deadline: time.Now()}, 10 * time.Second}, // set below
		"earlier":        {guard.Options{Timeout: 10 * time.Second, Deadline: time.Now()}, 10 * time.Second},
		"default":        {guard.Options{}, guard.DefaultTimeout},
		"negative":       {guard.Options{Timeout: -1}, guard.DefaultTimeout},
		"later deadline": {guard.Options{Timeout: 10 * time.Second, Deadline: time.Now().Add(1000 * time.Hour)}, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				if name == "deadline" {
					o.options.Deadline = began.Add(10 * time.Second)
				} else if name == "earlier" {
					o.options.Timeout, o.options.Deadline = time.Hour, began.Add(10*time.Second)
				} else if !o.options.Deadline.IsZero() {
					o.options.Deadline = began.Add(time.Hour)
				}
				client, server := smbtest.Pipe(smbtest.Path{})
				defer server.Close()
				conn := guard.New(client, o.options)
				defer conn.Close()
				require.NoError(t, conn.SetReadDeadline(began.Add(time.Second)))
				_, err := conn.Read(make([]byte, 1))
				require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				require.NoError(t, conn.Err(), "the client's own deadline")
				require.Equal(t, time.Second, time.Since(began))
				for i, set := range []func(time.Time) error{conn.SetDeadline, conn.SetReadDeadline, conn.SetDeadline, conn.SetReadDeadline} {
					later := began.Add(1000 * time.Hour)
					if i > 1 {
						later = time.Time{}
					}
					require.NoError(t, set(later))
				}
				_, err = conn.Read(make([]byte, 1))
				require.Equal(t, o.after, time.Since(began))
				require.ErrorIs(t, err, guard.ErrDeadline)
				require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				var timeout net.Error
				require.ErrorAs(t, err, &timeout)
				require.True(t, timeout.Timeout())
				_, err = conn.Write([]byte{0})
				require.ErrorIs(t, err, guard.ErrDeadline)
			})
		})
	}
}

// A write that blocks ends at the deadline too, and so does a frame that drips.
func TestDeadlineOfWritesAndDrips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		client, server := smbtest.Pipe(smbtest.Path{Up: smbtest.Link{Buffer: 10}})
		defer server.Close()
		conn := guard.New(client, guard.Options{Timeout: time.Minute})
		defer conn.Close()
		require.NoError(t, conn.SetWriteDeadline(time.Time{}))
		_, err := conn.Write(frame(t, encode(t, offer(t))))
		require.ErrorIs(t, err, guard.ErrDeadline)
		require.Equal(t, time.Minute, time.Since(began))
	})
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		client, server := smbtest.Pipe(smbtest.Path{})
		go smbtest.Drip(time.Second, append(header(0, 1000), make([]byte, 1000)...), false)(server)
		conn := guard.New(client, guard.Options{Timeout: time.Minute})
		_, err := conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, guard.ErrDeadline)
		require.Equal(t, time.Minute, time.Since(began))
		require.NoError(t, server.Close())
	})
}

// A client whose own deadline passes in the middle of a frame goes on where it was.
func TestClientDeadlineInsideFrame(t *testing.T) {
	k := start(t, guard.Options{})
	k.ask(encode(t, offer(t)))
	answer := frame(t, encode(t, choice(t, smb.DialectSMB202)))
	for _, part := range [][]byte{answer[:2], answer[2:70]} {
		_, err := k.server.Write(part)
		require.NoError(t, err)
		require.NoError(t, k.conn.SetReadDeadline(time.Now().Add(10*time.Millisecond)))
		n, err := k.conn.Read(make([]byte, 1000))
		require.Zero(t, n)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	require.NoError(t, k.conn.SetReadDeadline(time.Time{}))
	_, err := k.server.Write(answer[70:])
	require.NoError(t, err)
	got := make([]byte, len(answer))
	_, err = io.ReadFull(k.conn, got)
	require.NoError(t, err)
	require.Equal(t, answer, got)
}

// noDeadlines is a connection that takes none.
type noDeadlines struct{ net.Conn }

func (noDeadlines) SetDeadline(time.Time) error { return os.ErrNoDeadline }

func TestConnectionWithoutDeadlines(t *testing.T) {
	client, server := smbtest.Pipe(smbtest.Path{})
	defer server.Close()
	conn := guard.New(noDeadlines{client}, guard.Options{})
	_, err := conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, guard.ErrDeadline)
	require.ErrorIs(t, err, os.ErrNoDeadline)
}

// mute is a connection that gives neither bytes nor an error.
type mute struct{ net.Conn }

func (mute) Read([]byte) (int, error) { return 0, nil }

func TestMuteConnection(t *testing.T) {
	client, server := smbtest.Pipe(smbtest.Path{})
	defer server.Close()
	_, err := guard.New(mute{client}, guard.Options{}).Read(make([]byte, 1))
	require.ErrorIs(t, err, io.ErrNoProgress)
}

// A refusal of one direction is what the other direction tells, too.
func TestRefusalReachesBothDirections(t *testing.T) {
	k := start(t, guard.Options{})
	got := make(chan error)
	go func() {
		_, err := k.conn.Read(make([]byte, 1))
		got <- err
	}()
	err := k.try([]byte("HTTP"))
	require.ErrorIs(t, err, guard.ErrRequest)
	require.Equal(t, err, <-got)
	require.Equal(t, err, k.conn.Err())
}

// What the client sends is followed, or not sent.
func TestRequestsThatCannotBeFollowed(t *testing.T) {
	compressed := append([]byte("\xFCSMB"), make([]byte, 100)...)
	for name, msg := range map[string][]byte{
		"empty": {}, "another protocol": []byte("GET / HTTP/1.1\r\n"), "compressed": compressed,
		"half an SMB1 header": []byte("\xFFSMB1234"), "half an SMB2 header": []byte("\xFESMB1234"),
	} {
		t.Run(name, func(t *testing.T) {
			k := negotiated(t, guard.Options{}, smb.DialectSMB311)
			k.refused(k.try(msg), guard.ErrRequest)
			require.Zero(t, k.conn.Err().(*guard.RefusedError).Frame)
		})
	}
	k := start(t, guard.Options{})
	_, err := k.conn.Write(header(0x81, 0))
	k.refused(err, guard.ErrRequest)
	k = start(t, guard.Options{Transport: guard.NetBIOSSession})
	_, err = k.conn.Write(header(0x82, 0))
	k.refused(err, guard.ErrRequest)
}

// Too many requests without an answer are refused, so that what is remembered is bounded.
func TestOutstandingRequests(t *testing.T) {
	k := start(t, guard.Options{})
	var err error
	n := 0
	for ; err == nil && n < 10000; n++ {
		err = k.try(message(asks(smb.SMB2Echo, uint64(n)), 4, u16(0, 4)))
	}
	require.Equal(t, 8193, n)
	k.refused(err, guard.ErrRequest)
}

// A long write passes whole, is followed by its head, and in pieces.
func TestLongRequests(t *testing.T) {
	const size = 1 << 20
	for _, piece := range []int{1000, 128 << 10, size} {
		k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
		for id := uint64(3); id < 5; id++ {
			msg := frame(t, append(message(asks(smb.SMB2Write, id), 48, u16(0, 49), u16(2, 112), u32(4, size)), make([]byte, size)...))
			for rest := msg; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
				_, err := k.conn.Write(rest[:min(piece, len(rest))])
				require.NoError(t, err)
			}
			got := make([]byte, len(msg))
			_, err := io.ReadFull(k.server, got)
			require.NoError(t, err)
			require.Equal(t, msg, got)
			require.NoError(t, k.tell(message(says(smb.SMB2Write, id), 16, u16(0, 17), u32(4, size))))
		}
		require.ErrorIs(t, k.tell(message(says(smb.SMB2Write, 5), 16, u16(0, 17))), guard.ErrUnsolicited)
	}
}

func TestErrorTexts(t *testing.T) {
	k := start(t, guard.Options{})
	err := k.tell([]byte("\x1b[31mevil"))
	k.refused(err, guard.ErrMalformed)
	require.NotContains(t, err.Error(), "\x1b")
	require.Equal(t, "guard: frame 1: malformed message: protocol identifier: not an SMB message", err.Error())
	var refusal *guard.RefusedError
	require.ErrorAs(t, err, &refusal)
	require.ErrorIs(t, refusal, smb.ErrNotSMB)
	require.False(t, refusal.Timeout())
	require.False(t, refusal.Temporary())
	require.Equal(t, []error{guard.ErrGuest}, (&guard.RefusedError{Rule: guard.ErrGuest}).Unwrap())
	require.Equal(t, "guard: "+guard.ErrGuest.Error(), (&guard.RefusedError{Rule: guard.ErrGuest}).Error())
	require.False(t, errors.Is(err, guard.ErrGuest))
}

func TestAddresses(t *testing.T) {
	client, server := smbtest.Pipe(smbtest.Path{})
	defer server.Close()
	conn := guard.New(client, guard.Options{})
	require.Equal(t, client.LocalAddr(), conn.LocalAddr())
	require.Equal(t, client.RemoteAddr(), conn.RemoteAddr())
	n, err := conn.Read(nil)
	require.Zero(t, n)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	_, err = conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, net.ErrClosed)
	require.NoError(t, conn.Err(), "the client closed it itself")
}

// No memory is taken for what was announced and has not come.
func TestMemoryFollowsWhatArrived(t *testing.T) {
	k := start(t, guard.Options{MaxFrame: 16 << 20, MaxBytes: 1 << 40, Timeout: 10 * time.Millisecond})
	_, err := k.server.Write(append(header(0, 16<<20-1), 1, 2, 3))
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = k.conn.Read(make([]byte, 1))
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, guard.ErrDeadline)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<10))
}
