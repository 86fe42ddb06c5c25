package smbtest

import (
	"slices"
	"strings"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// A personalitySMB1 is how a product answers in SMB1, beside what the exported fields of Personality say.
type personalitySMB1 struct {
	caps           smb.SMB1Capabilities // without that for extended security
	maxMpx         uint16
	maxBuffer      uint32
	emptyBlob      bool // no list of mechanisms
	alwaysExtended bool // whatever the client says
	refuses        bool // without SMB1: DialectIndex 0xFFFF instead of a close
	closes         bool // with SMB1: the connection, where NT LM 0.12 is not offered
	flags          smb.SMB1Flags
	flags2         smb.SMB1Flags2 // instead of what the client has set, with flags
	timeZone       int16
	fixedTime      dtyp.Filetime // instead of the clock's
}

// The values of SMB1 that all documented products have.
const (
	personalityUID   = 0x0800
	personalityTID   = 0x0800
	personalityRaw   = 65536
	personalityVcs   = 1
	personalityShare = 0x001F00A9 // SMB2 and SMB1: MaximalAccess of IPC$
)

// answerSMB1 answers a message of SMB1; nil closes the connection.
func (c *personalityConn) answerSMB1(request []byte) []byte {
	h, err := smb.ParseSMB1Header(request)
	if err != nil || h.IsResponse() {
		return nil
	}
	h.Flags, h.Status = h.Flags|smb.SMB1FlagReply, dtyp.StatusSuccess
	if c.p.old.flags != 0 {
		h.Flags, h.Flags2 = c.p.old.flags, c.p.old.flags2
	}
	switch {
	case h.Command == smb.SMB1Negotiate:
		return c.negotiateSMB1(h, request)
	case !c.p.SMB1 || !c.negotiated:
		return nil
	case h.Command == smb.SMB1SessionSetupAndX:
		return c.setupSMB1(h, request)
	case h.Command == smb.SMB1TreeConnectAndX && c.nobody:
		r, err := smb.ParseSMB1TreeConnectRequest(request)
		if err == nil && strings.EqualFold(shareOf(h.Text(r.Path)), ipcShare) {
			h.TID = personalityTID
			return built(smb.SMB1TreeConnectResponse{
				Header: h, WordCount: smb.TreeConnectWordsExtended, AndXCommand: smb.SMB1NoFurtherCommand,
				MaximalShareAccessRights: personalityShare, Service: []byte(smb.SMB1ServicePipe), NativeFileSystem: []byte{},
			})
		}
	case h.Command == smb.SMB1Transaction2:
		h.Status = dtyp.StatusNotImplemented // [MS-CIFS] 2.2.6.15, and what a server without an implant says to a ping
		return built(smb.SMB1ErrorResponse{Header: h})
	}
	h.Status = dtyp.StatusAccessDenied
	return built(smb.SMB1ErrorResponse{Header: h})
}

func (c *personalityConn) negotiateSMB1(h smb.SMB1Header, request []byte) []byte {
	p := c.p
	r, err := negotiate.ParseSMB1Request(request)
	if err != nil || c.negotiated || c.upgraded {
		return nil
	}
	if up := c.upgradeSMB2(r.Header, r.Dialects, request); up != nil {
		return built(up)
	}
	index := slices.Index(r.Dialects, smb.DialectNTLM012)
	switch {
	case !p.SMB1 && !p.old.refuses, p.old.closes && index < 0:
		return nil // [MS-SMB2] 3.3.5.3.2
	case !p.SMB1 || index < 0:
		return built(negotiate.SMB1Response{Header: h, WordCount: negotiate.AnswerWordsCore, DialectIndex: smb.NoDialect})
	}
	answer := negotiate.SMB1Response{
		Header: h, WordCount: negotiate.AnswerWordsNT, DialectIndex: uint16(index),
		SecurityMode: negotiate.SecurityUserLevel | negotiate.SecurityChallengeResponse,
		MaxMpxCount:  p.old.maxMpx, MaxNumberVcs: personalityVcs, MaxBufferSize: p.old.maxBuffer, MaxRawSize: personalityRaw,
		Capabilities: p.old.caps, ServerTimeZone: p.old.timeZone,
	}
	if answer.SystemTime, _ = p.now(); p.old.fixedTime != 0 {
		answer.SystemTime = p.old.fixedTime
	}
	if p.SigningRequired {
		answer.SecurityMode |= negotiate.SecuritySignaturesEnabled | negotiate.SecuritySignaturesRequire
	}
	c.negotiated = true
	c.extended = p.old.alwaysExtended || r.Header.Flags2&smb.SMB1Flags2ExtendedSecurity != 0
	if c.extended {
		answer.Capabilities |= smb.SMB1CapExtendedSecurity
		if answer.ServerGUID = p.guid(); !p.old.emptyBlob {
			answer.SecurityBlob = p.securityBlob(request)
		}
		return built(answer)
	}
	answer.Challenge = p.drawn(8, "Challenge", request)
	encoded := smb.SMB1Header{Flags2: smb.SMB1Flags2Unicode} // these names are, wherever CAP_UNICODE is told
	answer.DomainName, answer.ServerName = encoded.Encode(p.workgroup()), encoded.Encode(p.Computer)
	return built(answer)
}

// workgroup is the domain, or the workgroup outside one.
func (p Personality) workgroup() string {
	if p.joined() {
		return p.Domain
	}
	return "WORKGROUP"
}

// setupSMB1 answers a message of a logon.
func (c *personalityConn) setupSMB1(h smb.SMB1Header, request []byte) []byte {
	r, err := smb.ParseSMB1SessionSetupRequest(request)
	if err != nil {
		return nil
	}
	h.UID = personalityUID
	answer := smb.SMB1SessionSetupResponse{
		WordCount: smb.SetupAnswerWords, AndXCommand: smb.SMB1NoFurtherCommand,
		NativeOS: h.Encode(c.p.NativeOS), NativeLanMan: h.Encode(c.p.NativeLanMan),
	}
	if r.WordCount == smb.SetupWordsExtended {
		answer.WordCount = smb.SetupAnswerWordsExtended
		answer.SecurityBlob, h.Status = c.setup(r.SecurityBlob, request, true)
	} else {
		answer.PrimaryDomain = h.Encode(c.p.workgroup())
		h.Status = c.judge(strings.Trim(h.Text(r.AccountName), "\x00") == "", true)
	}
	if h.Status != dtyp.StatusSuccess && h.Status != dtyp.StatusMoreProcessingRequired {
		return built(smb.SMB1ErrorResponse{Header: h})
	}
	answer.Header = h
	return built(answer)
}
