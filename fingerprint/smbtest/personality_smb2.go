package smbtest

import (
	"encoding"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// A personalitySMB2 is how a product answers in SMB2, beside what the exported fields of Personality say. The zero value
// has no capabilities and no sizes.
type personalitySMB2 struct {
	caps202 smb.SMB2Capabilities // with 2.0.2
	caps    smb.SMB2Capabilities // from 2.1 on, whatever the client asks for
	asked   smb.SMB2Capabilities // from 3.0 on, those of them that the client has set
	asked11 smb.SMB2Capabilities // with 3.1.1, likewise

	size202         uint32 // all sizes with 2.0.2 and over NetBIOS sessions
	transact, other uint32 // sizes from 2.1 on

	contexts     []negotiate.ContextType // in the order of its answers
	quiet        bool                    // no context where nothing is common
	endsAtSecond bool                    // reads no further than to a second preauth context, and takes the request

	always        smb.Dialect   // the answer to every negotiation
	refusal       dtyp.NTStatus // instead of every status that refuses a negotiation
	anyMessageID  bool
	creditsAsked  bool   // grants what is asked for
	pid           uint32 // instead of the client's; 0 leaves that
	pidUpgrade    bool   // repeats the process id of SMB1 where that leads to SMB2
	creditsSetup  uint16 // where it is not one
	creditsFirst  [2]uint16
	hasFirst      bool // creditsFirst are those of 0x02FF and of another negotiation
	zeroGUID      bool
	letters       bool // the GUID is of letters
	startsNow     bool // the start of the service is the clock
	noNetBIOS     bool
	maximalAccess smb.AccessMask // of IPC$
}

// answerSMB2 answers a message of SMB2; nil closes the connection.
func (c *personalityConn) answerSMB2(request []byte) []byte {
	h, err := smb.ParseSMB2Header(request)
	if err != nil || h.IsResponse() || len(c.p.Dialects) == 0 {
		return nil
	}
	if h.MessageID != c.next && !c.p.smb2.anyMessageID {
		return nil
	}
	c.next = h.MessageID + 1
	if h.Flags, h.Status = h.Flags&smb.SMB2FlagPriorityMask|smb.SMB2FlagServerToRedir, 0; c.p.smb2.pid != 0 {
		h.Reserved = c.p.smb2.pid
	}
	if !c.p.smb2.creditsAsked || h.Credits == 0 {
		h.Credits = 1
	}
	switch h.Command {
	case smb.SMB2Negotiate:
		return c.negotiateSMB2(h, request)
	case smb.SMB2SessionSetup:
		return c.setupSMB2(h, request)
	case smb.SMB2TreeConnect:
		r, err := smb.ParseSMB2TreeConnectRequest(request)
		if err == nil && c.nobody && strings.EqualFold(shareOf(r.PathText()), ipcShare) {
			h.TreeID = 1
			return built(smb.SMB2TreeConnectResponse{
				Header: h, ShareType: smb.SMB2SharePipe, ShareFlags: smb.SMB2ShareFlags(0x30), // SMB2_SHAREFLAG_NO_CACHING
				MaximalAccess: c.p.smb2.maximalAccess,
			})
		}
	}
	if h.Status = dtyp.StatusUserSessionDeleted; c.nobody {
		h.Status = dtyp.StatusAccessDenied
	}
	return built(smb.SMB2ErrorResponse{Header: h})
}

// refuseSMB2 refuses a negotiation.
func (c *personalityConn) refuseSMB2(h smb.SMB2Header, status dtyp.NTStatus) []byte {
	if h.Status = status; c.p.smb2.refusal != 0 {
		h.Status = c.p.smb2.refusal
	}
	return built(smb.SMB2ErrorResponse{Header: h})
}

func (c *personalityConn) negotiateSMB2(h smb.SMB2Header, request []byte) []byte {
	p := c.p
	r, err := negotiate.ParseSMB2Request(request)
	if err != nil || c.negotiated { // [MS-SMB2] 3.3.5.4: a second negotiation costs the connection
		return nil
	}
	if len(r.Dialects) == 0 && p.smb2.always == 0 {
		return c.refuseSMB2(h, dtyp.StatusInvalidParameter)
	}
	d := p.smb2.always
	for _, offered := range r.Dialects {
		if p.smb2.always == 0 && offered > d && slices.Contains(p.Dialects, offered) {
			d = offered
		}
	}
	if d == 0 {
		return c.refuseSMB2(h, dtyp.StatusNotSupported)
	}
	if p.smb2.hasFirst {
		h.Credits = p.smb2.creditsFirst[1]
	}
	answer := c.offerSMB2(h, d, r.Capabilities, request)
	if d == smb.DialectSMB311 {
		contexts, status := p.contexts(r, request)
		if status != dtyp.StatusSuccess {
			return c.refuseSMB2(h, status)
		}
		answer.Contexts = contexts
	}
	c.negotiated = true
	return built(answer)
}

// offerSMB2 builds the answer that chooses a dialect, but for its contexts.
func (c *personalityConn) offerSMB2(
	h smb.SMB2Header, d smb.Dialect, asked smb.SMB2Capabilities, request []byte,
) negotiate.SMB2Response {
	p := c.p
	r := negotiate.SMB2Response{
		Header: h, SecurityMode: smb.SigningEnabled, Dialect: d, ServerGUID: p.guid(), Capabilities: p.smb2.caps,
		MaxTransactSize: p.smb2.transact, MaxReadSize: p.smb2.other, MaxWriteSize: p.smb2.other,
		SecurityBuffer: p.securityBlob(request),
	}
	if p.SigningRequired {
		r.SecurityMode |= smb.SigningRequired
	}
	r.SystemTime, r.ServerStartTime = p.now()
	switch {
	case d == smb.DialectSMB202:
		r.Capabilities = p.smb2.caps202
	case d >= smb.DialectSMB300:
		r.Capabilities |= asked & p.smb2.asked
		if d == smb.DialectSMB311 {
			r.Capabilities |= asked & p.smb2.asked11
		} else if p.Encrypts30 { // [MS-SMB2] 3.3.5.4: only with 3.0 and 3.0.2
			r.Capabilities |= asked & smb.CapEncryption
		}
	}
	if d == smb.DialectSMB202 || c.netBIOS { // product notes to [MS-SMB2] 3.3.5.4
		r.Capabilities &^= smb.CapLargeMTU
		r.MaxTransactSize, r.MaxReadSize, r.MaxWriteSize = p.smb2.size202, p.smb2.size202, p.smb2.size202
	}
	return r
}

// upgradeSMB2 answers a multi-protocol negotiation of SMB1 ([MS-SMB2] 3.3.5.3); nil where it leads nowhere.
func (c *personalityConn) upgradeSMB2(old smb.SMB1Header, offered []string, request []byte) encoding.BinaryAppender {
	h := smb.SMB2Header{Command: smb.SMB2Negotiate, Flags: smb.SMB2FlagServerToRedir, Credits: 1}
	if c.p.smb2.hasFirst {
		h.Credits = c.p.smb2.creditsFirst[0]
	}
	if c.p.smb2.pidUpgrade {
		h.Reserved = uint32(old.PIDLow)
	}
	best := smb.Dialect(0)
	if len(c.p.Dialects) > 0 {
		best = c.p.Dialects[len(c.p.Dialects)-1]
	}
	switch {
	case best > smb.DialectSMB202 && slices.Contains(offered, smb.DialectSMB2Any):
		c.upgraded, c.next = true, 1
		return c.offerSMB2(h, smb.DialectWildcard, 0, request)
	case slices.Contains(c.p.Dialects, smb.DialectSMB202) && slices.Contains(offered, smb.DialectSMB2002):
		c.negotiated, c.next = true, 1
		return c.offerSMB2(h, smb.DialectSMB202, 0, request)
	}
	return nil
}

// setupSMB2 answers a message of a logon.
func (c *personalityConn) setupSMB2(h smb.SMB2Header, request []byte) []byte {
	r, err := smb.ParseSMB2SessionSetupRequest(request)
	if err != nil || !c.negotiated {
		return nil
	}
	if c.p.smb2.creditsSetup != 0 {
		h.Credits = c.p.smb2.creditsSetup
	}
	blob, status := c.setup(r.SecurityBuffer, request, false)
	h.SessionID, h.Status = personalitySession, status
	if status != dtyp.StatusSuccess && status != dtyp.StatusMoreProcessingRequired {
		return built(smb.SMB2ErrorResponse{Header: h})
	}
	answer := smb.SMB2SessionSetupResponse{Header: h, SecurityBuffer: blob}
	if status == dtyp.StatusSuccess {
		answer.SessionFlags = smb.SessionIsNull
	}
	return built(answer)
}

// personalitySession is the SessionId of every session. Those of Windows look like this.
const personalitySession = 0x0000040000000041

// securityBlob is the first token of the server, which lists its mechanisms; empty where it has none.
func (p Personality) securityBlob(request []byte) []byte {
	if len(p.logon.mechanisms) == 0 {
		return nil
	}
	token := spnego.NegTokenInit2{MechTypes: p.logon.mechanisms}
	if p.logon.hint {
		token.NegHints = &spnego.NegHints{HintName: []byte(spnego.HintPleaseIgnore)}
	}
	if p.logon.principal { // [MS-SPNG] <6>
		principal := strings.ToLower(p.Computer) + "$@" + strings.ToUpper(p.DNSDomain)
		token.NegHints = &spnego.NegHints{HintName: []byte(principal)}
	}
	if p.logon.negoEx {
		token.MechToken = p.negoEx(request)
	}
	return built(token)
}
