package ntlmssp

import "github.com/smbscope/smbscope/smb/wire"

// The sizes of an AUTHENTICATE_MESSAGE's header: up to Workstation, with session key and flags, with Version, with MIC.
const (
	authenticateShortSize   = 52
	authenticateFlagsSize   = 64
	authenticateVersionSize = 72
	authenticateMICSize     = 88
)

const micSize = 16

// An Authenticate is an AUTHENTICATE_MESSAGE, the client's type 3 message, as described in [MS-NLMP] 2.2.1.3.
// Flags.Text decodes its names.
type Authenticate struct {
	LmChallengeResponse       []byte
	NtChallengeResponse       []byte
	DomainName                []byte
	UserName                  []byte
	Workstation               []byte
	EncryptedRandomSessionKey []byte
	Flags                     Flags
	Version                   *Version // nil where the message has none
	// MIC is nil where the message leaves no place for one, as in Windows NT to Server 2003. Zeros in the place mean
	// that none was computed: see HasMIC.
	MIC *[16]byte
	// HeaderSize is the number of bytes that the known fields take before the payload: 52, 64, 72 or 88. A builder
	// looks at it only where it is 52 and there are no flags, session key, Version or MIC.
	HeaderSize int
	Extra      []byte // of unknown use, between header and payload
	Anomalies  []wire.Anomaly
}

// ParseAuthenticate parses a type 3 message. Less than 52 bytes are a wire.ErrTruncated error; another signature or
// message type is a wire.ErrFormat error.
func ParseAuthenticate(msg []byte) (Authenticate, error) {
	c := wire.NewCursor("AUTHENTICATE_MESSAGE", msg)
	readStart(&c, TypeAuthenticate)
	lm := readPart(&c, "LmChallengeResponse")
	nt := readPart(&c, "NtChallengeResponse")
	domain := readPart(&c, "DomainName")
	user := readPart(&c, "UserName")
	workstation := readPart(&c, "Workstation")
	if err := c.Err(); err != nil {
		return Authenticate{}, err
	}
	var au Authenticate
	var key part
	start := payloadStart(len(msg), authenticateShortSize, lm, nt, domain, user, workstation)
	if start >= authenticateFlagsSize {
		key = readPart(&c, "EncryptedRandomSessionKey")
		au.Flags = Flags(c.U32("NegotiateFlags"))
		start = payloadStart(start, authenticateFlagsSize, key)
		au.EncryptedRandomSessionKey = key.value(&c)
		au.Version = readVersion(&c, start, au.Flags)
	}
	if start >= authenticateMICSize {
		au.MIC = new([micSize]byte)
		c.Copy("MIC", au.MIC[:])
	}
	au.LmChallengeResponse = lm.value(&c)
	au.NtChallengeResponse = nt.value(&c)
	au.DomainName = domain.value(&c)
	au.UserName = user.value(&c)
	au.Workstation = workstation.value(&c)
	au.HeaderSize = c.Offset()
	au.Extra = readExtra(&c, start)
	notePayload(&c, len(msg), start, lm, nt, domain, user, workstation, key)
	au.Anomalies = c.Anomalies()
	return au, nil
}

// AppendBinary appends the message. The payload has the order of Windows: domain, user, workstation, LM response,
// NT response, session key. A MIC without a Version gets a Version of zeros before it.
func (au Authenticate) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("AUTHENTICATE_MESSAGE", b)
	version := au.Version
	if au.MIC != nil && version == nil {
		version = &Version{}
	}
	size := au.headerSize(version)
	domainAt := size + len(au.Extra)
	userAt := domainAt + len(au.DomainName)
	workstationAt := userAt + len(au.UserName)
	lmAt := workstationAt + len(au.Workstation)
	ntAt := lmAt + len(au.LmChallengeResponse)
	keyAt := ntAt + len(au.NtChallengeResponse)
	appendStart(&a, TypeAuthenticate)
	appendPart(&a, "LmChallengeResponse", au.LmChallengeResponse, &lmAt)
	appendPart(&a, "NtChallengeResponse", au.NtChallengeResponse, &ntAt)
	appendPart(&a, "DomainName", au.DomainName, &domainAt)
	appendPart(&a, "UserName", au.UserName, &userAt)
	appendPart(&a, "Workstation", au.Workstation, &workstationAt)
	if size >= authenticateFlagsSize {
		appendPart(&a, "EncryptedRandomSessionKey", au.EncryptedRandomSessionKey, &keyAt)
		a.U32(uint32(au.Flags))
	}
	appendVersion(&a, version)
	if au.MIC != nil {
		a.Bytes(au.MIC[:])
	}
	a.Bytes(au.Extra)
	a.Bytes(au.DomainName)
	a.Bytes(au.UserName)
	a.Bytes(au.Workstation)
	a.Bytes(au.LmChallengeResponse)
	a.Bytes(au.NtChallengeResponse)
	a.Bytes(au.EncryptedRandomSessionKey)
	return a.Result()
}

func (au Authenticate) headerSize(version *Version) int {
	switch {
	case au.MIC != nil:
		return authenticateMICSize
	case version != nil:
		return authenticateVersionSize
	case au.HeaderSize == authenticateShortSize && au.Flags == 0 && len(au.EncryptedRandomSessionKey) == 0:
		return authenticateShortSize
	}
	return authenticateFlagsSize
}

// HasMIC tells whether the message has a MIC that is not all zeros.
func (au Authenticate) HasMIC() bool { return au.MIC != nil && *au.MIC != [micSize]byte{} }

// IsAnonymous tells whether the message asks for an anonymous logon, by the rule of [MS-NLMP] 3.2.5.1.2: no user name,
// no NT response, and an LM response that is empty or one zero byte. NTLMSSP_ANONYMOUS does not count.
func (au Authenticate) IsAnonymous() bool {
	lm := au.LmChallengeResponse
	return len(au.UserName) == 0 && len(au.NtChallengeResponse) == 0 && (len(lm) == 0 || len(lm) == 1 && lm[0] == 0)
}

// AnonymousAuthenticate returns the type 3 message of an anonymous logon that answers a challenge with these flags, as
// described in [MS-NLMP] 3.1.5.1.2. Key exchange is left out, so that the session key is sixteen zero bytes and
// the message carries none.
func AnonymousAuthenticate(challenge Flags) Authenticate {
	const echoed = FlagNegotiateUnicode | FlagNegotiateOEM | FlagRequestTarget | FlagNegotiateSign | FlagNegotiateNTLM |
		FlagNegotiateAlwaysSign | FlagNegotiateExtendedSessionSecurity | FlagNegotiate128 | FlagNegotiate56
	return Authenticate{
		LmChallengeResponse: []byte{0},
		Flags:               challenge&echoed | FlagAnonymous,
		HeaderSize:          authenticateFlagsSize,
	}
}
