package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/smb/wire"
)

// A prefix is all addresses of a network, at one port.
type prefix struct {
	first netip.Addr // with its zone
	bits  int        // in which its addresses differ
	port  uint16     // 0 where it names none
}

// parsePrefix reads address/length, v4/length:port, [v6/length] or [v6/length]:port. As in nmap, the address may be any
// of its network.
func parsePrefix(s string) (prefix, error) {
	before, after, _ := strings.Cut(s, "/")
	address, bracketed := strings.CutPrefix(before, "[")
	length, port, hasPort := strings.Cut(after, ":")
	if bracketed {
		var closed bool
		if length, closed = strings.CutSuffix(length, "]"); !closed {
			return prefix{}, prefixError(s, "a bracket goes before the address and one behind the length")
		}
	}
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return prefix{}, prefixError(s, "what stands before the / is no address")
	}
	if _, err := fingerprint.ParseTarget(address); err != nil { // of the zone
		return prefix{}, err
	}
	switch {
	case bracketed && addr.Is4():
		return prefix{}, prefixError(s, "brackets are for IPv6")
	case hasPort && !bracketed && addr.Is6():
		return prefix{}, prefixError(s, "an IPv6 prefix with a port is written as [2001:db8::/120]:445")
	}
	p := prefix{}
	if hasPort {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return prefix{}, prefixError(s, fmt.Sprintf("%q is no port from 1 to 65535", wire.EscapeText(port)))
		}
		p.port = uint16(n)
	}
	n, err := strconv.ParseUint(length, 10, 8)
	if err != nil || int(n) > addr.BitLen() {
		return prefix{}, prefixError(s, fmt.Sprintf("%q is no length from 0 to %d", wire.EscapeText(length), addr.BitLen()))
	}
	network, err := addr.WithZone("").Prefix(int(n))
	if err != nil {
		return prefix{}, prefixError(s, err.Error())
	}
	p.first, p.bits = network.Addr().WithZone(addr.Zone()), addr.BitLen()-int(n)
	return p, nil
}

func prefixError(s, reason string) error {
	return fmt.Errorf("invalid prefix %q: %s", wire.EscapeText(s), reason)
}

// size is how many addresses it has, as far as that can be counted.
func (p prefix) size() uint64 {
	if p.bits > 63 {
		return 1 << 63
	}
	return 1 << p.bits
}

func (p prefix) sizeText() string {
	if p.bits > 32 {
		return fmt.Sprintf("2^%d addresses", p.bits)
	}
	return count(p.size(), "address")
}

// each calls yield with every address, the first and the last of an IPv4 network too: they are hosts as often as not.
// It tells whether yield wants more.
func (p prefix) each(yield func(target string) bool) bool {
	addr := p.first
	for range p.size() {
		target := addr.String()
		if p.port != 0 {
			target = netip.AddrPortFrom(addr, p.port).String()
		}
		if !yield(target) {
			return false
		}
		addr = addr.Next()
	}
	return true
}
