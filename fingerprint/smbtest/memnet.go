package smbtest

import (
	"context"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// firstPort and ports are the ephemeral ports (RFC 6335, section 6), which clients and listeners on port 0 get.
const (
	firstPort = 49152
	ports     = 65536 - firstPort
)

// A Network is a set of in-memory listeners, and a way to dial them. It is safe for concurrent use.
//
// An address is any string. One that is an "ip:port" becomes a *[net.TCPAddr], and "192.0.2.1:445" is the same as
// "[::ffff:192.0.2.1]:445"; all others, names with a port for example, become an [Addr], and are the same only if their
// spelling is.
type Network struct {
	path Path

	mu        sync.Mutex
	listeners map[string]*Listener
	holes     map[string]bool
	next      int // of the ephemeral ports
	all       Counts
	each      map[string]*Counts
}

// Counts tells what the clients of a Network, or of one of its addresses, have done and hold.
type Counts struct {
	Dials   int // calls of Dial, whatever came of them
	Dialing int // calls of Dial that have not returned
	Open    int // connections that were accepted and that the client, the one who dialled, has not closed or reset
	MaxOpen int // the highest that Open has been
}

// A Listener waits for the dials to one address of a Network.
type Listener struct {
	network *Network
	path    Path
	addr    net.Addr
	key     string
	queue   chan *Conn // without a buffer: a dial and an Accept meet
	done    chan struct{}
}

// NewNetwork returns a network without listeners. The path is that of all its connections, unless ListenPath says
// otherwise, and of the dials that are refused.
func NewNetwork(p Path) *Network {
	return &Network{
		path: p, listeners: make(map[string]*Listener), holes: make(map[string]bool), each: make(map[string]*Counts),
	}
}

// Listen listens on an address. Port 0 of an IP address stands for any free one, as with [net.Listen]; the error is
// [syscall.EADDRINUSE] for an address that has a listener.
func (n *Network) Listen(address string) (*Listener, error) { return n.ListenPath(address, n.path) }

// ListenPath is Listen for a server that is farther away, or cuts its segments otherwise, than the rest of the network.
func (n *Network) ListenPath(address string, p Path) (*Listener, error) {
	addr, key := parseAddress(address)
	n.mu.Lock()
	defer n.mu.Unlock()
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.Port == 0 {
		for range ports { // all taken: the last one tried is reported as in use
			free := *tcp
			free.Port = n.port()
			if addr, key = parseAddress(free.String()); n.listeners[key] == nil {
				break
			}
		}
	}
	if n.listeners[key] != nil {
		inUse := os.NewSyscallError("bind", syscall.EADDRINUSE)
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: addr, Err: inUse}
	}
	l := &Listener{network: n, path: p, addr: addr, key: key, queue: make(chan *Conn), done: make(chan struct{})}
	n.listeners[key] = l
	return l, nil
}

// Blackhole makes an address one that never answers: from now on a dial to it lasts until its context is done, even if
// something listens there.
func (n *Network) Blackhole(address string) {
	_, key := parseAddress(address)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.holes[key] = true
}

// Dial connects to a listener, in the shape of [net.Dialer.DialContext]: it takes one round trip, and then as long as
// nobody calls Accept. The connection is a *[Conn], the error a *[net.OpError]: [syscall.ECONNREFUSED] where nobody
// listens (after a round trip as well), or the error of the context. The network is "tcp", "tcp4" or "tcp6".
func (n *Network) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	addr, key := parseAddress(address)
	conn, err := n.dial(ctx, network, addr, key)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: addr, Err: err}
	}
	return conn, nil
}

func (n *Network) dial(ctx context.Context, network string, addr net.Addr, key string) (*Conn, error) {
	hole, delay := n.begin(key)
	defer n.count(key, func(c *Counts) { c.Dialing-- })

	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return nil, net.UnknownNetworkError(network)
	}
	if hole {
		<-ctx.Done()
	} else {
		pass(ctx, delay)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}

	refused := os.NewSyscallError("connect", syscall.ECONNREFUSED)
	l, local := n.route(addr, key)
	if l == nil {
		return nil, refused
	}
	client, server := newPair(l.path, local, l.addr)
	client.onClose = func() { n.count(key, func(c *Counts) { c.Open-- }) }
	select {
	case l.queue <- server:
		n.opened(key, client)
		return client, nil
	case <-l.done:
		return nil, refused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Counts returns the counts of the whole network.
func (n *Network) Counts() Counts {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all
}

// CountsFor returns the counts of one address.
func (n *Network) CountsFor(address string) Counts {
	_, key := parseAddress(address)
	n.mu.Lock()
	defer n.mu.Unlock()
	if c := n.each[key]; c != nil {
		return *c
	}
	return Counts{}
}

// Accept waits for a dial and returns the server's end of the connection, a *[Conn].
func (l *Listener) Accept() (net.Conn, error) {
	closed := &net.OpError{Op: "accept", Net: "tcp", Addr: l.addr, Err: net.ErrClosed}
	select {
	case <-l.done:
		return nil, closed
	case server := <-l.queue:
		l.network.opened(l.key, server.peer)
		return server, nil
	}
}

// Close frees the address. A blocked Accept returns [net.ErrClosed], dials that wait for one [syscall.ECONNREFUSED].
// Connections that were accepted live on.
func (l *Listener) Close() error {
	l.network.mu.Lock()
	defer l.network.mu.Unlock()
	if l.network.listeners[l.key] != l {
		return &net.OpError{Op: "close", Net: "tcp", Addr: l.addr, Err: net.ErrClosed}
	}
	delete(l.network.listeners, l.key)
	close(l.done)
	return nil
}

// Addr returns the address that the listener is dialled at.
func (l *Listener) Addr() net.Addr { return l.addr }

// begin counts a dial, and tells whether it goes into a black hole, and how long its round trip takes.
func (n *Network) begin(key string) (hole bool, delay time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.change(key, func(c *Counts) {
		c.Dials++
		c.Dialing++
	})
	path := n.path
	if l := n.listeners[key]; l != nil {
		path = l.path
	}
	return n.holes[key], path.roundTrip()
}

// route finds the listener of an address, and an address for who dials it.
func (n *Network) route(remote net.Addr, key string) (l *Listener, local net.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	port := n.port()
	tcp, ok := remote.(*net.TCPAddr)
	switch {
	case !ok:
		local = Addr(net.JoinHostPort("client", strconv.Itoa(port)))
	case tcp.IP.To4() != nil:
		local = &net.TCPAddr{IP: net.IPv4(198, 51, 100, 1), Port: port} // TEST-NET-2 of RFC 5737
	default:
		local = &net.TCPAddr{IP: net.ParseIP("2001:db8::1"), Port: port} // RFC 3849
	}
	return n.listeners[key], local
}

// port returns the next ephemeral port. The lock must be held.
func (n *Network) port() int {
	port := firstPort + n.next%ports
	n.next++
	return port
}

// opened counts a connection when the first of its ends gets to know of it, so that neither sees a count without it.
func (n *Network) opened(key string, client *Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if client.counted {
		return
	}
	client.counted = true
	n.change(key, func(c *Counts) {
		c.Open++
		c.MaxOpen = max(c.MaxOpen, c.Open)
	})
}

func (n *Network) count(key string, change func(*Counts)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.change(key, change)
}

// change changes the counts of the network and of one address. The lock must be held.
func (n *Network) change(key string, change func(*Counts)) {
	if n.each[key] == nil {
		n.each[key] = new(Counts)
	}
	change(&n.all)
	change(n.each[key])
}

// parseAddress returns an address, and the one spelling of it that the network's tables are keyed by.
func parseAddress(address string) (addr net.Addr, key string) {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return Addr(address), address
	}
	ap = netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	return net.TCPAddrFromAddrPort(ap), ap.String()
}

// pass waits for d or for the end of the context.
func pass(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
