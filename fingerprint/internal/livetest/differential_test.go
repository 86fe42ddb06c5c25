//go:build linux

package livetest

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/testdata"
	captures "github.com/smbscope/smbscope/testdata/truth"
)

// inHex are the fields whose bytes are compared: tshark cuts long ones in its text.
var inHex = map[string]bool{
	"smb2.signature": true, "smb2.security_blob": true, "smb2.negotiate_context.salt": true, "smb.signature": true,
	"smb.security_blob": true, "smb.challenge": true, "smb.ansi_password": true, "smb.unicode_password": true,
	"spnego.responseToken": true, "spnego.mechToken": true, "spnego.mechListMIC": true, "ntlmssp.ntlmserverchallenge": true,
	"ntlmssp.auth.lmresponse": true, "ntlmssp.auth.ntresponse": true, "ntlmssp.auth.sesskey": true,
	"ntlmssp.authenticate.mic": true,
}

// A difference is a fact that tshark and the project do not agree on. A message that only one of them finds has the fact
// "message".
type difference struct {
	file      string
	packet    int
	kind      string // of message
	fact      string
	theirs    []string
	ours      []string
	facts     facts  // all of ours
	port      uint16 // the server's
	behindGap bool   // part of the stream before it was not captured
}

func (d difference) String() string {
	return fmt.Sprintf("%s, packet %d, %s: %s: tshark %q, ours %q", d.file, d.packet, d.kind, d.fact, d.theirs, d.ours)
}

// A comparison is what came of a capture.
type comparison struct {
	messages    map[string]int // by kind
	facts       map[string]int // that both have, by name
	differences []difference
}

// compareCapture reads a capture twice, with tshark and with the project's parsers, message by message. Both get the
// bytes from the packets by themselves.
func compareCapture(t testing.TB, file string, ports ...string) comparison {
	t.Helper()
	packets := captures.ReadPackets(t, file)
	type ends struct{ from, to netip.AddrPort }
	carried := map[int]ends{}
	for _, p := range packets {
		carried[p.Number] = ends{p.From, p.To}
	}
	ours := map[ends][]captures.Message{}
	for _, f := range captures.Flows(packets) {
		key := ends{f.From, f.To}
		for _, m := range f.Messages() {
			if captures.Logon(m.Data) {
				ours[key] = append(ours[key], m)
			}
		}
	}
	c := comparison{messages: map[string]int{}, facts: map[string]int{}}
	missing := difference{file: filepath.Base(file), kind: "stream", fact: "message"}
	for _, r := range readWithTshark(t, file, ports...) {
		key := carried[r.packet]
		i := slices.IndexFunc(ours[key], func(m captures.Message) bool { return string(m.Data) == string(r.data) })
		if i < 0 {
			d := missing
			d.packet, d.theirs = r.packet, []string{hex.EncodeToString(r.data)}
			c.differences = append(c.differences, d)
			continue
		}
		ours[key] = slices.Delete(ours[key], i, i+1)
		c.compare(filepath.Base(file), r)
	}
	for key, list := range ours {
		for _, m := range list {
			d := missing
			d.packet, d.ours = m.Packet.Number, []string{hex.EncodeToString(m.Data)}
			d.port, d.behindGap = min(key.from.Port(), key.to.Port()), m.BehindGap
			c.differences = append(c.differences, d)
		}
	}
	return c
}

func (c *comparison) compare(file string, r reading) {
	kind, ours, err := factsOf(r.data)
	c.messages[kind]++
	d := difference{file: file, packet: r.packet, kind: kind, facts: ours}
	if err != nil {
		d.fact, d.ours = "error", []string{err.Error()}
		c.differences = append(c.differences, d)
	}
	for fact, values := range ours {
		theirs := r.values(fact)
		c.facts[fact] += min(len(theirs), len(values))
		if !slices.Equal(theirs, values) {
			d.fact, d.theirs, d.ours = fact, theirs, values
			c.differences = append(c.differences, d)
		}
	}
}

// values returns tshark's values of a fact, in the notation of facts.
func (r reading) values(fact string) []string {
	var list []string
	for _, field := range r.fields.all(fact) {
		switch {
		case !inHex[fact]:
			list = append(list, field.value)
		case field.raw != "":
			list = append(list, field.raw)
		}
	}
	return list
}

// A judge counts what was compared and which differences have an explanation. It is shared by parallel tests.
type judge struct {
	mutex     sync.Mutex
	messages  map[string]int
	facts     map[string]int
	explained []int // by row
	all       int
}

func newJudge() *judge {
	return &judge{messages: map[string]int{}, facts: map[string]int{}, explained: make([]int, len(explained()))}
}

// weigh fails the test for each difference that no row explains.
func (j *judge) weigh(t *testing.T, c comparison) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	for kind, n := range c.messages {
		j.messages[kind] += n
		j.all += n
	}
	for fact, n := range c.facts {
		j.facts[fact] += n
	}
	rows := explained()
	for _, d := range c.differences {
		i := slices.IndexFunc(rows, func(e explanation) bool { return e.explains(d) })
		if i < 0 {
			t.Errorf("a difference that nothing explains: %v", d)
			continue
		}
		j.explained[i]++
	}
}

// sum shows the figures, and fails the test if a row of explained, among those that must occur, explains nothing.
func (j *judge) sum(t *testing.T, must func(explanation) bool) {
	facts, differences := 0, 0
	for _, n := range j.facts {
		facts += n
	}
	for i, row := range explained() {
		differences += j.explained[i]
		if must(row) && j.explained[i] == 0 {
			t.Errorf("a difference that is explained and does not occur: %s: %s", row.fields(), row.why)
		}
		if j.explained[i] > 0 {
			t.Logf("%d times %s, wrong: %s: %s", j.explained[i], row.fields(), row.wrong, row.why)
		}
	}
	t.Logf("%d messages, %d values of %d facts, %d explained differences: %v", j.all, facts, len(j.facts), differences, j.messages)
}

// tshark and the project read the packets of the project's own recordings alike.
func TestTsharkOfRecordings(t *testing.T) {
	requireLive(t)
	names, err := testdata.Names()
	require.NoError(t, err)
	require.NotEmpty(t, names)
	j := newJudge()
	t.Run("files", func(t *testing.T) {
		for _, name := range names {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				dialogues, err := testdata.Dialogues(name)
				require.NoError(t, err)
				c := compareCapture(t, filepath.Join(recordings, name+".pcap"), serverPorts(dialogues)...)
				j.weigh(t, c)
			})
		}
	})
	j.sum(t, func(e explanation) bool { return !e.captures })
	for _, kind := range []string{
		"SMB1 negotiate request", "SMB1 negotiate response", "SMB1 session setup request", "SMB1 session setup response",
		"SMB2 negotiate request", "SMB2 negotiate response", "SMB2 session setup request", "SMB2 session setup response",
	} {
		require.NotZero(t, j.messages[kind], kind)
	}
}

// unseen are facts that no capture known has.
var unseen = map[string]bool{
	"smb2.aid": true,
	"smb2.negotiate_context.rdma_transform_id":  true,
	"ntlmssp.challenge.target_info.target_name": true,
}

// tshark and the project read other people's captures alike.
func TestTsharkOfCaptures(t *testing.T) {
	requireLive(t)
	folder := captures.Folder(t)
	files, err := filepath.Glob(filepath.Join(folder, "*.pcap"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "no captures in %s", folder)
	j := newJudge()
	t.Run("files", func(t *testing.T) {
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				j.weigh(t, compareCapture(t, file))
			})
		}
	})
	j.sum(t, func(e explanation) bool { return e.captures })
	for fact, n := range j.facts {
		require.NotEqual(t, n > 0, unseen[fact], fact)
	}
}
