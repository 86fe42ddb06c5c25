package wire

import (
	"errors"
	"fmt"
)

// The kinds of error that parsers and builders give. They are matched with errors.Is.
var (
	// ErrTruncated says that a message ended inside its fixed part.
	ErrTruncated = errors.New("truncated")
	// ErrOffset says that an offset or a length points out of the message.
	ErrOffset = errors.New("out of bounds")
	// ErrFormat says that a field cannot have the value it has, so that what follows it cannot be read.
	ErrFormat = errors.New("malformed")
	// ErrTooLong says that a value does not fit the field that a builder has to put it in.
	ErrTooLong = errors.New("too long for its field")
)

// A ParseError tells where in which message reading or building stopped.
type ParseError struct {
	Message string // the specification's name of the message
	Field   string // the specification's name of the field
	Offset  int    // in bytes from the start of the message
	Err     error  // one of the kinds of this package, or a cause that wraps one
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("%s: %s at byte %d: %v", e.Message, e.Field, e.Offset, e.Err)
}

func (e *ParseError) Unwrap() error { return e.Err }

// An Anomaly is a deviation from the specification that a parser noted and then read on. It is knowledge about the
// peer, not a failure.
type Anomaly struct {
	Message string // the specification's name of the message
	Field   string // the specification's name of the field
	Offset  int    // in bytes from the start of the message
	What    string // what is odd there, as a phrase
}

// Where names the place of the anomaly in one string.
func (a Anomaly) Where() string {
	return fmt.Sprintf("%s: %s at byte %d", a.Message, a.Field, a.Offset)
}

func (a Anomaly) String() string { return a.Where() + ": " + a.What }
