package fingerprint_test

import (
	"encoding/json"
	"net"
	"slices"
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

// The dialogues of a recorded server give exactly the report that was recorded with them.
func TestObserveGivesTheRecordedReport(t *testing.T) {
	for _, name := range recorded(t) {
		t.Run(name, func(t *testing.T) {
			dialogues, err := testdata.Dialogues(name)
			require.NoError(t, err)
			want, err := testdata.Report(name)
			require.NoError(t, err)
			reports := fingerprint.Observe(dialogues)
			require.Len(t, reports, 1)
			got, err := json.MarshalIndent(reports[0], "", "  ")
			require.NoError(t, err)
			require.Equal(t, string(want), string(got)+"\n")
		})
	}
}

// A scan of the replay gives what the scan of the real server gave, times apart, and so does Observe of its dialogues;
// however the replies are cut into segments, with every reused buffer overwritten.
func TestScanOfReplay(t *testing.T) {
	paths := map[string]smbtest.Path{
		"whole segments": {},
		"byte by byte":   {Up: smbtest.Link{Segment: 1}, Down: smbtest.Link{Segment: 1}},
		"seven bytes":    {Down: smbtest.Link{Segment: 7}},
		"far away":       {Up: smbtest.Link{Latency: 25 * time.Millisecond}, Down: smbtest.Link{Latency: 25 * time.Millisecond}},
	}
	for cut, path := range paths {
		t.Run(cut, func(t *testing.T) {
			eachRecording(t, func(t *testing.T, name string, level fingerprint.Level) {
				server := replay(t, name)
				s := fixed(serve(t, path, server.Handle))
				s.Level = level
				asRecorded(t, s, name)
				fingerprint.Poison(s)
				var dialogues []*dialogue.Dialogue
				s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
				r := scan(t, s)
				require.Empty(t, server.Unmatched())
				if wanted := recordedReport(t, name); wanted.Level == level {
					require.Equal(t, timeless(t, wanted), timeless(t, r))
				}
				reports := fingerprint.Observe(dialogues)
				require.Len(t, reports, 1)
				require.Equal(t, text(t, r), text(t, reports[0]))
			})
		})
	}
}

func recordedReport(t *testing.T, name string) *report.Report {
	t.Helper()
	b, err := testdata.Report(name)
	require.NoError(t, err)
	r := new(report.Report)
	require.NoError(t, json.Unmarshal(b, r))
	return r
}

// Keep-alives between messages and several messages in one segment change nothing.
func TestInterleavedKeepAlives(t *testing.T) {
	eachRecording(t, func(t *testing.T, name string, level fingerprint.Level) {
		plain := fixed(serve(t, smbtest.Path{}, replay(t, name).Handle))
		plain.Level = level
		want := scan(t, plain)

		server := replay(t, name)
		chatty := fixed(serve(t, smbtest.Path{}, func(conn net.Conn) { server.Handle(&keepAlives{Conn: conn}) }))
		chatty.Level = level
		got := scan(t, chatty)
		require.Greater(t, got.Cost.BytesReceived, want.Cost.BytesReceived, "the keep-alives arrived")
		got.Cost.BytesReceived = want.Cost.BytesReceived
		require.Equal(t, timeless(t, want), timeless(t, got))
	})
}

// keepAlives writes two keep-alives before everything else, in the same segment.
type keepAlives struct{ net.Conn }

func (k *keepAlives) Write(b []byte) (int, error) {
	all := append([]byte{0x85, 0, 0, 0, 0x85, 0, 0, 0}, b...)
	if _, err := k.Conn.Write(all); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Reset lets smbtest reset the connection, which it can do only to one that has the method.
func (k *keepAlives) Reset() error { return k.Conn.(*smbtest.Conn).Reset() }

// The same server, bytes and clock give the same JSON to the byte, however the connections race.
func TestDeterministic(t *testing.T) {
	for _, name := range recorded(t) {
		for _, level := range fingerprint.Levels() {
			var first string
			for range 100 {
				synctest.Test(t, func(t *testing.T) {
					s := fixed(serve(t, smbtest.Path{}, replay(t, name).Handle))
					s.Level, s.Raw = level, true
					got := text(t, scan(t, s))
					if first == "" {
						first = got
					}
					require.Equal(t, first, got)
				})
			}
		}
	}
}

// What a level may cost. Quick: one connection with two requests where the first offer is taken, else three connections.
// Standard: seven connections; four on a server that takes SMB1 alone. Never an authentication.
func TestCost(t *testing.T) {
	eachRecording(t, func(t *testing.T, name string, level fingerprint.Level) {
		network := serve(t, smbtest.Path{}, replay(t, name).Handle)
		s := fixed(network)
		s.Level = level
		var dialogues []*dialogue.Dialogue
		s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
		r := scan(t, s)
		require.Equal(t, r.Cost.Connections, network.Counts().Dials)
		switch {
		case busy(t, name) && level == fingerprint.LevelQuick:
			require.LessOrEqual(t, r.Cost.Connections, 3)
		case busy(t, name) && level == fingerprint.LevelFull:
			require.LessOrEqual(t, r.Cost.Connections, mostAtFull(r)+1+2*r.Cost.Repeats, "and controls")
			require.LessOrEqual(t, r.Cost.Repeats, 6)
		case busy(t, name):
			require.LessOrEqual(t, r.Cost.Connections, 7+1+r.Cost.Repeats, "and the conservative offer")
			require.LessOrEqual(t, r.Cost.Repeats, 6)
		case level == fingerprint.LevelQuick && r.PreferredDialect != "":
			require.Equal(t, 1, r.Cost.Connections)
			require.Equal(t, 2, r.Cost.Requests)
		case level == fingerprint.LevelQuick:
			require.LessOrEqual(t, r.Cost.Connections, 3)
			require.LessOrEqual(t, r.Cost.Requests, 4)
		case level == fingerprint.LevelFull:
			require.LessOrEqual(t, r.Cost.Connections, mostAtFull(r), "%+v", r.Probes)
			require.LessOrEqual(t, r.Cost.Repeats, 1, "the conservative offer")
		case r.PreferredDialect != "", r.Probes[0].Result == report.ResultRefused: // in words, so that nothing is repeated
			require.LessOrEqual(t, r.Cost.Connections, 7)
			require.Zero(t, r.Cost.Repeats)
		default:
			require.Equal(t, 4, r.Cost.Connections)
			require.Equal(t, 1, r.Cost.Repeats)
		}
		require.LessOrEqual(t, network.Counts().MaxOpen, 8)
		require.Zero(t, authenticateMessages(dialogues))
		require.Zero(t, r.Cost.Authentications)
		require.Zero(t, r.Cost.LogonAttempts)
		require.Zero(t, network.Counts().Open, "connections left open")
		for i, d := range dialogues {
			require.Equal(t, i+1, d.Connection, "dialogues come in the order of the plan")
		}
	})
}

// mostAtFull is how many connections level full may make, without repeats: 12 with SMB1 off or NT LM 0.12, 15 with the
// LANMAN dialects, and 4 beside them.
func mostAtFull(r *fingerprint.Report) int {
	if r.Dialects["LANMAN2.1"] == report.Yes {
		return 15 + 4
	}
	return 12 + 4
}

// busy tells whether a recorded server has lost more than the all-offer, which a server that takes SMB1 alone loses too.
func busy(t *testing.T, name string) bool {
	t.Helper()
	return recordedReport(t, name).Cost.Repeats > 1
}

// roundTrips is how many round trips of wall time a level may take, with a dial that takes one as well. Standard takes two
// for the answer to the all-offer and two for all that follows it. At full, what follows goes through eight connections
// at a time, two round trips each, where the two of the first wave are taken for one round trip more: 2 + 2⌈n/8⌉ for n
// connections. The question for required encryption takes a third round trip: at 2.1 beside the others, else behind them.
// After a loss, as where the all-offer is dropped, connections follow each other.
func roundTrips(r *fingerprint.Report) int {
	n := r.Cost.Connections
	behind := slices.ContainsFunc(r.Probes, func(p report.Probe) bool { return p.ID == "unencrypted" })
	switch {
	case r.PreferredDialect == "":
		return 2*n + 1
	case r.Level != fingerprint.LevelFull:
		return 4
	case behind:
		return 2 + 2*((n+7)/8) + 1
	}
	return max(5, 2+2*((n+7)/8))
}

// The wall time in round trips, and one pause where the all-offer is dropped.
func TestRoundTrips(t *testing.T) {
	const roundTrip = 50 * time.Millisecond
	path := smbtest.Path{Up: smbtest.Link{Latency: roundTrip / 2}, Down: smbtest.Link{Latency: roundTrip / 2}}
	eachRecording(t, func(t *testing.T, name string, level fingerprint.Level) {
		if busy(t, name) || level == fingerprint.LevelQuick {
			return // pauses are what it needs
		}
		start := time.Now()
		s := fixed(serve(t, path, replay(t, name).Handle))
		s.Level = level
		r := scan(t, s)
		most := time.Duration(roundTrips(r))*roundTrip + 5*time.Millisecond // answers of one instant are waited for
		if r.PreferredDialect == "" {
			most += 100 * time.Millisecond
		}
		require.LessOrEqual(t, time.Since(start), most, "%d connections", r.Cost.Connections)
	})
}

// With Sequential there is one connection at a time, and the answers are the same.
func TestSequential(t *testing.T) {
	for _, name := range recorded(t) {
		synctest.Test(t, func(t *testing.T) {
			want := scan(t, fixed(serve(t, smbtest.Path{}, replay(t, name).Handle)))
			network := serve(t, smbtest.Path{}, replay(t, name).Handle)
			s := fixed(network)
			s.Sequential = true
			r := scan(t, s)
			require.Equal(t, 1, network.Counts().MaxOpen)
			require.Equal(t, want.Dialects, r.Dialects)
			require.Equal(t, want.SMB1, r.SMB1)
			require.Equal(t, want.Negotiated, r.Negotiated)
		})
	}
}

// Every answer of a report has evidence under its path, which is a JSON Pointer to it: a yes and a no what they rest on,
// an unknown why.
func TestEveryAnswerHasEvidence(t *testing.T) {
	eachRecording(t, func(t *testing.T, name string, level fingerprint.Level) {
		s := fixed(serve(t, smbtest.Path{}, replay(t, name).Handle))
		s.Level = level
		r := scan(t, s)
		var tree any
		require.NoError(t, json.Unmarshal([]byte(text(t, r)), &tree))
		answers := map[string]string{}
		collectAnswers(tree, "", answers)
		require.NotEmpty(t, answers)
		for path, answer := range answers {
			require.NotEmpty(t, r.Evidence[path], "%s is %s", path, answer)
		}
		for path := range r.Evidence {
			require.Contains(t, answers, path, "evidence of no answer")
		}
	})
}

func collectAnswers(node any, path string, into map[string]string) {
	switch n := node.(type) {
	case map[string]any:
		for key, child := range n {
			if path == "" && (key == "evidence" || key == "probes") {
				continue
			}
			collectAnswers(child, path+"/"+key, into)
		}
	case string:
		if n == "yes" || n == "no" || n == "unknown" {
			into[path] = n
		}
	}
}

// What is switched off is not sent and stays unknown.
func TestSwitchedOff(t *testing.T) {
	eachRecording(t, func(t *testing.T, name string, level fingerprint.Level) {
		s := fixed(serve(t, smbtest.Path{}, replay(t, name).Handle))
		s.Level, s.NoNTLM, s.NoSMB1 = level, true, true
		r := scan(t, s)
		for _, p := range r.Probes {
			require.NotContains(t, []string{"ntlm-challenge", "smb1", "multi-protocol"}, p.ID)
		}
		if r.NTLM != nil {
			require.Equal(t, report.Unknown, r.NTLM.Challenge)
		}
		if r.SMB1 != nil {
			require.Equal(t, report.Unknown, r.SMB1.Supported)
		}
	})
}
