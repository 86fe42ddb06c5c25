package guard

import (
	"errors"
	"fmt"

	"github.com/smbscope/smbscope/smb/wire"
)

// The rules. A [RefusedError] matches the one that was broken with [errors.Is].
var (
	// ErrFrame says that the server sent what is no whole frame of the transport: another packet type, or an end of the
	// connection inside a frame.
	ErrFrame = errors.New("not a whole frame")
	// ErrFrameSize says that the server announced a frame larger than Options.MaxFrame.
	ErrFrameSize = errors.New("frame too large")
	// ErrBudget says that the server has sent, or announced, more than Options.MaxBytes.
	ErrBudget = errors.New("too many bytes on this connection")
	// ErrDeadline says that the time for the whole connection is up. Such an error matches os.ErrDeadlineExceeded too.
	ErrDeadline = errors.New("the connection's time is up")
	// ErrMalformed says that a message is no SMB message, or that an offset, a length or a size in it is wrong.
	ErrMalformed = errors.New("malformed message")
	// ErrCompound says that a frame holds several messages where Options.Compounds does not allow it, or where one
	// message was asked for.
	ErrCompound = errors.New("compound message")
	// ErrUnsolicited says that nothing was asked that the message could answer, or that it was answered before.
	ErrUnsolicited = errors.New("no request that this answers")
	// ErrDialect says that the server chose a dialect, or an algorithm, that the client did not offer.
	ErrDialect = errors.New("a choice that was not offered")
	// ErrTransform says that a message is encrypted or compressed where that was not negotiated, or that the server asks
	// for encryption that it did not negotiate.
	ErrTransform = errors.New("a transform that was not negotiated")
	// ErrGuest says that a client that logged on with a user's name was made a guest or an anonymous user, which ends
	// signing and encryption.
	ErrGuest = errors.New("logged on as guest or anonymous instead of a user")
	// ErrCredits says that the server left the client without a credit, so that it could never send again.
	ErrCredits = errors.New("no credits left")
	// ErrRequest says that the client sent what the guard cannot read, so that no answer to it could be judged.
	ErrRequest = errors.New("the client's message cannot be followed")
)

// A RefusedError tells what was refused and why. After it the connection is closed, and every Read and Write gives the
// same error.
type RefusedError struct {
	Rule   error  // one of the errors of this package
	Detail string // what was wrong, for people; bytes of the peer are escaped
	Frame  int    // number of the server's frame that was refused, from 1; 0 where it was the client's, or no frame at all
	Err    error  // the cause, such as a *wire.ParseError; may be nil
}

// Error tells the frame, the rule and the detail.
func (e *RefusedError) Error() string {
	where := ""
	if e.Frame > 0 {
		where = fmt.Sprintf("frame %d: ", e.Frame)
	}
	text := "guard: " + where + e.Rule.Error()
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Err != nil {
		text += ": " + wire.EscapeText(e.Err.Error())
	}
	return text
}

// Unwrap returns the rule and the cause.
func (e *RefusedError) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Rule}
	}
	return []error{e.Rule, e.Err}
}

// Timeout tells whether the time was up, as net.Error asks for.
func (e *RefusedError) Timeout() bool { return errors.Is(e.Rule, ErrDeadline) }

// Temporary is false: nothing comes after a refusal.
func (e *RefusedError) Temporary() bool { return false }

// refuse makes the error of a rule; the frame's number is filled in where the frame is known.
func refuse(rule error, format string, args ...any) *RefusedError {
	return &RefusedError{Rule: rule, Detail: fmt.Sprintf(format, args...)}
}

// malformed makes the error of what a parser could not read.
func malformed(what string, err error) *RefusedError {
	return &RefusedError{Rule: ErrMalformed, Detail: what, Err: err}
}
