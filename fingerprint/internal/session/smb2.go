package session

import (
	"errors"
	"fmt"

	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// maxOutput is how much one answer of a pipe may bring, in bytes: what costs one credit.
const maxOutput = 64 << 10

// NewSMB2 returns the session that follows a negotiate response.
func NewSMB2(conn *exchange.Conn, answer negotiate.SMB2Response) *Session {
	return &Session{conn: conn, protocol: &smb2{dialect: answer.Dialect, message: answer.Header.MessageID + 1}}
}

// smb2 is the protocol from 2.0.2 on. Requests go out one at a time, each for one credit. Nothing is signed: anonymous and
// guest sessions have no key to sign with ([MS-SMB2] 3.2.5.3.1).
type smb2 struct {
	dialect smb.Dialect
	message uint64
	session uint64
}

func (p *smb2) header(command smb.SMB2Command, tree uint32) smb.SMB2Header {
	h := smb.SMB2Header{
		Command: command, Credits: 1, MessageID: p.message, Reserved: negotiate.ProcessID, TreeID: tree, SessionID: p.session,
	}
	if p.dialect > smb.DialectSMB202 {
		h.CreditCharge = 1
	}
	p.message++
	return h
}

func (p *smb2) setup(blob []byte) ([]byte, error) {
	return smb.SMB2SessionSetupRequest{
		Header:       p.header(smb.SMB2SessionSetup, 0),
		SecurityMode: smb.SigningEnabled, Capabilities: smb.CapDFS, SecurityBuffer: blob,
	}.AppendBinary(nil)
}

func (p *smb2) isPlain() bool { return false }

func (p *smb2) anonymous() ([]byte, error) { return nil, smb.ErrCommand } // nobody asks: it is not plain

func (p *smb2) server() string { return "" }

func (p *smb2) parseSetup(reply []byte) ([]byte, error) {
	r, err := smb.ParseSMB2SessionSetupResponse(reply)
	if err != nil {
		return nil, p.failure(reply, err)
	}
	p.session = r.Header.SessionID
	return r.SecurityBuffer, nil
}

// failure turns the error of a parser into a *StatusError where the server reports one.
func (p *smb2) failure(reply []byte, err error) error {
	if !errors.Is(err, smb.ErrErrorResponse) {
		return fmt.Errorf("reading an answer: %w", err)
	}
	return p.status(reply)
}

func (p *smb2) status(reply []byte) error {
	h, err := smb.ParseSMB2Header(reply)
	if err != nil {
		return fmt.Errorf("reading an answer: %w", err)
	}
	if h.Status == dtyp.StatusSuccess {
		return nil
	}
	return &StatusError{Token: h.Status.String(), Status: h.Status}
}

func (p *smb2) connect(path string) ([]byte, error) {
	return smb.SMB2TreeConnectRequest{
		Header: p.header(smb.SMB2TreeConnect, 0), Path: wire.AppendUTF16(nil, path),
	}.AppendBinary(nil)
}

func (p *smb2) parseConnect(reply []byte) (Tree, error) {
	r, err := smb.ParseSMB2TreeConnectResponse(reply)
	if err != nil {
		return Tree{}, p.failure(reply, err)
	}
	return Tree{Kind: r.ShareType, Access: r.MaximalAccess, HasAccess: true, id: r.Header.TreeID}, nil
}

func (p *smb2) disconnect(t Tree) ([]byte, error) {
	return smb.SMB2TreeDisconnectRequest{Header: p.header(smb.SMB2TreeDisconnect, t.id)}.AppendBinary(nil)
}

func (p *smb2) open(t Tree, what opening) ([]byte, error) {
	r := smb.SMB2CreateRequest{
		Header: p.header(smb.SMB2Create, t.id), RequestedOplockLevel: smb.SMB2OplockNone,
		ImpersonationLevel: smb.ImpersonationImpersonation, DesiredAccess: what.access,
		ShareAccess:       smb.ShareRead | smb.ShareWrite | smb.ShareDelete,
		CreateDisposition: smb.DispositionOpen, CreateOptions: what.options, Name: wire.AppendUTF16(nil, what.name),
	}
	if what.maximal {
		r.CreateContexts = smb.SMB2QueryMaximalAccess()
	}
	return r.AppendBinary(nil)
}

func (p *smb2) parseOpen(t Tree, reply []byte) (File, error) {
	r, err := smb.ParseSMB2CreateResponse(reply)
	if err != nil {
		return File{}, p.failure(reply, err)
	}
	f := File{tree: t.id, id: r.FileID}
	f.Access, f.HasAccess = r.MaximalAccess()
	return f, nil
}

func (p *smb2) transact(f File, in []byte) ([]byte, error) {
	return smb.SMB2IoctlRequest{
		Header: p.header(smb.SMB2Ioctl, f.tree), CtlCode: smb.FSCTLPipeTransceive, FileID: f.id,
		MaxOutputResponse: maxOutput, Flags: smb.SMB2IoctlIsFSCTL, Input: in,
	}.AppendBinary(nil)
}

func (p *smb2) parseTransact(reply []byte) ([]byte, bool, error) {
	r, err := smb.ParseSMB2IoctlResponse(reply)
	if err != nil {
		return nil, false, p.failure(reply, err)
	}
	return r.Output, r.Header.Status == dtyp.StatusBufferOverflow, nil
}

func (p *smb2) read(f File) ([]byte, error) {
	return smb.SMB2ReadRequest{Header: p.header(smb.SMB2Read, f.tree), Length: maxOutput, FileID: f.id}.AppendBinary(nil)
}

func (p *smb2) parseRead(reply []byte) ([]byte, bool, error) {
	r, err := smb.ParseSMB2ReadResponse(reply)
	if err != nil {
		return nil, false, p.failure(reply, err)
	}
	return r.Data, r.Header.Status == dtyp.StatusBufferOverflow, nil
}

func (p *smb2) close(f File) ([]byte, error) {
	return smb.SMB2CloseRequest{Header: p.header(smb.SMB2Close, f.tree), FileID: f.id}.AppendBinary(nil)
}
