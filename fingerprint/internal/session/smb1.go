package session

import (
	"errors"
	"fmt"

	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

const (
	// clientName is what we call ourselves where SMB1 asks for an operating system and a LAN manager.
	clientName = "smbscope"
	// maxData is how much one answer of a pipe may bring, in bytes. It fits the buffer of every server, so that no answer
	// comes in several messages.
	maxData = 4280
)

// errSplit says that an answer came in several messages, although it was asked to fit one.
var errSplit = errors.New("an answer in several messages")

// NewSMB1 returns the session that follows a negotiate response with NT LM 0.12.
func NewSMB1(conn *exchange.Conn, answer negotiate.SMB1Response) *Session {
	return &Session{conn: conn, protocol: &smb1{answer: answer, message: answer.Header.MID}}
}

// smb1 is NT LM 0.12, with or without extended security, as the negotiation has settled it. VcNumber 0 would ask the server
// to drop the client's other connections, so it is 1.
type smb1 struct {
	answer  negotiate.SMB1Response
	message uint16
	user    uint16
}

func (p *smb1) header(command smb.SMB1Command, tree uint16) smb.SMB1Header {
	p.message++
	h := smb.SMB1Header{
		Command: command, Flags: negotiate.SMB1Flags, Flags2: negotiate.SMB1Flags2,
		TID: tree, PIDLow: negotiate.ProcessID, UID: p.user, MID: p.message,
	}
	if p.answer.ExtendedSecurity() {
		h.Flags2 |= smb.SMB1Flags2ExtendedSecurity
	}
	if p.answer.Capabilities&smb.SMB1CapUnicode == 0 {
		h.Flags2 &^= smb.SMB1Flags2Unicode
	}
	if p.answer.Capabilities&smb.SMB1CapStatus32 == 0 {
		h.Flags2 &^= smb.SMB1Flags2NTStatus
	}
	return h
}

const noTree = 0xFFFF

// logon returns a session setup without what tells who logs on.
func (p *smb1) logon(words int) smb.SMB1SessionSetupRequest {
	const capabilities = smb.SMB1CapUnicode | smb.SMB1CapNTSMBs | smb.SMB1CapStatus32 | smb.SMB1CapExtendedSecurity
	r := smb.SMB1SessionSetupRequest{
		Header: p.header(smb.SMB1SessionSetupAndX, noTree), WordCount: words, AndXCommand: smb.SMB1NoFurtherCommand,
		MaxBufferSize: 0xFFFF, MaxMpxCount: 2, VcNumber: 1,
		SessionKey: p.answer.SessionKey, Capabilities: capabilities & p.answer.Capabilities,
	}
	r.NativeOS, r.NativeLanMan = r.Header.Encode(clientName), r.Header.Encode(clientName)
	return r
}

func (p *smb1) setup(blob []byte) ([]byte, error) {
	r := p.logon(smb.SetupWordsExtended)
	r.SecurityBlob = blob
	return r.AppendBinary(nil)
}

// isPlain tells whether logons have passwords of their own instead of a security blob.
func (p *smb1) isPlain() bool { return !p.answer.ExtendedSecurity() }

// anonymous is the logon without extended security: no account, and one zero byte in the place of a password, as Windows
// sends ([MS-CIFS] 3.2.4.2.4).
func (p *smb1) anonymous() ([]byte, error) {
	r := p.logon(smb.SetupWordsNT)
	r.OEMPassword, r.AccountName, r.PrimaryDomain = []byte{0}, []byte{}, []byte{}
	return r.AppendBinary(nil)
}

func (p *smb1) server() string {
	if p.answer.ServerName == nil {
		return ""
	}
	return p.answer.Text(p.answer.ServerName)
}

func (p *smb1) parseSetup(reply []byte) ([]byte, error) {
	r, err := smb.ParseSMB1SessionSetupResponse(reply)
	if err != nil {
		return nil, p.failure(reply, err)
	}
	p.user = r.Header.UID
	return r.SecurityBlob, nil
}

func (p *smb1) failure(reply []byte, err error) error {
	if !errors.Is(err, smb.ErrErrorResponse) {
		return fmt.Errorf("reading an answer: %w", err)
	}
	return p.status(reply)
}

func (p *smb1) status(reply []byte) error {
	h, err := smb.ParseSMB1Header(reply)
	switch {
	case err != nil:
		return fmt.Errorf("reading an answer: %w", err)
	case h.Status == dtyp.StatusSuccess:
		return nil
	case h.Flags2&smb.SMB1Flags2NTStatus == 0:
		return &StatusError{Token: h.StatusText()}
	}
	return &StatusError{Token: h.StatusText(), Status: h.Status}
}

func (p *smb1) connect(path string) ([]byte, error) {
	r := smb.SMB1TreeConnectRequest{
		Header: p.header(smb.SMB1TreeConnectAndX, noTree), AndXCommand: smb.SMB1NoFurtherCommand,
		Flags: smb.SMB1TreeConnectExtendedResponse, Password: []byte{0}, Service: []byte(smb.SMB1ServiceAny),
	}
	r.Path = r.Header.Encode(path)
	return r.AppendBinary(nil)
}

func (p *smb1) parseConnect(reply []byte) (Tree, error) {
	r, err := smb.ParseSMB1TreeConnectResponse(reply)
	if err != nil {
		return Tree{}, p.failure(reply, err)
	}
	t := Tree{id: uint32(r.Header.TID), Access: r.MaximalShareAccessRights, HasAccess: r.WordCount == smb.TreeConnectWordsExtended}
	switch string(r.Service) {
	case smb.SMB1ServiceDisk:
		t.Kind = smb.SMB2ShareDisk
	case smb.SMB1ServicePipe:
		t.Kind = smb.SMB2SharePipe
	case smb.SMB1ServicePrinter:
		t.Kind = smb.SMB2SharePrint
	}
	return t, nil
}

func (p *smb1) disconnect(t Tree) ([]byte, error) {
	return smb.SMB1TreeDisconnectRequest{Header: p.header(smb.SMB1TreeDisconnect, uint16(t.id))}.AppendBinary(nil)
}

// open does not ask for the maximal access: Samba 4.17 says FILE_ALL_ACCESS for the root of a share in which a guest may
// write nothing.
func (p *smb1) open(t Tree, what opening) ([]byte, error) {
	r := smb.SMB1NTCreateRequest{
		Header: p.header(smb.SMB1NTCreateAndX, uint16(t.id)), AndXCommand: smb.SMB1NoFurtherCommand,
		DesiredAccess: what.access, ShareAccess: smb.ShareRead | smb.ShareWrite | smb.ShareDelete,
		CreateDisposition: smb.DispositionOpen, CreateOptions: what.options, ImpersonationLevel: smb.ImpersonationImpersonation,
	}
	r.FileName = r.Header.Encode(`\` + what.name)
	return r.AppendBinary(nil)
}

func (p *smb1) parseOpen(t Tree, reply []byte) (File, error) {
	r, err := smb.ParseSMB1NTCreateResponse(reply)
	if err != nil {
		return File{}, p.failure(reply, err)
	}
	return File{tree: t.id, fid: r.FID}, nil
}

func (p *smb1) transact(f File, in []byte) ([]byte, error) {
	r := smb.SMB1TransactionRequest{
		Header: p.header(smb.SMB1Transaction, uint16(f.tree)), MaxDataCount: maxData,
		Setup: smb.SMB1TransactNMPipe(f.fid), Data: in,
	}
	r.Name = r.Header.Encode(smb.SMB1PipeName)
	return r.AppendBinary(nil)
}

func (p *smb1) parseTransact(reply []byte) ([]byte, bool, error) {
	r, err := smb.ParseSMB1TransactionResponse(reply)
	switch {
	case err != nil:
		return nil, false, p.failure(reply, err)
	case r.Interim || r.DataDisplacement != 0 || int(r.TotalDataCount) > len(r.Data):
		return nil, false, errSplit
	}
	return r.Data, r.Header.HasMoreData(), nil
}

func (p *smb1) read(f File) ([]byte, error) {
	return smb.SMB1ReadRequest{
		Header: p.header(smb.SMB1ReadAndX, uint16(f.tree)), WordCount: smb.ReadWordsLarge, AndXCommand: smb.SMB1NoFurtherCommand,
		FID: f.fid, MaxCount: maxData, MinCount: maxData,
	}.AppendBinary(nil)
}

func (p *smb1) parseRead(reply []byte) ([]byte, bool, error) {
	r, err := smb.ParseSMB1ReadResponse(reply)
	if err != nil {
		return nil, false, p.failure(reply, err)
	}
	return r.Data, r.Header.HasMoreData(), nil
}

func (p *smb1) close(f File) ([]byte, error) {
	return smb.SMB1CloseRequest{Header: p.header(smb.SMB1Close, uint16(f.tree)), FID: f.fid, LastTimeModified: 0xFFFFFFFF}.AppendBinary(nil)
}
