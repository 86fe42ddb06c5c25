package verdict_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/testdata"
)

// The form of a fuzz input: for each frame a byte of what it is, two bytes of length and its data.
const (
	fuzzSent = 0x01
	fuzzNew  = 0x02 // the first frame of the next connection, which ends as the higher four bits say
)

func fuzzKinds() []dialogue.Kind {
	return []dialogue.Kind{dialogue.Message, dialogue.Raw, dialogue.Session, dialogue.Message}
}

func fuzzEnds() []dialogue.End {
	return []dialogue.End{
		done, closed, reset, dialogue.EndForeign, dialogue.EndTimeout, dialogue.EndRefused, dialogue.EndUnreachable,
		dialogue.EndUnresolved, dialogue.EndCanceled, dialogue.EndLimit, dialogue.EndError, "another",
	}
}

func fuzzEncode(talks []*dialogue.Dialogue) []byte {
	var b []byte
	for _, d := range talks {
		for i, f := range d.Frames {
			var kind byte
			if f.Sent {
				kind |= fuzzSent
			}
			if i == 0 {
				kind |= fuzzNew
			}
			for j, k := range fuzzKinds()[:3] {
				if k == f.Kind {
					kind |= byte(j) << 2
				}
			}
			for j, e := range fuzzEnds() {
				if e == d.End {
					kind |= byte(j) << 4
				}
			}
			b = append(b, kind, byte(len(f.Data)>>8), byte(len(f.Data)))
			b = append(b, f.Data...)
		}
	}
	return b
}

func fuzzDecode(b []byte) []*dialogue.Dialogue {
	var talks []*dialogue.Dialogue
	var frames []dialogue.Frame
	end := done
	flush := func() {
		if frames != nil {
			talks = append(talks, conn(len(talks)+1, end, frames...))
			frames = nil
		}
	}
	for len(b) >= 3 && len(talks) < 8 {
		n := min(int(b[1])<<8|int(b[2]), len(b)-3)
		if b[0]&fuzzNew != 0 {
			flush()
			end = fuzzEnds()[int(b[0]>>4)%len(fuzzEnds())]
		}
		frames = append(frames, dialogue.Frame{Sent: b[0]&fuzzSent != 0, Kind: fuzzKinds()[b[0]>>2&3], Data: b[3 : 3+n : 3+n]})
		b = b[3+n:]
	}
	flush()
	return talks
}

// FuzzOf makes dialogues of any bytes: the report has its JSON, and what holds for every report holds for it.
func FuzzOf(f *testing.F) {
	add := func(talks ...*dialogue.Dialogue) { f.Add(fuzzEncode(talks)) }
	add(talk(f, setupAnswer(f, inResp(f, challenge(f)))))
	add(conn(1, closed, all(f)), conn(2, closed, conservative(f)), conn(3, done, smb1(f), nt(f, 4, nil)))
	add(conn(1, done, smb1(f), lanman(f, 2, nil)), conn(2, done, smb1(f), none(f)))
	add(conn(1, done, all(f), refusesSMB2(f, dtyp.StatusNotSupported)), conn(2, dialogue.EndForeign, all(f), raw([]byte("HTTP/1.1"))))
	add(conn(1, done, all(f), takes(f, smb.DialectSMB311, preauth(), ciphers{2})))
	names, err := testdata.Names()
	require.NoError(f, err)
	for _, name := range names {
		talks, err := testdata.Dialogues(name)
		require.NoError(f, err)
		add(talks...)
	}
	for _, answer := range []dialogue.Frame{
		takes(f, smb.DialectSMB311, preauth(), ciphers{2}), nt(f, 4, nil), setupAnswer(f, inResp(f, challenge(f))),
	} {
		b := fuzzEncode([]*dialogue.Dialogue{conn(1, done, answer)}) // its question was not captured
		f.Add(append(b, make([]byte, 3-len(b)%3)...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		talks := fuzzDecode(b)
		if len(b)%2 == 1 { // as from a capture whose clock says nothing
			for _, d := range talks {
				d.Started, d.Ended = time.Time{}, time.Time{}
				for i := range d.Frames {
					d.Frames[i].At = time.Time{}
				}
			}
		}
		if len(b)%3 == 0 {
			for i, d := range talks {
				d.Capture, d.Client = &dialogue.Capture{File: "a.pcap", Stream: i, FirstFrame: 1}, "192.0.2.2:50000"
			}
		}
		of(t, talks...)
	})
}

// The seeds of the fuzz target are what they were made from.
func TestFuzzSeeds(t *testing.T) {
	talks := []*dialogue.Dialogue{conn(1, closed, all(t)), conn(2, done, smb1(t), none(t))}
	back := fuzzDecode(fuzzEncode(talks))
	require.Len(t, back, 2)
	require.Equal(t, closed, back[0].End)
	require.Equal(t, talks[1].Frames[1].Data, back[1].Frames[1].Data)
}
