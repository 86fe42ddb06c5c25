package fingerprint_test

import (
	"encoding/json"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/testdata"
)

const (
	address = "192.0.2.1:445"
	host    = "192.0.2.1" // for scanners with Ports
)

// defaultServer is the recording of a server that takes every SMB2 dialect, for tests that need one.
const defaultServer = "samba-4.17.12-default"

// serve puts a peer on an in-memory network and returns it. The peer ends with the test.
func serve(t *testing.T, path smbtest.Path, peer func(net.Conn)) *smbtest.Network {
	t.Helper()
	network := smbtest.NewNetwork(path)
	for _, at := range []string{address, host + ":139", host + ":8445"} {
		l, err := network.Listen(at)
		require.NoError(t, err)
		t.Cleanup(smbtest.Serve(l, peer))
	}
	return network
}

// asRecorded makes a scanner ask what was asked when a server was recorded, beside the level.
func asRecorded(t *testing.T, s *fingerprint.Scanner, name string) {
	t.Helper()
	r := recordedReport(t, name)
	for _, way := range r.Transports {
		s.Ports = append(s.Ports, netip.MustParseAddrPort(way.Address).Port())
	}
	asked := func(prefix string) bool {
		return slices.ContainsFunc(r.Probes, func(p report.Probe) bool { return strings.HasPrefix(p.ID, prefix) })
	}
	s.BehaviourProbes, s.NullSession, s.GuestMapping = asked("behaviour-"), asked("null-session"), asked("guest-mapping")
	s.Checks = asked("check-")
}

// replay returns a server that was recorded.
func replay(t *testing.T, name string) *smbtest.Replay {
	t.Helper()
	dialogues, err := testdata.Dialogues(name)
	require.NoError(t, err)
	return smbtest.NewReplay(dialogues)
}

func recorded(t *testing.T) []string {
	t.Helper()
	names, err := testdata.Names()
	require.NoError(t, err)
	require.NotEmpty(t, names)
	return names
}

// repeating is a reader of the same bytes for every scan. It is safe for concurrent use as one scan at a time is.
type repeating struct {
	mu sync.Mutex
	n  byte
}

func (r *repeating) Read(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range b {
		r.n++
		b[i] = r.n
	}
	return len(b), nil
}

// fixed returns a scanner whose bytes are the same in every run. In a bubble of testing/synctest its times are too.
func fixed(network *smbtest.Network) *fingerprint.Scanner {
	return &fingerprint.Scanner{Dial: network.Dial, Rand: &repeating{}}
}

// eachRecording runs a test for each recorded server and each level, in a bubble of its own, where pauses take no time.
func eachRecording(t *testing.T, test func(t *testing.T, name string, level fingerprint.Level)) {
	for _, name := range recorded(t) {
		for _, level := range fingerprint.Levels() {
			t.Run(name+"/"+string(level), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { test(t, name, level) })
			})
		}
	}
}

func scan(t *testing.T, s *fingerprint.Scanner) *fingerprint.Report {
	t.Helper()
	target := address
	if s.Ports != nil {
		target = host
	}
	r, err := s.Scan(t.Context(), target)
	require.NoError(t, err)
	return r
}

// text returns a report as JSON, which is what most tests compare: it is what users see.
func text(t *testing.T, r *fingerprint.Report) string {
	t.Helper()
	b, err := json.MarshalIndent(r, "", " ")
	require.NoError(t, err)
	return string(b)
}

// timeless returns a report as JSON without the fields that differ between a scan and another of the same server.
func timeless(t *testing.T, r *fingerprint.Report) string {
	t.Helper()
	clone := *r
	clone.ObservedAt, clone.DurationMS, clone.ClockSkewMS, clone.ClockSkewErrorMS = time.Time{}, 0, nil, nil
	clone.Target, clone.Transports = "", nil
	clone.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(f report.Finding) bool { return f.ID == "clock-skew" })
	for i := range clone.Findings {
		for _, t := range r.Transports {
			clone.Findings[i].Detail = strings.ReplaceAll(clone.Findings[i].Detail, t.Address, "the server")
		}
	}
	clone.Probes = append(clone.Probes[:0:0], r.Probes...)
	for i := range clone.Probes {
		clone.Probes[i].DurationMS = 0
	}
	return text(t, &clone)
}

// authenticateMessages counts NTLM type 3 messages in what a server was sent.
func authenticateMessages(dialogues []*dialogue.Dialogue) (n int) {
	for _, d := range dialogues {
		for _, f := range d.Frames {
			if f.Sent {
				n += strings.Count(string(f.Data), "NTLMSSP\x00\x03")
			}
		}
	}
	return n
}
