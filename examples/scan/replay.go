package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/testdata"
)

// A replay is a network in memory with the recorded servers on it.
type replay struct {
	network *smbtest.Network
	targets targetList
	began   map[string]time.Time // when each was recorded
	stops   []func()
}

func newReplay() (*replay, error) {
	names, err := testdata.Names()
	if err != nil {
		return nil, err
	}
	r := &replay{targets: targetList{max: defaultMax}, network: smbtest.NewNetwork(smbtest.Path{}), began: map[string]time.Time{}}
	for _, name := range names {
		if err := errors.Join(r.targets.add(name), r.serve(name)); err != nil {
			r.stop()
			return nil, err
		}
	}
	return r, nil
}

func (r *replay) serve(name string) error {
	dialogues, err := testdata.Dialogues(name)
	if err != nil {
		return err
	}
	if len(dialogues) == 0 {
		return fmt.Errorf("the recording %s is empty", name)
	}
	listener, err := r.network.Listen(fmt.Sprintf("%s:%d", name, fingerprint.DefaultPort))
	if err != nil {
		return err
	}
	r.began[name] = dialogues[0].Started
	r.stops = append(r.stops, smbtest.Serve(listener, smbtest.NewReplay(dialogues).Handle))
	return nil
}

func (r *replay) stop() {
	for _, stop := range r.stops {
		stop()
	}
}

// scan scans recorded servers as s scans real ones. Its clock is set to when each was recorded: their clocks would
// seem to be days behind otherwise.
func (r *replay) scan(s fingerprint.Scanner) scanFunc {
	return func(ctx context.Context, target string) (*fingerprint.Report, error) {
		own, start := s, time.Now()
		own.Dial, own.Port = r.network.Dial, fingerprint.DefaultPort
		own.Now = func() time.Time { return r.began[target].Add(time.Since(start)) }
		return own.Scan(ctx, target)
	}
}
