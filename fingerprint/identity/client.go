package identity

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

// clientVersion begins every hash. Another one means another specification.
const clientVersion = "c1"

// ClientOf returns the fingerprint of an SMB client, in the spirit of JA3 and JA4: what a client's implementation
// decides about its negotiate requests, as a readable text and as a hash of it. Names, GUIDs, salts, times and what
// a server answered are not in it. Both are empty for a client that was not seen to negotiate.
//
// # Version 1
//
// It is taken from one connection: from its first SMB_COM_NEGOTIATE request, its first SMB2 NEGOTIATE request and the
// first NTLM NEGOTIATE_MESSAGE in a session setup of it, each as far as it is there.
//
// The canonical text has these fields in this order, each "name=value", joined by ";". The value of what was not sent
// is "-". Hexadecimal digits are in lower case and of the given number; lists are in the order of the wire, none is
// sorted, and "," stands between their entries.
//
//   - smb1: the dialect strings of the SMB_COM_NEGOTIATE request. In them each byte beyond ASCII is written as "\x" and two
//     digits, and each control character and each of "%", "," and ";" as "%" and two digits.
//   - smb2: the dialects of the SMB2 NEGOTIATE request, four digits each. Where it lists none the value is empty.
//   - mode: its SecurityMode, four digits.
//   - caps: its Capabilities, eight digits.
//   - guid: "zero" or "set", by its ClientGuid.
//   - contexts: its negotiate contexts, joined by "+"; empty where it has none. Each is its type in four digits and in
//     round brackets what the type holds: for preauthentication integrity (0001) the hash algorithms, "/" and the length
//     of the salt in bytes, in decimal; for encryption (0002) and signing (0008) the algorithms; for compression
//     (0003) the flags in eight digits, "/" and the algorithms; for transport capabilities (0006) the flags in eight
//     digits; for RDMA transforms (0007) the transforms; for a netname (0005) nothing, and no brackets; for every other type,
//     and for data that cannot be read, the length of the data in bytes, in decimal. Identifiers of algorithms have four
//     digits.
//   - ntlm: the NegotiateFlags of the NTLM message in eight digits, the two bits aside that tell that a domain and
//     a workstation are named (0x3000), then "/", then its version as "major.minor.build.revision" in decimal, or where it
//     has none that of the AUTHENTICATE_MESSAGE, or "-".
//
// The hash is "c1_A_BBCC_D_E". A is the highest dialect of the SMB2 NEGOTIATE request in three digits; without one, by the
// dialect strings, the first of these that holds: "2ff" for "SMB 2.???", "202" for "SMB 2.002", "nt1" for "NT LM 0.12" or
// "NT LANMAN 1.0", "lm" for one that contains "LANMAN" or "LM1.2", and "core". BB is the number of SMB2 dialects and CC
// that of contexts, in two decimal digits each, 99 at most. D is the first twelve digits of the SHA-256 of the canonical
// text up to the ";" before ntlm, which is left out. E is the first six digits of the SHA-256 of the field "ntlm=..."; where
// its value is "-", it is "000000".
//
// E stands apart because one client says it on some connections only: with Kerberos there is no NTLM message. D is not
// the same on all connections either: Windows begins with an SMB_COM_NEGOTIATE only towards a server that it does not know
// yet. The canonical text shows which fields differ.
func ClientOf(c *report.Client) (hash, canonical string) {
	if c == nil || len(c.SMB1Dialects) == 0 && c.SecurityMode == nil {
		return "", ""
	}
	fields := []string{"smb1=-", "smb2=-", "mode=-", "caps=-", "guid=-", "contexts=-"}
	if len(c.SMB1Dialects) > 0 {
		fields[0] = "smb1=" + joined(c.SMB1Dialects, clientText)
	}
	if c.SecurityMode != nil {
		fields[1] = "smb2=" + joined(c.Dialects, func(d string) string { return fmt.Sprintf("%04x", uint16(dialectOf(d))) })
		fields[2] = fmt.Sprintf("mode=%04x", uint16(bitsOf(c.SecurityMode, smb.SecurityMode.Tokens)))
		fields[3] = fmt.Sprintf("caps=%08x", uint32(bitsOf(c.Capabilities, smb.SMB2Capabilities.Tokens)))
		fields[4] = "guid=zero"
		if strings.Trim(c.GUID, "0-") != "" {
			fields[4] = "guid=set"
		}
		var contexts []string
		for _, ctx := range c.Contexts {
			contexts = append(contexts, clientContext(ctx))
		}
		fields[5] = "contexts=" + strings.Join(contexts, "+")
	}
	offer, ntlm := strings.Join(fields, ";"), "ntlm="+clientNTLM(c.NTLM)
	logon := "000000"
	if ntlm != "ntlm=-" {
		logon = digest(ntlm, 6)
	}
	hash = fmt.Sprintf("%s_%s_%02d%02d_%s_%s", clientVersion, highestOffer(c), min(len(c.Dialects), 99), min(len(c.Contexts), 99),
		digest(offer, 12), logon)
	return hash, offer + ";" + ntlm
}

// digest returns the first digits of a SHA-256.
func digest(text string, digits int) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:digits]
}

// FillClient sets the hash and the canonical text of a client, where it negotiated. A nil client is left alone.
func FillClient(c *report.Client) {
	if c != nil {
		c.Hash, c.Canonical = ClientOf(c)
	}
}

// clientNTLM writes the field ntlm.
func clientNTLM(n *report.ClientNTLM) string {
	const named = ntlmssp.FlagNegotiateOEMDomainSupplied | ntlmssp.FlagNegotiateOEMWorkstationSupplied
	if n == nil || n.Flags == nil {
		return "-"
	}
	flags := bitsOf(n.Flags, ntlmssp.Flags.Tokens)
	version := "-"
	if v := n.Version; v != nil {
		version = fmt.Sprintf("%d.%d.%d.%d", v.Major, v.Minor, v.Build, v.Revision)
	}
	return fmt.Sprintf("%08x/%s", uint32(flags&^named), version)
}

// clientContext writes one context.
func clientContext(c report.Context) string {
	data, dataErr := hex.DecodeString(c.Data)
	var t negotiate.ContextType
	if err := t.UnmarshalText([]byte(c.Type)); err != nil || dataErr != nil { // nobody but a caller's own report has this
		return fmt.Sprintf("%s(%d)", clientText(c.Type), len(c.Data)/2)
	}
	detail, ok := contextDetail(t, data)
	switch {
	case t == negotiate.ContextNetname:
		return fmt.Sprintf("%04x", uint16(t))
	case !ok:
		detail = fmt.Sprint(len(data))
	}
	return fmt.Sprintf("%04x(%s)", uint16(t), detail)
}

// contextDetail writes what a context holds; false where only its length counts.
func contextDetail(t negotiate.ContextType, data []byte) (string, bool) {
	switch t {
	case negotiate.ContextPreauthIntegrity:
		p, err := negotiate.ParsePreauthIntegrity(data)
		return fmt.Sprintf("%s/%d", identifiers(p.HashAlgorithms), len(p.Salt)), err == nil
	case negotiate.ContextEncryption:
		p, err := negotiate.ParseEncryption(data)
		return identifiers(p.Ciphers), err == nil
	case negotiate.ContextSigning:
		p, err := negotiate.ParseSigning(data)
		return identifiers(p.Algorithms), err == nil
	case negotiate.ContextCompression:
		p, err := negotiate.ParseCompression(data)
		return fmt.Sprintf("%08x/%s", p.Flags, identifiers(p.Algorithms)), err == nil
	case negotiate.ContextTransport:
		p, err := negotiate.ParseTransport(data)
		return fmt.Sprintf("%08x", p.Flags), err == nil
	case negotiate.ContextRDMATransform:
		p, err := negotiate.ParseRDMATransform(data)
		return identifiers(p.Transforms), err == nil
	}
	return "", false
}

func identifiers[T ~uint16](list []T) string {
	return joined(list, func(id T) string { return fmt.Sprintf("%04x", uint16(id)) })
}

func joined[T any](list []T, text func(T) string) string {
	parts := make([]string, len(list))
	for i, one := range list {
		parts[i] = text(one)
	}
	return strings.Join(parts, ",")
}

// clientText writes a text so that no byte of it can be taken for the canonical text's own.
func clientText(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' || strings.IndexByte("%,;", c) >= 0 {
			fmt.Fprintf(&b, "%%%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// bitsOf reads a list of tokens back, of which tokens has those of any bits.
func bitsOf[T ~uint16 | ~uint32](list []string, tokens func(T) []string) (all T) {
	for bit := T(1); bit != 0; bit <<= 1 {
		if slices.Contains(list, tokens(bit)[0]) {
			all |= bit
		}
	}
	return all
}

// dialectOf reads a dialect back that smb.Dialect printed; zero where it did not.
func dialectOf(text string) smb.Dialect {
	for _, d := range append(smb.Dialects(), smb.DialectWildcard) {
		if d.String() == text {
			return d
		}
	}
	var d smb.Dialect
	if _, err := fmt.Sscanf(text, "Dialect(0x%04X)", &d); err != nil {
		return 0
	}
	return d
}

// highestOffer writes the highest dialect that a client offers.
func highestOffer(c *report.Client) string {
	if len(c.Dialects) > 0 {
		highest := smb.Dialect(0)
		for _, d := range c.Dialects {
			highest = max(highest, dialectOf(d))
		}
		return fmt.Sprintf("%03x", uint16(highest))
	}
	offers := func(some ...string) bool {
		return slices.ContainsFunc(c.SMB1Dialects, func(d string) bool { return slices.Contains(some, d) })
	}
	lanMan := func(d string) bool { return strings.Contains(d, "LANMAN") || strings.Contains(d, "LM1.2") }
	switch {
	case offers(smb.DialectSMB2Any):
		return "2ff"
	case offers(smb.DialectSMB2002):
		return "202"
	case offers(smb.DialectNTLM012, smb.DialectNTLANMAN10):
		return "nt1"
	case slices.ContainsFunc(c.SMB1Dialects, lanMan):
		return "lm"
	}
	return "core"
}
