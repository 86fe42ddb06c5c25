package fingerprint_test

import (
	"context"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
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

func choose[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// mood tells how a server treats its n-th question of a meaning: the same in every run of a seed.
func mood(seed uint64, often int, ways ...way) func(string, int) way {
	return func(meaning string, n int) way {
		sum := seed
		for _, c := range []byte(meaning) {
			sum = sum*1099511628211 + uint64(c)
		}
		r := rand.New(rand.NewPCG(sum, uint64(n)))
		if r.IntN(100) >= often {
			return answer
		}
		return choose(r, ways...)
	}
}

// randomServer returns a server of any dialects and manners, and the scanner's settings to meet it with.
func randomServer(seed uint64, ways ...way) (*moody, fingerprint.Scanner) {
	r := rand.New(rand.NewPCG(seed, 1))
	low := r.IntN(6)
	two := smb.Dialects()[min(low, 5):]
	two = two[:r.IntN(len(two)+1)]
	s := &moody{
		one: r.IntN(2) == 0, two: two, refuses: choose(r, answer, answer, shut, tear, invalid, mutely),
		denies: choose(r, answer, shut, tear, mutely), setup: choose(r, answer, answer, shut, tear, mutely),
	}
	if len(ways) > 0 {
		s.disturb = mood(seed, choose(r, 5, 20, 50, 90), ways...)
	}
	return s, fingerprint.Scanner{
		Level:  choose(r, fingerprint.LevelStandard, fingerprint.LevelStandard, fingerprint.LevelStandard, fingerprint.LevelQuick),
		NoSMB1: r.IntN(6) == 0, NoNTLM: r.IntN(6) == 0, Sequential: r.IntN(4) == 0, Timeout: timeout,
	}
}

// meet scans a server and checks what holds for every scan.
func meet(t *testing.T, seed uint64, server *moody, s fingerprint.Scanner, path smbtest.Path, wrap func(*fingerprint.Scanner)) *fingerprint.Report {
	t.Helper()
	network := smbtest.NewNetwork(path)
	l, err := network.Listen(address)
	require.NoError(t, err)
	defer smbtest.Serve(l, server.handle)()
	var dialogues []*dialogue.Dialogue
	s.Dial, s.Rand = network.Dial, &repeating{}
	s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
	if wrap != nil {
		wrap(&s)
	}
	start := time.Now()
	r, err := s.Scan(t.Context(), address)
	require.NoError(t, err, seed)
	require.LessOrEqual(t, time.Since(start), max(s.Timeout, 5*time.Second)+slack, seed)
	require.Zero(t, network.Counts().Open, seed)
	reports := fingerprint.Observe(dialogues)
	require.Len(t, reports, 1, seed)
	require.Equal(t, text(t, r), text(t, reports[0]), seed)
	for i, d := range dialogues {
		require.Equal(t, i+1, d.Connection, "%d: not in the order of the plan", seed)
	}
	if s.Sequential {
		require.LessOrEqual(t, network.Counts().MaxOpen, 1, seed)
	}
	for _, p := range r.Probes {
		require.False(t, s.NoNTLM && p.ID == "ntlm-challenge", seed)
		require.False(t, s.NoSMB1 && strings.HasPrefix(p.Sent, "SMB_COM"), "%d: %s", seed, p.Sent)
	}
	stood := 0
	for _, d := range dialogues {
		if len(d.Frames) > 0 {
			stood++
		}
	}
	require.LessOrEqual(t, r.Cost.Connections, 7+2*6+1, seed)
	bounded(t, seed, r, s.Level, stood, len(dialogues)-stood)
	honest(t, seed, r, server)
	return r
}

// bounded checks what a scan has cost.
func bounded(t *testing.T, seed uint64, r *fingerprint.Report, level fingerprint.Level, connections, connects int) {
	t.Helper()
	uncounted := unread(r) + connects // which count as no loss, or as no question
	repeats, controls, conservative, lost := repeatsOf(r), 0, 0, false
	for _, p := range r.Probes {
		switch p.ID {
		case "all-offer":
			lost = p.Result == report.ResultClosed || p.Result == report.ResultReset
		case "conservative":
			conservative = 1
		case "control":
			controls++
		case "all-offer-again":
			uncounted++ // the conservative offer is counted, whose dialects are the same
		}
	}
	if lost {
		repeats += conservative
	}
	require.LessOrEqual(t, repeats, 6, "%d: %v", seed, said(r))
	require.LessOrEqual(t, r.Cost.Repeats, 6, "%d: %v", seed, said(r))
	require.LessOrEqual(t, repeats, r.Cost.Repeats+uncounted, "%d: repeats that are not counted: %v", seed, said(r))
	require.LessOrEqual(t, controls, repeats, seed)
	if level == fingerprint.LevelQuick {
		require.LessOrEqual(t, connections, 3, seed)
	} else {
		require.LessOrEqual(t, connections-repeatsOf(r)-controls-conservative, 7, "%d: %v", seed, said(r))
	}
	require.Zero(t, r.Cost.Authentications, seed)
}

// repeatsOf counts what was asked again, as far as it is known by its name.
func repeatsOf(r *fingerprint.Report) (n int) {
	for _, p := range r.Probes {
		if strings.HasSuffix(p.ID, "-again") {
			n++
		}
	}
	return n
}

// said lists what was asked and what came of it.
func said(r *fingerprint.Report) (list []string) {
	for _, p := range r.Probes {
		list = append(list, p.ID+" "+string(p.Result))
	}
	return list
}

// unread counts questions whose answer could not be read: they are asked again, but do not count as lost.
func unread(r *fingerprint.Report) (n int) {
	for _, p := range r.Probes {
		if p.Result == report.ResultMalformed {
			n++
		}
	}
	return n
}

// honest checks the answers against what the server takes when it is asked alone and undisturbed.
func honest(t *testing.T, seed uint64, r *fingerprint.Report, server *moody) {
	t.Helper()
	takes := map[string]bool{smb.DialectNTLM012: server.one}
	for _, d := range server.two {
		takes[d.String()] = true
	}
	server.mu.Lock()
	defer server.mu.Unlock()
	for d, a := range r.Dialects {
		switch {
		case a == report.Yes:
			require.True(t, takes[d], "%d: yes for %s, which it does not take: %v", seed, d, server.asked)
		case a == report.No && takes[d]:
			require.GreaterOrEqual(t, server.lost[d], 2, "%d: no for %s, which it takes: %v", seed, d, server.asked)
		}
	}
	require.False(t, r.SMB1 != nil && r.SMB1.Supported == report.Yes && !server.one, seed)
}

const scripts = 800

// Servers that treat every connection as they like keep no scan from ending, and make it say nothing that is not so.
func TestHostileScripts(t *testing.T) {
	for seed := range uint64(scripts) {
		synctest.Test(t, func(t *testing.T) {
			server, s := randomServer(seed, shut, tear, mutely, halfway, foreign, flooding, invalid, garbled)
			if seed%2 == 0 { // with what only loses
				server, s = randomServer(seed, shut, tear)
			}
			latency := time.Duration(seed%3) * 5 * time.Millisecond
			meet(t, seed, server, s, smbtest.Path{Down: smbtest.Link{Latency: latency, Segment: int(seed % 5 * 7)}}, nil)
		})
	}
}

// A server that nothing disturbs is known: each dialect has its answer, however the server says no.
func TestUndisturbedScripts(t *testing.T) {
	for seed := range uint64(scripts) {
		synctest.Test(t, func(t *testing.T) {
			server, s := randomServer(seed)
			s.Timeout, s.Level = 0, fingerprint.LevelStandard
			if server.refuses == mutely || server.refuses == invalid || server.denies == mutely || s.NoSMB1 {
				return // what is silence there stays unknown
			}
			if !server.one && len(server.two) == 0 || s.Sequential && server.setup == mutely { // nothing taken; no time left
				return
			}
			r := meet(t, seed, server, s, smbtest.Path{Down: smbtest.Link{Latency: time.Millisecond}}, nil)
			for _, d := range append(smb.Dialects(), 0) {
				name, takes := d.String(), slices.Contains(server.two, d)
				if d == 0 {
					name, takes = smb.DialectNTLM012, server.one
				}
				want := report.AnswerOf(takes)
				require.Equal(t, want, r.Dialects[name], "%d: %s: %+v\n%v", seed, name, r.Evidence["/dialects/"+name], said(r))
			}
		})
	}
}

// The same server gives the same report, however its connections race.
func TestHostileScriptsAreDeterministic(t *testing.T) {
	for seed := range uint64(200) {
		first := ""
		for range 4 {
			synctest.Test(t, func(t *testing.T) {
				server, s := randomServer(seed, shut, tear, mutely, halfway, foreign, invalid, garbled)
				latency := time.Duration(seed%2) * time.Millisecond
				got := text(t, meet(t, seed, server, s, smbtest.Path{Down: smbtest.Link{Latency: latency}}, nil))
				if first == "" {
					first = got
				}
				require.Equal(t, first, got, seed)
			})
		}
	}
}

// Dials that fail at random, and connections beyond a number that are refused, bound the scan as well.
func TestHostileDials(t *testing.T) {
	for seed := range uint64(scripts) {
		synctest.Test(t, func(t *testing.T) {
			server, s := randomServer(seed, shut, tear, mutely)
			r := rand.New(rand.NewPCG(seed, 9))
			share := choose(r, 10, 40, 80)
			fails := make([]error, 64)
			for i := range fails {
				if r.IntN(100) < share {
					fails[i] = choose[error](r, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EHOSTUNREACH, context.DeadlineExceeded)
				}
			}
			meet(t, seed, server, s, smbtest.Path{Down: smbtest.Link{Latency: time.Millisecond}}, func(s *fingerprint.Scanner) {
				dial, n := s.Dial, atomic.Int64{}
				s.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					if err := fails[n.Add(1)%64]; err != nil {
						return nil, &net.OpError{Op: "dial", Net: network, Err: err}
					}
					return dial(ctx, network, address)
				}
			})
		})
	}
}
