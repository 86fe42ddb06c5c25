package fingerprint_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
)

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

func refusedDial() error { return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED} }

// refuseFrom lets a number of dials through and refuses the others.
func refuseFrom(dial dialFunc, n int64) (dialFunc, *atomic.Int64) {
	count := new(atomic.Int64)
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if count.Add(1) > n {
			return nil, refusedDial()
		}
		return dial(ctx, network, address)
	}, count
}

// counted gives a place back when it is closed.
type counted struct {
	net.Conn
	open *atomic.Int64
}

func (c *counted) Close() error {
	err := c.Conn.Close()
	c.open.Add(-1)
	return err
}

// few refuses the connections beyond a number that are open at once, as some devices do.
func few(dial dialFunc, most int64) dialFunc {
	open := new(atomic.Int64)
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if open.Add(1) > most {
			open.Add(-1)
			return nil, refusedDial()
		}
		conn, err := dial(ctx, network, address)
		if err != nil {
			open.Add(-1)
			return nil, err
		}
		return &counted{conn, open}, nil
	}
}

// A server that refuses or resets all connections but a few at a time gets the answers of one that does not.
func TestFewConnectionsAtATime(t *testing.T) {
	setups := map[string]*moody{
		"all": {one: true, two: smb.Dialects()}, "3.1.1 alone": {two: smb.Dialects()[4:], denies: tear},
		"3.0 and 3.1.1": {two: []smb.Dialect{smb.DialectSMB300, smb.DialectSMB311}, refuses: shut}, "to 2.1": {one: true, two: smb.Dialects()[:2], refuses: shut}, "SMB1 alone": {one: true, refuses: shut},
	}
	for name, setup := range setups {
		for most := int64(1); most <= 7; most++ {
			for _, resets := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					path := smbtest.Path{Up: smbtest.Link{Latency: time.Millisecond}, Down: smbtest.Link{Latency: time.Millisecond}}
					want := scan(t, fixed(serve(t, path, setup.handle)))
					var s *fingerprint.Scanner
					if resets {
						open := new(atomic.Int64)
						s = fixed(serve(t, path, func(conn net.Conn) {
							defer open.Add(-1)
							if open.Add(1) > most {
								smbtest.ResetAtOnce(conn)
								return
							}
							setup.handle(conn)
						}))
					} else {
						s = fixed(serve(t, path, setup.handle))
						s.Dial = few(s.Dial, most)
					}
					r := scan(t, s)
					for d, a := range want.Dialects {
						lossy := setup.refuses != answer || setup.denies != answer
						if a == report.No && lossy && r.Dialects[d] == report.Unknown {
							continue // a server that was seen to drop what it takes gets no "no" for a loss
						}
						require.Equal(t, a, r.Dialects[d], "%s, %d, %v, %s: %v", name, most, resets, d, said(r))
					}
					require.LessOrEqual(t, r.Cost.Repeats, 6)
				})
			}
		}
	}
}

// Once a server that had answered takes no connections any more it is left alone, and the report says since when.
func TestBreakerOfConnects(t *testing.T) {
	for after := int64(2); after < 12; after++ {
		for _, sequential := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				server := &moody{two: smb.Dialects()[3:], refuses: shut, denies: shut}
				s := fixed(serve(t, smbtest.Path{Down: smbtest.Link{Latency: time.Millisecond}}, server.handle))
				var dials *atomic.Int64
				s.Sequential = sequential
				s.Dial, dials = refuseFrom(s.Dial, after)
				r := scan(t, s)
				require.Equal(t, report.OutcomeSMB, r.Outcome, "%d", after)
				most := after + 2
				if !sequential && after < 7 {
					most = 8 // those of the second wave are begun side by side; one more is made alone
				}
				require.LessOrEqual(t, dials.Load(), most, "%d: %v", after, said(r))
				require.Equal(t, report.Yes, r.Dialects["3.1.1"])
				if dials.Load() > after+1 {
					last := r.Probes[len(r.Probes)-1].ID
					require.True(t, strings.HasSuffix(r.Reason, "after the question "+last), "%q, not %q", r.Reason, last)
				} else {
					require.NotEmpty(t, r.Reason)
				}
			})
		}
	}
}

// An offer that was taken before and is not any more proves nothing of what was lost: the server has had enough.
func TestBreakerOfTheControl(t *testing.T) {
	for _, does := range []way{shut, tear, mutely, invalid} {
		synctest.Test(t, func(t *testing.T) {
			server := &moody{two: smb.Dialects()[4:], refuses: shut, denies: shut}
			server.disturb = func(meaning string, _ int) way {
				if strings.HasPrefix(meaning, "SMB2 negotiate [3.1.1] ") {
					return does
				}
				return answer
			}
			r := scan(t, fixed(serve(t, smbtest.Path{}, server.handle)))
			require.Equal(t, "control", r.Probes[len(r.Probes)-1].ID)
			for d, a := range r.Dialects {
				if d != "3.1.1" {
					require.Equal(t, report.Unknown, a, "%s %v", d, said(r))
				}
			}
			if does != invalid {
				require.Contains(t, r.Reason, "after the question smb1-again")
			}
		})
	}
}

// What is lost is asked again six times at most.
func TestMostRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &moody{two: smb.Dialects(), one: true}
		server.disturb = func(meaning string, n int) way { // takes nothing but the conservative offer, and the control
			if strings.Contains(meaning, "[2.0.2 2.1 3.0 3.0.2 3.1.1]") && n == 1 && strings.Contains(meaning, "COMPRESSION") ||
				!strings.Contains(meaning, "3.1.1") {
				return shut
			}
			return answer
		}
		network := serve(t, smbtest.Path{}, server.handle)
		r := scan(t, fixed(network))
		require.Equal(t, 5, repeatsOf(r), "the conservative offer is one as well: %v", said(r))
		require.Equal(t, 8+5+4, network.Counts().Dials, "a control behind each that is lost again: %v", said(r))
	})
}

// A server that says nothing to a session setup keeps no dialect from being asked for.
func TestSilentSetup(t *testing.T) {
	for _, sequential := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			server := &moody{one: false, two: smb.Dialects(), denies: shut, setup: mutely}
			s := fixed(serve(t, smbtest.Path{}, server.handle))
			s.Sequential = sequential
			r := scan(t, s)
			for _, d := range smb.Dialects() {
				require.Equal(t, report.Yes, r.Dialects[d.String()], "%v: %v", sequential, said(r))
			}
			require.Equal(t, report.No, r.Dialects[smb.DialectNTLM012], said(r))
		})
	}
}

// An answer that takes what was not offered is none: the conservative offer follows, and no dialect is asked for because
// of it.
func TestNotOffered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, level := range fingerprint.Levels() {
			for _, does := range []way{bogus, takenAndFailed} {
				network := smbtest.NewNetwork(smbtest.Path{})
				l, err := network.Listen(address)
				require.NoError(t, err)
				server := &moody{one: true, two: smb.Dialects(), disturb: func(string, int) way { return does }}
				defer smbtest.Serve(l, server.handle)()
				s := fixed(network)
				s.Level = level
				r := scan(t, s)
				require.Contains(t, said(r), "conservative supported")
				require.Equal(t, 3, r.Cost.Connections, said(r))
				for _, a := range r.Dialects {
					require.Equal(t, report.Unknown, a)
				}
			}
		}
	})
}

// Seven round trips where the all-offer is refused and the conservative one taken, with a dial that takes one as well.
func TestRoundTripsOfTheConservativeOffer(t *testing.T) {
	const roundTrip = 50 * time.Millisecond
	path := smbtest.Path{Up: smbtest.Link{Latency: roundTrip / 2}, Down: smbtest.Link{Latency: roundTrip / 2}}
	synctest.Test(t, func(t *testing.T) {
		server := &moody{one: true, two: smb.Dialects()}
		server.disturb = func(meaning string, n int) way {
			if strings.Contains(meaning, "COMPRESSION") && strings.Contains(meaning, "2.0.2") {
				return invalid
			}
			return answer
		}
		start := time.Now()
		r := scan(t, fixed(serve(t, path, server.handle)))
		require.LessOrEqual(t, time.Since(start), 7*roundTrip, fmt.Sprint(said(r)))
		for _, d := range smb.Dialects() {
			require.Equal(t, report.Yes, r.Dialects[d.String()], said(r))
		}
	})
}

// Where both offers of SMB2 were lost and SMB1 leads to it all the same, the all-offer is asked for once more.
func TestBothOffersLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &moody{one: true, two: smb.Dialects()}
		server.disturb = func(meaning string, n int) way {
			if strings.Contains(meaning, "[2.0.2 2.1 3.0 3.0.2 3.1.1]") && n == 1 {
				return tear
			}
			return answer
		}
		r := scan(t, fixed(serve(t, smbtest.Path{}, server.handle)))
		for _, d := range smb.Dialects() {
			require.Equal(t, report.Yes, r.Dialects[d.String()], said(r))
		}
		require.Equal(t, 2, r.Cost.Repeats)
		require.Equal(t, 7+2, r.Cost.Connections, said(r))
	})
}

// What was refused in the protocol's own words is not asked again because the multi-protocol negotiation says otherwise.
func TestRefusedAndLedTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &moody{two: smb.Dialects(), disturb: func(string, int) way { return unsupported }}
		r := scan(t, fixed(serve(t, smbtest.Path{}, server.handle)))
		require.Equal(t, report.Yes, r.SMB1.UpgradeToSMB2, said(r))
		require.Equal(t, 3, r.Cost.Connections, said(r))
	})
}
