package fingerprint

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/smbscope/smbscope/smb/wire"
)

// DefaultPort is the port of a target that names none: SMB over direct TCP.
const DefaultPort = 445

var (
	// ErrTarget says that a target is no host, host:port, address or [v6%zone]:port.
	ErrTarget = errors.New("invalid target")
	// ErrConfig says that a Scanner's fields cannot be used.
	ErrConfig = errors.New("invalid scanner")
)

// A Target is where a server is to be found.
type Target struct {
	Host string // a name or an address, without brackets, with its zone
	Port uint16 // 0 where the target names none
}

// ParseTarget reads "host", "host:port", an IPv4 or IPv6 address with or without its zone, or "[v6%zone]:port". Names
// are checked for their form only: letters, digits, '-', '_' and '.', at most 253 bytes. Other targets are an ErrTarget
// error.
func ParseTarget(s string) (Target, error) {
	if addr, err := netip.ParseAddr(s); err == nil { // before ports: every IPv6 address has colons
		return checkZone(s, Target{Host: addr.String()}, addr)
	}
	host, port, found := cutPort(s)
	t := Target{Host: host}
	if found {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return Target{}, targetError(s, fmt.Sprintf("%q is no port from 1 to 65535", port))
		}
		t.Port = uint16(n)
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		addr, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		if err != nil || !addr.Is6() || !strings.HasSuffix(inner, "]") {
			return Target{}, targetError(s, "what is in brackets is no IPv6 address")
		}
		t.Host = addr.String()
		return checkZone(s, t, addr)
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return t, nil
	}
	if reason := badName(host); reason != "" {
		return Target{}, targetError(s, reason)
	}
	return t, nil
}

// checkZone refuses a zone that is no interface's name or number: it goes to logs and terminals as it is.
func checkZone(s string, t Target, addr netip.Addr) (Target, error) {
	for _, c := range []byte(addr.Zone()) {
		if !isNameByte(c) {
			return Target{}, targetError(s, "the zone has more in it than letters, digits, '-', '_' and '.'")
		}
	}
	return t, nil
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
}

// cutPort cuts at the last colon that is not inside brackets.
func cutPort(s string) (host, port string, found bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || i < strings.LastIndexByte(s, ']') {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func badName(host string) string {
	switch {
	case host == "":
		return "there is no host in it"
	case len(host) > 253:
		return "the name is longer than 253 bytes"
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		switch {
		case label == "" || len(label) > 63:
			return "a part of the name is empty or longer than 63 bytes"
		case label[0] == '-': // no host has such a name, and a misplaced flag looks like one
			return "a part of the name begins with '-'"
		}
	}
	for _, c := range []byte(host) {
		if !isNameByte(c) {
			return fmt.Sprintf("the name has a %q in it", wire.EscapeText(string(rune(c))))
		}
	}
	if strings.Trim(host, "0123456789.") == "" {
		return "it looks like an IPv4 address and is none"
	}
	return ""
}

func targetError(s, reason string) error {
	return fmt.Errorf("%w %q: %s", ErrTarget, wire.EscapeText(s), reason)
}
