package smbtest

import (
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
	"github.com/smbscope/smbscope/smb/wire"
)

// A personalityLogon is how a product answers logons. The zero value has no mechanism and sends an empty challenge.
type personalityLogon struct {
	mechanisms []spnego.OID
	hint       bool // the hint of Windows from Vista on
	principal  bool // the hint of Windows before Vista, which is the host's principal in Kerberos
	negoEx     bool // a token of NEGOEX beside the list
	pairs      []ntlmssp.AVID
	pairsOld   []ntlmssp.AVID // in SMB1, where they are others
	versionOld *ntlmssp.Version
	flags      func(asked ntlmssp.Flags, joined bool) ntlmssp.Flags
	nobody     dtyp.NTStatus // refuses nobody; zero is STATUS_ACCESS_DENIED
	nobodyOld  dtyp.NTStatus // likewise in SMB1, where it is another
	unknown    dtyp.NTStatus // refuses an unknown user; zero is STATUS_LOGON_FAILURE
}

// setup answers the token of a session setup.
func (c *personalityConn) setup(blob, request []byte, old bool) ([]byte, dtyp.NTStatus) {
	token, err := spnego.Parse(blob)
	if err != nil {
		return nil, dtyp.StatusInvalidParameter
	}
	message, raw := token.Inner(), token.Form == spnego.FormRawNTLMSSP
	kind, _ := ntlmssp.TypeOf(message)
	switch {
	case kind == ntlmssp.TypeNegotiate:
		n, err := ntlmssp.ParseNegotiate(message)
		if err != nil {
			return nil, dtyp.StatusInvalidParameter
		}
		c.challenged = true
		challenge := built(c.p.challenge(n.Flags, request, old))
		if raw {
			return challenge, dtyp.StatusMoreProcessingRequired
		}
		state := spnego.AcceptIncomplete
		return built(spnego.NegTokenResp{
			NegState: &state, SupportedMech: spnego.OIDNTLMSSP, ResponseToken: challenge,
		}), dtyp.StatusMoreProcessingRequired
	case kind == ntlmssp.TypeAuthenticate && c.challenged:
		c.challenged = false
		au, err := ntlmssp.ParseAuthenticate(message)
		if err != nil {
			return nil, dtyp.StatusInvalidParameter
		}
		if status := c.judge(len(au.UserName) == 0 && len(au.NtChallengeResponse) == 0, old); status != dtyp.StatusSuccess {
			return nil, status
		}
		if raw {
			return nil, dtyp.StatusSuccess
		}
		state := spnego.AcceptCompleted
		return built(spnego.NegTokenResp{NegState: &state}), dtyp.StatusSuccess
	}
	return nil, dtyp.StatusInvalidParameter
}

// judge decides on a logon: nobody may come in, where the product lets nobody in, and there is no user.
func (c *personalityConn) judge(nobody, old bool) dtyp.NTStatus {
	l := c.p.logon
	switch {
	case nobody && c.p.NullSession:
		c.nobody = true
		return dtyp.StatusSuccess
	case nobody && old && l.nobodyOld != 0:
		return l.nobodyOld
	case nobody && l.nobody != 0:
		return l.nobody
	case nobody:
		return dtyp.StatusAccessDenied
	case l.unknown != 0:
		return l.unknown
	}
	return dtyp.StatusLogonFailure
}

// challenge builds the NTLM challenge that answers a client's flags.
func (p Personality) challenge(asked ntlmssp.Flags, request []byte, old bool) ntlmssp.Challenge {
	ch := ntlmssp.Challenge{Version: p.Version}
	if p.logon.flags != nil {
		ch.Flags = p.logon.flags(asked, p.joined())
	}
	pairs := p.logon.pairs
	if old && p.logon.pairsOld != nil {
		pairs = p.logon.pairsOld
	}
	if old && p.logon.versionOld != nil {
		ch.Version = p.logon.versionOld
	}
	copy(ch.ServerChallenge[:], p.drawn(len(ch.ServerChallenge), "ServerChallenge", request))
	if target := p.target(); ch.Flags.Has(ntlmssp.FlagRequestTarget) {
		if ch.TargetName = []byte(target); ch.Flags.Has(ntlmssp.FlagNegotiateUnicode) {
			ch.TargetName = wire.AppendUTF16(nil, target)
		}
	}
	for _, id := range pairs {
		if pair, ok := p.pair(id); ok {
			ch.AVPairs = append(ch.AVPairs, pair)
		}
	}
	return ch
}

// target is the realm that it authenticates for.
func (p Personality) target() string {
	if p.joined() {
		return p.Domain
	}
	return p.Computer
}

// pair returns an AV pair; false where there is none outside a domain.
func (p Personality) pair(id ntlmssp.AVID) (ntlmssp.AVPair, bool) {
	switch id {
	case ntlmssp.AVNbComputerName:
		return ntlmssp.TextPair(id, p.Computer), true
	case ntlmssp.AVNbDomainName:
		return ntlmssp.TextPair(id, p.target()), true
	case ntlmssp.AVDNSComputerName:
		return ntlmssp.TextPair(id, p.DNSComputer), true
	case ntlmssp.AVDNSDomainName:
		return ntlmssp.TextPair(id, p.DNSDomain), true
	case ntlmssp.AVDNSTreeName:
		return ntlmssp.TextPair(id, p.DNSDomain), p.joined()
	case ntlmssp.AVFlags:
		return ntlmssp.AVPair{ID: id, Value: []byte{byte(ntlmssp.AVFlagConstrained), 0, 0, 0}}, true
	case ntlmssp.AVTimestamp:
		now, _ := p.now()
		return ntlmssp.TimestampPair(now), true
	}
	return ntlmssp.AVPair{}, false
}

// windowsFlags are the flags of a challenge of Windows from XP on, as 70 challenges in the shared captures have them for
// the flags of the client: what the client has set of echoed; NTLM, target info and version in any case; Unicode before
// OEM, the LM key only without extended session security; and whose the target is.
func windowsFlags(asked ntlmssp.Flags, joined bool) ntlmssp.Flags {
	const echoed = ntlmssp.FlagRequestTarget | ntlmssp.FlagNegotiateSign | ntlmssp.FlagNegotiateSeal |
		ntlmssp.FlagNegotiateAlwaysSign | ntlmssp.FlagNegotiateExtendedSessionSecurity | ntlmssp.FlagNegotiate128 |
		ntlmssp.FlagNegotiateKeyExch | ntlmssp.FlagNegotiate56
	f := asked&echoed | ntlmssp.FlagNegotiateNTLM | ntlmssp.FlagNegotiateTargetInfo | ntlmssp.FlagNegotiateVersion
	if asked.Has(ntlmssp.FlagNegotiateUnicode) {
		f |= ntlmssp.FlagNegotiateUnicode
	} else {
		f |= asked & ntlmssp.FlagNegotiateOEM
	}
	if !asked.Has(ntlmssp.FlagNegotiateExtendedSessionSecurity) {
		f |= asked & ntlmssp.FlagNegotiateLMKey
	}
	switch {
	case !asked.Has(ntlmssp.FlagRequestTarget):
	case joined:
		f |= ntlmssp.FlagTargetTypeDomain
	default:
		f |= ntlmssp.FlagTargetTypeServer
	}
	return f
}

// ksmbdFlags are those of ksmbd_build_ntlmssp_challenge_blob (Linux, fs/smb/server/auth.c).
func ksmbdFlags(asked ntlmssp.Flags, _ bool) ntlmssp.Flags {
	const echoed = ntlmssp.FlagNegotiateSign | ntlmssp.FlagNegotiateAlwaysSign | ntlmssp.FlagRequestTarget |
		ntlmssp.FlagNegotiateExtendedSessionSecurity | ntlmssp.FlagNegotiateKeyExch
	f := asked&echoed | ntlmssp.FlagNegotiateUnicode | ntlmssp.FlagNegotiateNTLM | ntlmssp.FlagTargetTypeServer |
		ntlmssp.FlagNegotiateTargetInfo
	if asked.Has(ntlmssp.FlagNegotiateSign) {
		f |= asked & (ntlmssp.FlagNegotiate128 | ntlmssp.FlagNegotiate56)
	}
	return f
}

// responderFlags are the constant of Responder's packets.py.
func responderFlags(ntlmssp.Flags, bool) ntlmssp.Flags { return 0xE2898215 }
