package smbtest

import (
	"encoding"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// built returns the bytes of a message; nil, which ends the connection, where it cannot be built.
func built(m encoding.BinaryAppender) []byte {
	b, err := m.AppendBinary(nil)
	if err != nil {
		return nil
	}
	return b
}

// pipeSession is the SessionId, and the UID of SMB1, of every session.
const pipeSession = 7

// smb2 reads a request of SMB2; encode is nil for one that is none.
func (c *pipeConn) smb2(request []byte) (op pipeOp, encode func(pipeResult) []byte) {
	h, err := smb.ParseSMB2Header(request)
	if err != nil || h.IsResponse() {
		return op, nil
	}
	op = pipeOp{PipeRequest: PipeRequest{Step: StepOther, Command: "SMB2 " + h.Command.String()}, tree: h.TreeID}
	h.Flags, h.Credits, h.Status = h.Flags|smb.SMB2FlagServerToRedir, 1, 0
	body := func(pipeResult) encoding.BinaryAppender { return smb.SMB2ErrorResponse{Header: h} }
	switch h.Command {
	case smb.SMB2Negotiate:
		op.Step = StepNegotiate
		if r, err := negotiate.ParseSMB2Request(request); err == nil {
			body = func(pipeResult) encoding.BinaryAppender { return c.server.negotiated(&h, r.Dialects) }
		}
	case smb.SMB2SessionSetup:
		op.Step, h.SessionID = StepChallenge, pipeSession
		if r, err := smb.ParseSMB2SessionSetupRequest(request); err == nil {
			op.blob = r.SecurityBuffer
		}
		body = func(x pipeResult) encoding.BinaryAppender {
			m := smb.SMB2SessionSetupResponse{Header: h, SecurityBuffer: x.blob}
			if x.status == dtyp.StatusSuccess {
				m.SessionFlags = c.server.SessionFlags
			}
			return m
		}
	case smb.SMB2TreeConnect:
		op.Step = StepConnect
		if r, err := smb.ParseSMB2TreeConnectRequest(request); err == nil {
			op.Name = shareOf(r.PathText())
		}
		body = func(x pipeResult) encoding.BinaryAppender {
			h.TreeID = x.tree
			return smb.SMB2TreeConnectResponse{Header: h, ShareType: x.share.kind(), MaximalAccess: x.share.Access}
		}
	case smb.SMB2TreeDisconnect:
		op.Step = StepDisconnect
		body = func(pipeResult) encoding.BinaryAppender { return smb.SMB2TreeDisconnectResponse{Header: h} }
	case smb.SMB2Create:
		op.Step = StepOpen
		if r, err := smb.ParseSMB2CreateRequest(request); err == nil {
			op.Name, op.Access, op.Options = r.NameText(), r.DesiredAccess, r.CreateOptions
		}
		body = func(x pipeResult) encoding.BinaryAppender {
			return smb.SMB2CreateResponse{Header: h, FileID: fileID(x.fid), CreateContexts: maximalAccess(x.share)}
		}
	case smb.SMB2Ioctl:
		op.Step = StepCall
		r, err := smb.ParseSMB2IoctlRequest(request)
		if err != nil || r.CtlCode != smb.FSCTLPipeTransceive {
			op.Step = StepOther
			break
		}
		op.fid, op.in, op.max = fid(r.FileID), r.Input, int(r.MaxOutputResponse)
		body = func(x pipeResult) encoding.BinaryAppender {
			return smb.SMB2IoctlResponse{Header: h, CtlCode: r.CtlCode, FileID: r.FileID, Flags: smb.SMB2IoctlIsFSCTL, Output: x.out}
		}
	case smb.SMB2Read:
		op.Step = StepRead
		if r, err := smb.ParseSMB2ReadRequest(request); err == nil {
			op.fid, op.max = fid(r.FileID), int(r.Length)
		}
		body = func(x pipeResult) encoding.BinaryAppender { return smb.SMB2ReadResponse{Header: h, Data: x.out} }
	case smb.SMB2Close:
		op.Step = StepClose
		if r, err := smb.ParseSMB2CloseRequest(request); err == nil {
			op.fid = fid(r.FileID)
		}
		body = func(pipeResult) encoding.BinaryAppender { return smb.SMB2CloseResponse{Header: h} }
	}
	return op, func(x pipeResult) []byte {
		h.Status = x.status
		switch x.status {
		case dtyp.StatusSuccess:
		case dtyp.StatusMoreProcessingRequired, dtyp.StatusBufferOverflow:
			if x.blob != nil || x.out != nil {
				break
			}
			return built(smb.SMB2ErrorResponse{Header: h})
		default:
			return built(smb.SMB2ErrorResponse{Header: h})
		}
		return built(body(x))
	}
}

// negotiated answers a negotiation with the highest dialect that both take.
func (s *PipeServer) negotiated(h *smb.SMB2Header, offered []smb.Dialect) encoding.BinaryAppender {
	var best smb.Dialect
	for _, d := range offered {
		if d > best && s.takes(d) {
			best = d
		}
	}
	if best == 0 {
		h.Status = dtyp.StatusNotSupported
		return smb.SMB2ErrorResponse{Header: *h}
	}
	const size = 1 << 16
	r := negotiate.SMB2Response{
		Header: *h, SecurityMode: smb.SigningEnabled, Dialect: best,
		MaxTransactSize: size, MaxReadSize: size, MaxWriteSize: size,
	}
	if best == smb.DialectSMB311 {
		integrity := negotiate.PreauthIntegrity{HashAlgorithms: []negotiate.HashAlgorithm{negotiate.HashSHA512}, Salt: make([]byte, 32)}
		if context, err := integrity.Context(); err == nil {
			r.Contexts = []negotiate.Context{context}
		}
	}
	return r
}

func (s *PipeServer) takes(d smb.Dialect) bool {
	if s.Dialects == nil {
		return slices.Contains(smb.Dialects(), d)
	}
	return slices.Contains(s.Dialects, d)
}

// shareOf returns the share of a path.
func shareOf(path string) string { return path[strings.LastIndexByte(path, '\\')+1:] }

func (s *PipeShare) kind() smb.SMB2ShareType {
	if s.Kind == 0 {
		return smb.SMB2ShareDisk
	}
	return s.Kind
}

func fileID(n uint16) (id smb.SMB2FileID) {
	binary.LittleEndian.PutUint16(id[:], n)
	return id
}

func fid(id smb.SMB2FileID) uint16 { return binary.LittleEndian.Uint16(id[:]) }

// maximalAccess is the create context that tells the rights to a share's root, [MS-SMB2] 2.2.14.2.5.
func maximalAccess(s *PipeShare) []byte {
	if s.Root == 0 {
		return nil
	}
	a := wire.NewAppender("SMB2_CREATE_QUERY_MAXIMAL_ACCESS_RESPONSE", nil)
	a.U32(0)  // Next
	a.U16(16) // NameOffset
	a.U16(4)  // NameLength
	a.U16(0)  // Reserved
	a.U16(24) // DataOffset
	a.U32(8)  // DataLength
	a.Text("MxAc")
	a.U32(0) // up to a multiple of 8
	a.U32(uint32(dtyp.StatusSuccess))
	a.U32(uint32(s.Root))
	list, _ := a.Result() // nothing in it can be too long
	return list
}
