package dialogue

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// maxLine bounds one dialogue in a file: a scan takes far less from one connection.
const maxLine = 16 << 20

var errNoDialogue = errors.New("this is no dialogue: it has no transport")

type jsonDialogue struct {
	Target     string       `json:"target,omitempty"`
	Level      string       `json:"level,omitempty"`
	Checks     bool         `json:"checks,omitempty"`
	Connection int          `json:"connection"`
	Transport  Transport    `json:"transport"`
	Address    string       `json:"address,omitempty"`
	Port       int          `json:"port,omitempty"`
	Client     string       `json:"client,omitempty"`
	Started    time.Time    `json:"started,omitzero"`
	Connected  time.Time    `json:"connected,omitzero"`
	Ended      time.Time    `json:"ended,omitzero"`
	Frames     []jsonFrame  `json:"frames"`
	End        End          `json:"end"`
	Reason     string       `json:"reason,omitempty"`
	Capture    *jsonCapture `json:"capture,omitempty"`
}

type jsonFrame struct {
	Sent  bool      `json:"sent,omitempty"`
	Kind  Kind      `json:"kind"`
	Probe string    `json:"probe,omitempty"`
	At    time.Time `json:"at,omitzero"`
	Data  string    `json:"data"` // hex
}

type jsonCapture struct {
	File       string `json:"file"`
	Stream     int    `json:"stream"`
	FirstFrame int    `json:"first_frame"`
}

// MarshalJSON writes the dialogue as one object; frames are hex, and times are UTC, so that a recording does not tell
// where it was made.
func (d Dialogue) MarshalJSON() ([]byte, error) {
	out := jsonDialogue{
		Target: d.Target, Level: d.Level, Checks: d.Checks, Connection: d.Connection, Transport: d.Transport, Address: d.Address, Port: d.Port,
		Client:  d.Client,
		Started: d.Started.UTC(), Connected: d.Connected.UTC(), Ended: d.Ended.UTC(), End: d.End, Reason: d.Reason,
		Frames: make([]jsonFrame, len(d.Frames)), Capture: (*jsonCapture)(d.Capture),
	}
	for i, f := range d.Frames {
		out.Frames[i] = jsonFrame{Sent: f.Sent, Kind: f.Kind, Probe: f.Probe, At: f.At.UTC(), Data: hex.EncodeToString(f.Data)}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Dialogue) UnmarshalJSON(data []byte) error {
	var in jsonDialogue
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	fresh := Dialogue{
		Target: in.Target, Level: in.Level, Checks: in.Checks, Connection: in.Connection, Transport: in.Transport, Address: in.Address, Port: in.Port,
		Client:  in.Client,
		Started: in.Started, Connected: in.Connected, Ended: in.Ended, End: in.End, Reason: in.Reason,
		Capture: (*Capture)(in.Capture),
	}
	for i, f := range in.Frames {
		b, err := hex.DecodeString(f.Data)
		if err != nil {
			return fmt.Errorf("frame %d: %w", i, err)
		}
		fresh.Frames = append(fresh.Frames, Frame{Sent: f.Sent, Kind: f.Kind, Probe: f.Probe, At: f.At, Data: b})
	}
	*d = fresh
	return nil
}

// Write writes dialogues as JSON lines, the form of the recorded fixtures.
func Write(w io.Writer, dialogues ...*Dialogue) error {
	enc := json.NewEncoder(w)
	for _, d := range dialogues {
		if err := enc.Encode(d); err != nil {
			return fmt.Errorf("dialogue of connection %d: %w", d.Connection, err)
		}
	}
	return nil
}

// Read reads all dialogues of a stream of JSON lines of at most 16 MiB each. Empty lines are passed over. An error names
// the line, counted from 1, and the dialogues before it are returned as well.
func Read(r io.Reader) ([]*Dialogue, error) {
	var all []*Dialogue
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 1
	for ; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		d := new(Dialogue)
		if err := json.Unmarshal(lines.Bytes(), d); err != nil {
			return all, fmt.Errorf("line %d: %w", n, err)
		}
		if d.Transport == "" { // any JSON object would pass for a dialogue in which nothing was said
			return all, fmt.Errorf("line %d: %w", n, errNoDialogue)
		}
		all = append(all, d)
	}
	if err := lines.Err(); err != nil {
		return all, fmt.Errorf("line %d: %w", n, err)
	}
	return all, nil
}
