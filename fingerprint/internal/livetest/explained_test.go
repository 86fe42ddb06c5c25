//go:build linux

package livetest

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/smbscope/smbscope/smb/dtyp"
)

// An explanation tells of a kind of difference between tshark 4.0 and the project who is wrong, and why.
type explanation struct {
	facts    []string // or the beginning of several
	captures bool     // it occurs in other people's captures only
	wrong    string   // tshark, ours, or nobody: both say the same in different words
	why      string
	is       func(d difference) bool
}

// explained has all differences that are known. A row that no longer occurs fails the tests, as one that is missing
// does.
func explained() []explanation {
	one := func(d difference, theirs, ours string) bool {
		return len(d.theirs) == 1 && len(d.ours) == 1 && d.theirs[0] == theirs && d.ours[0] == ours
	}
	return []explanation{
		{
			facts: []string{"smb2.boot_time", "smb.system.time"}, wrong: "tshark", why: "a time of zero is no time; tshark's JSON has 1970 for it",
			is: func(d difference) bool { return one(d, "Jan  1, 1970 00:00:00.000000000 UTC", "no time: 0") },
		},
		{
			facts: []string{"smb.server_guid"}, wrong: "tshark",
			why: "SMB1's GUID is printed in the order of its bytes, SMB2's GUID of the same server as Windows prints it",
			is: func(d difference) bool {
				g, err := dtyp.ParseGUID(d.ours[0])
				return err == nil && len(d.theirs) == 1 && strings.ReplaceAll(d.theirs[0], "-", "") == hex.EncodeToString(g[:])
			},
		},
		{
			facts: []string{"smb.dialect.index"}, wrong: "nobody",
			why: "impacket puts a refusal's index of 0xFFFF into the data, where the protocol has no place for it",
			is: func(d difference) bool {
				words := d.facts["smb.wct"]
				return len(words) == 1 && words[0] == "0" && len(d.theirs) == 0 && len(d.ours) == 1 && d.ours[0] == "65535"
			},
		},
		{
			facts: []string{"spnego.hintName"}, wrong: "tshark",
			why: "tshark tells NegTokenInit2 by the server's port, 445 or 139, and passes over its hint at others, here 8445",
			is: func(d difference) bool {
				return len(d.theirs) == 0 && len(d.ours) == 1 && d.ours[0] == "not_defined_in_RFC4178@please_ignore"
			},
		},
		{
			facts: []string{"smb.primary_domain"}, wrong: "tshark",
			why: "tshark has a question mark for each letter beyond Latin ones in the names of SMB1",
			is: func(d difference) bool {
				return len(d.theirs) == 1 && len(d.ours) == 1 && d.theirs[0] == strings.Repeat("?", len([]rune(d.ours[0])))
			},
		},
		{
			facts: []string{"ntlmssp.challenge.target_info.dns_"}, wrong: "nobody", why: "the pair is there, and its name is empty",
			is: func(d difference) bool { return len(d.theirs) == 0 && len(d.ours) == 1 && d.ours[0] == "" },
		},
		{
			facts: []string{"ntlmssp.challenge.target_info.dns_"}, captures: true, wrong: "tshark",
			why: "the name is one zero, as in Samba 4.4, and tshark ends a name at a zero",
			is:  func(d difference) bool { return one(d, "", "\x00") },
		},
		{
			facts: []string{"ntlmssp.auth."}, captures: true, wrong: "tshark",
			why: "for a part without bytes tshark shows its lengths and offset instead",
			is: func(d difference) bool {
				return len(d.ours) == 0 && len(d.theirs) == 1 && len(d.theirs[0]) == 16 && strings.HasPrefix(d.theirs[0], "00000000")
			},
		},
		{
			facts: []string{"smb.native_os", "smb.native_lanman"}, captures: true, wrong: "tshark",
			why: "what is not ASCII becomes U+FFFD or a question mark; impacket sends such by a padding that it miscounts",
			is: func(d difference) bool {
				return len(d.theirs) == 1 && len(d.ours) == 1 && strings.Trim(d.theirs[0], "?\uFFFD") == "" &&
					strings.ContainsFunc(d.ours[0], func(r rune) bool { return r > '~' || r == '\\' })
			},
		},
		{
			facts: []string{"smb.primary_domain"}, captures: true, wrong: "tshark",
			why: "the names of the LANMAN form are OEM whatever the header's flag says; read as UTF-16 they are no text",
			is: func(d difference) bool {
				return isLANMAN(d) && one(d, "????", "WORKGROUP")
			},
		},
		{
			facts: []string{"smb.server_date_time"}, captures: true, wrong: "tshark",
			why: "the time of the LANMAN form is the server's local time; tshark takes it for UTC beside its own time zone",
			is: func(d difference) bool {
				const layout = "Jan _2, 2006 15:04:05.000000000 UTC"
				local, err := time.Parse(layout, strings.Join(d.theirs, ""))
				zone, zoneErr := time.ParseDuration(d.facts["smb.server_timezone"][0] + "m")
				return isLANMAN(d) && err == nil && zoneErr == nil && one(d, d.theirs[0], local.Add(zone).Format(layout))
			},
		},
		{
			facts: []string{"smb."}, captures: true, wrong: "nobody",
			why: "the message has a second command chained to it, which is not compared",
			is: func(d difference) bool {
				link := d.facts["smb.cmd"]
				return len(link) == 2 && link[1] != "0xff" && (d.fact == "smb.cmd" || d.fact == "smb.wct") &&
					len(d.theirs) > len(d.ours) && fmt.Sprint(d.theirs[:len(d.ours)]) == fmt.Sprint(d.ours)
			},
		},
		{
			facts: []string{"message"}, captures: true, wrong: "tshark",
			why: "what SMB is on a port of another protocol, 80, is not looked for",
			is:  func(d difference) bool { return len(d.theirs) == 0 && d.port == 80 },
		},
		{
			facts: []string{"message"}, captures: true, wrong: "tshark",
			why: "a segment before it was never captured, and putting segments in order waits for that one for ever",
			is:  func(d difference) bool { return len(d.theirs) == 0 && d.behindGap },
		},
	}
}

func isLANMAN(d difference) bool {
	words := d.facts["smb.wct"]
	return d.kind == "SMB1 negotiate response" && len(words) == 1 && words[0] == "13"
}

// explains tells whether the row is about the difference.
func (e explanation) explains(d difference) bool {
	return slices.ContainsFunc(e.facts, func(f string) bool { return strings.HasPrefix(d.fact, f) }) && e.is(d)
}

// fields names the facts of the row, with a star for what a fact goes on with.
func (e explanation) fields() string {
	var names []string
	for _, f := range e.facts {
		if strings.HasSuffix(f, ".") || strings.HasSuffix(f, "_") {
			f += "*"
		}
		names = append(names, f)
	}
	return strings.Join(names, ", ")
}
