package fingerprint_test

import (
	"context"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/nbns"
)

// sessionAddress is where the session service of most tests is.
const sessionAddress = "192.0.2.1:139"

// The packets of a session service.
const (
	stands    = "\x82\x00\x00\x00"
	alive     = "\x85\x00\x00\x00"
	noName    = "\x83\x00\x00\x01\x82"
	noRoom    = "\x83\x00\x00\x01\x83"
	undefined = "\x83\x00\x00\x01\x8F"
)

func retarget(t *testing.T, to string) string {
	t.Helper()
	b, err := smb.Retarget{Address: netip.MustParseAddrPort(to)}.AppendBinary([]byte("\x84\x00\x00\x06"))
	require.NoError(t, err)
	return string(b)
}

// A desk is the front of a server behind the session service that keeps by which names it was called.
type desk struct {
	answer func(called string) string // to a session request; "" drops the connection
	wrong  string                     // answers what is no session request; "" drops the connection
	behind func(net.Conn)             // the server of a session that stands

	mu     sync.Mutex
	called []string
}

func (d *desk) handle(conn net.Conn) {
	defer conn.Close()
	head := make([]byte, smb.FrameHeaderSize)
	if _, err := io.ReadFull(conn, head); err != nil {
		return
	}
	h, err := smb.ParseFrameHeader(head)
	if err != nil || h.Type != smb.FrameSessionRequest {
		_, _ = io.WriteString(conn, d.wrong)
		return
	}
	body := make([]byte, h.Length)
	if _, err := io.ReadFull(conn, body); err != nil {
		return
	}
	request, err := smb.ParseSessionRequest(body)
	name := request.Called.String()
	if err != nil {
		name = err.Error()
	}
	d.mu.Lock()
	d.called = append(d.called, name)
	d.mu.Unlock()
	answer := d.answer(name)
	if _, err := io.WriteString(conn, answer); err == nil && strings.HasPrefix(strings.ReplaceAll(answer, alive, ""), stands) {
		d.behind(conn)
	}
}

// names returns by which names it was called, one after the other, a name that was called several times in a row once.
func (d *desk) names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Compact(slices.Clone(d.called))
}

// takes is an answer of a server that has some names; it refuses others with a code.
func takes(refusal string, names ...string) func(string) string {
	return func(called string) string {
		if slices.Contains(names, called) {
			return stands
		}
		return refusal
	}
}

func always(answer string) func(string) string { return func(string) string { return answer } }

// everything is a server behind a desk that takes all SMB2 dialects, and SMB1.
func everything() func(net.Conn) { return (&moody{one: true, two: smb.Dialects()}).handle }

// listening puts servers on an in-memory network. They end with the test.
func listening(t *testing.T, path smbtest.Path, servers map[string]func(net.Conn)) *smbtest.Network {
	t.Helper()
	network := smbtest.NewNetwork(path)
	for where, handle := range servers {
		l, err := network.Listen(where)
		require.NoError(t, err)
		t.Cleanup(smbtest.Serve(l, handle))
	}
	return network
}

// observed scans and checks what holds for every scan: Observe of its dialogues gives its report, its cost is what the
// network has seen, and no connection is left open.
func observed(t *testing.T, s *fingerprint.Scanner, network *smbtest.Network, target string) (*fingerprint.Report, []*dialogue.Dialogue) {
	t.Helper()
	var dialogues []*dialogue.Dialogue
	s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
	before := network.Counts().Dials
	r, err := s.Scan(t.Context(), target)
	require.NoError(t, err)
	reports := fingerprint.Observe(dialogues)
	require.Len(t, reports, 1)
	require.Equal(t, text(t, r), text(t, reports[0]))
	require.Equal(t, network.Counts().Dials-before, r.Cost.Connections)
	require.Zero(t, network.Counts().Open)
	numbers := map[int]bool{}
	for _, d := range dialogues {
		if d.Transport == dialogue.NetBIOSNameService {
			require.Zero(t, d.Connection)
			continue
		}
		require.False(t, numbers[d.Connection], "two connections have the number %d", d.Connection)
		numbers[d.Connection] = true
	}
	return r, dialogues
}

// A nameService answers node status requests over connections that keep datagrams apart, and keeps how it was reached.
type nameService struct {
	answer func(request nbns.Request) []byte // nil is silent

	mu    sync.Mutex
	asked []string
}

func (n *nameService) dial(_ context.Context, address string) (net.Conn, error) {
	n.mu.Lock()
	n.asked = append(n.asked, address)
	n.mu.Unlock()
	link := smbtest.Link{Segment: 64 << 10}
	client, server := smbtest.Pipe(smbtest.Path{Up: link, Down: link})
	go func() {
		defer server.Close()
		b := make([]byte, 1<<10)
		for {
			size, err := server.Read(b)
			if err != nil {
				return
			}
			request, err := nbns.ParseRequest(b[:size])
			if err != nil {
				return
			}
			if reply := n.answer(request); reply != nil {
				_, _ = server.Write(reply)
			}
		}
	}()
	return client, nil
}

// join makes a scanner ask the name service although it has a dialer.
func (n *nameService) join(s *fingerprint.Scanner) {
	fingerprint.Adjust(s, func(set *exchange.Settings) { set.DialUDP = n.dial })
}

// tells is a name service that tells a file server's name among others, silent for "".
func tells(t *testing.T, name string) *nameService {
	t.Helper()
	return &nameService{answer: func(request nbns.Request) []byte {
		if name == "" {
			return nil
		}
		b, err := nbns.Status{
			TransactionID: request.TransactionID, Flags: nbns.FlagAuthoritative, Name: nbns.Wildcard(), Statistics: make([]byte, 40),
			Names: []nbns.NameEntry{
				{Name: smb.MakeNetBIOSName("WORKGROUP", 0), Flags: nbns.NameActive | nbns.NameGroup},
				{Name: smb.MakeNetBIOSName(name, smb.SuffixFileServer), Flags: nbns.NameActive},
			},
			Unit: [6]byte{2, 0, 0x5E, 0, 0x53, 1},
		}.AppendBinary(nil)
		require.NoError(t, err)
		return b
	}}
}
