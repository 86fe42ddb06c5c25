package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"
)

// graceful is how long an output may take once the program was interrupted: what was found until then is still written.
const graceful = 2 * time.Second

var errBlocked = errors.New("it was blocked when the program was interrupted")

// An interruptible writer is one whose writes end a while after ctx has: a reader that has stopped reading must not keep
// the program. A write that was given up goes on in the background, and fails or is done when nobody looks any more, so
// that nothing may be written after it.
type interruptible struct {
	ctx context.Context
	to  io.Writer
	err error // of a write that was given up
}

func (w *interruptible) Write(b []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	own := bytes.Clone(b)
	go func() {
		n, err := w.to.Write(own)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return r.n, r.err
	case <-w.ctx.Done():
	}
	select {
	case r := <-done:
		return r.n, r.err
	case <-time.After(graceful):
		w.err = errBlocked
		return 0, w.err
	}
}
