package dcerpc

import (
	"errors"
	"fmt"
)

// The kinds of error of this package, beside those of package wire.
var (
	// ErrNotPDU says that the bytes do not begin a connection-oriented PDU of version 5.
	ErrNotPDU = errors.New("no connection-oriented DCE/RPC PDU")
	// ErrPDUType says that a PDU is of another type than the one to be read.
	ErrPDUType = errors.New("another PDU type")
	// ErrDataRepresentation says that the integers of a PDU are not little-endian.
	ErrDataRepresentation = errors.New("data representation other than little-endian")
	// ErrTooLarge says that the fragments of a stub have more bytes together than the reader allows.
	ErrTooLarge = errors.New("stub too large")
	// ErrFragments says that PDUs do not make one stub: lost, repeated, foreign or too many fragments.
	ErrFragments = errors.New("fragments do not make one stub")
	// ErrNoResult says that the answer to a bind has no result for a presentation context.
	ErrNoResult = errors.New("no result for the presentation context")
	// ErrFault is what every *FaultError matches.
	ErrFault = errors.New("RPC fault")
	// ErrBind is what every *BindError matches.
	ErrBind = errors.New("RPC bind refused")
)

// A FaultError is a fault PDU as an error: the server ended the call.
type FaultError struct {
	Status FaultStatus
}

func (e *FaultError) Error() string { return fmt.Sprintf("%v: %v", ErrFault, e.Status) }

// Unwrap returns ErrFault.
func (e *FaultError) Unwrap() error { return ErrFault }

// Is matches a fault of the same status: errors.Is(err, &FaultError{Status: FaultAccessDenied}).
func (e *FaultError) Is(target error) bool {
	t, ok := target.(*FaultError)
	return ok && *t == *e
}

// A BindError is the refusal of a bind or an alter context, or of one of its presentation contexts.
type BindError struct {
	Type   PDUType        // PDUBindNak, PDUBindAck or PDUAlterContextResp
	Reject RejectReason   // of a bind_nak
	Result ContextResult  // of one context in a bind_ack or alter_context_resp
	Reason ProviderReason // the reason beside Result
}

func (e *BindError) Error() string {
	if e.Type == PDUBindNak {
		return fmt.Sprintf("%v: %v, %v", ErrBind, e.Type, e.Reject)
	}
	return fmt.Sprintf("%v: %v, %v, %v", ErrBind, e.Type, e.Result, e.Reason)
}

// Unwrap returns ErrBind.
func (e *BindError) Unwrap() error { return ErrBind }

// Is matches a refusal with the same fields.
func (e *BindError) Is(target error) bool {
	t, ok := target.(*BindError)
	return ok && *t == *e
}
