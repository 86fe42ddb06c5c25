package exchange

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/smb"
)

// A Conn is one connection and the dialogue that is held over it: one question at a time, each after the answer to the
// one before. It is not safe for concurrent use.
type Conn struct {
	settings *Settings
	spent    *atomic.Int64 // bytes of all connections of the scan
	dialogue *dialogue.Dialogue
	conn     net.Conn
	owned    bool          // whether to close it
	stop     func() bool   // keeps the interrupt from happening, and tells whether it could
	stopped  chan struct{} // closed once the interrupt has happened
	ended    bool
	out      []byte // reused for every write
	in       reader
}

// Adopt begins a dialogue over a connection that the caller owns: it is not closed, and its deadlines are taken away
// again by Done.
func Adopt(ctx context.Context, s *Settings, conn net.Conn, level string) *Conn {
	c := &Conn{settings: s, spent: new(atomic.Int64), dialogue: &dialogue.Dialogue{
		Level: level, Connection: 1, Transport: dialogue.DirectTCP, Started: s.Now(),
	}}
	if addr := conn.RemoteAddr(); addr != nil {
		c.dialogue.Target = addr.String()
		c.dialogue.Address = addr.String()
	}
	c.dialogue.Connected = s.Now()
	c.attach(ctx, conn, false)
	return c
}

// longAgo is a deadline that interrupts whatever is blocked.
var longAgo = time.Unix(1, 0)

func (c *Conn) attach(ctx context.Context, conn net.Conn, owned bool) {
	c.conn, c.owned = conn, owned
	if addr := conn.LocalAddr(); addr != nil {
		c.dialogue.Client = addr.String()
	}
	c.in = reader{conn: conn, settings: c.settings, spent: c.spent}
	c.stopped = make(chan struct{})
	c.stop = context.AfterFunc(ctx, func() {
		_ = conn.SetDeadline(longAgo)
		close(c.stopped)
	})
}

// Ready tells whether a question can be asked.
func (c *Conn) Ready() bool { return !c.ended }

// Lost tells whether the connection was lost in a way that a busy server causes as well: it was closed, reset, or did
// not come about.
func (c *Conn) Lost() bool {
	if !c.ended {
		return false
	}
	switch c.dialogue.End {
	case dialogue.EndClosed, dialogue.EndReset, dialogue.EndRefused:
		return true
	}
	return false
}

// Ask sends a request and returns the answer to it, as a slice that the dialogue owns. It returns nil when none came
// before wait was over, the connection was lost or the peer turned out not to speak SMB; the dialogue has then ended
// and tells how. Messages that are no answer, such as interim responses and keep-alives, are kept in the dialogue.
func (c *Conn) Ask(ctx context.Context, probe string, request []byte, wait time.Duration) []byte {
	if c.ended {
		return nil
	}
	out, err := smb.AppendFrame(c.out[:0], request)
	if err != nil {
		c.lose(ctx, err)
		return nil
	}
	frame := dialogue.Frame{Sent: true, Kind: dialogue.Message, Probe: probe, Data: request}
	if !c.arm(ctx, wait) || !c.send(ctx, frame, out) {
		return nil
	}
	answer, err := c.receive(request)
	if err != nil {
		c.lose(ctx, err)
		return nil
	}
	return answer
}

// arm gives the connection wait, or what is left of the context if that is less, for what comes next. It tells whether
// there is anything left; if not, the dialogue has ended.
func (c *Conn) arm(ctx context.Context, wait time.Duration) bool {
	limit := time.Now().Add(wait)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(limit) {
		limit = deadline
	}
	// An error here means that the connection has no deadlines; cancelling could then not interrupt it.
	if err := c.conn.SetDeadline(limit); err != nil {
		c.lose(ctx, fmt.Errorf("setting a deadline: %w", err))
		return false
	}
	if ctx.Err() != nil { // the deadline that interrupts was set before ours and is lost
		c.lose(ctx, context.Cause(ctx))
		return false
	}
	return true
}

// send writes out, which is the frame with its framing and is reused after it. It returns false when the budget does
// not allow that; the dialogue has then ended. A failed write ends nothing: what the peer has said before it went away
// is worth more than the error.
func (c *Conn) send(ctx context.Context, frame dialogue.Frame, out []byte) bool {
	c.out = out
	if err := c.settings.spend(c.spent, len(out)); err != nil {
		c.lose(ctx, err)
		return false
	}
	c.record(frame)
	if _, err := c.conn.Write(out); err != nil {
		c.settings.Log.DebugContext(ctx, "write failed", "probe", frame.Probe, "error", err)
	}
	c.settings.spoil(out)
	return true
}

func (c *Conn) record(f dialogue.Frame) {
	f.At = c.settings.Now()
	c.dialogue.Frames = append(c.dialogue.Frames, f)
}

var (
	errForeign = errors.New("the peer sent bytes that are not SMB")
	errLimit   = errors.New("the peer sent more than is taken")
)

func errTooMany() error {
	return fmt.Errorf("%w: %d frames and none is the answer", errLimit, maxFrames)
}

// receive reads frames until one answers the request.
func (c *Conn) receive(request []byte) ([]byte, error) {
	for range maxFrames {
		frame, err := c.in.next()
		if len(frame.Data) > 0 {
			c.record(frame)
		}
		if err != nil {
			return nil, err
		}
		if frame.Kind != dialogue.Message {
			continue
		}
		switch smb.Relate(request, frame.Data) {
		case smb.Answers:
			return frame.Data, nil
		case smb.Echoes:
			return nil, errForeign
		}
	}
	return nil, errTooMany()
}

// lose ends the dialogue with what an error means.
func (c *Conn) lose(ctx context.Context, err error) {
	switch {
	case errors.Is(err, errForeign):
		c.finish(dialogue.EndForeign, err.Error())
	case errors.Is(err, errLimit):
		c.finish(dialogue.EndLimit, err.Error())
	case errors.Is(err, errBudget):
		c.finish(dialogue.EndBudget, err.Error())
	default:
		c.finish(classify(ctx, err))
	}
}

func (c *Conn) finish(end dialogue.End, reason string) {
	if c.ended {
		return
	}
	c.ended = true
	c.dialogue.End, c.dialogue.Reason, c.dialogue.Ended = end, reason, c.settings.Now()
}

// Done ends the dialogue and gives it away. The connection is closed, or given back without a deadline.
func (c *Conn) Done() *dialogue.Dialogue {
	c.finish(dialogue.EndDone, "")
	if c.conn == nil {
		return c.dialogue
	}
	if !c.stop() {
		<-c.stopped
	}
	if c.owned {
		_ = c.conn.Close() // nothing that is kept depends on it
		return c.dialogue
	}
	_ = c.conn.SetDeadline(time.Time{})
	return c.dialogue
}
