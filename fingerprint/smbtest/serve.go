package smbtest

import (
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"time"
)

// acceptPause is how long Serve leaves a listener alone that has failed, for want of file descriptors for example.
const acceptPause = 10 * time.Millisecond

// Serve accepts connections from any listener and runs the handler with each of them, in a goroutine of its own; when
// the handler returns, its connection is closed.
//
// The function that Serve returns closes the listener and all connections, and returns when all handlers have. A
// handler must therefore return when its connection is closed, and must not call it. It may be called more than once.
func Serve(l net.Listener, handle func(net.Conn)) (stop func()) {
	s := &serving{listener: l, handle: handle, stopped: make(chan struct{}), conns: make(map[net.Conn]struct{})}
	s.group.Go(s.accept)
	return s.stop
}

type serving struct {
	listener net.Listener
	handle   func(net.Conn)
	group    sync.WaitGroup
	stopped  chan struct{}

	mu    sync.Mutex
	conns map[net.Conn]struct{} // nil once stopped
}

func (s *serving) accept() {
	for {
		conn, err := s.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			timer := time.NewTimer(acceptPause)
			select {
			case <-timer.C:
			case <-s.stopped:
				timer.Stop()
				return
			}
		case !s.add(conn):
			_ = conn.Close()
		default:
			s.group.Go(func() { // the group does not end meanwhile: this goroutine is in it
				defer s.remove(conn)
				s.handle(conn)
			})
		}
	}
}

func (s *serving) add(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns == nil {
		return false
	}
	s.conns[conn] = struct{}{}
	return true
}

func (s *serving) remove(conn net.Conn) {
	_ = conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}

// stop is no sync.Once: a second caller would wait for a mutex, and stop the clock of a synctest bubble.
func (s *serving) stop() {
	s.mu.Lock()
	conns, first := slices.Collect(maps.Keys(s.conns)), s.conns != nil
	s.conns = nil
	s.mu.Unlock()
	if first {
		close(s.stopped)
		_ = s.listener.Close()
		for _, conn := range conns {
			_ = conn.Close()
		}
	}
	s.group.Wait()
}
