package nullsession

import (
	"encoding"
	"errors"
	"fmt"

	"github.com/smbscope/smbscope/fingerprint/internal/session"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	maxStub = 1 << 20 // bytes of one answer: lists are asked for in pages of 64 KiB
	// maxReads bounds how many answers of the pipe one RPC answer may take.
	maxReads = dcerpc.MaxFragments
)

// A request is the input of a call, which builds its stub.
type request = encoding.BinaryAppender

// A pipe is open, and its interface is bound.
type pipe struct {
	reading *reading
	name    string
	file    session.File
	call    uint32
}

// pipe opens a pipe and binds its interfaces, and puts down what came of it. It returns nil where the first of them
// cannot be called.
func (g *reading) pipe(name string) *pipe {
	known, _ := pipeOf(name)
	entry := report.Pipe{Name: name, Open: report.Unknown}
	defer func() { g.null.Pipes = append(g.null.Pipes, entry) }()
	if !g.connect() {
		entry.Status = "no session"
		return nil
	}
	file, err := g.session.OpenPipe(g.ctx, prefix+name, g.ipc, name)
	entry.Status, entry.Open = word(err), opened(err)
	g.claim(fmt.Sprintf("/null_session/pipes/%d/open", len(g.null.Pipes)), entry.Open, prefix+name, entry.Status, "the open of the pipe")
	if err != nil {
		return nil
	}
	p := &pipe{reading: g, name: name, file: file}
	err = nil
	for i, iface := range known.Interfaces {
		e := p.bind(iface)
		bound := report.Interface{UUID: iface.syntax().String(), Name: iface.Name, Bound: boundAnswer(e), Status: word(e)}
		g.claim(fmt.Sprintf("/null_session/pipes/%d/interfaces/%d/bound", len(g.null.Pipes), i), bound.Bound, prefix+name+"-bind", bound.Status, "the bind of "+iface.Name)
		entry.Interfaces = append(entry.Interfaces, bound)
		err = errors.Join(err, e)
	}
	if err != nil {
		p.close()
		return nil
	}
	return p
}

// opened tells what the error of an open means: only the server's own refusal is a no.
func opened(err error) report.Answer {
	var status *session.StatusError
	switch {
	case err == nil:
		return report.Yes
	case errors.As(err, &status):
		return report.No
	}
	return report.Unknown
}

func boundAnswer(err error) report.Answer {
	switch {
	case err == nil:
		return report.Yes
	case errors.Is(err, dcerpc.ErrBind), errors.Is(err, dcerpc.ErrFault):
		return report.No
	}
	return opened(err)
}

func (i Interface) syntax() dcerpc.SyntaxID {
	id, _ := dtyp.ParseGUID(i.UUID) // a test parses all of them
	return dcerpc.SyntaxID{UUID: id, Major: i.Major, Minor: i.Minor}
}

// bind proposes an interface over the pipe.
func (p *pipe) bind(i Interface) error {
	p.call++
	request, err := dcerpc.NewBind(p.call, i.syntax()).AppendBinary(nil)
	if err != nil {
		return err
	}
	in := p.start(prefix+p.name+"-bind", request)
	pdu, err := in.pdu()
	if err != nil {
		return err
	}
	if h, err := dcerpc.ParseHeader(pdu); err == nil && h.CallID != p.call {
		return fmt.Errorf("%w: call %d, should be %d", dcerpc.ErrFragments, h.CallID, p.call)
	}
	if nak, err := dcerpc.ParseBindNak(pdu); err == nil {
		return &dcerpc.BindError{Type: dcerpc.PDUBindNak, Reject: nak.Reason}
	}
	if f, err := dcerpc.ParseFault(pdu); err == nil {
		return &dcerpc.FaultError{Status: f.Status}
	}
	ack, err := dcerpc.ParseBindAck(pdu)
	if err != nil {
		return fmt.Errorf("the answer to the bind: %w", err)
	}
	return ack.Err(0)
}

// ask makes a call and returns the stub of its answer.
func (p *pipe) ask(name string, opnum uint16, in request) ([]byte, error) {
	stub, err := in.AppendBinary(nil)
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", name, err)
	}
	p.call++
	request := dcerpc.Request{
		Header: dcerpc.Header{Flags: dcerpc.PFCWhole, CallID: p.call}, AllocHint: uint32(len(stub)), Opnum: opnum, Stub: stub,
	}
	message, err := request.AppendBinary(nil)
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", name, err)
	}
	whole := dcerpc.Reassembler{MaxStub: maxStub, Answers: &request}
	answer := p.start(prefix+p.name+"-"+name, message)
	for {
		pdu, err := answer.pdu()
		if err != nil {
			return nil, err
		}
		done, err := whole.Add(pdu)
		if err != nil {
			return nil, err
		}
		if done {
			return whole.Stub(), nil
		}
	}
}

// failure turns a result that is no success into an error.
func failure(result dtyp.NTStatus) error {
	if result == dtyp.StatusSuccess {
		return nil
	}
	return &session.StatusError{Token: result.String(), Status: result}
}

// alive tells whether more can be asked over the pipe.
func (p *pipe) alive() bool { return p.reading.session != nil && p.reading.session.Ready() }

// release gives a handle back. That it was taken is of no interest.
func (p *pipe) release(call string, opnum uint16, in request) {
	if p.alive() {
		_, _ = p.ask(call, opnum, in)
	}
}

// close closes the pipe. That it was closed is of no interest.
func (p *pipe) close() {
	if p.alive() {
		_ = p.reading.session.Close(p.reading.ctx, prefix+p.name+"-close", p.file)
	}
}

// An incoming is what a pipe gives in answer to one message: PDUs, in pieces as they come.
type incoming struct {
	pipe  *pipe
	probe string
	send  []byte // what is to be sent first; nil once it was
	rest  []byte // what came and was not yet taken
	reads int
}

func (p *pipe) start(probe string, message []byte) *incoming {
	return &incoming{pipe: p, probe: probe, send: message}
}

// errEndless says that an answer takes more reads than any genuine one.
var errEndless = errors.New("an answer without an end")

// pdu returns the next PDU.
func (in *incoming) pdu() ([]byte, error) {
	for {
		if len(in.rest) > 0 {
			pdu, rest, err := dcerpc.Next(in.rest)
			if err == nil {
				in.rest = rest
				return pdu, nil
			}
			if !errors.Is(err, wire.ErrTruncated) {
				return nil, fmt.Errorf("the answer of the pipe: %w", err)
			}
		}
		if in.reads == maxReads {
			return nil, errEndless
		}
		in.reads++
		out, err := in.more()
		if err != nil {
			return nil, err
		}
		if len(out) == 0 {
			return nil, fmt.Errorf("the answer of the pipe: %w", wire.ErrTruncated)
		}
		in.rest = append(in.rest[:len(in.rest):len(in.rest)], out...)
	}
}

func (in *incoming) more() ([]byte, error) {
	s := in.pipe.reading.session
	if s == nil || !s.Ready() {
		return nil, session.ErrNoAnswer
	}
	if in.send != nil {
		out, _, err := s.Transact(in.pipe.reading.ctx, in.probe, in.pipe.file, in.send)
		in.send = nil
		return out, err
	}
	out, _, err := s.Read(in.pipe.reading.ctx, in.probe+"-more", in.pipe.file)
	return out, err
}
