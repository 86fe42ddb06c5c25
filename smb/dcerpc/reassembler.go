package dcerpc

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/wire"
)

const (
	// DefaultMaxStub is the largest stub of a Reassembler that does not say another, in bytes.
	DefaultMaxStub = 1 << 20
	// MaxFragments is how many fragments a stub may have.
	MaxFragments = 4096

	maxEmptyFragments = 8 // before the last one; a server that never ends its answer would send them for ever
	maxNoted          = 32
)

// A Reassembler makes one stub of the fragments of one call: of the responses to a request, or of requests where it
// reads along. Its zero value is ready. It serves one call and is not safe for concurrent use.
//
// It keeps the stub and nothing of the PDUs, so that its memory is bounded by MaxStub and not by what peers announce.
// Stubs that an auth verifier of level privacy covers stay encrypted.
type Reassembler struct {
	MaxStub int // in bytes; DefaultMaxStub where it is 0 or less

	// Answers is the request that is answered: only responses and faults with its call id, and responses of its
	// context, are taken. Where it is nil, the first PDU decides about type, call id, context and operation.
	Answers *Request

	fragments int
	empty     int
	first     fragment
	stub      []byte
	done      bool
	err       error
	anomalies []wire.Anomaly
}

// A fragment is what a reassembler asks of a request or a response.
type fragment struct {
	header    Header
	contextID uint16
	opnum     uint16 // of a request
	stub      []byte
	anomalies []wire.Anomaly
}

// Add takes the next PDU, one whole as Next cuts it, and tells whether the call is at its end: by its last fragment,
// or by a fault, which is a *FaultError. An error is final; what follows gives it again. Beside a fault it matches
// ErrFragments, ErrTooLarge, ErrPDUType, or what the PDU's parser gives. The PDU may be overwritten afterwards.
func (r *Reassembler) Add(pdu []byte) (done bool, err error) {
	switch {
	case r.err != nil:
		return r.done, r.err
	case r.done:
		r.err = fmt.Errorf("%w: a PDU follows the last", ErrFragments)
	default:
		r.err = r.add(pdu)
	}
	if r.err != nil {
		r.stub = nil
	}
	return r.done, r.err
}

func (r *Reassembler) add(pdu []byte) error {
	f, status, err := parseFragment(pdu)
	if err != nil {
		return err
	}
	if n := len(pdu) - f.header.FragLength; n > 0 {
		return fmt.Errorf("%w: %d bytes follow the PDU", ErrFragments, n)
	}
	r.note(f.anomalies)
	if r.fragments == 0 {
		r.first = f.expected(r.Answers)
	}
	if f.header.Type == PDUFault {
		return r.fault(f, status)
	}
	if err := r.check(f); err != nil {
		return err
	}
	limit := r.MaxStub
	if limit <= 0 {
		limit = DefaultMaxStub
	}
	if len(f.stub) > limit-len(r.stub) {
		return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	r.fragments++
	r.stub = append(r.stub, f.stub...)
	r.done = f.header.Flags&PFCLastFrag != 0
	return nil
}

// parseFragment reads a PDU that carries a stub, or a fault.
func parseFragment(pdu []byte) (fragment, FaultStatus, error) {
	h, err := ParseHeader(pdu)
	if err != nil {
		return fragment{}, 0, err
	}
	switch h.Type {
	case PDURequest:
		m, err := ParseRequest(pdu)
		return fragment{m.Header, m.ContextID, m.Opnum, m.Stub, m.Anomalies}, 0, err
	case PDUFault:
		m, err := ParseFault(pdu)
		return fragment{m.Header, m.ContextID, 0, nil, m.Anomalies}, m.Status, err
	default:
		m, err := ParseResponse(pdu)
		return fragment{m.Header, m.ContextID, 0, m.Stub, m.Anomalies}, 0, err
	}
}

// expected returns what all fragments have to be like when f is the first of them.
func (f fragment) expected(answers *Request) fragment {
	if answers != nil {
		f.header.Type = PDUResponse
		f.header.CallID = answers.Header.CallID
		f.contextID = answers.ContextID
		f.opnum = 0
	}
	f.stub, f.anomalies = nil, nil
	return f
}

// fault ends the call. Its context id is not compared, because servers leave it at 0 (nxsmb's x_smbd_dcerpc_fault), nor
// are its flags, because it is never split.
func (r *Reassembler) fault(f fragment, status FaultStatus) error {
	if f.header.CallID != r.first.header.CallID {
		return fmt.Errorf("%w: fault of call %d in call %d", ErrFragments, f.header.CallID, r.first.header.CallID)
	}
	if r.first.header.Type == PDURequest {
		return fmt.Errorf("%w: %v among requests", ErrFragments, f.header.Type)
	}
	r.done = true
	return &FaultError{Status: status}
}

// check tells what keeps f from being the next fragment.
func (r *Reassembler) check(f fragment) error {
	last := f.header.Flags&PFCLastFrag != 0
	if len(f.stub) == 0 && !last {
		r.empty++
	}
	want := r.first
	switch {
	case f.header.Type != want.header.Type:
		return fmt.Errorf("%w: %v among PDUs of type %v", ErrFragments, f.header.Type, want.header.Type)
	case f.header.CallID != want.header.CallID:
		return fmt.Errorf("%w: call %d, should be %d", ErrFragments, f.header.CallID, want.header.CallID)
	case f.contextID != want.contextID:
		return fmt.Errorf("%w: context %d, should be %d", ErrFragments, f.contextID, want.contextID)
	case f.opnum != want.opnum:
		return fmt.Errorf("%w: operation %d, should be %d", ErrFragments, f.opnum, want.opnum)
	case f.header.Flags&PFCFirstFrag == 0 && r.fragments == 0:
		return fmt.Errorf("%w: the first one is missing", ErrFragments)
	case f.header.Flags&PFCFirstFrag != 0 && r.fragments > 0:
		return fmt.Errorf("%w: a first one after %d others", ErrFragments, r.fragments)
	case r.fragments == MaxFragments:
		return fmt.Errorf("%w: more than %d", ErrFragments, MaxFragments)
	case r.empty > maxEmptyFragments:
		return fmt.Errorf("%w: more than %d empty ones", ErrFragments, maxEmptyFragments)
	}
	return nil
}

func (r *Reassembler) note(anomalies []wire.Anomaly) {
	r.anomalies = append(r.anomalies, anomalies[:min(len(anomalies), maxNoted-len(r.anomalies))]...)
}

// Stub returns the whole stub once Add has said that the call is done without an error, and nil before and otherwise.
// It aliases no PDU.
func (r *Reassembler) Stub() []byte {
	if !r.done || r.err != nil {
		return nil
	}
	return r.stub
}

// Anomalies returns what was odd about the PDUs, in order, up to a bound.
func (r *Reassembler) Anomalies() []wire.Anomaly { return r.anomalies }
