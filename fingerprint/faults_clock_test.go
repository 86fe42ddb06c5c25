package fingerprint_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
)

// A settable clock tells the time of the bubble and is set to another time between two calls of Now.
type settable struct {
	set func(call int) time.Duration // how far the clock is put before a call

	mu    sync.Mutex
	calls int
	off   time.Duration
}

func (c *settable) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	c.off += c.set(c.calls)
	return time.Now().Round(0).Add(c.off) // without the reading of a clock that cannot be set
}

// A clock that is put back by hours between any two readings: the scan takes no longer than before and finds what it
// found, but for what rests on the time between connections, and no duration is negative.
func TestClockIsPutBackAtEveryReading(t *testing.T) {
	for _, level := range fingerprint.Levels() {
		t.Run(string(level), func(t *testing.T) {
			for n := 0; ; n++ {
				clock := &settable{set: func(call int) time.Duration {
					if call == n {
						return -3 * time.Hour
					}
					return 0
				}}
				synctest.Test(t, func(t *testing.T) {
					path := smbtest.Path{Down: smbtest.Link{Latency: time.Millisecond}}
					s := everythingAsked(t, serve(t, path, talkative().Handle), level)
					want := scan(t, s)
					s.Now = clock.now
					start := time.Now()
					r := scan(t, s)
					require.Less(t, time.Since(start), time.Second, "reading %d", n)
					require.Equal(t, known(want), known(r), "reading %d", n)
					agrees(t, want, r, fmt.Sprint("reading ", n))
				})
				if n >= clock.calls {
					require.Greater(t, n, 20)
					return
				}
			}
		})
	}
}

// Servers that lose connections, seen with a clock that is put back and forth: no answer that is not also there with a
// clock that goes on as it should.
func TestClockThatIsSetProvesNothing(t *testing.T) {
	answers, refusals := 0, 0
	for seed := range uint64(5 * scripts) {
		var reports [2]*fingerprint.Report
		for i := range reports {
			synctest.Test(t, func(t *testing.T) {
				server, s := randomServer(seed, shut, tear)
				network := smbtest.NewNetwork(smbtest.Path{Down: smbtest.Link{Latency: time.Duration(seed%3) * time.Millisecond}})
				l, err := network.Listen(address)
				require.NoError(t, err)
				defer smbtest.Serve(l, func(conn net.Conn) { server.handle(conn) })()
				s.Level, s.Timeout = fingerprint.LevelStandard, 30*time.Second
				s.Dial, s.Rand = network.Dial, &repeating{}
				s.Budget.Connections = int(seed % 13) // ends it where a repeat would have set things right
				r := rand.New(rand.NewPCG(seed, 5))
				clock := &settable{set: func(int) time.Duration { return 0 }}
				if i == 1 {
					clock.set = func(int) time.Duration {
						if r.IntN(6) > 0 {
							return 0
						}
						return choose(r, -3*time.Hour, -time.Second, -200*time.Millisecond)
					}
				}
				s.Now = clock.now
				start := time.Now()
				reports[i], err = s.Scan(t.Context(), address)
				require.NoError(t, err)
				require.LessOrEqual(t, time.Since(start), s.Timeout+slack)
				require.Zero(t, network.Counts().Open)
			})
		}
		agrees(t, reports[0], reports[1], fmt.Sprint("seed ", seed))
		answers += known(reports[1])
		for _, a := range reports[1].Dialects {
			if a == report.No {
				refusals++
			}
		}
	}
	require.Greater(t, answers, 5*scripts)
	require.Greater(t, refusals, 500)
}
