package identity_test

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/identity"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/testdata/truth"
)

// knownClients are captures whose first client is known from something else than its offer.
func knownClients() map[string]string {
	return map[string]string{
		"ajbanjara-Wireshark__h.pcap":          "Windows XP",    // its native strings and NTLM version 5.1.2600
		"zeek-zeek__smb2.pcap":                 "Windows Vista", // NTLM version 6.0.6001
		"hatching-httpreplay__invldord.pcap":   "Windows 7",     // NTLM version 6.1.7601
		"zeek-zeek__smb3_multichannel.pcap":    "Windows 10",    // NTLM version 10.0.19041
		"OISF-suricata-verify__smb1_osx.pcap":  "macOS, SMB1",   // the publisher's name for it
		"OISF-suricata-verify__zerologon.pcap": "impacket",      // the exploit of that name is made with it
		"OTRF-Security-Datasets__empire_smbexec_dcerpc_smb_svcctl_WORKSTATION5_2020-09-20025716.pcap": "Invoke-SMBExec", // of Empire
		"ajbanjara-Wireshark__ctdb.pcap":                             "Samba 3.0",          // its native strings
		"zeek-zeek__smb2.delete-on-close-perms-delete-existing.pcap": "Samba's smbtorture", // the test of that name
		"zeek-zeek__smb311.pcap":                                     "Linux's cifs",       // the context of the POSIX extensions
	}
}

// offerOf writes what tshark saw of a client's first requests, apart from what is random, without any code of the project.
func offerOf(s truth.Stream) string {
	var b strings.Builder
	if len(s.SMB1Requests) > 0 {
		fmt.Fprintf(&b, "%q", s.SMB1Requests[0].Dialects)
	}
	if len(s.SMB2Requests) > 0 {
		r := s.SMB2Requests[0]
		fmt.Fprint(&b, r.Dialects, r.Mode, r.Capabilities, strings.Trim(r.GUID, "0-") == "")
		for _, c := range r.Contexts {
			salt := 0
			if c.Salt != nil {
				salt = len(*c.Salt)
			}
			length := c.Length
			if c.Netname != nil {
				length = 0
			}
			fmt.Fprint(&b, "|", c.Type, c.Hashes, salt, c.Ciphers, c.CompFlags, c.Compression, c.Signing, c.TransportFlags, length)
		}
	}
	return b.String()
}

// TestClientsOfCaptures: equal offers have equal fingerprints, other offers have others, and nothing of a name is in them.
func TestClientsOfCaptures(t *testing.T) {
	type group struct {
		streams   int
		canonical string
		files     map[string]bool
	}
	groups := map[string]*group{}
	hashOf, offerOfHash := map[string]string{}, map[string]string{}
	known := map[string]string{}
	for _, s := range truth.Streams(t) {
		r := verdict.Of([]*dialogue.Dialogue{s.Dialogue()}, verdict.Options{})
		require.NotNil(t, r.Client)
		require.Equal(t, s.Client, r.Client.Address)
		hash, canonical := identity.ClientOf(r.Client)
		if len(s.SMB1Requests)+len(s.SMB2Requests) == 0 {
			require.Empty(t, hash+canonical, s.File)
			continue
		}
		offer, part := offerOf(s), hash[:strings.LastIndexByte(hash, '_')]
		if before, seen := hashOf[offer]; seen {
			require.Equal(t, before, part, "line %d: one offer, two fingerprints", s.Line)
		}
		if before, seen := offerOfHash[part]; seen {
			require.Equal(t, before, offer, "line %d: two offers, one fingerprint", s.Line)
		}
		hashOf[offer], offerOfHash[part] = part, offer
		_, own, _ := strings.Cut(canonical, ";smb2=") // a dialect is called Windows for Workgroups
		for _, secret := range secrets(s, r.Client) {
			require.NotContains(t, strings.ToLower(own), strings.ToLower(secret), "line %d", s.Line)
		}
		if groups[hash] == nil {
			groups[hash] = &group{canonical: canonical, files: map[string]bool{}}
		}
		groups[hash].streams++
		groups[hash].files[s.File] = true
		if who, ok := knownClients()[s.File]; ok && known[who] == "" {
			known[who] = part
		}
	}
	order := slices.SortedFunc(maps.Keys(groups), func(a, b string) int {
		return cmp.Or(groups[b].streams-groups[a].streams, strings.Compare(a, b))
	})
	for _, hash := range order {
		g := groups[hash]
		t.Logf("%4d %s %s %v", g.streams, hash, g.canonical, slices.Sorted(maps.Keys(g.files)))
	}
	require.Len(t, known, len(knownClients()))
	known["go-smb2"], _, _ = strings.Cut(fingerprintOf(t, goSMB2(t, dtyp.GUID{1}, 's')), "_000000")
	whose := map[string]string{}
	for who, part := range known {
		require.Empty(t, whose[part], "%s and %s have one fingerprint", who, whose[part])
		whose[part] = who
	}
}

// secrets are what a fingerprint must not hold: the GUID, and every name, that are long enough to be there for no other
// reason.
func secrets(s truth.Stream, c *report.Client) []string {
	list := []string{}
	if guid := strings.ReplaceAll(c.GUID, "-", ""); strings.Trim(guid, "0") != "" {
		list = append(list, c.GUID, guid)
	}
	for _, r := range s.SMB2Requests {
		for _, ctx := range r.Contexts {
			if ctx.Netname != nil {
				list = append(list, *ctx.Netname, hex.EncodeToString([]byte(*ctx.Netname)))
			}
			if ctx.Salt != nil {
				list = append(list, *ctx.Salt)
			}
		}
	}
	if n := c.NTLM; n != nil {
		list = append(list, n.User, n.Domain, n.Workstation)
	}
	return slices.DeleteFunc(list, func(text string) bool { return len(text) < 4 })
}
