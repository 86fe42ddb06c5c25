package verdict_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/testdata/truth"
)

// TestCapturesHold: what holds for every report holds for every stream of other people's captures, that nothing is a no
// that its client did not offer among it; whole, and where one direction or any one message was not captured.
func TestCapturesHold(t *testing.T) {
	outcomes := map[report.Outcome]int{}
	for _, s := range truth.Streams(t) {
		t.Run(fmt.Sprintf("line %d %s", s.Line, s.File), func(t *testing.T) {
			d := s.Dialogue()
			outcomes[of(t, d).Outcome]++
			of(t, s.Everything())
			for _, sent := range []bool{true, false} {
				half := *d
				half.Frames = slices.DeleteFunc(slices.Clone(d.Frames), func(f dialogue.Frame) bool { return f.Sent != sent })
				r := of(t, &half)
				require.True(t, !sent || r.Outcome != report.OutcomeSMB, "a server that was not captured answered")
			}
			for i := range min(len(d.Frames), 12) {
				part := *d
				part.Frames = slices.Delete(slices.Clone(d.Frames), i, i+1)
				of(t, &part)
			}
		})
	}
	t.Log(outcomes)
}
