package fingerprint_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/testdata"
)

// BenchmarkConclude makes the conclusions of a recorded report, which every scan does once.
func BenchmarkConclude(b *testing.B) {
	for _, name := range []string{"samba-4.17.12-default", "samba-4.17.12-lanman1-3.1.1", "impacket-0.10.0-smb2"} {
		b.Run(name, func(b *testing.B) {
			dialogues, err := testdata.Dialogues(name)
			require.NoError(b, err)
			r := fingerprint.Observe(dialogues)[0]
			text, err := json.Marshal(r)
			require.NoError(b, err)
			b.ReportMetric(float64(len(text)), "JSON-bytes")
			b.ReportAllocs()
			for b.Loop() {
				fingerprint.Conclude(r)
			}
		})
	}
}

// BenchmarkObserve makes whole reports of recorded dialogues.
func BenchmarkObserve(b *testing.B) {
	dialogues, err := testdata.Dialogues("samba-4.17.12-default")
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		fingerprint.Observe(dialogues)
	}
}
