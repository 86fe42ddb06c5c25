package main

import (
	"context"
	"sync"

	"github.com/smbscope/smbscope/fingerprint"
)

// A scanFunc has the shape of fingerprint.Scanner's Scan.
type scanFunc func(ctx context.Context, target string) (*fingerprint.Report, error)

// inOrder scans targets, some at the same time, and emits their reports in the order of the targets, each as soon as
// all before it are there. It calls step after each scan, in any order; step and emit are never called at the same
// time. When ctx ends, or emit fails, no further scan begins, and those under way end early; their reports are still
// emitted unless emit has failed. It returns how many targets were scanned to the end, and emit's error.
func inOrder(ctx context.Context, targets []string, parallel int, scan scanFunc, step func(),
	emit func(*fingerprint.Report) error) (finished int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		index  int
		report *fingerprint.Report
		err    error
	}
	next, results := make(chan int), make(chan result)
	go func() {
		defer close(next)
		for i := range targets {
			if ctx.Err() != nil { // select alone would still hand out some
				return
			}
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	var workers sync.WaitGroup
	for range min(parallel, len(targets)) {
		workers.Go(func() {
			for i := range next {
				r, err := scan(ctx, targets[i])
				results <- result{i, r, err}
			}
		})
	}
	go func() {
		workers.Wait()
		close(results)
	}()
	waiting := map[int]*fingerprint.Report{} // indices are handed out in order, so that no gap stays
	due := 0
	for r := range results {
		if r.err == nil {
			finished++
		}
		step()
		waiting[r.index] = r.report
		for report, ok := waiting[due]; ok && err == nil; report, ok = waiting[due] {
			delete(waiting, due)
			due++
			if err = emit(report); err != nil {
				cancel()
			}
		}
	}
	return finished, err
}
