package finding

import (
	"net/netip"
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
)

var exposureRules = []rule{{
	Rule: Rule{
		ID: "globally-routable", Severities: only(report.SeverityInfo), Title: "Answers at a globally routable address",
		Raised: "The server spoke SMB at an address that the registries of special purposes leave to the internet " +
			"at large.",
		References: []string{"https://learn.microsoft.com/windows-server/storage/file-server/smb-secure-traffic",
			"https://www.iana.org/assignments/iana-ipv4-special-registry/", attackPublic},
	},
	remedy: remedyExposed, find: findRoutable,
}}

func findRoutable(r *report.Report) (hit, bool) {
	var h hit
	var addresses []string
	for i, t := range r.Transports {
		if a, err := netip.ParseAddrPort(t.Address); err == nil && t.Outcome == report.OutcomeSMB && routable(a.Addr()) {
			h.evidence = append(h.evidence, pointer("transports", i, "address"))
			addresses = append(addresses, t.Address)
		}
	}
	from := "this scanner"
	if r.Level == report.LevelPassive {
		from = "the place of the capture"
	}
	h.detail = "As seen from " + from + " the server speaks SMB at " +
		enumerate(addresses) +
		", which the internet can route to. That is no proof of exposure: a firewall may let in only some. " +
		"SMB open to all is found within hours."
	return h, len(addresses) > 0
}

// special are ranges that netip calls global unicast and that are not for hosts on the internet: the registries
// https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry, those that are not globally
// reachable, and single services.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network, RFC 791
	netip.MustParsePrefix("100.64.0.0/10"),   // shared address space of carriers, RFC 6598
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments, RFC 6890
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation, RFC 5737
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays, RFC 7526
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks, RFC 2544
	netip.MustParsePrefix("198.51.100.0/24"), // documentation, RFC 5737
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation, RFC 5737
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, RFC 1112
	netip.MustParsePrefix("2001::/23"),       // protocol assignments, RFC 2928: Teredo, benchmarks, ORCHID
	netip.MustParsePrefix("2001:db8::/32"),   // documentation, RFC 3849
	netip.MustParsePrefix("3fff::/20"),       // documentation, RFC 9637
}

var (
	globalUnicast = netip.MustParsePrefix("2000::/3")     // all of IPv6 that is given out, RFC 4291
	nat64         = netip.MustParsePrefix("64:ff9b::/96") // an IPv4 address in the last four bytes, RFC 6052
	sixToFour     = netip.MustParsePrefix("2002::/16")    // an IPv4 address behind the prefix, RFC 3056
)

// routable tells whether an address is one of the internet at large. An IPv4 address within an IPv6 one decides for it.
func routable(a netip.Addr) bool {
	a = a.Unmap()
	b := a.As16()
	switch {
	case a.Zone() != "":
		return false
	case nat64.Contains(a):
		return routable(netip.AddrFrom4([4]byte(b[12:])))
	case sixToFour.Contains(a):
		return routable(netip.AddrFrom4([4]byte(b[2:6])))
	case a.Is6() && !globalUnicast.Contains(a), !a.IsGlobalUnicast(), a.IsPrivate():
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}
