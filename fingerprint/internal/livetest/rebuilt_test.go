//go:build linux

package livetest

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/testdata"
	captures "github.com/smbscope/smbscope/testdata/truth"
)

// The dialogues that are put together from the packets of a recording give the report that its own dialogues give,
// times apart.
func TestReportOfThePackets(t *testing.T) {
	requireLive(t)
	names, err := testdata.Names()
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			recorded, err := testdata.Dialogues(name)
			require.NoError(t, err)
			all := captures.Flows(captures.ReadPackets(t, filepath.Join(recordings, name+".pcap")))
			var rebuilt []*dialogue.Dialogue
			for _, d := range recorded {
				rebuilt = append(rebuilt, rebuild(t, d, all))
			}
			want, got := fingerprint.Observe(recorded), fingerprint.Observe(rebuilt)
			require.Len(t, want, 1)
			require.Len(t, got, 1)
			requireSameLines(t, withoutTimes(t, want[0]), withoutTimes(t, got[0]))
		})
	}
}

// rebuild makes the dialogue of a connection from its packets. What is on no wire comes from the dialogue that was
// recorded: what the scan was asked for, the number of the connection, the names of the questions, and an end that leaves
// no trace.
func rebuild(t *testing.T, d *dialogue.Dialogue, all []*captures.Flow) *dialogue.Dialogue {
	t.Helper()
	find := func(from, to string) *captures.Flow {
		i := slices.IndexFunc(all, func(f *captures.Flow) bool { return f.From.String() == from && f.To.String() == to })
		require.GreaterOrEqual(t, i, 0, "no packets from %s to %s", from, to)
		return all[i]
	}
	up, down := find(d.Client, d.Address), find(d.Address, d.Client)
	out := &dialogue.Dialogue{
		Target: d.Target, Level: d.Level, Connection: d.Connection, Transport: d.Transport, Reason: d.Reason,
		Address: down.From.String(), Client: up.From.String(), End: d.End,
		Started: up.Packets[0].At,
	}
	if d.End != dialogue.EndRefused {
		out.Connected = down.Packets[0].At
	}
	var probes []string
	for _, f := range d.Frames {
		if f.Sent && f.Kind == dialogue.Message {
			probes = append(probes, f.Probe)
		}
	}
	// A request is captured before its answer: on the loopback interface packets are never out of order.
	sent, received := up.Frames(), down.Frames()
	for len(sent) > 0 || len(received) > 0 {
		next := &received
		if len(received) == 0 || len(sent) > 0 && sent[0].Packet.Number < received[0].Packet.Number {
			next = &sent
		}
		f := (*next)[0]
		*next = (*next)[1:]
		frame := dialogue.Frame{Sent: next == &sent, Kind: dialogue.Session, At: f.Packet.At, Data: f.Data}
		if f.Data[0] == 0 {
			frame.Kind, frame.Data = dialogue.Message, f.Data[4:]
		}
		if frame.Sent && frame.Kind == dialogue.Message {
			require.NotEmpty(t, probes, "more requests than were recorded")
			frame.Probe, probes = probes[0], probes[1:]
		}
		out.Frames = append(out.Frames, frame)
	}
	require.Empty(t, probes, "requests that are not in the packets")
	out.Ended = endOf(t, d, up, down)
	return out
}

// endOf returns when the dialogue ended: when the server closed or reset, or else when the client left. It fails the
// test if that is not in the packets, or the server closed only after the client had left.
func endOf(t *testing.T, d *dialogue.Dialogue, up, down *captures.Flow) time.Time {
	t.Helper()
	first := func(f *captures.Flow, flags uint8) *captures.Packet {
		i := slices.IndexFunc(f.Packets, func(p captures.Packet) bool { return p.Flags&flags != 0 })
		if i < 0 {
			return nil
		}
		return &f.Packets[i]
	}
	left := first(up, captures.TCPFIN|captures.TCPRST)
	end := left
	switch d.End {
	case dialogue.EndClosed:
		end = first(down, captures.TCPFIN)
	case dialogue.EndReset, dialogue.EndRefused:
		end = first(down, captures.TCPRST)
	}
	require.NotNil(t, end, "nothing in the packets says that the connection ended: %s", d.End)
	require.False(t, left != nil && left.Number < end.Number, "the client left first: %s", d.End)
	return end.At
}

// withoutTimes is the report as JSON without all that depends on the clock.
func withoutTimes(t *testing.T, r *report.Report) string {
	t.Helper()
	plain := *r
	plain.ObservedAt, plain.DurationMS, plain.ClockSkewMS, plain.ClockSkewErrorMS = time.Time{}, 0, nil, nil
	plain.Probes = slices.Clone(r.Probes)
	for i := range plain.Probes {
		plain.Probes[i].DurationMS = 0
	}
	b, err := json.MarshalIndent(&plain, "", "  ")
	require.NoError(t, err)
	return string(b)
}

// requireSameLines shows the first line that differs; whole reports are too long to see it.
func requireSameLines(t *testing.T, want, got string) {
	t.Helper()
	wanted, lines := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(wanted), len(lines)) {
		require.Equal(t, wanted[i], lines[i], "line %d", i+1)
	}
	require.Len(t, lines, len(wanted))
}
