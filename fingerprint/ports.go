package fingerprint

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	// netBIOSPort is the port of the NetBIOS session service (RFC 1002 4.3).
	netBIOSPort = 139
	maxPorts    = 16
)

// scan asks a target by a plan.
func (s *Scanner) scan(ctx context.Context, target string, level Level, plan func(*run) error) (*Report, error) {
	t, err := ParseTarget(target)
	if err != nil {
		return failed(target, level, err), err
	}
	ports := s.portsOf(t)
	peer := &exchange.Peer{
		Settings: s.settings(), Host: t.Host, Port: ports[0], Target: target, Level: string(level), Transport: transportOf(ports[0]),
		Checks: s.Checks,
	}
	return s.work(ctx, target, level, func(ctx context.Context) ([]*dialogue.Dialogue, error) {
		return s.ports(ctx, peer, ports, plan)
	})
}

// work makes a report of the dialogues that ask brings about within the time for a target.
func (s *Scanner) work(ctx context.Context, target string, level Level, ask func(context.Context) ([]*dialogue.Dialogue, error)) (*Report, error) {
	limited, cancel := context.WithTimeoutCause(ctx, s.timeout(level), exchange.ErrTime)
	defer cancel()
	var dialogues []*dialogue.Dialogue
	var planErr error
	if ctx.Err() == nil {
		dialogues, planErr = ask(limited)
	}
	rep := verdict.Of(dialogues, verdict.Options{Raw: s.Raw})
	rep.Target, rep.Level = target, level
	if rep.ObservedAt.IsZero() {
		rep.ObservedAt = s.now().UTC()
	}
	Conclude(rep)
	if planErr != nil {
		rep.Reason = planErr.Error()
		return rep, planErr
	}
	if ctx.Err() != nil {
		cause := context.Cause(ctx)
		if rep.Reason == "" { // it was ended between two connections, which tell nothing of it
			rep.Reason = "the scan was ended: " + wire.EscapeText(cause.Error())
		}
		return rep, fmt.Errorf("the scan of %q was ended: %w", target, cause)
	}
	return rep, nil
}

// ports asks the ports of a target one after the other. Each has its share of the time that is left, so that one that is
// filtered leaves some to the others.
func (s *Scanner) ports(ctx context.Context, first *exchange.Peer, ports []uint16, plan func(*run) error) ([]*dialogue.Dialogue, error) {
	var all []*dialogue.Dialogue
	peer := first
	for i, port := range ports {
		if i > 0 {
			peer = first.Beside(port, transportOf(port))
		}
		dialogues, turned, err := s.port(ctx, peer, len(ports)-i, plan)
		all = append(all, dialogues...)
		if err != nil || turned || ctx.Err() != nil {
			return all, err
		}
	}
	return all, nil
}

// port asks one port over the transport that its number suggests, and over the other one where the server's reaction
// does. It may take one of some equal shares of the time that is left. It tells too whether the server has turned away.
func (s *Scanner) port(ctx context.Context, peer *exchange.Peer, shares int, plan func(*run) error) (all []*dialogue.Dialogue, turned bool, err error) {
	share := ctx
	if shares > 1 {
		deadline, _ := ctx.Deadline() // there always is one: work sets it
		part, cancel := context.WithTimeoutCause(ctx, time.Until(deadline)/time.Duration(shares), exchange.ErrTime)
		defer cancel()
		share = part
	}
	for range 2 {
		r := s.newRun(share, peer.Settings, peer)
		err = plan(r)
		r.stop(nil)
		all = append(all, r.dialogues...)
		if err != nil || share.Err() != nil {
			return all, false, err
		}
		other, ok := otherTransport(r.dialogues)
		if turned = r.turned(); turned || !ok {
			return all, turned, nil
		}
		peer = peer.Beside(peer.Port, other)
	}
	return all, turned, nil
}

// otherTransport tells whether a server's first reaction is that to a wrong transport: a packet of the NetBIOS session
// service to a message over direct TCP, or connections that are dropped instead of any answer to a session request.
func otherTransport(dialogues []*dialogue.Dialogue) (dialogue.Transport, bool) {
	if len(dialogues) == 0 {
		return "", false
	}
	first := dialogues[0]
	if first.Transport == dialogue.NetBIOSSession {
		return dialogue.DirectTCP, !slices.ContainsFunc(dialogues, func(d *dialogue.Dialogue) bool { return !dropped(d) })
	}
	heard := slices.IndexFunc(first.Frames, func(f dialogue.Frame) bool { return !f.Sent })
	if heard < 0 || first.End != dialogue.EndForeign {
		return "", false
	}
	h, err := smb.ParseFrameHeader(first.Frames[heard].Data)
	return dialogue.NetBIOSSession, err == nil && h.Type == smb.FrameNegativeResponse && h.Length == 1
}

// dropped tells whether a server took a connection and a request and ended it without a byte.
func dropped(d *dialogue.Dialogue) bool {
	return (d.End == dialogue.EndClosed || d.End == dialogue.EndReset) && len(d.Frames) > 0 && !d.Received()
}

func (s *Scanner) portsOf(t Target) []uint16 {
	switch {
	case t.Port != 0:
		return []uint16{t.Port}
	case len(s.Ports) == 0:
		return []uint16{DefaultPort}
	}
	var ports []uint16
	for _, port := range s.Ports { // a port that is named twice is asked once
		if !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
	}
	return ports
}

func transportOf(port uint16) dialogue.Transport {
	if port == netBIOSPort {
		return dialogue.NetBIOSSession
	}
	return dialogue.DirectTCP
}

// portOf returns the port of an address; 0 where it has none.
func portOf(address string) uint16 {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return 0
	}
	return a.Port()
}

func (s *Scanner) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func (s *Scanner) timeout(level Level) time.Duration {
	if s.Timeout != 0 {
		return s.Timeout
	}
	t := defaultTimeout
	if level == LevelFull {
		t = fullTimeout
	}
	if s.BehaviourProbes {
		t += behaviourTimeout
	}
	if s.NullSession {
		t += nullTimeout
	}
	if s.Checks {
		t += checksTimeout
	}
	return t
}
