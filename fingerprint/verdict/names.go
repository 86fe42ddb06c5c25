package verdict

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
	"github.com/smbscope/smbscope/smb/wire"
)

// guid reads the server's GUID from the first answer that has one.
func (v *verdict) guid() {
	for _, q := range v.questions {
		var g dtyp.GUID
		switch {
		case q.smb2 != nil:
			g = q.smb2.ServerGUID
		case q.smb1 != nil && q.smb1.ExtendedSecurity() && !lacks(q.smb1.Anomalies, "ServerGUID"):
			g = q.smb1.ServerGUID
		default:
			continue
		}
		v.report.ServerGUID = g.String()
		v.report.ServerGUIDText = guidText(g)
		switch {
		case g.IsZero():
			v.anomaly(q, "ServerGuid", "all bytes are zero")
		case printable(g[:]):
			v.anomaly(q, "ServerGuid", "sixteen printable bytes: "+string(g[:]))
		}
		return
	}
}

// lacks tells whether a field that an answer should have was cut off.
func lacks(anomalies []wire.Anomaly, field string) bool {
	return slices.ContainsFunc(anomalies, func(a wire.Anomaly) bool { return a.Field == field })
}

// guidText reads the name that Samba puts into its GUID: 1 to 15 printable lower-case characters of a NetBIOS name, and
// zeros (Samba 3.0 to 4.24, source3/smbd/negprot.c). Sixteen printable bytes are another program's invention.
func guidText(g dtyp.GUID) string {
	n := 0
	for n < len(g) && isNameByte(g[n]) {
		n++
	}
	if n == 0 || n == len(g) {
		return ""
	}
	for _, b := range g[n:] {
		if b != 0 {
			return ""
		}
	}
	return string(g[:n])
}

// isNameByte tells whether b can be in a NetBIOS name in lower case ([MS-NBTE] 2.2.1 has the nine that cannot).
func isNameByte(b byte) bool {
	return b > ' ' && b < 0x7F && (b < 'A' || b > 'Z') && !strings.ContainsRune(`"/\:|*?<>`, rune(b))
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// mechanisms reads the server's list of mechanisms from the first negotiate response that can have one.
func (v *verdict) mechanisms() {
	for _, q := range v.questions {
		var blob []byte
		switch {
		case q.smb2 != nil:
			blob = q.smb2.SecurityBuffer
		case q.smb1 != nil && q.smb1.ExtendedSecurity():
			blob = q.smb1.SecurityBlob
		default:
			continue
		}
		token, err := spnego.Parse(blob)
		if err != nil {
			v.anomaly(q, "security buffer", err.Error())
		}
		for _, a := range token.Anomalies() {
			v.anomaly(q, a.Where(), a.What)
		}
		s := &report.SPNEGO{Form: token.Form.String()}
		for _, oid := range token.Mechanisms() {
			s.Mechanisms = append(s.Mechanisms, report.Mechanism{OID: string(oid), Name: oid.Name()})
		}
		if hint, ok := token.Hint(); ok {
			s.Hint = hint.Text()
		}
		v.report.SPNEGO = s
		switch listed := token.Lists(spnego.OIDNTLMSSP); {
		case listed || len(s.Mechanisms) > 0 && wholeList(token):
			v.say(listedPath, report.AnswerOf(listed), q.evidence("the list of mechanisms"))
		case token.Form == spnego.FormRawNTLMSSP:
			v.say(listedPath, report.Yes, q.evidence("the security buffer is an NTLM message"))
		}
		return
	}
}

// wholeList tells whether all of the mechanisms could be read, so that one that is not among them is not listed.
func wholeList(t spnego.Token) bool {
	return !slices.ContainsFunc(t.Anomalies(), func(a wire.Anomaly) bool { return a.Field == "mechTypes" })
}

const (
	listedPath    = "/ntlm/listed"
	challengePath = "/ntlm/challenge"
)

// ntlm reads the first NTLM challenge. It tells names and a version; that one came back does not mean that any logon
// would succeed.
func (v *verdict) ntlm() {
	n := &report.NTLM{}
	v.report.NTLM = n
	for _, q := range v.questions {
		if !q.setup {
			continue
		}
		v.ntlmAnswer(q, n)
		if v.answer(challengePath) == report.Yes {
			break
		}
	}
	n.Listed, n.Challenge = v.answer(listedPath), v.answer(challengePath)
}

func (v *verdict) ntlmAnswer(q *question, n *report.NTLM) {
	var blob []byte
	switch {
	case q.smb2Setup != nil:
		blob = q.smb2Setup.SecurityBuffer
	case q.smb1Setup != nil:
		blob = q.smb1Setup.SecurityBlob
	case q.lost():
		v.say(challengePath, report.Unknown, q.evidence("the connection was dropped instead of a challenge, as servers do that refuse NTLM"))
		return
	default:
		v.say(challengePath, report.Unknown, q.evidence(""))
		return
	}
	token, err := spnego.Parse(blob)
	if err != nil {
		v.anomaly(q, "security buffer", err.Error())
	}
	for _, a := range token.Anomalies() {
		v.anomaly(q, a.Where(), a.What)
	}
	inner := token.Inner()
	if !ntlmssp.IsMessage(inner) {
		v.say(challengePath, report.Unknown, q.evidence("an answer without an NTLM challenge"))
		return
	}
	c, err := ntlmssp.ParseChallenge(inner)
	if err != nil {
		v.anomaly(q, "NTLM challenge", err.Error())
		v.say(challengePath, report.Unknown, q.evidence("an NTLM challenge that could not be read"))
		return
	}
	for _, a := range c.Anomalies {
		v.anomaly(q, a.Where(), a.What)
	}
	v.say(challengePath, report.Yes, q.evidence("an NTLM challenge came back"))
	fillNTLM(n, c)
}

func fillNTLM(n *report.NTLM, c ntlmssp.Challenge) {
	n.TargetName = c.TargetNameText()
	n.ServerChallenge = hex.EncodeToString(c.ServerChallenge[:])
	switch {
	case c.Flags.Has(ntlmssp.FlagTargetTypeDomain):
		n.TargetType = "domain"
	case c.Flags.Has(ntlmssp.FlagTargetTypeServer):
		n.TargetType = "server"
	}
	text := func(id ntlmssp.AVID) string {
		pair, _ := c.AV(id)
		// Samba before 4.5 sends a domain that it has not as one NUL; the pair itself keeps it.
		return strings.TrimRight(pair.Text(), "\x00")
	}
	n.NetBIOSComputer, n.NetBIOSDomain = text(ntlmssp.AVNbComputerName), text(ntlmssp.AVNbDomainName)
	n.DNSComputer, n.DNSDomain = text(ntlmssp.AVDNSComputerName), text(ntlmssp.AVDNSDomainName)
	n.DNSForest = text(ntlmssp.AVDNSTreeName)
	if pair, ok := c.AV(ntlmssp.AVTimestamp); ok {
		if stamp, ok := pair.Timestamp(); ok {
			n.Timestamp, _ = stamp.Time()
		}
	}
	if c.Version != nil {
		n.Version = versionOf(*c.Version)
	}
	n.Flags = c.Flags.Tokens()
	for _, pair := range c.AVPairs {
		n.AVPairs = append(n.AVPairs, report.AVPair{
			ID: uint16(pair.ID), Name: pair.ID.String(), Value: avValue(pair), Data: hex.EncodeToString(pair.Value),
		})
	}
}

// avValue writes the value of a pair for people; empty where its bytes have no meaning that is known.
func avValue(pair ntlmssp.AVPair) string {
	if pair.ID.IsText() {
		return pair.Text()
	}
	if flags, ok := pair.Flags(); ok {
		return fmt.Sprintf("0x%08x", uint32(flags))
	}
	if stamp, ok := pair.Timestamp(); ok {
		if t, ok := stamp.Time(); ok {
			return t.Format(time.RFC3339Nano)
		}
	}
	return ""
}
