package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/testdata"
)

// A replay is a network in memory with the recorded servers on it.
type replay struct {
	network *smbtest.Network
	targets targetList
	began   map[string]time.Time // when each was recorded
	odd     map[string]bool      // which of them were asked the behaviour probes
	stops   []func()
}

// sessionPort is the one of the NetBIOS session service.
const sessionPort = 139

func newReplay() (*replay, error) {
	names, err := testdata.Names()
	if err != nil {
		return nil, err
	}
	r := &replay{
		targets: targetList{max: defaultMax}, network: smbtest.NewNetwork(smbtest.Path{}),
		began: map[string]time.Time{}, odd: map[string]bool{},
	}
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
	r.began[name] = dialogues[0].Started
	server := smbtest.NewReplay(dialogues)
	for port, transport := range map[uint16]dialogue.Transport{
		fingerprint.DefaultPort: dialogue.DirectTCP, sessionPort: dialogue.NetBIOSSession,
	} {
		if !slices.ContainsFunc(dialogues, func(d *dialogue.Dialogue) bool { return d.Transport == transport }) {
			continue
		}
		listener, err := r.network.Listen(fmt.Sprintf("%s:%d", name, port))
		if err != nil {
			return err
		}
		r.stops = append(r.stops, smbtest.Serve(listener, server.Handle))
	}
	for _, d := range dialogues {
		if slices.ContainsFunc(d.Frames, func(f dialogue.Frame) bool { return isBehaviour(f.Probe) }) {
			r.odd[name] = true
		}
	}
	return nil
}

func (r *replay) stop() {
	for _, stop := range r.stops {
		stop()
	}
}

// ports returns those of a list that a recorded server may listen on.
func (r *replay) ports(list []uint16) []uint16 {
	var some []uint16
	for _, port := range list {
		if port == fingerprint.DefaultPort || port == sessionPort {
			some = append(some, port)
		}
	}
	return some
}

// scan scans recorded servers as s scans real ones, but asks nobody what was not recorded. Its clock is set to when each
// was recorded: their clocks would seem to be days behind otherwise.
func (r *replay) scan(s fingerprint.Scanner) scanFunc {
	return func(ctx context.Context, target string) (*fingerprint.Report, error) {
		own, start := s, time.Now()
		own.Dial, own.Ports, own.CalledName = r.network.Dial, r.ports(s.Ports), ""
		own.BehaviourProbes = s.BehaviourProbes && r.odd[target]
		own.Now = func() time.Time { return r.began[target].Add(time.Since(start)) }
		return own.Scan(ctx, target)
	}
}
