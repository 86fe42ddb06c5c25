package fingerprint_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// The time of a target is that of all its ports: each has an equal share of what is left.
func TestPortsShareTheTime(t *testing.T) {
	for _, level := range fingerprint.Levels() {
		synctest.Test(t, func(t *testing.T) {
			network := listening(t, smbtest.Path{}, map[string]func(net.Conn){
				"192.0.2.1:1": smbtest.Silent, "192.0.2.1:2": smbtest.CloseAtOnce, "192.0.2.1:4": everything(),
			})
			network.Blackhole("192.0.2.1:3")
			s := fixed(network)
			s.Level, s.Ports, s.Timeout, s.DialTimeout = level, []uint16{1, 2, 3, 4}, 4*time.Second, time.Minute
			start := time.Now()
			r, dialogues := observed(t, s, network, host)
			require.LessOrEqual(t, time.Since(start), 4*time.Second)
			require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
			require.Equal(t, []report.Outcome{report.OutcomeTimedOut, report.OutcomeClosed, report.OutcomeTimedOut, report.OutcomeSMB}, outcomesOf(r))
			began := map[string]time.Duration{}
			for _, d := range slices.Backward(dialogues) {
				began[d.Address] = d.Started.Sub(start)
			}
			require.LessOrEqual(t, began["192.0.2.1:2"], time.Second+slack, "a quarter is the first port's")
			require.Greater(t, began["192.0.2.1:2"], 700*time.Millisecond)
			rest := 4*time.Second - began["192.0.2.1:3"]
			require.InDelta(t, rest/2, began["192.0.2.1:4"]-began["192.0.2.1:3"], float64(slack), "half of the rest is the third port's")
		})
		synctest.Test(t, func(t *testing.T) { // all of it for the last, and never more
			network := smbtest.NewNetwork(smbtest.Path{})
			s := fixed(network)
			s.Level, s.Ports, s.Timeout, s.DialTimeout = level, []uint16{1, 2, 3}, timeout, time.Minute
			for _, port := range []string{"1", "2", "3"} {
				network.Blackhole(net.JoinHostPort(host, port))
			}
			start := time.Now()
			r, _ := observed(t, s, network, host)
			require.Equal(t, timeout, time.Since(start))
			require.Equal(t, report.OutcomeTimedOut, r.Outcome)
			require.Len(t, r.Transports, 3)
		})
	}
}

func outcomesOf(r *fingerprint.Report) (list []report.Outcome) {
	for _, t := range r.Transports {
		list = append(list, t.Outcome)
	}
	return list
}

// A budget is that of all ports together, and the report says that it was used up.
func TestBudgetOfPorts(t *testing.T) {
	for _, level := range fingerprint.Levels() {
		run := func(t *testing.T, limit, bytes int) *fingerprint.Report {
			network := listening(t, smbtest.Path{}, map[string]func(net.Conn){address: everything(), sessionAddress: overSessions(everything())})
			s := fixed(network)
			s.Level, s.Ports, s.Budget = level, []uint16{445, 139}, fingerprint.Budget{Connections: limit, Bytes: bytes}
			r, _ := observed(t, s, network, host)
			if limit > 0 {
				require.LessOrEqual(t, network.Counts().Dials, limit)
			}
			return r
		}
		var want *fingerprint.Report
		synctest.Test(t, func(t *testing.T) { want = run(t, 0, 0) })
		for limit := 1; limit <= want.Cost.Connections+1; limit++ {
			synctest.Test(t, func(t *testing.T) {
				r := run(t, limit, 0)
				require.Equal(t, min(limit, want.Cost.Connections), r.Cost.Connections)
				require.Equal(t, limit < want.Cost.Connections, strings.Contains(r.Reason, "budget"), "%d of %d: %s", limit, want.Cost.Connections, r.Reason)
			})
		}
		whole := want.Cost.BytesSent + want.Cost.BytesReceived
		for bytes := whole / 10; bytes < whole; bytes += whole / 10 {
			synctest.Test(t, func(t *testing.T) {
				r := run(t, 0, bytes)
				require.LessOrEqual(t, r.Cost.BytesSent+r.Cost.BytesReceived, bytes+8*4096)
				require.Contains(t, r.Reason, "budget", "%d of %d", bytes, whole)
			})
		}
	}
}

// Datagrams are no connections: a budget of those is not used up by the name service.
func TestBudgetIsOfConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: takes(noName, "TOLD<20>"), behind: everything()}
		network := listening(t, smbtest.Path{}, map[string]func(net.Conn){sessionAddress: d.handle})
		s := fixed(network)
		s.Level, s.Budget.Connections = fingerprint.LevelQuick, 2
		tells(t, "TOLD").join(s)
		r, _ := observed(t, s, network, sessionAddress)
		require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
		require.Equal(t, 2, r.Cost.Connections)
	})
}

// A scan that is ended while a session is asked for ends at once; ports that come after it are left alone.
func TestCancelDuringASessionRequest(t *testing.T) {
	cause := errors.New("the user has left")
	for _, level := range fingerprint.Levels() {
		synctest.Test(t, func(t *testing.T) {
			network := listening(t, smbtest.Path{}, map[string]func(net.Conn){sessionAddress: smbtest.Silent, address: everything()})
			s := fixed(network)
			s.Level, s.Ports = level, []uint16{139, 445}
			ctx, cancel := context.WithCancelCause(t.Context())
			start := time.Now()
			time.AfterFunc(time.Second, func() { cancel(cause) })
			r, err := s.Scan(ctx, host)
			require.ErrorIs(t, err, cause)
			require.Equal(t, time.Second, time.Since(start))
			require.Equal(t, report.OutcomeCanceled, r.Outcome)
			require.NotEmpty(t, r.Reason)
			require.Zero(t, network.CountsFor(address).Dials)
			require.Zero(t, network.Counts().Open)
		})
	}
}

// So does one that is ended at any of its steps, and one whose random bytes run out.
func TestPortsEndAtEveryStep(t *testing.T) {
	cause := errors.New("the user has left")
	for _, level := range fingerprint.Levels() {
		for _, starve := range []bool{false, true} {
			for n := int64(1); ; n++ {
				reached := false
				synctest.Test(t, func(t *testing.T) {
					d := &desk{answer: takes(noName, "TOLD<20>"), behind: everything()}
					network := listening(t, smbtest.Path{Down: smbtest.Link{Latency: time.Millisecond}}, map[string]func(net.Conn){
						address: everything(), sessionAddress: d.handle,
					})
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					var ended time.Time
					s := fixed(network)
					s.Level, s.Ports, s.Timeout = level, []uint16{139, 445}, timeout
					tells(t, "TOLD").join(s)
					if starve {
						random, draws := s.Rand, int64(0)
						s.Rand = readerFunc(func(b []byte) (int, error) {
							if draws++; draws >= n {
								reached, ended = true, time.Now()
								return 0, errNoEntropy
							}
							return random.Read(b)
						})
					} else {
						watch(s, &steps{at: n, do: func() { reached, ended = true, time.Now(); cancel(cause) }}, func(*dialogue.Dialogue) {})
					}
					r, err := s.Scan(ctx, host)
					require.NotNil(t, r)
					require.Zero(t, network.Counts().Open)
					switch {
					case !reached:
						require.NoError(t, err)
					case starve:
						require.ErrorIs(t, err, fingerprint.ErrConfig, "draw %d", n)
					default:
						require.ErrorIs(t, err, cause)
						require.LessOrEqual(t, time.Since(ended), slack)
					}
				})
				if !reached {
					require.Greater(t, n, int64(2))
					break
				}
			}
		}
	}
}

// A server that takes no connections any more after it did is left alone, at its other ports too.
func TestBreakerOfPorts(t *testing.T) {
	for _, sequential := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			network := listening(t, smbtest.Path{}, map[string]func(net.Conn){address: everything(), sessionAddress: overSessions(everything())})
			s := fixed(network)
			s.Ports, s.Sequential = []uint16{445, 139}, sequential
			dial := s.Dial
			var mu sync.Mutex
			var asked []string
			s.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				mu.Lock()
				asked = append(asked, address)
				n := len(asked)
				mu.Unlock()
				if n > 3 {
					return nil, refusedDial()
				}
				return dial(ctx, network, address)
			}
			r, err := s.Scan(t.Context(), host)
			require.NoError(t, err)
			require.NotContains(t, asked, sessionAddress)
			require.Equal(t, report.OutcomeSMB, r.Outcome)
			require.NotEmpty(t, r.Reason)
		})
		synctest.Test(t, func(t *testing.T) { // it drops what it refuses, and then the control too
			turns := &moody{two: smb.Dialects()[4:], refuses: shut, denies: shut, disturb: func(meaning string, n int) way {
				if meaning == smbtest.Meaning(controlRequest(t)) && n > 1 {
					return shut
				}
				return answer
			}}
			network := listening(t, smbtest.Path{}, map[string]func(net.Conn){address: turns.handle, sessionAddress: overSessions(everything())})
			s := fixed(network)
			s.Ports, s.Sequential = []uint16{445, 139}, sequential
			r, _ := observed(t, s, network, host)
			require.Equal(t, "control", r.Probes[len(r.Probes)-1].ID)
			require.Zero(t, network.CountsFor(sessionAddress).Dials)
			require.NotEmpty(t, r.Reason)
		})
		synctest.Test(t, func(t *testing.T) { // one whose time was up before its connects came about may be slow
			network := listening(t, smbtest.Path{}, map[string]func(net.Conn){address: everything(), sessionAddress: overSessions(everything())})
			s := fixed(network)
			s.Ports, s.Sequential, s.DialTimeout = []uint16{445, 139}, sequential, time.Minute
			dial := s.Dial
			var count atomic.Int64
			s.Dial = func(ctx context.Context, network, where string) (net.Conn, error) {
				if where == address && count.Add(1) > 2 {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				return dial(ctx, network, where)
			}
			r, err := s.Scan(t.Context(), host)
			require.NoError(t, err)
			require.Equal(t, report.OutcomeSMB, r.Transports[1].Outcome, r.Reason)
		})
		synctest.Test(t, func(t *testing.T) { // a closed port is nothing of the kind
			network := listening(t, smbtest.Path{}, map[string]func(net.Conn){sessionAddress: overSessions(everything())})
			s := fixed(network)
			s.Ports, s.Sequential = []uint16{445, 446, 447, 139}, sequential
			r, _ := observed(t, s, network, host)
			require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
		})
	}
}

// controlRequest is the question whether a server still takes 3.1.1.
func controlRequest(t *testing.T) []byte {
	t.Helper()
	b, err := negotiate.Single(smb.DialectSMB311).Build(&repeating{})
	require.NoError(t, err)
	return b
}
