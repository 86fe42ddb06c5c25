package main

import (
	"context"
	"iter"
	"sync"

	"github.com/smbscope/smbscope/fingerprint"
)

// A scanFunc has the shape of fingerprint.Scanner's Scan.
type scanFunc func(ctx context.Context, target string) (*fingerprint.Report, error)

// ahead is how many scans for each that may be under way may have begun before the oldest is done. Reports wait for
// those before them, and one slow server must not make the memory fill with the reports of thousands of quick ones.
const ahead = 64

// mostParallel are more connections than a machine has ports for.
const mostParallel = 1 << 16

// inOrder scans targets, some at the same time, and emits their reports in the order of the targets, each as soon as
// all before it are there. It takes a target from the sequence only when it is about to be scanned. It calls step after
// each scan, in any order; step and emit are never called at the same time. When ctx ends, or emit fails, no further
// scan begins, and those under way end early; their reports are still emitted unless emit has failed. It returns how
// many targets were scanned to the end, and emit's error.
func inOrder(ctx context.Context, targets iter.Seq[string], parallel int, scan scanFunc, step func(*fingerprint.Report),
	emit func(*fingerprint.Report) error) (finished uint64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type job struct {
		index  uint64
		target string
	}
	type result struct {
		index  uint64
		report *fingerprint.Report
		err    error
	}
	next, results := make(chan job), make(chan result)
	places := make(chan struct{}, ahead*parallel) // one for each report that is not out yet; they take no memory
	go func() {
		defer close(next)
		i := uint64(0)
		for target := range targets {
			if !send(ctx, places, struct{}{}) || !send(ctx, next, job{i, target}) {
				return
			}
			i++
		}
	}()
	var workers sync.WaitGroup
	for range parallel {
		workers.Go(func() {
			for j := range next {
				r, err := scan(ctx, j.target)
				results <- result{j.index, r, err}
			}
		})
	}
	go func() {
		workers.Wait()
		close(results)
	}()
	waiting := map[uint64]*fingerprint.Report{} // indices are handed out in order, so that no gap stays
	due := uint64(0)
	for r := range results {
		if r.err == nil {
			finished++
		}
		step(r.report)
		waiting[r.index] = r.report
		for report, ok := waiting[due]; ok && err == nil; report, ok = waiting[due] {
			delete(waiting, due)
			due++
			<-places
			if err = emit(report); err != nil {
				cancel()
			}
		}
	}
	return finished, err
}

// send tells whether v was taken before ctx ended.
func send[T any](ctx context.Context, to chan<- T, v T) bool {
	if ctx.Err() != nil { // select alone would still send some
		return false
	}
	select {
	case to <- v:
		return true
	case <-ctx.Done():
		return false
	}
}
