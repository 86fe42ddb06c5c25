package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/smb/nbns"
)

// nodeStatusProbe is the identifier of a node status request in dialogues.
const nodeStatusProbe = "node-status"

const (
	maxDatagram = 64 << 10 // bytes: no datagram is longer, and none is cut, which is an error on Windows
	maxIgnored  = 16       // datagrams that are no answer
)

var errNoUDP = errors.New("UDP is not sent: it would go past the dialer")

// NodeStatus asks for the names of the server, over UDP, and asks again after half of wait. The dialogue is done once an
// answer came, one that says no among them; it ends with a time-out when none did, and as refused when the host said
// that nobody listens. Only the answer is kept of what came.
func (p *Peer) NodeStatus(ctx context.Context, number int, wait time.Duration) *dialogue.Dialogue {
	c := p.begin(number, dialogue.NetBIOSNameService)
	if err := p.nodeStatus(ctx, c, wait); err != nil {
		c.lose(ctx, err)
	}
	return c.Done()
}

func (p *Peer) nodeStatus(ctx context.Context, c *Conn, wait time.Duration) error {
	if p.Settings.DialUDP == nil {
		return errNoUDP
	}
	if p.Exhausted(c.dialogue.Connection) {
		return errBudget
	}
	var id [2]byte
	if _, err := io.ReadFull(p.Settings.Rand, id[:]); err != nil {
		return fmt.Errorf("drawing a transaction id: %w", err)
	}
	query := nbns.Request{TransactionID: uint16(id[0])<<8 | uint16(id[1]), Name: nbns.Wildcard()}
	request, err := query.AppendBinary(nil)
	if err != nil {
		return err
	}
	conn, err := p.dialUDP(ctx, c)
	if err != nil {
		return err
	}
	c.attach(ctx, conn, true)
	buf, ignored := make([]byte, maxDatagram), 0
	for range 2 {
		if !c.arm(ctx, wait/2) {
			return nil // it has ended
		}
		err = c.datagrams(query.TransactionID, request, buf, &ignored)
		if !errors.Is(err, os.ErrDeadlineExceeded) || ended(ctx) {
			return err
		}
	}
	return err
}

// dialUDP opens a socket to the name service at the address that answered, or else the first that is known.
func (p *Peer) dialUDP(ctx context.Context, c *Conn) (net.Conn, error) {
	p.mu.Lock()
	err := p.resolve(ctx)
	host := p.Host
	if err == nil && p.knowsAddress() {
		host, _, err = net.SplitHostPort(p.addresses[0])
	}
	p.mu.Unlock()
	if err != nil {
		return nil, err
	}
	address := net.JoinHostPort(host, strconv.Itoa(nbns.Port))
	if p.knowsAddress() {
		c.dialogue.Address = address
	}
	ctx, cancel := context.WithTimeout(ctx, p.Settings.DialTimeout)
	defer cancel()
	conn, err := p.Settings.DialUDP(ctx, address)
	if err == nil && conn == nil {
		return nil, errNoConn
	}
	return conn, err
}

// datagrams sends a request and reads until its answer has come.
func (c *Conn) datagrams(id uint16, request, buf []byte, ignored *int) error {
	if err := c.settings.spend(c.spent, len(request)); err != nil {
		return err
	}
	c.record(dialogue.Frame{Sent: true, Kind: dialogue.Raw, Probe: nodeStatusProbe, Data: request})
	if _, err := c.conn.Write(request); err != nil {
		return err
	}
	for {
		n, err := c.conn.Read(buf)
		if err := c.settings.spend(c.spent, n); err != nil {
			return err
		}
		if err != nil {
			return err
		}
		data := bytes.Clone(buf[:n])
		c.settings.spoil(buf[:n])
		status, err := nbns.ParseStatus(data)
		if (err == nil || errors.Is(err, nbns.ErrNegative)) && status.TransactionID == id {
			c.record(dialogue.Frame{Kind: dialogue.Raw, Probe: nodeStatusProbe, Data: data})
			return nil
		}
		if *ignored++; *ignored > maxIgnored {
			return fmt.Errorf("%w: %d datagrams and none is the answer", errLimit, *ignored)
		}
	}
}
