package fingerprint_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
)

// As TestCancelAtEveryStep, for all that logs on as nobody: a null session in each dialect, an invented account, the
// weakness checks, and what is read behind the scan. The scan ends at once with the cause, leaves nothing behind, and the
// later it is ended the more is known.
func TestCancelAtEveryStepOfALogon(t *testing.T) {
	cause := errors.New("the user has left")
	for _, level := range fingerprint.Levels() {
		t.Run(string(level), func(t *testing.T) {
			logons, kept, reached := 0, 0, true
			for n := int64(1); reached; n++ {
				reached = false
				synctest.Test(t, func(t *testing.T) {
					server := talkative()
					network := serve(t, smbtest.Path{Down: smbtest.Link{Latency: time.Millisecond}}, server.Handle)
					want := scan(t, everythingAsked(t, network, level))
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					var ended time.Time
					count := &steps{at: n, do: func() { reached = true; ended = time.Now(); cancel(cause) }}
					s := everythingAsked(t, network, level)
					watch(s, count, func(*dialogue.Dialogue) {})
					r, err := s.Scan(ctx, address)
					what := fmt.Sprint("step ", n)
					require.Zero(t, network.Counts().Open, what)
					agrees(t, want, r, what)
					require.GreaterOrEqual(t, known(r), kept, "%s: an answer was lost", what)
					kept = known(r)
					if !reached {
						require.NoError(t, err)
						require.Equal(t, known(want), known(r))
						logons = r.Cost.Authentications
						return
					}
					require.ErrorIs(t, err, cause, what)
					require.LessOrEqual(t, time.Since(ended), slack, what)
					require.Contains(t, []report.Outcome{report.OutcomeSMB, report.OutcomeCanceled}, r.Outcome, what)
					if known(r) < known(want) {
						require.Regexp(t, "ended|left", why(r), what)
					}
				})
			}
			require.Greater(t, logons, 2, "a null session, an invented account and the checks")
		})
	}
}

// why is what a report says about what is missing in it.
func why(r *fingerprint.Report) string {
	if r.NullSession == nil {
		return r.Reason
	}
	return r.Reason + r.NullSession.Partial
}
