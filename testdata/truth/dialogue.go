package truth

import (
	"cmp"
	"encoding/hex"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
)

// A source reads capture files once for all streams.
type source struct {
	t      testing.TB
	folder string
	mutex  sync.Mutex
	files  map[string][]*Connection
}

func (s *source) connections(file string) []*Connection {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if _, ok := s.files[file]; !ok {
		s.files[file] = Connections(ReadPackets(s.t, filepath.Join(s.folder, file)))
	}
	return s.files[file]
}

// Dialogue returns what client and server said in negotiations, session setups and tree connects, and the packets of
// the session service before them, as it is put together from the packets. Where the stream is in no TCP that this
// package reads, it holds the messages that the index gives, a millisecond apart.
func (s Stream) Dialogue() *dialogue.Dialogue {
	return s.dialogue(func(data []byte) bool { return Logon(data) || treeConnect(data) })
}

// Everything is Dialogue with every SMB message.
func (s Stream) Everything() *dialogue.Dialogue { return s.dialogue(func([]byte) bool { return true }) }

func (s Stream) dialogue(wanted func([]byte) bool) *dialogue.Dialogue {
	d := &dialogue.Dialogue{
		Target: s.Server, Level: "passive", Connection: 1, Transport: dialogue.DirectTCP, Address: s.Server, Client: s.Client,
		End: dialogue.EndDone, Capture: &dialogue.Capture{File: s.File, FirstFrame: s.FirstFrame},
	}
	if strings.HasPrefix(s.Transport, "nbss") {
		d.Transport = dialogue.NetBIOSSession
	}
	if s.TCPStream != nil {
		d.Capture.Stream = *s.TCPStream
	}
	if !s.fromPackets(d, wanted) {
		s.fromIndex(d)
	}
	return d
}

// connection finds the stream among the connections of its file.
func (s Stream) connection() *Connection {
	all := s.source.connections(s.File)
	if s.TCPStream == nil || *s.TCPStream >= len(all) {
		return nil
	}
	c := all[*s.TCPStream]
	if c.from(s.Client) == nil && c.from(s.Server) == nil {
		return nil
	}
	return c
}

// fromPackets fills the dialogue from the capture file, and tells whether the stream is there.
func (s Stream) fromPackets(d *dialogue.Dialogue, wanted func([]byte) bool) bool {
	c := s.connection()
	if c == nil {
		return false
	}
	type frame struct {
		dialogue.Frame
		number int // of the packet
	}
	var frames []frame
	for _, f := range c.Flows {
		if f == nil {
			continue
		}
		sent := f == c.from(s.Client)
		for _, p := range f.Packets {
			if d.Started.IsZero() || p.At.Before(d.Started) {
				d.Started, d.Capture.FirstFrame = p.At, p.Number
			}
			if p.At.After(d.Ended) {
				d.Ended = p.At
			}
		}
		for _, message := range f.Frames() {
			one := frame{dialogue.Frame{Sent: sent, Kind: dialogue.Session, At: message.Packet.At, Data: message.Data}, message.Packet.Number}
			if message.Data[0] != 0 {
				if message.Data[0] >= 0x81 && message.Data[0] <= 0x84 {
					d.Transport = dialogue.NetBIOSSession
					frames = append(frames, one)
				}
				continue
			}
			one.Kind = dialogue.Message
			for _, data := range compound(message.Data[4:]) {
				if one.Data = data; wanted(data) {
					frames = append(frames, one)
				}
			}
		}
	}
	d.Connected = d.Started
	slices.SortStableFunc(frames, func(a, b frame) int { return cmp.Compare(a.number, b.number) })
	for _, f := range frames {
		d.Frames = append(d.Frames, f.Frame)
	}
	return true
}

// fromIndex fills the dialogue with the messages whose bytes are in the index.
func (s Stream) fromIndex(d *dialogue.Dialogue) {
	type row struct {
		frame int
		sent  bool
		raw   string
	}
	var rows []row
	for _, r := range s.SMB1Requests {
		rows = append(rows, row{r.Frame, true, r.Raw})
	}
	for _, r := range s.SMB1Responses {
		rows = append(rows, row{r.Frame, false, r.Raw})
	}
	for _, r := range s.SMB2Requests {
		rows = append(rows, row{r.Frame, true, r.Raw})
	}
	for _, r := range s.SMB2Responses {
		rows = append(rows, row{r.Frame, false, r.Raw})
	}
	for _, r := range s.Setups {
		rows = append(rows, row{r.Frame, !r.Response, r.Raw})
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.frame, b.frame) })
	d.Started = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	d.Connected, d.Ended = d.Started, d.Started
	for _, r := range rows {
		if r.raw == "" {
			continue
		}
		data, err := hex.DecodeString(r.raw)
		if err != nil {
			s.source.t.Fatalf("%s, line %d, frame %d: %v", index, s.Line, r.frame, err)
		}
		d.Ended = d.Ended.Add(time.Millisecond)
		d.Frames = append(d.Frames, dialogue.Frame{Sent: r.sent, Kind: dialogue.Message, At: d.Ended, Data: data})
	}
}
