package smbtest

import (
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// DefaultBuffer is how many bytes a direction holds when its Link does not say.
const DefaultBuffer = 256 << 10

// A Link is one direction of a connection. The zero value delivers at once and cuts nothing.
type Link struct {
	Latency time.Duration // from the write of a byte to the earliest read of it; the same for a close or a reset
	Segment int           // cuts each write into segments of so many bytes, of which a read returns one; 0 cuts nothing
	Buffer  int           // how many unread bytes, in flight or arrived, before writes block; 0 is DefaultBuffer
}

// A Path is both directions of a connection.
type Path struct {
	Up   Link // from the client, who dialled, to the server
	Down Link // from the server to the client
}

// roundTrip is how long a dial takes.
func (p Path) roundTrip() time.Duration { return p.Up.Latency + p.Down.Latency }

// An Addr is the address of an end of a connection that is no "ip:port".
type Addr string

// Network returns "tcp": that is what the connections stand for.
func (a Addr) Network() string { return "tcp" }

// String returns the address as it was given.
func (a Addr) String() string { return string(a) }

// A Conn is one end of an in-memory connection. It behaves as a [net.TCPConn] does, and gives the same errors: all but
// [io.EOF] are a *[net.OpError], and [errors.Is] finds [os.ErrDeadlineExceeded], [net.ErrClosed], [syscall.EPIPE] or
// [syscall.ECONNRESET] in it. There are two differences, both because tests must be able to tell what will happen:
// unread bytes at Close do not make a reset of it, and a reset drops what its receiver has not read yet.
//
// All methods may be called from several goroutines. A Conn has no goroutine and no timer of its own: a blocked call
// arms one timer and stops it before it returns.
type Conn struct {
	*shared
	peer          *Conn
	link          Link // of what this end receives
	local, remote net.Addr
	onClose       func() // called once, without the lock; may be nil
	counted       bool   // guarded by the Network's lock, not by ours

	// Guarded by the lock that both ends share.
	inbox                       []chunk // never an empty chunk
	size                        int     // bytes in inbox, and those written to it in vain
	readDeadline, writeDeadline time.Time
	closed, finished, writing   bool      // closed here; no more writes from here; a Write is under way here
	finAt, goneAt, resetAt      time.Time // when we learn that the peer sends, reads no more, has reset; zero is never
}

// A chunk is a piece of a write: it arrives at one moment.
type chunk struct {
	at    time.Time
	data  []byte // not yet read
	taken int    // bytes read of the segment that data begins in
}

// shared is what both ends of a connection wait on. A condition variable, because waiting on it is durably blocking for
// testing/synctest, which waiting for a mutex is not: no lock is held over a wait.
type shared struct {
	mu   sync.Mutex
	cond *sync.Cond
}

// Pipe returns both ends of a connection.
func Pipe(p Path) (client, server *Conn) {
	return newPair(p, Addr("client"), Addr("server"))
}

func newPair(p Path, clientAddr, serverAddr net.Addr) (client, server *Conn) {
	s := new(shared)
	s.cond = sync.NewCond(&s.mu)
	client = &Conn{shared: s, link: p.Down.withDefaults(), local: clientAddr, remote: serverAddr}
	server = &Conn{shared: s, link: p.Up.withDefaults(), local: serverAddr, remote: clientAddr, peer: client}
	client.peer = server
	return client, server
}

func (l Link) withDefaults() Link {
	if l.Buffer <= 0 {
		l.Buffer = DefaultBuffer
	}
	return l
}

// Read reads what has arrived. As with TCP, a deadline that has passed comes before bytes that are there.
func (c *Conn) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		now := time.Now()
		switch {
		case c.closed:
			return 0, c.fail("read", net.ErrClosed)
		case len(b) == 0:
			return 0, nil
		case passed(c.readDeadline, now):
			return 0, c.fail("read", os.ErrDeadlineExceeded)
		case passed(c.resetAt, now):
			c.inbox = nil
			return 0, c.fail("read", os.NewSyscallError("read", syscall.ECONNRESET))
		}
		if n := c.take(b, now); n > 0 {
			c.cond.Broadcast() // there is room again
			return n, nil
		}
		if passed(c.finAt, now) { // not before the last byte: both take the same time, and take comes first
			return 0, io.EOF
		}
		next := c.finAt
		if len(c.inbox) > 0 {
			next = c.inbox[0].at
		}
		c.wait(now, c.readDeadline, c.resetAt, next)
	}
}

// Write hands all of b to the connection and blocks while the buffer is full. Writes of several goroutines do not mix.
func (c *Conn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	mine := false
	defer func() {
		if mine {
			c.writing = false
			c.cond.Broadcast() // to the next one who writes
		}
	}()
	for n := 0; ; {
		now := time.Now()
		switch {
		case c.closed:
			return n, c.fail("write", net.ErrClosed)
		case passed(c.writeDeadline, now):
			return n, c.fail("write", os.ErrDeadlineExceeded)
		case passed(c.resetAt, now):
			return n, c.fail("write", os.NewSyscallError("write", syscall.ECONNRESET))
		case c.finished, passed(c.goneAt, now):
			return n, c.fail("write", os.NewSyscallError("write", syscall.EPIPE))
		}
		if mine || !c.writing {
			mine, c.writing = true, true
			k := min(len(b)-n, c.peer.link.Buffer-c.peer.size)
			c.peer.put(b[n:n+k], now)
			if n += k; n == len(b) {
				return n, nil
			}
		}
		c.wait(now, c.writeDeadline, c.resetAt, c.goneAt)
	}
}

// CloseWrite ends what this end sends: the peer reads io.EOF after the bytes that are under way. Later writes fail with
// [syscall.EPIPE]; reads go on.
func (c *Conn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.fail("close", net.ErrClosed)
	}
	c.finish(time.Now())
	return nil
}

// Close ends both directions: the peer reads what is under way, then io.EOF, and its writes fail with [syscall.EPIPE]
// once the news has arrived. Calls that are blocked at this end return [net.ErrClosed].
func (c *Conn) Close() error { return c.shut(false) }

// Reset closes the connection without ceremony: once the news has arrived, the peer has lost what it has not read, and
// its reads and writes fail with [syscall.ECONNRESET]. For this end it is a Close.
func (c *Conn) Reset() error { return c.shut(true) }

// LocalAddr returns the address of this end.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the peer.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (c *Conn) SetDeadline(t time.Time) error {
	return c.setDeadlines(t, &c.readDeadline, &c.writeDeadline)
}

// SetReadDeadline sets when reads fail with [os.ErrDeadlineExceeded], blocked ones as well; the zero time is never.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.setDeadlines(t, &c.readDeadline) }

// SetWriteDeadline sets when writes fail with [os.ErrDeadlineExceeded], blocked ones as well; the zero time is never.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.setDeadlines(t, &c.writeDeadline) }

func (c *Conn) setDeadlines(t time.Time, deadlines ...*time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.fail("set", net.ErrClosed)
	}
	if !t.IsZero() {
		t = time.Now().Add(time.Until(t)) // onto the monotonic clock, so that a wall clock that is set moves nothing
	}
	for _, d := range deadlines {
		*d = t
	}
	c.cond.Broadcast() // blocked calls look at it anew
	return nil
}

func (c *Conn) shut(reset bool) error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return c.fail("close", net.ErrClosed)
	}
	now := time.Now()
	if reset {
		c.peer.resetAt = now.Add(c.peer.link.Latency)
	} else {
		c.peer.goneAt = now.Add(c.peer.link.Latency)
		c.finish(now)
	}
	c.closed = true
	c.inbox = nil
	c.cond.Broadcast()
	c.mu.Unlock()
	if c.onClose != nil {
		c.onClose()
	}
	return nil
}

// finish lets the peer know that nothing more comes from here.
func (c *Conn) finish(now time.Time) {
	if !c.finished {
		c.finished = true
		c.peer.finAt = now.Add(c.peer.link.Latency)
		c.cond.Broadcast()
	}
}

// put takes in what the peer has written.
func (c *Conn) put(b []byte, now time.Time) {
	c.size += len(b)
	if len(b) == 0 || c.closed { // a peer that does not know yet writes into the void, but no more than into a buffer
		return
	}
	if last := len(c.inbox) - 1; last >= 0 && c.link.Latency == 0 && c.link.Segment == 0 {
		c.inbox[last].data = append(c.inbox[last].data, b...) // many small writes need not be many chunks
	} else {
		c.inbox = append(c.inbox, chunk{at: now.Add(c.link.Latency), data: bytes.Clone(b)})
	}
	c.cond.Broadcast()
}

// take moves to b what has arrived, of one segment only if there are segments.
func (c *Conn) take(b []byte, now time.Time) (n int) {
	for n < len(b) && len(c.inbox) > 0 && passed(c.inbox[0].at, now) {
		first := &c.inbox[0]
		limit := len(first.data)
		if c.link.Segment > 0 {
			limit = min(limit, c.link.Segment-first.taken)
		}
		k := copy(b[n:], first.data[:limit])
		n += k
		c.size -= k
		first.data = first.data[k:]
		if len(first.data) == 0 {
			*first = chunk{} // lets go of the bytes before the array goes
			c.inbox = c.inbox[1:]
		} else if c.link.Segment > 0 {
			first.taken = (first.taken + k) % c.link.Segment
		}
		if c.link.Segment > 0 {
			break
		}
	}
	return n
}

func (c *Conn) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// wait lets go of the lock until something has changed or one of the moments has come. It may return early.
func (s *shared) wait(now time.Time, moments ...time.Time) {
	var first time.Time
	for _, t := range moments {
		if t.After(now) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if !first.IsZero() {
		timer := time.AfterFunc(first.Sub(now), s.wake)
		defer timer.Stop()
	}
	s.cond.Wait()
}

func (s *shared) wake() {
	s.mu.Lock() // or the call would be lost on one who has armed the timer and does not wait yet
	defer s.mu.Unlock()
	s.cond.Broadcast()
}

func passed(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }
