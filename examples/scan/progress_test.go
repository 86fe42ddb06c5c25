package main

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
)

// The bar stands on the terminal of stderr only, for many targets only, and never among lines of JSON.
func TestProgress(t *testing.T) {
	few, many := []string{"a", "b", "c", "d"}, []string{"a", "b", "c", "d", "e"}
	cases := map[string]struct {
		terminal bool
		args     []string
		want     bool
	}{
		"many":   {terminal: true, args: many, want: true},
		"prefix": {terminal: true, args: []string{"192.0.2.0/29"}, want: true},
		"few":    {terminal: true, args: few},
		"pipe":   {args: many},
		"JSON":   {terminal: true, args: append([]string{"-json"}, many...)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := world{scan: answering(sample()), terminal: c.terminal}
			require.Equal(t, exitDone, w.run(t.Context(), c.args...))
			require.NotContains(t, w.stdout.String(), "SMB server")
			if !c.want {
				require.Empty(t, w.stderr.String())
				return
			}
			require.Contains(t, w.stderr.String(), "SMB server")
			require.True(t, strings.HasSuffix(w.stderr.String(), "\r"), "its line is left clean: %q", w.stderr.String())
		})
	}
}

// The bar knows how many targets a prefix has, how many are done, and which of them are servers.
func TestProgressTotals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world{terminal: true}
		w.scan = func(ctx context.Context, target string) (*fingerprint.Report, error) {
			if target == "192.0.2.9" {
				time.Sleep(2 * time.Second) // the bar is drawn every 100 ms; this one is done when all before it are
			}
			return town(ctx, target)
		}
		require.Equal(t, exitDone, w.run(t.Context(), "-j", "1", "192.0.2.0/27", "192.0.2.1"))
		states := strings.Split(w.stderr.String(), "\r")
		require.Regexp(t, `^0 SMB servers +0% .*\(0/33, `, states[1])
		require.Regexp(t, `\r2 SMB servers +\d+% \|█+ +\| \(10/33, 5 targets/s\) \[2s:4s\]`, w.stderr.String())
		for _, s := range states {
			require.LessOrEqual(t, len([]rune(s)), 80)
		}
	})
}
