package ntlmssp

import "github.com/smbscope/smbscope/smb/wire"

// The sizes of a NEGOTIATE_MESSAGE's header: up to the flags, with the two names, and with Version.
const (
	negotiateFlagsSize   = 16
	negotiateNamesSize   = 32
	negotiateVersionSize = 40
)

// A Negotiate is a NEGOTIATE_MESSAGE, the client's type 1 message, as described in [MS-NLMP] 2.2.1.1. Its names are in
// the client's OEM code page whatever the flags say; wire.DecodeOEM decodes them.
type Negotiate struct {
	Flags       Flags
	DomainName  []byte
	Workstation []byte
	Version     *Version // nil where the message has none
	// HeaderSize is the number of bytes that the known fields take before the payload: 16, 32 or 40. A builder looks
	// at it only where it is 16 and there are no names and no Version.
	HeaderSize int
	Extra      []byte // of unknown use, between header and payload
	Anomalies  []wire.Anomaly
}

// ParseNegotiate parses a type 1 message. Less than 16 bytes are a wire.ErrTruncated error; another signature or
// message type is a wire.ErrFormat error.
func ParseNegotiate(msg []byte) (Negotiate, error) {
	c := wire.NewCursor("NEGOTIATE_MESSAGE", msg)
	readStart(&c, TypeNegotiate)
	n := Negotiate{Flags: Flags(c.U32("NegotiateFlags"))}
	if err := c.Err(); err != nil {
		return Negotiate{}, err
	}
	start := len(msg)
	var domain, workstation part
	if start >= negotiateNamesSize {
		domain = readPart(&c, "DomainName")
		workstation = readPart(&c, "Workstation")
		start = payloadStart(start, negotiateNamesSize, domain, workstation)
		n.DomainName = domain.value(&c)
		n.Workstation = workstation.value(&c)
		n.Version = readVersion(&c, start, n.Flags)
	}
	n.HeaderSize = c.Offset()
	n.Extra = readExtra(&c, start)
	notePayload(&c, len(msg), start, domain, workstation)
	n.Anomalies = c.Anomalies()
	return n, nil
}

// AppendBinary appends the message. Names are put behind the header in the order of their fields.
func (n Negotiate) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("NEGOTIATE_MESSAGE", b)
	appendStart(&a, TypeNegotiate)
	a.U32(uint32(n.Flags))
	offset := negotiateNamesSize + len(n.Extra)
	if n.Version != nil {
		offset += versionSize
	}
	bare := n.HeaderSize == negotiateFlagsSize && n.Version == nil && len(n.DomainName)+len(n.Workstation) == 0
	if !bare {
		appendPart(&a, "DomainName", n.DomainName, &offset)
		appendPart(&a, "Workstation", n.Workstation, &offset)
		appendVersion(&a, n.Version)
	}
	a.Bytes(n.Extra)
	a.Bytes(n.DomainName)
	a.Bytes(n.Workstation)
	return a.Result()
}

// DefaultNegotiate returns the type 1 message that asks a server for all that its challenge can tell.
//
// REQUEST_TARGET brings TargetName, and TargetInfo with it: Samba 4.17 sends neither without. VERSION brings Version
// from the Samba releases that send one only when asked (3.6 to 4.4.0); Samba 4.17 and Windows 7 to 10 were seen to
// send it in any case. UNICODE and OEM together let a server choose. The rest is what Windows clients of today offer,
// since servers may refuse a client that offers less: NTLM, EXTENDED_SESSIONSECURITY, ALWAYS_SIGN and SIGN, KEY_EXCH,
// 128 and 56.
//
// With VERSION set the names must be empty ([MS-NLMP] 3.1.5.1.1). The version itself is 0.0.0: a scanner does not pose
// as a release of Windows, and Samba 4.17 answers it in full.
func DefaultNegotiate() Negotiate {
	return Negotiate{
		Flags: FlagNegotiateUnicode | FlagNegotiateOEM | FlagRequestTarget | FlagNegotiateSign | FlagNegotiateNTLM |
			FlagNegotiateAlwaysSign | FlagNegotiateExtendedSessionSecurity | FlagNegotiateVersion |
			FlagNegotiate128 | FlagNegotiateKeyExch | FlagNegotiate56,
		Version:    &Version{NTLMRevisionCurrent: NTLMRevisionW2K3},
		HeaderSize: negotiateVersionSize,
	}
}
