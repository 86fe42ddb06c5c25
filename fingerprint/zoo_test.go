package fingerprint_test

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
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

// zooSeed is that of all hostile servers here; zooLong, an environment variable, asks for each of them at each level.
const (
	zooSeed = 7
	zooLong = "SMBSCOPE_LONG"
)

// zooModes are the ways in which hostile servers are scanned.
var zooModes = []struct {
	name string
	fingerprint.Scanner
}{
	{"quick", fingerprint.Scanner{Level: fingerprint.LevelQuick, Timeout: timeout}},
	{"standard", fingerprint.Scanner{Level: fingerprint.LevelStandard, Timeout: timeout}},
	{"full", fingerprint.Scanner{Level: fingerprint.LevelFull, Timeout: 4 * timeout}},
	{"everything", fingerprint.Scanner{
		Level: fingerprint.LevelFull, BehaviourProbes: true, NullSession: true, GuestMapping: true, Checks: true,
	}},
}

// everythingTimeout is the default of the last mode: 15 s, and 30 s for each of three that the server has to be asked more.
const everythingTimeout = 105 * time.Second

// every is how many of the servers with one field changed there are to one that is met here without SMBSCOPE_LONG.
const every = 3

// chosenMode spreads the servers that are too many over the modes; -1 leaves one out.
func chosenMode(name string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	n := int(h.Sum32() % uint32(every*len(zooModes)))
	if n >= len(zooModes) {
		return -1
	}
	return n
}

// Every hostile server at every level: the scan ends in time and without an error, leaves no connection, dials nobody
// else, and says nothing without evidence. Of the servers with one field changed some are met, at one level each, or all of
// them at every level where SMBSCOPE_LONG is set.
func TestZoo(t *testing.T) {
	var scans atomic.Int64
	t.Run("scans", func(t *testing.T) {
		for _, h := range smbtest.Zoo(zooSeed) {
			for i, mode := range zooModes {
				if strings.HasPrefix(h.Name, "fields/") && i != chosenMode(h.Name) && os.Getenv(zooLong) == "" {
					continue
				}
				t.Run(h.Name+"/"+mode.name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { visitZoo(t, h, mode.Scanner) })
					scans.Add(1)
				})
			}
		}
	})
	t.Logf("%d scans", scans.Load())
}

// visitZoo scans a hostile server and checks what holds for every scan.
func visitZoo(t *testing.T, h smbtest.Hostile, s fingerprint.Scanner) *fingerprint.Report {
	t.Helper()
	network := smbtest.NewNetwork(smbtest.Path{Down: smbtest.Link{Latency: time.Millisecond}})
	for _, at := range []string{address, host + ":139"} {
		l, err := network.Listen(at)
		require.NoError(t, err)
		defer smbtest.Serve(l, h.Handle)()
	}
	s.Dial = func(ctx context.Context, tcp, to string) (net.Conn, error) {
		require.True(t, strings.HasPrefix(to, host+":"), "it leads the scan to %s", to)
		return network.Dial(ctx, tcp, to)
	}
	target := address
	if h.NetBIOS {
		s.Ports, target = []uint16{139}, host
	}
	s.Rand = &repeating{}
	fingerprint.Poison(&s)
	var dialogues []*dialogue.Dialogue
	s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
	limit := s.Timeout
	if limit == 0 {
		limit = everythingTimeout
	}

	start := time.Now()
	r, err := s.Scan(t.Context(), target)
	require.NoError(t, err)
	require.LessOrEqual(t, time.Since(start), limit+slack)
	require.Zero(t, network.Counts().Open, "a connection stays open")
	require.Zero(t, network.Counts().Dialing)

	reports := fingerprint.Observe(dialogues)
	require.Len(t, reports, 1)
	require.Equal(t, text(t, r), text(t, reports[0]))
	if !s.NullSession {
		require.Zero(t, r.Cost.Authentications)
	}
	if !s.GuestMapping {
		require.Zero(t, r.Cost.LogonAttempts)
	}
	require.LessOrEqual(t, r.Cost.LogonAttempts, 1)
	evidencedYesAndNo(t, r, provesNothing(h.Name))
	if strings.HasPrefix(h.Name, "transforms/") || h.Name == "answers/wildcard" {
		for _, d := range smb.Dialects() {
			require.NotEqual(t, report.Yes, r.Dialects[d.String()], d)
		}
	}
	return r
}

// A server may break an oplock at any time: before an answer that hides nothing of it, and instead of one that makes the
// server none of another protocol.
func TestZooOplockBreaks(t *testing.T) {
	for _, mode := range zooModes[1:3] { // quick does not ask for SMB1
		for _, h := range smbtest.Zoo(zooSeed) {
			switch h.Name {
			case "answers/oplock-break":
				synctest.Test(t, func(t *testing.T) {
					r := visitZoo(t, h, mode.Scanner)
					require.Equal(t, report.Yes, r.SMB1.Supported, mode.name)
					require.Equal(t, report.Yes, r.Dialects["3.1.1"], mode.name)
				})
			case "answers/oplock-breaks":
				synctest.Test(t, func(t *testing.T) {
					require.NotEqual(t, report.OutcomeNotSMB, visitZoo(t, h, mode.Scanner).Outcome, mode.name)
				})
			}
		}
	}
}

// provesNothing tells whether a server never sends what answers a question.
func provesNothing(name string) bool {
	switch kind, what, _ := strings.Cut(name, "/"); kind {
	case "netbios":
		return true
	case "frames":
		return what != "byte-a-second" && what != "byte-a-millisecond" // which are slow, and genuine
	case "answers":
		return slices.Contains([]string{
			"other-message-id", "oplock-breaks", "pending", "pending-flood", "pending-final", "no-response-flag", "other-command",
			"other-protocol", "refused-and-taken", "success-with-nothing",
		}, what)
	}
	return false
}

// evidencedYesAndNo checks that each yes and no of a report has evidence, and that there is none where nothing was proven.
func evidencedYesAndNo(t *testing.T, r *fingerprint.Report, nothing bool) {
	t.Helper()
	var tree map[string]any
	require.NoError(t, json.Unmarshal([]byte(text(t, r)), &tree))
	delete(tree, "evidence")
	delete(tree, "probes")
	eachAnswer(tree, "", func(path, answer string) {
		if answer != string(report.Unknown) {
			require.False(t, nothing, "%s is %s", path, answer)
			require.NotEmpty(t, r.Evidence[path], "%s is %s without evidence", path, answer)
		}
	})
}

// eachAnswer calls a function with each answer below a node of JSON and its JSON Pointer.
func eachAnswer(node any, path string, f func(path, answer string)) {
	switch n := node.(type) {
	case map[string]any:
		for key, child := range n {
			eachAnswer(child, path+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(key), f)
		}
	case []any:
		for i, child := range n {
			eachAnswer(child, path+"/"+strconv.Itoa(i), f)
		}
	case string:
		if n == string(report.Yes) || n == string(report.No) || n == string(report.Unknown) {
			f(path, n)
		}
	}
}
