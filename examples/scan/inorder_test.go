package main

import (
	"context"
	"errors"
	"slices"
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

func noStep(*fingerprint.Report) {}

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
		finished, err := inOrder(t.Context(), slices.Values(numbered(n)), parallel, scan, func(*fingerprint.Report) { steps++ }, emit)
		require.NoError(t, err)
		require.Equal(t, numbered(n), got)
		require.EqualValues(t, n, finished)
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
	finished, err := inOrder(t.Context(), slices.Values(numbered(2)), 2, scan, noStep, func(r *fingerprint.Report) error {
		if r.Target == "0" {
			close(out)
		}
		return nil
	})
	require.NoError(t, err)
	require.EqualValues(t, 2, finished)
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
		_, err := inOrder(t.Context(), slices.Values(numbered(1000)), 4, scan, noStep, func(*fingerprint.Report) error {
			emitted++
			return failure
		})
		require.ErrorIs(t, err, failure)
		require.Equal(t, 1, emitted)
		require.Less(t, scans.Load(), int64(20))
	})
}

// Targets are taken when they are due, and where the first one is slow, the quick ones behind it do not pile up.
func TestInOrderIsLazy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const parallel = 4
		var taken atomic.Int64
		endless := func(yield func(string) bool) {
			for i := taken.Add(1) - 1; yield(strconv.Itoa(int(i))); i = taken.Add(1) - 1 {
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		scan := func(ctx context.Context, target string) (*fingerprint.Report, error) {
			if target == "0" {
				time.Sleep(time.Minute)
				require.EqualValues(t, ahead*parallel, taken.Load()-1, "one more is ready")
				cancel()
			}
			return &fingerprint.Report{Target: target}, nil
		}
		emitted := 0
		finished, err := inOrder(ctx, endless, parallel, scan, noStep, func(r *fingerprint.Report) error {
			require.Equal(t, strconv.Itoa(emitted), r.Target)
			emitted++
			return nil
		})
		require.NoError(t, err)
		require.EqualValues(t, emitted, finished)
		require.GreaterOrEqual(t, emitted, ahead*parallel)
		require.Less(t, emitted, ahead*parallel+parallel+1, "nothing more after the end of ctx")
	})
}

// Places behind a slow target are given back.
func TestInOrderGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finished, err := inOrder(t.Context(), slices.Values(numbered(3*ahead)), 1, answering(sample()), noStep,
			func(*fingerprint.Report) error { return nil })
		require.NoError(t, err)
		require.EqualValues(t, 3*ahead, finished)
	})
}
