package smbtest

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// smb1 reads a request of SMB1; encode is nil for one that is none.
func (c *pipeConn) smb1(request []byte) (op pipeOp, encode func(pipeResult) []byte) {
	h, err := smb.ParseSMB1Header(request)
	if err != nil || h.IsResponse() {
		return op, nil
	}
	op = pipeOp{PipeRequest: PipeRequest{Step: StepOther, Command: "SMB1 " + h.Command.String()}, tree: uint32(h.TID)}
	h.Flags |= smb.SMB1FlagReply
	h.Flags2 |= smb.SMB1Flags2NTStatus
	body := func(pipeResult) encoding.BinaryAppender { return smb.SMB1ErrorResponse{Header: h} }
	switch h.Command {
	case smb.SMB1Negotiate:
		op.Step = StepNegotiate
		if r, err := negotiate.ParseSMB1Request(request); err == nil {
			body = func(pipeResult) encoding.BinaryAppender { return c.negotiated(h, r.Dialects) }
		}
	case smb.SMB1SessionSetupAndX:
		op.Step = StepChallenge
		if r, err := smb.ParseSMB1SessionSetupRequest(request); err == nil {
			op.blob = r.SecurityBlob
			if r.WordCount != smb.SetupWordsExtended {
				op.Step = StepLogon
			}
		}
		body = func(x pipeResult) encoding.BinaryAppender {
			h.UID = pipeSession
			m := smb.SMB1SessionSetupResponse{
				Header: h, WordCount: smb.SetupAnswerWords, AndXCommand: smb.SMB1NoFurtherCommand, SecurityBlob: x.blob,
				NativeOS: h.Encode("smbtest"), NativeLanMan: h.Encode("smbtest"), PrimaryDomain: h.Encode("WORKGROUP"),
			}
			if weak := c.server.weak; weak != nil {
				m.NativeOS, m.NativeLanMan = h.Encode(weak.nativeOS()), h.Encode(weak.nativeLANManager())
			}
			if c.extended {
				m.WordCount = smb.SetupAnswerWordsExtended
			}
			return m
		}
	case smb.SMB1TreeConnectAndX:
		op.Step = StepConnect
		if r, err := smb.ParseSMB1TreeConnectRequest(request); err == nil {
			op.Name = shareOf(h.Text(r.Path))
		}
		body = func(x pipeResult) encoding.BinaryAppender {
			h.TID = uint16(x.tree)
			return smb.SMB1TreeConnectResponse{
				Header: h, WordCount: smb.TreeConnectWordsExtended, AndXCommand: smb.SMB1NoFurtherCommand,
				MaximalShareAccessRights: x.share.Access, Service: []byte(x.share.service()), NativeFileSystem: h.Encode("NTFS"),
			}
		}
	case smb.SMB1TreeDisconnect:
		op.Step = StepDisconnect
		body = func(pipeResult) encoding.BinaryAppender { return smb.SMB1TreeDisconnectResponse{Header: h} }
	case smb.SMB1NTCreateAndX:
		op.Step = StepOpen
		extended := false
		if r, err := smb.ParseSMB1NTCreateRequest(request); err == nil {
			op.Name, op.Access, op.Options = strings.Trim(h.Text(r.FileName), "\\\x00"), r.DesiredAccess, r.CreateOptions
			extended = r.Flags&smb.SMB1CreateExtendedResponse != 0
		}
		body = func(x pipeResult) encoding.BinaryAppender {
			m := smb.SMB1NTCreateResponse{Header: h, WordCount: smb.NTCreateWords, AndXCommand: smb.SMB1NoFurtherCommand, FID: x.fid}
			if extended {
				m.WordCount, m.MaximalAccess = smb.NTCreateWordsExtended, x.share.Root
			}
			return m
		}
	case smb.SMB1Transaction:
		c.transaction(&op, request, h, &body)
	case smb.SMB1Transaction2:
		if r, err := smb.ParseSMB1Transaction2Request(request); err == nil && isSessionSetup(r) {
			op.Step, op.timeout = StepPing, r.Timeout
		}
	case smb.SMB1ReadAndX:
		op.Step = StepRead
		if r, err := smb.ParseSMB1ReadRequest(request); err == nil {
			op.fid, op.max = r.FID, int(r.MaxCount)
		}
		body = func(x pipeResult) encoding.BinaryAppender {
			h.Status = x.status
			return smb.SMB1ReadResponse{Header: h, AndXCommand: smb.SMB1NoFurtherCommand, Data: x.out}
		}
	case smb.SMB1Close:
		op.Step = StepClose
		if r, err := smb.ParseSMB1CloseRequest(request); err == nil {
			op.fid = r.FID
		}
		body = func(pipeResult) encoding.BinaryAppender { return smb.SMB1CloseResponse{Header: h} }
	}
	return op, func(x pipeResult) []byte {
		h.Status = x.status
		if x.marked {
			c.server.weak.mark(&h)
		}
		if x.status != dtyp.StatusSuccess && x.blob == nil && x.out == nil {
			return built(smb.SMB1ErrorResponse{Header: h})
		}
		return built(body(x))
	}
}

// transaction reads a call over a pipe.
func (c *pipeConn) transaction(op *pipeOp, request []byte, h smb.SMB1Header, body *func(pipeResult) encoding.BinaryAppender) {
	r, err := smb.ParseSMB1TransactionRequest(request)
	if err != nil || len(r.Setup) != 4 {
		return
	}
	op.Step, op.fid = StepCall, binary.LittleEndian.Uint16(r.Setup[2:])
	if bytes.Equal(r.Setup, smb.SMB1PeekNMPipe(op.fid)) {
		op.Step = StepPeek
		return
	}
	op.in, op.max = r.Data, int(r.MaxDataCount)
	*body = func(x pipeResult) encoding.BinaryAppender {
		h.Status = x.status
		return smb.SMB1TransactionResponse{Header: h, Data: x.out}
	}
}

// negotiated answers a negotiation of SMB1, or leads from it to SMB2.
func (c *pipeConn) negotiated(h smb.SMB1Header, offered []string) encoding.BinaryAppender {
	s := c.server
	if slices.Contains(offered, smb.DialectSMB2Any) && s.takes(smb.DialectSMB311) {
		return negotiate.SMB2Response{
			Header:  smb.SMB2Header{Command: smb.SMB2Negotiate, Flags: smb.SMB2FlagServerToRedir, Credits: 1},
			Dialect: smb.DialectWildcard, SecurityMode: smb.SigningEnabled,
		}
	}
	index := slices.Index(offered, smb.DialectNTLM012)
	if !s.NTLM012 || index < 0 {
		return negotiate.SMB1Response{Header: h, WordCount: negotiate.AnswerWordsCore, DialectIndex: smb.NoDialect}
	}
	r := negotiate.SMB1Response{
		WordCount: negotiate.AnswerWordsNT, DialectIndex: uint16(index),
		SecurityMode: negotiate.SecurityUserLevel | negotiate.SecurityChallengeResponse, MaxMpxCount: 50, MaxNumberVcs: 1,
		MaxBufferSize: 16644, Capabilities: smb.SMB1CapUnicode | smb.SMB1CapNTSMBs | smb.SMB1CapStatus32,
	}
	c.extended = h.Flags2&smb.SMB1Flags2ExtendedSecurity != 0 && !s.NotExtended
	if c.extended {
		r.Capabilities |= smb.SMB1CapExtendedSecurity
	} else {
		h.Flags2 &^= smb.SMB1Flags2ExtendedSecurity
		r.Challenge, r.DomainName, r.ServerName = make([]byte, 8), h.Encode("WORKGROUP"), h.Encode(s.computer())
	}
	r.Header = h
	return r
}

func (s *PipeShare) service() string {
	switch s.kind() {
	case smb.SMB2SharePipe:
		return smb.SMB1ServicePipe
	case smb.SMB2SharePrint:
		return smb.SMB1ServicePrinter
	}
	return smb.SMB1ServiceDisk
}
