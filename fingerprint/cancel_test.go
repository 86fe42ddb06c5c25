package fingerprint_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
)

// steps counts what a scan does, and does something at one of them.
type steps struct {
	count atomic.Int64
	at    int64
	do    func()
}

func (s *steps) step() {
	if s.count.Add(1) == s.at {
		s.do()
	}
}

// watched is a connection whose reads, writes, deadlines and close are steps.
type watched struct {
	net.Conn
	steps *steps
}

func (w *watched) Read(b []byte) (int, error) {
	w.steps.step()
	n, err := w.Conn.Read(b)
	w.steps.step()
	return n, err
}

func (w *watched) Write(b []byte) (int, error) {
	w.steps.step()
	n, err := w.Conn.Write(b)
	w.steps.step()
	return n, err
}

func (w *watched) SetDeadline(t time.Time) error {
	w.steps.step()
	return w.Conn.SetDeadline(t)
}

func (w *watched) Close() error {
	w.steps.step()
	return w.Conn.Close()
}

// watch makes each draw of random bytes, each dial and all that happens on connections a step of a scan.
func watch(s *fingerprint.Scanner, count *steps, ended func(*dialogue.Dialogue)) {
	dial, random := s.Dial, s.Rand
	s.Rand = readerFunc(func(b []byte) (int, error) {
		count.step()
		return random.Read(b)
	})
	s.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		count.step()
		conn, err := dial(ctx, network, address)
		count.step()
		if err != nil {
			return nil, err
		}
		return &watched{Conn: conn, steps: count}, nil
	}
	s.Dialogues = func(d *dialogue.Dialogue) {
		count.step()
		ended(d)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// servers are moody ones with a plan of each shape: all dialects, losses with repeats, SMB1 alone, no answer at all.
func servers() map[string]func() *moody {
	return map[string]func() *moody{
		"all":        func() *moody { return &moody{one: true, two: smb.Dialects()} },
		"closes":     func() *moody { return &moody{two: smb.Dialects()[4:], refuses: shut, denies: tear} },
		"SMB1 alone": func() *moody { return &moody{one: true, refuses: shut} },
		"invalid":    func() *moody { return &moody{one: true, refuses: invalid} },
		"silent":     func() *moody { return &moody{refuses: mutely, denies: mutely} },
	}
}

// A scan that is ended at any of its steps ends at once, with the cause as its error, a report of what was learnt, and
// nothing left behind.
func TestCancelAtEveryStep(t *testing.T) {
	cause := errors.New("the user has left")
	for name, server := range servers() {
		for _, level := range fingerprint.Levels() {
			for _, sequential := range []bool{false, true} {
				for n := int64(1); ; n++ {
					reached := false
					synctest.Test(t, func(t *testing.T) {
						network := serve(t, smbtest.Path{Down: smbtest.Link{Latency: time.Millisecond}}, server().handle)
						ctx, cancel := context.WithCancelCause(t.Context())
						defer cancel(nil)
						var ended time.Time
						count := &steps{at: n, do: func() { reached = true; ended = time.Now(); cancel(cause) }}
						s := fixed(network)
						s.Level, s.Sequential, s.Timeout = level, sequential, timeout
						canceled := false
						watch(s, count, func(d *dialogue.Dialogue) { canceled = canceled || d.End == dialogue.EndCanceled })
						r, err := s.Scan(ctx, address)
						require.NotNil(t, r)
						require.Zero(t, network.Counts().Open, "%s %s %d", name, level, n)
						if !reached {
							require.NoError(t, err)
							return
						}
						require.ErrorIs(t, err, cause)
						require.LessOrEqual(t, time.Since(ended), slack)
						require.Contains(t, []report.Outcome{report.OutcomeSMB, report.OutcomeCanceled, report.OutcomeClosed,
							report.OutcomeReset, report.OutcomeTimedOut}, r.Outcome)
						if canceled {
							require.NotEmpty(t, r.Reason, "%s %s %d", name, level, n)
						}
					})
					if !reached {
						require.Greater(t, n, int64(5))
						break
					}
				}
			}
		}
	}
}

// Bytes that cannot be drawn at any time of a scan end it with an error of the scanner.
func TestRandFailsAtEveryDraw(t *testing.T) {
	for name, server := range servers() {
		for _, level := range fingerprint.Levels() {
			for n := int64(1); ; n++ {
				reached := false
				synctest.Test(t, func(t *testing.T) {
					network := serve(t, smbtest.Path{}, server().handle)
					s := fixed(network)
					s.Level, s.Timeout = level, timeout
					random, draws := s.Rand, int64(0)
					s.Rand = readerFunc(func(b []byte) (int, error) {
						if draws++; draws >= n {
							reached = true
							return 0, errNoEntropy
						}
						return random.Read(b)
					})
					start := time.Now()
					r, err := s.Scan(t.Context(), address)
					require.NotNil(t, r)
					require.LessOrEqual(t, time.Since(start), timeout+slack, name)
					require.Zero(t, network.Counts().Open)
					if reached {
						require.ErrorIs(t, err, fingerprint.ErrConfig)
						require.ErrorIs(t, err, errNoEntropy)
					}
				})
				if !reached {
					break
				}
			}
		}
	}
}

// A scan without any time ends, and says that the time was up.
func TestNoTime(t *testing.T) {
	for _, level := range fingerprint.Levels() {
		for _, sequential := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				server := servers()["all"]()
				s := fixed(serve(t, smbtest.Path{}, server.handle))
				s.Level, s.Sequential, s.Timeout = level, sequential, 1
				random := s.Rand
				s.Rand = readerFunc(func(b []byte) (int, error) {
					time.Sleep(time.Millisecond) // in a bubble nothing else takes time here
					return random.Read(b)
				})
				r, err := s.Scan(t.Context(), address)
				require.NoError(t, err)
				require.Equal(t, report.OutcomeTimedOut, r.Outcome)
			})
		}
	}
}
