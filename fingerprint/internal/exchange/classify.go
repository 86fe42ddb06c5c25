package exchange

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/smb/wire"
)

// ErrTime is the cause with which a scan's own time limit ends its context. Every other cause is the caller's.
var ErrTime = errors.New("the time for this target is up")

// Windows reports these with numbers of its own, which package syscall does not map to the names used below.
const (
	wsaNetUnreachable  = syscall.Errno(10051)
	wsaAborted         = syscall.Errno(10053)
	wsaReset           = syscall.Errno(10054)
	wsaTimedOut        = syscall.Errno(10060)
	wsaRefused         = syscall.Errno(10061)
	wsaHostUnreachable = syscall.Errno(10065)
)

// classify tells what an error of dialing, reading or writing means, and puts it into words for people.
func classify(ctx context.Context, err error) (dialogue.End, string) {
	reason := wire.EscapeText(err.Error())
	if ended(ctx) {
		if errors.Is(context.Cause(ctx), ErrTime) {
			return dialogue.EndTimeout, ErrTime.Error()
		}
		return dialogue.EndCanceled, wire.EscapeText(context.Cause(ctx).Error())
	}
	var timeout net.Error
	var lookup *net.DNSError
	var errno syscall.Errno
	switch {
	case errors.As(err, &lookup) && !lookup.IsTimeout:
		return dialogue.EndUnresolved, wire.EscapeText(lookup.Err) // without the resolver's address
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return dialogue.EndTimeout, reason
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe):
		return dialogue.EndClosed, reason
	case errors.As(err, &errno):
		if end, ok := classifyErrno(errno); ok {
			return end, reason
		}
	}
	if errors.As(err, &timeout) && timeout.Timeout() {
		return dialogue.EndTimeout, reason
	}
	return dialogue.EndError, reason
}

func classifyErrno(errno syscall.Errno) (dialogue.End, bool) {
	switch errno {
	case syscall.ECONNREFUSED, wsaRefused:
		return dialogue.EndRefused, true
	case syscall.ECONNRESET, syscall.ECONNABORTED, wsaReset, wsaAborted:
		return dialogue.EndReset, true
	case syscall.EPIPE:
		return dialogue.EndClosed, true
	case syscall.ETIMEDOUT, wsaTimedOut:
		return dialogue.EndTimeout, true
	case syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, wsaHostUnreachable, wsaNetUnreachable:
		return dialogue.EndUnreachable, true
	}
	return "", false
}

// ended tells whether ctx has ended. Reads end at the context's deadline too, and may do so a moment before the
// context itself; that moment is waited for, so that both tell the same.
func ended(ctx context.Context) bool {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		<-ctx.Done()
	}
	return ctx.Err() != nil
}
