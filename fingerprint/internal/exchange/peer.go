package exchange

import (
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

	mu          sync.Mutex
	connections int
	resolved    bool
	addresses   []string     // what is left to try; one that answered is the only one
	spent       atomic.Int64 // bytes of all connections, in both directions
}

var errBudget = errors.New("the scan's budget is used up")

// Next reserves the number of the next connection.
func (p *Peer) Next() int {
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
	c := &Conn{settings: p.Settings, spent: &p.spent, dialogue: &dialogue.Dialogue{
		Target: p.Target, Level: p.Level, Connection: number, Transport: dialogue.DirectTCP, Started: p.Settings.Now(),
	}}
	if p.Exhausted(number) {
		c.lose(ctx, errBudget)
		return c
	}
	conn, address, err := p.dial(ctx)
	if p.Settings.Resolve != nil || isLiteral(p.Host) {
		c.dialogue.Address = address // else a dialer resolved the name, and only it knows the address
	}
	if err != nil {
		c.lose(ctx, err)
		return c
	}
	c.attach(ctx, conn, true)
	return c
}

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
		return conn, address, err
	}
	defer p.mu.Unlock()
	var failures []error
	for {
		address := p.addresses[0]
		conn, err := p.dialOne(ctx, address)
		if err == nil {
			p.addresses = p.addresses[:1]
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
		return nil, errors.New("the dialer returned neither a connection nor an error")
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

func isLiteral(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
