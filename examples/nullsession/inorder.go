package main

import (
	"context"
	"sync"

	"github.com/smbscope/smbscope/fingerprint"
)

// A scanFunc has the shape of fingerprint.Scanner's Scan.
type scanFunc func(ctx context.Context, target string) (*fingerprint.Report, error)

// inOrder scans targets, some at the same time, and emits their reports in the order of the targets. A place becomes free
// when a report is out, so that no more of them are in memory than are asked for at the same time. When ctx ends, or emit
// fails, no further scan begins. It returns how many targets were scanned to the end, and emit's error.
func inOrder(ctx context.Context, targets []string, parallel int, scan scanFunc, emit func(*fingerprint.Report) error) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	var scans sync.WaitGroup
	defer scans.Wait()
	defer cancel()

	type result struct {
		report *fingerprint.Report
		err    error
	}
	results := make(chan chan result, parallel-1) // in the order of the targets; one more is being waited for
	scans.Go(func() {
		defer close(results)
		for _, target := range targets {
			one := make(chan result, 1)
			select {
			case results <- one:
			case <-ctx.Done():
				return
			}
			if ctx.Err() != nil { // select alone would still begin some
				close(one)
				return
			}
			scans.Go(func() {
				r, err := scan(ctx, target)
				one <- result{r, err}
			})
		}
	})
	finished := 0
	for one := range results {
		r, ok := <-one
		if !ok {
			break
		}
		if r.err == nil {
			finished++
		}
		if err := emit(r.report); err != nil {
			return finished, err
		}
	}
	return finished, nil
}
