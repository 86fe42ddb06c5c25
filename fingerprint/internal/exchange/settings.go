// Package exchange holds the only code of the library that opens sockets: it resolves names, dials, and talks over one
// connection at a time, and what it hands on is a dialogue.
//
// It knows framing and the headers that match an answer to its question, and nothing of what an answer means.
package exchange

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of what one connection may cost, whatever the peer sends. Genuine answers to negotiation and session setup
// stay below 4 KiB.
const (
	maxMessage  = 128 << 10 // bytes of one message
	maxReceived = 512 << 10 // bytes of all that a connection sends
	maxFrames   = 64        // frames that may come before the answer to one question
	readAhead   = 4 << 10   // bytes of the read buffer
)

// Settings is what a scan was configured with, with every default filled in.
type Settings struct {
	// Dial makes connections. Names go to it as they are when Resolve is nil.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// DialUDP makes UDP sockets that are connected: only datagrams from the address come out of them. Nil means that
	// there is none, because a caller's dialer is in use that UDP would go past.
	DialUDP func(ctx context.Context, address string) (net.Conn, error)
	// Resolve looks a name up; nil leaves names to Dial.
	Resolve     func(ctx context.Context, network, host string) ([]netip.Addr, error)
	DialTimeout time.Duration // for one dial
	Now         func() time.Time
	Rand        io.Reader
	Log         *slog.Logger
	// Connections and Bytes bound what all dialogues of one scan may cost together; 0 means no bound of this kind.
	Connections, Bytes int
	// Received bounds the bytes that one connection may send; 0 means 512 KiB.
	Received int
	// Poison overwrites every reused buffer after use, so that tests find slices that outlive their bytes.
	Poison bool
}

const defaultDialTimeout = 2 * time.Second // a lost SYN is sent again after one second

// Fill sets what is nil or zero to its default. Names are resolved by resolver, or net.DefaultResolver where that is nil,
// unless Dial is set: that resolves them itself.
func (s *Settings) Fill(resolver *net.Resolver) {
	if s.Dial == nil {
		if resolver == nil {
			resolver = net.DefaultResolver
		}
		s.Resolve = resolver.LookupNetIP
		s.Dial = new(net.Dialer).DialContext
		s.DialUDP = func(ctx context.Context, address string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "udp", address)
		}
	}
	if s.DialTimeout == 0 {
		s.DialTimeout = defaultDialTimeout
	}
	if s.Now == nil {
		s.Now = time.Now // whose times have a reading of a clock that nobody can set
	} else {
		s.Now = steady(s.Now)
	}
	if s.Rand == nil {
		s.Rand = rand.Reader
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
}

// steady makes a clock that is never put back: it stands still until now is past its last reading again. What proves
// something looks at the time between connections, and a clock that stands still proves nothing.
func steady(now func() time.Time) func() time.Time {
	var mu sync.Mutex
	var last time.Time
	return func() time.Time {
		t := now()
		mu.Lock()
		defer mu.Unlock()
		if t.Before(last) {
			return last
		}
		last = t
		return t
	}
}

const poison = 0xDB

func (s *Settings) spoil(b []byte) {
	if !s.Poison {
		return
	}
	for i := range b {
		b[i] = poison
	}
}

// spend adds bytes to what a scan has cost, or says that it has no more.
func (s *Settings) spend(spent *atomic.Int64, n int) error {
	if total := spent.Add(int64(n)); s.Bytes > 0 && total > int64(s.Bytes) {
		return errBudget
	}
	return nil
}
