package exchange_test

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// The answer is found however the bytes come and whatever comes before it, and all that came is kept.
func TestAnswer(t *testing.T) {
	answer := message(t, nil)
	keepAlive, empty := []byte{0x85, 0, 0, 0}, []byte{0, 0, 0, 0}
	pending := message(t, func(h *smb.SMB2Header) { h.Status, h.Flags = dtyp.StatusPending, h.Flags|smb.SMB2FlagAsyncCommand })
	unsolicited := message(t, func(h *smb.SMB2Header) { h.Command, h.MessageID = smb.SMB2OplockBreak, smb.UnsolicitedMessageID })
	other := message(t, func(h *smb.SMB2Header) { h.MessageID = 7 })
	long := append(message(t, nil), make([]byte, 10_000)...)
	const m, s = dialogue.Message, dialogue.Session
	tests := map[string]struct {
		writes [][]byte
		answer []byte
		kinds  []dialogue.Kind
	}{
		"alone":                 {[][]byte{framed(t, answer)}, answer, []dialogue.Kind{m}},
		"header and body":       {[][]byte{framed(t, answer)[:4], answer}, answer, []dialogue.Kind{m}},
		"keep-alive before":     {[][]byte{keepAlive, framed(t, answer)}, answer, []dialogue.Kind{s, m}},
		"empty frame before":    {[][]byte{empty, framed(t, answer)}, answer, []dialogue.Kind{s, m}},
		"pending before":        {[][]byte{framed(t, pending), framed(t, answer)}, answer, []dialogue.Kind{m, m}},
		"unsolicited before":    {[][]byte{framed(t, unsolicited), framed(t, answer)}, answer, []dialogue.Kind{m, m}},
		"another's before":      {[][]byte{framed(t, other), framed(t, answer)}, answer, []dialogue.Kind{m, m}},
		"all in one segment":    {[][]byte{framed(t, pending, unsolicited, other, answer, other)}, answer, []dialogue.Kind{m, m, m, m}},
		"beyond the buffer":     {[][]byte{framed(t, other, long)}, long, []dialogue.Kind{m, m}},
		"many before":           {[][]byte{framed(t, other, other, other, other, other, other, long)}, long, []dialogue.Kind{m, m, m, m, m, m, m}},
		"an SMB1 error":         {[][]byte{framed(t, []byte("\xFFSMB\x72"))}, []byte("\xFFSMB\x72"), []dialogue.Kind{m}},
		"encrypted":             {[][]byte{framed(t, []byte("\xFDSMB"))}, []byte("\xFDSMB"), []dialogue.Kind{m}},
		"the header alone, cut": {[][]byte{framed(t, []byte("\xFESMB\x40"))}, []byte("\xFESMB\x40"), []dialogue.Kind{m}},
	}
	paths := map[string]smbtest.Path{
		"at once": {}, "by bytes": {Down: smbtest.Link{Segment: 1}}, "by sevens": {Down: smbtest.Link{Segment: 7, Latency: time.Millisecond}},
	}
	for name, tt := range tests {
		for pathName, path := range paths {
			t.Run(name+" "+pathName, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					got, d := exchangeOne(t, path, answers(stay, tt.writes...))
					require.Equal(t, tt.answer, got)
					require.Equal(t, dialogue.EndDone, d.End)
					require.Equal(t, tt.kinds, kinds(d))
					require.Equal(t, question(t), d.Frames[0].Data)
					require.Equal(t, tt.answer, d.Frames[len(d.Frames)-1].Data, "the dialogue owns the answer")
				})
			})
		}
	}
}

// Every way in which no answer comes has its end, and what came is kept.
func TestEnds(t *testing.T) {
	answer := framed(t, message(t, nil))
	tests := map[string]struct {
		peer func(net.Conn)
		end  dialogue.End
		got  string // what was received, as far as it is of interest
	}{
		"silent":                 {smbtest.Silent, dialogue.EndTimeout, ""},
		"closes at once":         {smbtest.CloseAtOnce, dialogue.EndClosed, ""},
		"closes then":            {answers(leave), dialogue.EndClosed, ""},
		"resets at once":         {smbtest.ResetAtOnce, dialogue.EndReset, ""},
		"resets then":            {answers(smbtest.ResetAtOnce), dialogue.EndReset, ""},
		"half-closes":            {smbtest.HalfClose, dialogue.EndClosed, ""},
		"header cut":             {answers(leave, answer[:3]), dialogue.EndClosed, "\x00\x00\x00"},
		"magic cut":              {answers(leave, answer[:6]), dialogue.EndClosed, string(answer[:6])},
		"message cut":            {answers(leave, answer[:40]), dialogue.EndClosed, string(answer[:40])},
		"endless large messages": {smbtest.EndlessFrames(framed(t, append(message(t, func(h *smb.SMB2Header) { h.MessageID = 9 }), make([]byte, 100_000)...))), dialogue.EndLimit, ""},
		"message cut, stays":     {answers(stay, answer[:40]), dialogue.EndTimeout, string(answer[:40])},
		"one foreign byte":       {answers(leave, []byte("S")), dialogue.EndForeign, "S"},
		"speaks first":           {smbtest.SaysFirst("SSH-2.0-x\r\n"), dialogue.EndForeign, "SSH-2.0-x\r\n"},
		"foreign in a frame":     {answers(stay, framed(t, []byte("abcdefgh"))), dialogue.EndForeign, "\x00\x00\x00\x08abcdefgh"},
		"three bytes framed":     {answers(stay, framed(t, []byte("\xFESM"))), dialogue.EndForeign, "\x00\x00\x00\x03\xFESM"},
		"negative response":      {answers(stay, []byte{0x83, 0, 0, 1, 0x8F}), dialogue.EndForeign, "\x83\x00\x00\x01\x8F"},
		"a long keep-alive":      {answers(stay, []byte{0x85, 0, 0, 1, 0}), dialogue.EndForeign, "\x85\x00\x00\x01\x00"},
		"echo":                   {smbtest.Echo, dialogue.EndForeign, string(question(t))},
		"huge frame":             {smbtest.HugeFrame(0), dialogue.EndLimit, "\x00\xFF\xFF\xFF\xFESMB"},
		"a frame too large":      {answers(stay, []byte{0, 2, 0, 1, 0xFE, 'S', 'M', 'B'}), dialogue.EndLimit, "\x00\x02\x00\x01\xFESMB"},
		"endless keep-alives":    {smbtest.KeepAlives, dialogue.EndLimit, "\x85\x00\x00\x00"},
		"endless messages":       {smbtest.EndlessFrames(framed(t, message(t, func(h *smb.SMB2Header) { h.MessageID = 9 }))), dialogue.EndLimit, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, d := exchangeOne(t, smbtest.Path{}, tt.peer)
				require.Nil(t, got)
				require.Equal(t, tt.end, d.End, d.Reason)
				require.NotEmpty(t, d.Reason)
				require.Equal(t, tt.got != "" || tt.end == dialogue.EndLimit, d.Received())
				if tt.got != "" {
					require.Contains(t, string(d.Frames[1].Data), tt.got)
				}
				_, _, received := d.Cost()
				require.LessOrEqual(t, received, 600<<10)
				require.LessOrEqual(t, len(d.Frames), 1+64)
			})
		})
	}
}

// A question ends when its wait is over or its context, whichever is first, also against a peer that sends byte by byte.
func TestDeadlines(t *testing.T) {
	cause := errors.New("the user \x1b has left")
	tests := map[string]struct {
		ctx    func(context.Context) (context.Context, context.CancelFunc)
		after  time.Duration
		end    dialogue.End
		reason string
	}{
		"wait": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Minute)
		}, wait, dialogue.EndTimeout, "timeout"},
		"the scan's own time": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(ctx, time.Second, exchange.ErrTime)
		}, time.Second, dialogue.EndTimeout, exchange.ErrTime.Error()},
		"the caller's deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 2*time.Second)
		}, 2 * time.Second, dialogue.EndCanceled, "deadline exceeded"},
		"canceled": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(time.Second, func() { cancel(cause) })
			return ctx, func() { cancel(nil) }
		}, time.Second, dialogue.EndCanceled, `the user \x1b has left`},
	}
	for name, tt := range tests {
		for peerName, handle := range map[string]func(net.Conn){
			"silent": smbtest.Silent, "drip": smbtest.Drip(300*time.Millisecond, framed(t, message(t, nil)), false),
		} {
			t.Run(name+" "+peerName, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					network, stop := listen(t, smbtest.Path{}, handle)
					defer stop()
					ctx, cancel := tt.ctx(t.Context())
					defer cancel()
					start := time.Now()
					c := peer(settings(network)).Open(ctx)
					require.Nil(t, c.Ask(ctx, "q", question(t), wait))
					require.Equal(t, tt.after, time.Since(start))
					d := c.Done()
					require.Equal(t, tt.end, d.End)
					require.Contains(t, d.Reason, tt.reason)
					require.Equal(t, d.Ended, start.Add(tt.after))
				})
			})
		}
	}
}

// A context that has ended before the question sends nothing.
func TestEndedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, stop := listen(t, smbtest.Path{}, smbtest.Echo)
		defer stop()
		ctx, cancel := context.WithCancel(t.Context())
		c := peer(settings(network)).Open(ctx)
		cancel()
		synctest.Wait()
		require.Nil(t, c.Ask(ctx, "q", question(t), wait))
		d := c.Done()
		require.Equal(t, dialogue.EndCanceled, d.End)
		require.Empty(t, d.Frames)
	})
}

// A dialogue that has ended takes no question; its connection is closed once.
func TestAskAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, stop := listen(t, smbtest.Path{}, smbtest.CloseAtOnce)
		defer stop()
		c := peer(settings(network)).Open(t.Context())
		require.Nil(t, c.Ask(t.Context(), "q", question(t), wait))
		require.Nil(t, c.Ask(t.Context(), "again", question(t), wait))
		d := c.Done()
		require.Equal(t, dialogue.EndClosed, d.End)
		require.Len(t, d.Frames, 1)
	})
}

// A faulty connection of a caller's dialer.
type faulty struct {
	net.Conn
	writeErr, deadlineErr error
	empty                 int // reads that return nothing, without an error
}

func (f *faulty) Write(b []byte) (int, error) {
	if f.writeErr != nil {
		return 0, f.writeErr
	}
	return f.Conn.Write(b)
}

func (f *faulty) SetDeadline(t time.Time) error {
	if f.deadlineErr != nil {
		return f.deadlineErr
	}
	return f.Conn.SetDeadline(t)
}

func (f *faulty) Read(b []byte) (int, error) {
	if f.empty > 0 {
		f.empty--
		return 0, nil
	}
	return f.Conn.Read(b)
}

func (f *faulty) LocalAddr() net.Addr { return nil }

func (f *faulty) RemoteAddr() net.Addr { return nil }

func TestFaultyConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		adopt := func(f *faulty, said string) ([]byte, *dialogue.Dialogue) {
			client, server := smbtest.Pipe(smbtest.Path{})
			_, err := server.Write([]byte(said))
			require.NoError(t, err)
			require.NoError(t, server.Close())
			f.Conn = client
			c := exchange.Adopt(t.Context(), settings(smbtest.NewNetwork(smbtest.Path{})), f, "quick")
			answer := c.Ask(t.Context(), "q", question(t), wait)
			d := c.Done()
			require.NoError(t, client.Close())
			return answer, d
		}
		// What was said before the connection was lost is read, though the question could not be written.
		broken := &net.OpError{Op: "write", Err: syscall.ECONNRESET}
		_, d := adopt(&faulty{writeErr: broken}, "HTTP/1.1 400 Bad Request")
		require.Equal(t, dialogue.EndForeign, d.End)
		require.Equal(t, "HTTP/1.1 400 Bad Request", string(d.Frames[1].Data))
		answer, d := adopt(&faulty{writeErr: broken}, string(framed(t, message(t, nil))))
		require.Equal(t, message(t, nil), answer)
		require.Equal(t, dialogue.EndDone, d.End)
		_, d = adopt(&faulty{writeErr: broken}, "")
		require.Equal(t, dialogue.EndClosed, d.End)

		_, d = adopt(&faulty{deadlineErr: errors.New("no deadlines")}, "")
		require.Equal(t, dialogue.EndError, d.End)
		require.Contains(t, d.Reason, "no deadlines")
		require.Empty(t, d.Frames)
		require.Empty(t, d.Address+d.Client, "addresses that are nil")

		answer, _ = adopt(&faulty{empty: 3}, string(framed(t, message(t, nil))))
		require.Equal(t, message(t, nil), answer, "io.Reader allows reads of nothing")
		_, d = adopt(&faulty{empty: 1 << 20}, "")
		require.Equal(t, dialogue.EndError, d.End)
	})
}
