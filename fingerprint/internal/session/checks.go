package session

import (
	"context"
	"errors"

	"github.com/smbscope/smbscope/smb"
)

// ErrNotSMB1 says that a session of SMB2 has no such request.
var ErrNotSMB1 = errors.New("only SMB1 has this")

const (
	// pingMID is the message id of a ping. The tools that look for DoublePulsar use it, and intrusion detection knows it.
	pingMID = 65
	// pingTimeout is the time limit of a ping, in ms: its four bytes add up to 0x23, modulo 256, which is DoublePulsar's code
	// for a ping (github.com/countercept/doublepulsar-detection-script). Other sums would ask it for other things.
	pingTimeout = 0x00A4D9A6
	// pingParameters is how many zero bytes a ping has for parameters, as the tools send.
	pingParameters = 12
)

// PeekNamedPipe asks what waits to be read in a pipe that is not open, FID 0, for an answer of the largest size that there
// can be. A server without the update of MS17-010 looks for room for that answer before it looks for the pipe. The error
// is a *StatusError where the server reports a failure, which it always should, and ErrNotSMB1 in a session of SMB2.
func (s *Session) PeekNamedPipe(ctx context.Context, probe string, t Tree) error {
	p, ok := s.protocol.(*smb1)
	if !ok {
		return ErrNotSMB1
	}
	request, err := p.peek(t)
	reply, err := s.ask(ctx, probe, request, err)
	if err != nil {
		return err
	}
	return p.status(reply)
}

// Ping asks DoublePulsar whether it is there, by a request that a server without it takes for a TRANS2_SESSION_SETUP, which
// no server knows. It returns the message id of the answer: 65 is that of the request, and the implant adds
// smb.SMB1ImplantMark to it. The error is as that of PeekNamedPipe.
func (s *Session) Ping(ctx context.Context, probe string, t Tree) (mid uint16, err error) {
	p, ok := s.protocol.(*smb1)
	if !ok {
		return 0, ErrNotSMB1
	}
	request, err := p.ping(t)
	reply, err := s.ask(ctx, probe, request, err)
	if err != nil {
		return 0, err
	}
	h, err := smb.ParseSMB1Header(reply)
	if err != nil {
		return 0, err
	}
	return h.MID, p.status(reply)
}

// peek builds a TRANS_PEEK_NMPIPE of FID 0. The offsets of the parts that are not there are the end of the message, where
// other clients have them.
func (p *smb1) peek(t Tree) ([]byte, error) {
	r := smb.SMB1TransactionRequest{
		Header: p.header(smb.SMB1Transaction, uint16(t.id)), MaxParameterCount: 0xFFFF, MaxDataCount: 0xFFFF,
		Setup: smb.SMB1PeekNMPipe(0),
	}
	r.Name = r.Header.Encode(smb.SMB1PipeName)
	request, err := r.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	r.ParameterOffset, r.DataOffset = uint16(len(request)), uint16(len(request))
	return r.AppendBinary(request[:0])
}

func (p *smb1) ping(t Tree) ([]byte, error) {
	r := smb.SMB1Transaction2Request{
		Header: p.header(smb.SMB1Transaction2, uint16(t.id)), MaxParameterCount: 1, Timeout: pingTimeout,
		Setup: smb.SMB1Trans2Setup(smb.SMB1Trans2SessionSetup), Parameters: make([]byte, pingParameters),
	}
	r.Header.MID = pingMID
	return r.AppendBinary(nil)
}
