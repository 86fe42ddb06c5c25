package fingerprint_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
)

// A scan never makes more connections than its budget has, and says so when it wanted to.
func TestBudgetOfConnections(t *testing.T) {
	eachRecording(t, func(t *testing.T, name string, level fingerprint.Level) {
		server := replay(t, name)
		network := serve(t, smbtest.Path{}, server.Handle)
		free := fixed(network)
		free.Level = level
		want := scan(t, free)
		for limit := 1; limit <= want.Cost.Connections+1; limit++ {
			network := serve(t, smbtest.Path{}, replay(t, name).Handle)
			s := fixed(network)
			s.Level, s.Budget.Connections = level, limit
			var dialogues []*dialogue.Dialogue
			s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
			r := scan(t, s)
			require.LessOrEqual(t, network.Counts().Dials, limit)
			require.Equal(t, network.Counts().Dials, r.Cost.Connections)
			require.Equal(t, limit < want.Cost.Connections, r.Reason != "", "%d of %d: %s", limit, want.Cost.Connections, r.Reason)
			if r.Reason != "" && r.Outcome == report.OutcomeSMB {
				require.Contains(t, r.Reason, "budget")
			}
			require.Equal(t, text(t, r), text(t, fingerprint.Observe(dialogues)[0]))
		}
	})
}

// The same for bytes, of which at most one read is beyond the bound.
func TestBudgetOfBytes(t *testing.T) {
	for _, limit := range []int{1, 100, 300, 700, 1500} {
		synctest.Test(t, func(t *testing.T) {
			s := fixed(serve(t, smbtest.Path{}, replay(t, defaultServer).Handle))
			s.Sequential, s.Budget.Bytes = true, limit
			r := scan(t, s)
			require.LessOrEqual(t, r.Cost.BytesSent+r.Cost.BytesReceived, limit+4096)
			if r.Outcome == report.OutcomeSMB {
				require.Contains(t, r.Reason, "budget")
			}
		})
	}
}
