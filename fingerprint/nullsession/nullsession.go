// Package nullsession reads what a server tells to a session without an account: shares and what may be done with them,
// users and groups, the password policy, domains, and which interfaces answer.
//
// Nothing here is asked by a scan on its own: importing the package and calling Read is the asking. It reads; it never
// writes, opens no file but the roots of shares, for their attributes alone, and calls nothing that makes a server act.
// Opening a pipe is not nothing, though: servers log it, and some start a service for it. Pipes tells what each does.
package nullsession

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

const (
	defaultEntries = 10_000
	defaultBytes   = 8 << 20
	defaultTimeout = 30 * time.Second
	defaultAccess  = 500
)

// A Reader reads what a null session is told. The zero value is ready to use and asks for all but the pipes of PipeAudit.
// It is never changed by its methods.
type Reader struct {
	// MaxEntries bounds each list; 0 means 10,000. What is cut off is told in the report's Partial.
	MaxEntries int
	// MaxBytes bounds what is sent and received, all together; 0 means 8 MiB. The earlier of it and what is left of the
	// Scanner's Budget counts.
	MaxBytes int
	// Timeout bounds the reading; 0 means 30 s. The earlier of it and the context's deadline counts.
	Timeout time.Duration
	// RIDs are the relative identifiers that are looked up one by one, at most 4096: accounts come to light in this way
	// where lists are refused. Nil means 500 to 520 and 1000 to 1050; an empty slice asks for none.
	RIDs []RIDRange
	// NoShareAccess leaves out what may be done with each share.
	NoShareAccess bool
	// MaxShareAccess bounds for how many shares that is asked, each of which costs up to five requests; 0 means 500. What
	// may be done with the others stays unknown, which the report's Partial tells.
	MaxShareAccess int
	// PipeAudit opens the pipes that Pipes lists for it as well, and binds their interfaces. Nothing is called there.
	PipeAudit bool
	// Pipes are further pipes to open and bind, by their names in Pipes. It is the only way to open winreg, which starts a
	// service on Windows.
	Pipes []string
	// Share, User and Group, where set, are called with each entry as it comes, and the report does not keep that list. It
	// then bounds nothing but MaxEntries. What may be done with a share is asked before its entry is given away.
	Share func(report.Share)
	User  func(report.User)
	Group func(report.Group)
}

// A RIDRange is a range of relative identifiers, both ends included.
type RIDRange struct{ From, To uint32 }

// ErrReader says that a Reader cannot be used.
var ErrReader = errors.New("invalid reader")

// Read reads with the zero Reader. It is a function for Scanner.Extend.
func Read(ctx context.Context, s *fingerprint.Scanner, r *fingerprint.Report) error {
	return Reader{}.Read(ctx, s, r)
}

// Read reads from the server of a report and puts what it learns into the report's NullSession; Probes, Evidence, Cost and
// DurationMS grow, and Identity and Findings are made anew. It uses the Scanner's way to the server, its clock, its bytes of chance, its log and what is left of
// its Budget. It is not safe while others read the report.
//
// It goes on where calls are refused: each has its own status in the report. What the server does is no error; the error
// is not nil for a Reader that cannot be used (ErrReader), and when ctx ended first: it then matches context.Cause(ctx).
// Where the report tells of no anonymous session, one is asked for; where none is granted there is nothing to read.
func (o Reader) Read(ctx context.Context, s *fingerprint.Scanner, r *fingerprint.Report) error {
	if err := o.check(); err != nil {
		return err
	}
	if r.Outcome != report.OutcomeSMB {
		return nil
	}
	timeout := o.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	limited, cancel := context.WithTimeoutCause(ctx, timeout, errTime)
	defer cancel()
	if r.NullSession == nil {
		r.NullSession = &report.NullSession{}
	}
	newReading(limited, o, s, r).all()
	fingerprint.Conclude(r)
	if ctx.Err() != nil {
		return fmt.Errorf("reading from %q was ended: %w", r.Target, context.Cause(ctx))
	}
	return nil
}

var errTime = errors.New("the time for reading is up")

const maxRIDs = 4096

func (o Reader) check() error {
	rids := 0
	for _, r := range o.RIDs {
		if r.From > r.To || r.To-r.From >= maxRIDs {
			return fmt.Errorf("%w: RIDs %d to %d", ErrReader, r.From, r.To)
		}
		rids += int(r.To-r.From) + 1
	}
	switch {
	case o.MaxEntries < 0, o.MaxBytes < 0, o.Timeout < 0, o.MaxShareAccess < 0:
		return fmt.Errorf("%w: a bound is negative", ErrReader)
	case rids > maxRIDs:
		return fmt.Errorf("%w: %d RIDs are more than %d", ErrReader, rids, maxRIDs)
	}
	for _, name := range o.Pipes {
		if _, ok := pipeOf(name); !ok {
			return fmt.Errorf("%w: there is no pipe %q", ErrReader, name)
		}
	}
	return nil
}

// rids returns the identifiers to look up.
func (o Reader) rids() []uint32 {
	ranges := o.RIDs
	if ranges == nil {
		ranges = []RIDRange{{500, 520}, {1000, 1050}}
	}
	var list []uint32
	for _, r := range ranges {
		for i := range r.To - r.From + 1 {
			list = append(list, r.From+i)
		}
	}
	return list
}

func (o Reader) maxEntries() int {
	if o.MaxEntries == 0 {
		return defaultEntries
	}
	return o.MaxEntries
}

func (o Reader) maxShareAccess() int { return cmp.Or(o.MaxShareAccess, defaultAccess) }

func (o Reader) maxBytes() int {
	if o.MaxBytes == 0 {
		return defaultBytes
	}
	return o.MaxBytes
}
