package exchange

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
)

// maxAddresses bounds how many addresses of a name are tried.
const maxAddresses = 4

// A Peer is the server of one scan. It is resolved once, at the first connection, and all later connections go to the
// address that answered. Its methods are safe for concurrent use.
type Peer struct {
	Settings *Settings
	Host     string // name or address, without brackets, with its zone
	Port     uint16
	Target   string // as the caller wrote it, for the dialogues
	Level    string // of the scan, for the dialogues
	Checks   bool   // weakness checks are asked for, for the dialogues
	// Transport is how messages are framed there; empty means direct TCP. Over NetBIOS sessions each connection begins
	// with a Call.
	Transport dialogue.Transport

	first *Peer // whose numbers and budget this one shares; nil for itself

	mu          sync.Mutex
	connections int
	resolved    bool
	answered    bool         // the first of addresses took a connection
	redirected  bool         // Redirect has changed the port
	addresses   []string     // what is left to try; one that answered is the only one
	spent       atomic.Int64 // bytes of all connections, in both directions
}

var (
	errBudget = errors.New("the scan's budget is used up")
	errNoConn = errors.New("the dialer returned neither a connection nor an error")
)

// Next reserves the number of the next connection.
func (p *Peer) Next() int {
	p = p.root()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.connections++
	return p.connections
}

// Open makes the next connection.
func (p *Peer) Open(ctx context.Context) *Conn { return p.OpenAs(ctx, p.Next()) }

// OpenAs makes the connection of a number that Next has given. It always returns a Conn whose dialogue has begun; when
// the connection does not stand, the dialogue has ended as well and Ready tells so.
func (p *Peer) OpenAs(ctx context.Context, number int) *Conn {
	c := p.begin(number, cmp.Or(p.Transport, dialogue.DirectTCP))
	if !p.knowsAddress() {
		c.dialogue.Port = int(p.Port)
	}
	if p.Exhausted(number) {
		c.lose(ctx, errBudget)
		return c
	}
	conn, address, err := p.dial(ctx)
	if p.knowsAddress() {
		c.dialogue.Address = address
	}
	if err != nil {
		c.lose(ctx, err)
		return c
	}
	c.dialogue.Connected = p.Settings.Now()
	c.attach(ctx, conn, true)
	return c
}

// begin returns a Conn without a connection, whose dialogue has begun.
func (p *Peer) begin(number int, transport dialogue.Transport) *Conn {
	return &Conn{settings: p.Settings, spent: &p.root().spent, dialogue: &dialogue.Dialogue{
		Target: p.Target, Level: p.Level, Checks: p.Checks, Connection: number, Transport: transport, Started: p.Settings.Now(),
	}}
}

// knowsAddress tells whether addresses are addresses. Where a dialer resolves the name, only it knows them.
func (p *Peer) knowsAddress() bool { return p.Settings.Resolve != nil || isLiteral(p.Host) }

// Exhausted tells whether the connection of a number is more than the scan may make.
func (p *Peer) Exhausted(number int) bool {
	return p.Settings != nil && p.Settings.Connections > 0 && number > p.Settings.Connections
}

// dial connects to the address that answered before, or finds it. While it is being found, other connections wait.
func (p *Peer) dial(ctx context.Context) (net.Conn, string, error) {
	p.mu.Lock()
	if err := p.resolve(ctx); err != nil {
		p.mu.Unlock()
		return nil, "", err
	}
	if len(p.addresses) == 1 {
		address := p.addresses[0]
		p.mu.Unlock()
		conn, err := p.dialOne(ctx, address)
		if err == nil {
			p.mu.Lock()
			p.answered = true
			p.mu.Unlock()
		}
		return conn, address, err
	}
	defer p.mu.Unlock()
	var failures []error
	for {
		address := p.addresses[0]
		conn, err := p.dialOne(ctx, address)
		if err == nil {
			p.addresses, p.answered = p.addresses[:1], true
			return conn, address, nil
		}
		failures = append(failures, err)
		if len(p.addresses) == 1 || ctx.Err() != nil {
			return nil, address, errors.Join(failures...)
		}
		p.addresses = p.addresses[1:]
	}
}

func (p *Peer) dialOne(ctx context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, p.Settings.DialTimeout)
	defer cancel()
	conn, err := p.Settings.Dial(ctx, "tcp", address)
	if err == nil && conn == nil {
		return nil, errNoConn
	}
	return conn, err
}

// resolve fills in the addresses, of which there is at least one then. The caller holds the lock.
func (p *Peer) resolve(ctx context.Context) error {
	if p.resolved {
		return nil
	}
	port := strconv.Itoa(int(p.Port))
	if p.Settings.Resolve == nil || isLiteral(p.Host) {
		p.addresses, p.resolved = []string{net.JoinHostPort(p.Host, port)}, true
		return nil
	}
	found, err := p.Settings.Resolve(ctx, "ip", p.Host)
	if err != nil {
		return fmt.Errorf("resolving the name: %w", err)
	}
	if len(found) == 0 {
		return &net.DNSError{Err: "no address", Name: p.Host, IsNotFound: true}
	}
	for _, addr := range found[:min(len(found), maxAddresses)] {
		p.addresses = append(p.addresses, net.JoinHostPort(addr.Unmap().String(), port))
	}
	p.resolved = true
	return nil
}

// Beside returns the same server at another port or over another transport: what it costs counts with what p costs, and a
// name is not resolved anew once one of its addresses took a connection.
func (p *Peer) Beside(port uint16, transport dialogue.Transport) *Peer {
	p.mu.Lock()
	defer p.mu.Unlock()
	other := &Peer{
		Settings: p.Settings, Host: p.Host, Port: port, Target: p.Target, Level: p.Level, Checks: p.Checks, Transport: transport,
		first: p.root(),
	}
	if p.answered && p.knowsAddress() {
		if host, _, err := net.SplitHostPort(p.addresses[0]); err == nil {
			other.Host = host
		}
	}
	return other
}

func (p *Peer) root() *Peer {
	if p.first != nil {
		return p.first
	}
	return p
}

// Redirect makes all later connections go to another port of the server, where a retarget response leads them, and tells
// whether it did. It does so only once, so that no server keeps a scan going round, and only at the address that took a
// connection: nobody asked for a scan of another host. A name that a dialer resolves is no address to compare with.
func (p *Peer) Redirect(to netip.AddrPort) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.redirected || !p.answered {
		return false
	}
	host, port, err := net.SplitHostPort(p.addresses[0])
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || addr.Unmap() != to.Addr().Unmap() {
		return false
	}
	other := strconv.Itoa(int(to.Port()))
	if to.Port() == 0 || other == port {
		return false
	}
	p.addresses, p.redirected = []string{net.JoinHostPort(host, other)}, true
	return true
}

func isLiteral(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
