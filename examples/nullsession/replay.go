package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/testdata"
)

// A replay is a network in memory with the servers on it that were recorded while a null session read from them.
type replay struct {
	network *smbtest.Network
	names   []string
	like    map[string]fingerprint.Scanner // as what each was recorded
	stops   []func()
}

func newReplay() (*replay, error) {
	names, err := testdata.NullSessions()
	if err != nil {
		return nil, err
	}
	r := &replay{network: smbtest.NewNetwork(smbtest.Path{}), names: names, like: map[string]fingerprint.Scanner{}}
	for _, name := range names {
		if err := r.serve(name); err != nil {
			r.stop()
			return nil, err
		}
	}
	return r, nil
}

func (r *replay) serve(name string) error {
	dialogues, err := testdata.Dialogues(name)
	if err == nil && len(dialogues) == 0 {
		err = errors.New("the recording is empty")
	}
	if err != nil {
		return err
	}
	l, err := r.network.Listen(fmt.Sprintf("%s:%d", name, fingerprint.DefaultPort))
	if err != nil {
		return err
	}
	r.stops = append(r.stops, smbtest.Serve(l, smbtest.NewReplay(dialogues).Handle))
	r.like[name] = fingerprint.Scanner{
		Level:       fingerprint.Level(dialogues[0].Level),
		NullSession: asked(dialogues, verdict.NullSession), GuestMapping: asked(dialogues, verdict.GuestMapping),
	}
	return nil
}

// asked tells whether a kind of question was.
func asked(dialogues []*dialogue.Dialogue, kind string) bool {
	return slices.ContainsFunc(dialogues, func(d *dialogue.Dialogue) bool {
		return slices.ContainsFunc(d.Frames, func(f dialogue.Frame) bool { return strings.HasPrefix(f.Probe, kind) })
	})
}

func (r *replay) stop() {
	for _, stop := range r.stops {
		stop()
	}
}

// scan scans each server as it was scanned when it was recorded, and reads what was read then: the connections of a replay
// are those of the recording, in its order.
func (r *replay) scan(o options) scanFunc {
	reader := nullsession.Reader{PipeAudit: o.reader.PipeAudit}
	return func(ctx context.Context, target string) (*fingerprint.Report, error) {
		own := r.like[target]
		own.Dial, own.Extend = r.network.Dial, reader.Read
		return own.Scan(ctx, target)
	}
}
