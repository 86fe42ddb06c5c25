package smbtest

import (
	"bytes"
	"slices"

	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// transact gives what a pipe has in answer to a PDU.
func (c *pipeConn) transact(op pipeOp) pipeResult {
	f := c.files[op.fid]
	if f == nil {
		return pipeResult{status: dtyp.StatusNotSupported}
	}
	f.queue, f.endless = nil, false
	if q, err := dcerpc.ParseRequest(op.in); err == nil {
		c.called(f, q)
	} else if b, err := dcerpc.ParseBind(op.in); err == nil {
		c.bound(f, b)
	}
	return c.read(op)
}

func (c *pipeConn) bound(f *pipeFile, b dcerpc.Bind) {
	var a PipeAnswer
	if c.server.Bind != nil {
		a = c.server.Bind(f.name, b)
	}
	if f.give(a, b.Header.CallID) {
		return
	}
	ack := dcerpc.BindAck{
		Header:      dcerpc.Header{Flags: dcerpc.PFCWhole, CallID: b.Header.CallID},
		MaxXmitFrag: dcerpc.MaxFragment, MaxRecvFrag: dcerpc.MaxFragment,
		SecondaryAddress: []byte(`\PIPE\` + f.name + "\x00"),
	}
	for range b.Contexts {
		ack.Results = append(ack.Results, dcerpc.Result{TransferSyntax: dcerpc.NDR()})
	}
	if pdu, err := ack.AppendBinary(nil); err == nil {
		f.queue = [][]byte{pdu}
	}
}

func (c *pipeConn) called(f *pipeFile, q dcerpc.Request) {
	var a PipeAnswer
	if c.server.Call != nil {
		a = c.server.Call(f.name, q)
	}
	if !f.give(a, q.Header.CallID) {
		f.queue = Responses(q, a.Stub, c.server.FragmentSize)
	}
}

// give takes an answer that is no stub.
func (f *pipeFile) give(a PipeAnswer, call uint32) bool {
	if a.Fault != 0 {
		fault := dcerpc.Fault{Header: dcerpc.Header{Flags: dcerpc.PFCWhole, CallID: call}, Status: a.Fault}
		if pdu, err := fault.AppendBinary(nil); err == nil {
			f.queue = [][]byte{pdu}
		}
		return true
	}
	if a.Raw == nil {
		return false
	}
	f.queue, f.endless = slices.Clone(a.Raw), a.Endless
	return true
}

// defaultFragment is the stub that fits a PDU of dcerpc.MaxFragment behind the header of a response.
const defaultFragment = dcerpc.MaxFragment - 24

// Responses returns the PDUs that answer a request with a stub, each with at most size bytes of it; 0 means 4256.
func Responses(q dcerpc.Request, stub []byte, size int) (pdus [][]byte) {
	if size <= 0 {
		size = defaultFragment
	}
	for first := true; first || len(stub) > 0; first = false {
		n := min(size, len(stub))
		r := dcerpc.Response{
			Header: dcerpc.Header{CallID: q.Header.CallID}, ContextID: q.ContextID,
			AllocHint: uint32(len(stub)), Stub: stub[:n],
		}
		if first {
			r.Header.Flags |= dcerpc.PFCFirstFrag
		}
		if stub = stub[n:]; len(stub) == 0 {
			r.Header.Flags |= dcerpc.PFCLastFrag
		}
		pdu, err := r.AppendBinary(nil)
		if err != nil {
			return pdus // a size beyond what a PDU holds: the client waits for the rest
		}
		pdus = append(pdus, pdu)
	}
	return pdus
}

// read gives what is next in a pipe, as much as the client has room for. A pipe without anything is silent, as one is
// whose server has yet to write.
func (c *pipeConn) read(op pipeOp) pipeResult {
	f := c.files[op.fid]
	if f == nil {
		return pipeResult{status: dtyp.StatusNotSupported}
	}
	if len(f.queue) == 0 {
		return pipeResult{silent: true}
	}
	out := f.queue[0]
	switch {
	case len(out) > op.max:
		f.queue[0] = out[op.max:]
		return pipeResult{status: dtyp.StatusBufferOverflow, out: bytes.Clone(out[:op.max])}
	case !f.endless || len(f.queue) > 1:
		f.queue = f.queue[1:]
	}
	return pipeResult{out: out}
}
