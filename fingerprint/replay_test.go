package fingerprint_test

import (
	"encoding/json"
	"net"
	"testing"

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
	}
	for _, name := range recorded(t) {
		want, err := testdata.Report(name)
		require.NoError(t, err)
		var wanted report.Report
		require.NoError(t, json.Unmarshal(want, &wanted))
		for cut, path := range paths {
			t.Run(name+"/"+cut, func(t *testing.T) {
				server := replay(t, name)
				s := fixed(serve(t, path, server.Handle))
				fingerprint.Poison(s)
				var dialogues []*dialogue.Dialogue
				s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
				r := scan(t, s)
				require.Empty(t, server.Unmatched())
				require.Equal(t, timeless(t, &wanted), timeless(t, r))

				reports := fingerprint.Observe(dialogues)
				require.Len(t, reports, 1)
				require.Equal(t, text(t, r), text(t, reports[0]))
			})
		}
	}
}

// Keep-alives between messages and several messages in one segment change nothing.
func TestInterleavedKeepAlives(t *testing.T) {
	name := recorded(t)[0]
	plain := replay(t, name)
	want := scan(t, fixed(serve(t, smbtest.Path{}, plain.Handle)))

	chatty := replay(t, name)
	got := scan(t, fixed(serve(t, smbtest.Path{}, func(conn net.Conn) { chatty.Handle(&keepAlives{Conn: conn}) })))
	require.Greater(t, got.Cost.BytesReceived, want.Cost.BytesReceived, "the keep-alives arrived")
	got.Cost.BytesReceived = want.Cost.BytesReceived
	require.Equal(t, text(t, want), text(t, forgetTimes(got, want)))
}

// forgetTimes gives a report the times of another.
func forgetTimes(r, from *fingerprint.Report) *fingerprint.Report {
	r.DurationMS, r.ClockSkewMS, r.ClockSkewErrorMS = from.DurationMS, from.ClockSkewMS, from.ClockSkewErrorMS
	for i := range r.Probes {
		r.Probes[i].DurationMS = from.Probes[i].DurationMS
	}
	return r
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

// The same server, bytes and clock give the same JSON to the byte.
func TestDeterministic(t *testing.T) {
	for _, name := range recorded(t) {
		var first string
		for range 100 {
			s := fixed(serve(t, smbtest.Path{}, replay(t, name).Handle))
			s.Raw = true
			got := text(t, scan(t, s))
			if first == "" {
				first = got
			}
			require.Equal(t, first, got)
		}
	}
}

// What level quick may cost: one connection with two requests where the first offer is taken, else three connections;
// never an authentication.
func TestQuickCost(t *testing.T) {
	for _, name := range recorded(t) {
		network := serve(t, smbtest.Path{}, replay(t, name).Handle)
		s := fixed(network)
		var dialogues []*dialogue.Dialogue
		s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
		r := scan(t, s)
		require.Equal(t, r.Cost.Connections, network.Counts().Dials, name)
		if r.PreferredDialect != "" {
			require.Equal(t, 1, r.Cost.Connections, name)
			require.Equal(t, 2, r.Cost.Requests, name)
		} else {
			require.LessOrEqual(t, r.Cost.Connections, 3, name)
			require.LessOrEqual(t, r.Cost.Requests, 4, name)
		}
		require.Zero(t, authenticateMessages(dialogues), name)
		require.Zero(t, r.Cost.Authentications, name)
		require.Zero(t, r.Cost.LogonAttempts, name)
		require.Zero(t, network.Counts().Open, "connections left open: "+name)
	}
}

// Every answer of a report has evidence under its path, which is a JSON Pointer to it: a yes and a no what they rest on,
// an unknown why.
func TestEveryAnswerHasEvidence(t *testing.T) {
	for _, name := range recorded(t) {
		r := scan(t, fixed(serve(t, smbtest.Path{}, replay(t, name).Handle)))
		var tree any
		require.NoError(t, json.Unmarshal([]byte(text(t, r)), &tree))
		answers := map[string]string{}
		collectAnswers(tree, "", answers)
		require.NotEmpty(t, answers)
		for path, answer := range answers {
			require.NotEmpty(t, r.Evidence[path], "%s: %s is %s", name, path, answer)
		}
		for path := range r.Evidence {
			require.Contains(t, answers, path, "%s: evidence of no answer", name)
		}
	}
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
	for _, name := range recorded(t) {
		s := fixed(serve(t, smbtest.Path{}, replay(t, name).Handle))
		s.NoNTLM, s.NoSMB1 = true, true
		r := scan(t, s)
		for _, p := range r.Probes {
			require.NotEqual(t, "ntlm-challenge", p.ID)
			require.NotEqual(t, "smb1", p.ID)
		}
		if r.NTLM != nil {
			require.Equal(t, report.Unknown, r.NTLM.Challenge)
		}
		if r.SMB1 != nil {
			require.Equal(t, report.Unknown, r.SMB1.Supported)
		}
	}
}
