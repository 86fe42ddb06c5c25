package dialogue_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
)

// sample returns a dialogue in which every field is set.
func sample() *dialogue.Dialogue {
	at := func(ms int) time.Time { return time.Date(2026, 11, 24, 10, 0, 0, ms*1e6+1, time.UTC) }
	return &dialogue.Dialogue{
		Target: "files.example", Level: "quick", Checks: true, Connection: 3, Transport: dialogue.NetBIOSSession,
		Address: "[fe80::1%eth0]:139", Port: 139, Client: "192.0.2.1:50000", Started: at(0), Connected: at(1), Ended: at(9),
		Frames: []dialogue.Frame{
			{Sent: true, Kind: dialogue.Session, Probe: "session-request", At: at(2), Data: []byte{0x81, 0, 0, 0}},
			{Kind: dialogue.Message, At: at(3), Data: []byte("\xFESMB\x00\xFF")},
			{Kind: dialogue.Raw, At: at(4), Data: []byte{}},
		},
		End: dialogue.EndReset, Reason: "a <reason>\n\x1b with \"quotes\"",
		Capture: &dialogue.Capture{File: "a.pcap", Stream: 7, FirstFrame: 11},
	}
}

func write(t *testing.T, dialogues ...*dialogue.Dialogue) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, dialogue.Write(&out, dialogues...))
	return out.String()
}

func TestLinesRoundTrip(t *testing.T) {
	first := sample()
	v := reflect.ValueOf(*first)
	for i := range v.NumField() {
		require.False(t, v.Field(i).IsZero(), "%s is not set, so that the test would not see its loss", v.Type().Field(i).Name)
	}
	bare := &dialogue.Dialogue{Connection: 1, Transport: dialogue.DirectTCP, End: dialogue.EndRefused}
	names := &dialogue.Dialogue{Connection: 2, Transport: dialogue.NetBIOSNameService, End: dialogue.EndSession, Frames: []dialogue.Frame{
		{Kind: dialogue.Raw, Probe: "node-status", Data: []byte{0x84, 0}},
	}}
	text := write(t, first, bare, names)
	require.Contains(t, text, `"transport":"netbios-name"`)
	require.Contains(t, text, `"end":"session-refused"`)
	require.Equal(t, 3, strings.Count(text, "\n"), "one line each")
	require.NotContains(t, text, "null")

	again, err := dialogue.Read(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, []*dialogue.Dialogue{first, bare, names}, again)
	require.Equal(t, text, write(t, again...))
	require.NotNil(t, again[0].Frames[2].Data, "a frame's data is never nil")
}

func TestLineForm(t *testing.T) {
	d := &dialogue.Dialogue{
		Connection: 1, Transport: dialogue.DirectTCP, End: dialogue.EndDone,
		Started: time.Date(2026, 11, 24, 12, 0, 0, 5e8, time.FixedZone("", 2*60*60)),
		Frames:  []dialogue.Frame{{Sent: true, Kind: dialogue.Message, Probe: "all", Data: []byte{0xFE, 0x0A}}},
	}
	require.Equal(t, `{"connection":1,"transport":"direct-tcp","started":"2026-11-24T10:00:00.5Z",`+
		`"frames":[{"sent":true,"kind":"message","probe":"all","data":"fe0a"}],"end":"done"}`+"\n", write(t, d))
	require.Contains(t, write(t, &dialogue.Dialogue{}), `"frames":[]`)
	require.Empty(t, write(t))
}

func TestReadPassesOverEmptyLines(t *testing.T) {
	line := write(t, sample())
	list, err := dialogue.Read(strings.NewReader("\n" + line + "\r\n\n" + strings.TrimSuffix(line, "\n")))
	require.NoError(t, err)
	require.Len(t, list, 2)
	list, err = dialogue.Read(strings.NewReader(""))
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestReadErrorsNameTheLine(t *testing.T) {
	line := write(t, sample())
	for name, bad := range map[string]string{
		"no JSON":           `{"connection":`,
		"of another type":   `[1]`,
		"a wrong type":      `{"connection":"one"}`,
		"null":              `null`,
		"another object":    `{"schema_version":1,"target":"files"}`,
		"data that is none": strings.Replace(strings.TrimSpace(line), `"data":"81000000"`, `"data":"8100000"`, 1),
		"a time":            strings.Replace(strings.TrimSpace(line), `"started":"2026`, `"started":"26`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			require.NotEqual(t, strings.TrimSpace(line), bad)
			list, err := dialogue.Read(strings.NewReader(line + "\n" + bad + "\n" + line)) // line 2 is empty
			require.ErrorContains(t, err, "line 3: ")
			require.Len(t, list, 1, "what stands before the error is returned")
		})
	}
	_, err := dialogue.Read(strings.NewReader(strings.Replace(line, `"data":"fe`, `"data":"fg`, 1)))
	require.ErrorContains(t, err, "line 1: frame 1: ")
}

func TestReadTakesLongLinesAndNoEndlessOnes(t *testing.T) {
	const limit = 16 << 20
	line := strings.TrimSpace(write(t, sample()))
	padded := func(size int) string { return line + strings.Repeat(" ", size-len(line)-1) + "\n" }
	list, err := dialogue.Read(strings.NewReader(padded(limit)))
	require.NoError(t, err)
	require.Len(t, list, 1)
	list, err = dialogue.Read(strings.NewReader(line + "\n" + padded(limit+2)))
	require.ErrorIs(t, err, bufio.ErrTooLong)
	require.ErrorContains(t, err, "line 2: ")
	require.Len(t, list, 1)
}

func TestReadAndWritePassErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	_, err := dialogue.Read(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, dialogue.Write(writer{broken}, sample()), broken)
	require.ErrorContains(t, dialogue.Write(writer{broken}, sample()), "connection 3")
}

type writer struct{ err error }

func (w writer) Write([]byte) (int, error) { return 0, w.err }

// TestUnmarshalOwnsItsBytes: a dialogue keeps what it has when the reading of another one fails, and shares nothing
// with the text.
func TestUnmarshalOwnsItsBytes(t *testing.T) {
	text := []byte(write(t, sample()))
	d := new(dialogue.Dialogue)
	require.NoError(t, json.Unmarshal(text, d))
	clear(text)
	require.Equal(t, sample(), d)
	require.Error(t, json.Unmarshal([]byte(`{"transport":"direct-tcp","frames":[{"data":"0"}]}`), d))
	require.Equal(t, sample(), d)
}
