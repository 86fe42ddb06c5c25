package main

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
)

func numbered(n int) []string {
	targets := make([]string, n)
	for i := range targets {
		targets[i] = strconv.Itoa(i)
	}
	return targets
}

// The later the target, the sooner it answers; 64 are under way at once, and never more.
func TestInOrderKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, parallel = 200, 64
		var mu sync.Mutex
		running, most := 0, 0
		scan := func(_ context.Context, target string) (*fingerprint.Report, error) {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			i, _ := strconv.Atoi(target)
			time.Sleep(time.Duration(n-i) * time.Second)
			mu.Lock()
			running--
			mu.Unlock()
			return &fingerprint.Report{Target: target}, nil
		}
		var got []string
		steps := 0
		emit := func(r *fingerprint.Report) error {
			got = append(got, r.Target)
			return nil
		}
		finished, err := inOrder(t.Context(), numbered(n), parallel, scan, func() { steps++ }, emit)
		require.NoError(t, err)
		require.Equal(t, numbered(n), got)
		require.Equal(t, n, finished)
		require.Equal(t, n, steps)
		require.Equal(t, parallel, most)
	})
}

// A report is out before the next target has answered.
func TestInOrderStreams(t *testing.T) {
	out := make(chan struct{})
	scan := func(ctx context.Context, target string) (*fingerprint.Report, error) {
		if target == "1" {
			select {
			case <-out:
			case <-time.After(time.Minute):
				return &fingerprint.Report{}, errors.New("the report before was held back")
			}
		}
		return &fingerprint.Report{Target: target}, nil
	}
	finished, err := inOrder(t.Context(), numbered(2), 2, scan, func() {}, func(r *fingerprint.Report) error {
		if r.Target == "0" {
			close(out)
		}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 2, finished)
}

// Where the output fails, nothing more is scanned or written.
func TestInOrderStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("no more")
		var scans atomic.Int64
		scan := func(ctx context.Context, target string) (*fingerprint.Report, error) {
			scans.Add(1)
			select {
			case <-ctx.Done():
				return &fingerprint.Report{Target: target}, ctx.Err()
			case <-time.After(time.Second):
				return &fingerprint.Report{Target: target}, nil
			}
		}
		emitted := 0
		_, err := inOrder(t.Context(), numbered(1000), 4, scan, func() {}, func(*fingerprint.Report) error {
			emitted++
			return failure
		})
		require.ErrorIs(t, err, failure)
		require.Equal(t, 1, emitted)
		require.Less(t, scans.Load(), int64(20))
	})
}
