package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/testdata"
)

// A replay is a network in memory with recorded servers on it, or with synthetic ones.
type replay struct {
	network *smbtest.Network
	targets targetList
	began   map[string]time.Time // when each was recorded; not there for synthetic ones
	extras  map[string]extras    // what each was asked beyond a level
	stops   []func()
}

// extras are questions that are part of no level.
type extras struct{ behaviour, null, guest, checks bool }

func (e *extras) note(probe string) {
	e.behaviour = e.behaviour || isBehaviour(probe)
	e.null = e.null || strings.HasPrefix(probe, verdict.NullSession)
	e.guest = e.guest || strings.HasPrefix(probe, verdict.GuestMapping)
	e.checks = e.checks || probe == verdict.ChecksNegotiate
}

// sessionPort is the one of the NetBIOS session service.
const sessionPort = 139

func emptyReplay() *replay {
	return &replay{
		targets: targetList{max: defaultMax}, network: smbtest.NewNetwork(smbtest.Path{}),
		began: map[string]time.Time{}, extras: map[string]extras{},
	}
}

func newReplay() (*replay, error) {
	names, err := testdata.Names()
	if err != nil {
		return nil, err
	}
	r := emptyReplay()
	for _, name := range names {
		if err := errors.Join(r.targets.add(name), r.serve(name)); err != nil {
			r.stop()
			return nil, err
		}
	}
	return r, nil
}

// newSynthetic puts the personalities on a network: servers that were made up of documented values.
func newSynthetic() (*replay, error) {
	r := emptyReplay()
	for _, p := range smbtest.Personalities() {
		r.extras[p.Name] = extras{behaviour: true, null: true, guest: true, checks: true}
		err := r.targets.add(p.Name)
		for _, port := range []uint16{fingerprint.DefaultPort, sessionPort} {
			err = errors.Join(err, r.listen(p.Name, port, p.Handle))
		}
		if err != nil {
			r.stop()
			return nil, err
		}
	}
	return r, nil
}

func (r *replay) listen(name string, port uint16, handle func(net.Conn)) error {
	listener, err := r.network.Listen(fmt.Sprintf("%s:%d", name, port))
	if err != nil {
		return err
	}
	r.stops = append(r.stops, smbtest.Serve(listener, handle))
	return nil
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
		if err := r.listen(name, port, server.Handle); err != nil {
			return err
		}
	}
	var asked extras
	for _, d := range dialogues {
		for _, f := range d.Frames {
			asked.note(f.Probe)
		}
	}
	r.extras[name] = asked
	return nil
}

// unasked names what the flags want and no recorded server was asked.
func (r *replay) unasked(o options) []string {
	var all extras
	for _, e := range r.extras {
		all = extras{all.behaviour || e.behaviour, all.null || e.null, all.guest || e.guest, all.checks || e.checks}
	}
	var list []string
	for _, e := range []struct {
		name          string
		wanted, asked bool
	}{
		{"Behaviour probes", o.behaviour, all.behaviour}, {"Null sessions", o.null, all.null}, {"Invented accounts", o.guest, all.guest},
		{"Weakness checks", o.checks, all.checks},
	} {
		if e.wanted && !e.asked {
			list = append(list, e.name)
		}
	}
	return list
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
		own.BehaviourProbes = s.BehaviourProbes && r.extras[target].behaviour
		own.NullSession = s.NullSession && r.extras[target].null
		own.GuestMapping = s.GuestMapping && r.extras[target].guest
		own.Checks = s.Checks && r.extras[target].checks
		if began, ok := r.began[target]; ok {
			own.Now = func() time.Time { return began.Add(time.Since(start)) }
		}
		return own.Scan(ctx, target)
	}
}
