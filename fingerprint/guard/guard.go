package guard

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// The defaults of Options.
const (
	DefaultMaxFrame = 1 << 20
	DefaultMaxBytes = 4 << 20
	DefaultTimeout  = time.Minute
)

// A Transport is how SMB messages are framed.
type Transport uint8

// The transports.
const (
	DirectTCP      Transport = iota // port 445, [MS-SMB2] 2.1
	NetBIOSSession                  // port 139, RFC 1002 4.3: the client sends the session request itself
)

// Options are the bounds of a connection. The zero value is for direct TCP and refuses all that a client which only
// wants to look has no use for.
type Options struct {
	Transport Transport
	// MaxFrame is the size of the largest message that the server may send, in bytes; zero is DefaultMaxFrame. A client
	// that reads files in larger pieces needs more.
	MaxFrame int
	// MaxBytes is how much the server may send over the connection, in bytes; zero is DefaultMaxBytes.
	MaxBytes int64
	// Deadline ends the connection, whatever deadlines the client sets: the earlier one wins. Timeout does the same
	// counted from New. Where both are set the earlier wins; where none is, DefaultTimeout holds.
	Deadline time.Time
	Timeout  time.Duration
	// Compounds lets the client send several requests in one frame, and the server answer those, and only those, in one.
	Compounds bool
	// AllowGuest lets a logon with a user's name end as guest or anonymous.
	AllowGuest bool
	// NoTransforms refuses encryption and compression even where they were negotiated, because nothing in such messages
	// can be checked. A client that wants to encrypt then fails.
	NoTransforms bool
}

// end returns when the connection ends.
func (o Options) end() time.Time {
	timeout := o.Timeout
	if timeout <= 0 && o.Deadline.IsZero() {
		timeout = DefaultTimeout
	}
	if timeout <= 0 {
		return o.Deadline
	}
	return earlier(time.Now().Add(timeout), o.Deadline)
}

// earlier returns the earlier of a deadline and another that may be zero, which is none.
func earlier(end, t time.Time) time.Time {
	if t.IsZero() || end.Before(t) {
		return end
	}
	return t
}

// A Conn is a connection to a stranger. Its Read gives only bytes of whole frames that keep the rules of this package;
// its Write reads along, in order to know what was asked. It is safe for concurrent use as a net.Conn is, has no
// goroutine of its own and holds at most one frame of each direction.
type Conn struct {
	conn    net.Conn
	options Options
	end     time.Time

	reading sync.Mutex // held by Read
	in      inbound
	checked []byte     // what of in's frame Read has still to give
	writing sync.Mutex // held by Write
	out     outbound
	mu      sync.Mutex // guards what follows
	asked   ledger
	refusal *RefusedError
}

// New returns a guard around a connection on which nothing has been sent yet. The connection is the guard's from then
// on: it is closed with it, and by every refusal.
func New(conn net.Conn, o Options) *Conn {
	if o.MaxFrame <= 0 {
		o.MaxFrame = DefaultMaxFrame
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	c := &Conn{conn: conn, options: o, end: o.end(), asked: newLedger(o)}
	c.in = inbound{limit: o.MaxFrame, budget: o.MaxBytes, transport: o.Transport}
	c.out = outbound{transport: o.Transport}
	if err := conn.SetDeadline(c.end); err != nil {
		c.stop(&RefusedError{Rule: ErrDeadline, Detail: "the connection takes no deadline", Err: err})
	}
	return c
}

// Read gives bytes of frames that were checked. The error is a *RefusedError once a rule was broken; a deadline of the
// client's own that passes is none, and the connection goes on after it.
func (c *Conn) Read(b []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if err := c.Err(); err != nil {
		return 0, err
	}
	for len(c.checked) == 0 && len(b) > 0 {
		frame, err := c.in.next(c.conn)
		if err == nil {
			frame, err = c.check(frame)
		}
		if err != nil {
			return 0, c.failed(err)
		}
		c.checked = frame
	}
	n := copy(b, c.checked)
	c.checked = c.checked[n:]
	return n, nil
}

// check returns the frame if it keeps the rules, nothing if it is one that is left out, or the reason of a refusal.
func (c *Conn) check(frame []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	pass, err := c.asked.answer(frame)
	switch {
	case err != nil:
		err.Frame = c.in.frames
		return nil, err
	case !pass:
		return nil, nil
	}
	return frame, nil
}

// Write sends b, which may be a part of a frame, several frames, or anything between. What it sends is not changed; what
// cannot be followed is not sent, and is an ErrRequest or ErrCompound error.
func (c *Conn) Write(b []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.Err(); err != nil {
		return 0, err
	}
	// The requests are noted before their last byte is sent: an answer may come before Write returns.
	if err := c.note(b); err != nil {
		return 0, c.failed(err)
	}
	n, err := c.conn.Write(b)
	if err != nil {
		err = c.failed(err)
	}
	return n, err
}

func (c *Conn) note(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(b) > 0 {
		var frame []byte
		var err *RefusedError
		if frame, b, err = c.out.next(b); err != nil {
			return err
		}
		if frame == nil {
			continue
		}
		if err := c.asked.request(frame, c.out.whole()); err != nil {
			return err
		}
	}
	return nil
}

// failed returns the error that a Read or Write gives, and ends the connection where that is a refusal.
func (c *Conn) failed(err error) error {
	var refusal *RefusedError
	switch {
	case errors.As(err, &refusal):
		return c.stop(refusal)
	case errors.Is(err, os.ErrDeadlineExceeded) && !time.Now().Before(c.end):
		return c.stop(&RefusedError{Rule: ErrDeadline, Err: err})
	}
	// The other direction may have been refused while this one waited; its close is not the reason.
	if refused := c.Err(); refused != nil {
		return refused
	}
	return err
}

// stop keeps the first refusal, closes the connection and returns what was kept.
func (c *Conn) stop(refusal *RefusedError) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refusal == nil {
		c.refusal = refusal
		_ = c.conn.Close() // the refusal is the news
	}
	return c.refusal
}

// Err returns the *RefusedError that ended the connection, or nil.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refusal == nil {
		return nil
	}
	return c.refusal
}

// Close closes the connection. After a refusal it is closed already, and that is no error.
func (c *Conn) Close() error {
	if c.Err() != nil {
		return nil
	}
	return c.conn.Close()
}

// LocalAddr returns the address of this end.
func (c *Conn) LocalAddr() net.Addr { return c.conn.LocalAddr() }

// RemoteAddr returns the address of the server.
func (c *Conn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// SetDeadline sets the client's own deadline; the connection's own is not moved.
func (c *Conn) SetDeadline(t time.Time) error { return c.conn.SetDeadline(earlier(c.end, t)) }

// SetReadDeadline is SetDeadline for Read.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.conn.SetReadDeadline(earlier(c.end, t)) }

// SetWriteDeadline is SetDeadline for Write.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.conn.SetWriteDeadline(earlier(c.end, t)) }
