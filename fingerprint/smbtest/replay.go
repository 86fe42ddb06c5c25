package smbtest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/smb"
)

// A Replay answers as one recorded server did. A request is matched by what it means, which [Meaning] tells, not by its
// bytes: any scanner that asks what was asked when the server was recorded is given the answers that were recorded,
// with the message numbers of its own requests. Each connection follows one recorded dialogue; where several begin with
// the same question, connections take turns. It is safe for concurrent use.
//
// A connection that begins with a NetBIOS session request is answered from the dialogues of dialogue.NetBIOSSession that
// called the same name, and where the answers to that were different ones, connections take turns through them. All
// other connections are answered from the other dialogues. Where something was recorded at the port of a connection, only
// that is played to it.
type Replay struct {
	dialogues []*dialogue.Dialogue

	mu        sync.Mutex
	turns     map[place]int
	unmatched []string
}

// A place is where connections take turns: the nth question of the first dialogue that fits.
type place struct {
	first *dialogue.Dialogue
	n     int
}

// NewReplay returns a server that answers as the dialogues of one server say. Dialogues without a connection are left
// out.
func NewReplay(dialogues []*dialogue.Dialogue) *Replay {
	r := &Replay{turns: map[place]int{}}
	for _, d := range dialogues {
		if !d.Connected.IsZero() && len(d.Frames) > 0 && d.Transport != dialogue.NetBIOSNameService {
			r.dialogues = append(r.dialogues, d)
		}
	}
	return r
}

// Unmatched lists the meanings of requests that were not recorded. Such a request closes its connection.
func (r *Replay) Unmatched() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.unmatched)
}

// Handle serves one connection, for [Serve].
func (r *Replay) Handle(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	recorded := r.at(conn)
	candidates := direct(recorded) // those that what was asked fits, and that answered it alike
	chosen := false
	for asked := 0; ; asked++ {
		request, err := readRequest(conn)
		if err != nil {
			return
		}
		switch {
		case asked == 0 && request.Kind == dialogue.Session:
			candidates = r.sessions(recorded, request)
		case !chosen:
			candidates, chosen = r.choose(candidates, asked, request), true
		}
		if len(candidates) == 0 {
			r.miss(request)
			return
		}
		turn, ok := turnOf(candidates[0], asked)
		if !ok || meaningOf(turn.question) != meaningOf(request) {
			r.miss(request)
			return
		}
		for _, reply := range turn.replies {
			if err := writeReply(conn, reply, request.Data); err != nil {
				return
			}
		}
		if leave(conn, turn.end) {
			return
		}
	}
}

// at returns the dialogues that were recorded at the port of a connection, or all where none was.
func (r *Replay) at(conn net.Conn) []*dialogue.Dialogue {
	_, port, err := net.SplitHostPort(conn.LocalAddr().String())
	if err != nil {
		return r.dialogues
	}
	var fit []*dialogue.Dialogue
	for _, d := range r.dialogues {
		if _, at, err := net.SplitHostPort(d.Address); err == nil && at == port {
			fit = append(fit, d)
		}
	}
	if len(fit) == 0 {
		return r.dialogues
	}
	return fit
}

// direct returns the dialogues that did not begin with a session request.
func direct(dialogues []*dialogue.Dialogue) []*dialogue.Dialogue {
	var fit []*dialogue.Dialogue
	for _, d := range dialogues {
		if d.Transport != dialogue.NetBIOSSession {
			fit = append(fit, d)
		}
	}
	return fit
}

// sessions returns the dialogues that began with a session request and were answered as the one is whose turn it is.
func (r *Replay) sessions(dialogues []*dialogue.Dialogue, request dialogue.Frame) []*dialogue.Dialogue {
	var called []*dialogue.Dialogue
	for _, d := range dialogues {
		if turn, ok := turnOf(d, 0); ok && d.Transport == dialogue.NetBIOSSession && meaningOf(turn.question) == meaningOf(request) {
			called = append(called, d)
		}
	}
	first := r.choose(called, 0, request)
	if len(first) == 0 {
		return nil
	}
	want, _ := turnOf(first[0], 0)
	var fit []*dialogue.Dialogue // in the order in which they were recorded, so that turns are taken in it
	for _, d := range called {
		if turn, _ := turnOf(d, 0); turn.end == want.end && slices.EqualFunc(turn.replies, want.replies, sameData) {
			fit = append(fit, d)
		}
	}
	return fit
}

func sameData(a, b dialogue.Frame) bool { return bytes.Equal(a.Data, b.Data) }

// choose returns the dialogue whose turn it is among those in which the nth question means what the request does.
func (r *Replay) choose(candidates []*dialogue.Dialogue, n int, request dialogue.Frame) []*dialogue.Dialogue {
	meaning := meaningOf(request)
	var fit []*dialogue.Dialogue
	for _, d := range candidates {
		if turn, ok := turnOf(d, n); ok && meaningOf(turn.question) == meaning {
			fit = append(fit, d)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	key := place{fit[0], n} // those that fit are the same ones every time
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.turns[key] % len(fit)
	r.turns[key]++
	return fit[i : i+1 : i+1]
}

func (r *Replay) miss(request dialogue.Frame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unmatched = append(r.unmatched, meaningOf(request))
}

// meaningOf returns the Meaning of a message, or the called name of a session request.
func meaningOf(f dialogue.Frame) string {
	if f.Kind != dialogue.Session {
		return Meaning(f.Data)
	}
	r, err := smb.ParseSessionRequest(f.Data[min(len(f.Data), smb.FrameHeaderSize):])
	if err != nil {
		return "unreadable session request"
	}
	return "session request for " + r.Called.String()
}

// A turn is one question of a dialogue and what came before the next.
type turn struct {
	question dialogue.Frame
	replies  []dialogue.Frame
	end      dialogue.End // how the server left then; empty when it did not
}

func turnOf(d *dialogue.Dialogue, n int) (turn, bool) {
	var t turn
	seen := 0
	for _, f := range d.Frames {
		switch {
		case f.Sent && seen == n+1:
			return t, true
		case f.Sent:
			seen++
			if seen == n+1 {
				t.question = f
			}
		case seen == n+1:
			t.replies = append(t.replies, f)
		}
	}
	switch d.End {
	case dialogue.EndClosed, dialogue.EndReset, dialogue.EndSession:
		t.end = d.End
	}
	return t, seen == n+1
}

// leave ends a connection as the recorded server did after its last word, and tells whether it did. A server that
// waited, or was left by the recorder, goes on reading. One that refused a session has no more to say.
func leave(conn net.Conn, end dialogue.End) bool {
	switch end {
	case "":
		return false
	case dialogue.EndReset:
		ResetAtOnce(conn)
	default:
		_ = conn.Close()
	}
	return true
}

func writeReply(conn net.Conn, f dialogue.Frame, request []byte) error {
	data := f.Data
	if f.Kind == dialogue.Message {
		framed, err := smb.AppendFrame(nil, readdress(f.Data, request))
		if err != nil {
			return err
		}
		data = framed
	}
	_, err := conn.Write(data)
	return err
}

// readdress returns a reply with the numbers of the request that it answers.
func readdress(reply, request []byte) []byte {
	if h, err := smb.ParseSMB2Header(reply); err == nil {
		if asked, err := smb.ParseSMB2Header(request); err == nil && h.MessageID != smb.UnsolicitedMessageID {
			h.MessageID, h.Reserved = asked.MessageID, asked.Reserved
			return replaceHead(reply, h, smb.SMB2HeaderSize)
		}
		return reply
	}
	h, err := smb.ParseSMB1Header(reply)
	if err != nil {
		return reply
	}
	asked, err := smb.ParseSMB1Header(request)
	if err != nil {
		return reply
	}
	if smb.Relate(request, reply) != smb.Answers { // an answer may have a message id of its own
		h.MID = asked.MID
	}
	h.PIDLow, h.PIDHigh = asked.PIDLow, asked.PIDHigh
	return replaceHead(reply, h, smb.SMB1HeaderSize)
}

func replaceHead(reply []byte, head interface {
	AppendBinary([]byte) ([]byte, error)
}, size int) []byte {
	b, err := head.AppendBinary(make([]byte, 0, len(reply)))
	if err != nil {
		return reply
	}
	return append(b, reply[size:]...)
}

// maxRequest bounds what a client can make the server read at once, in bytes.
const maxRequest = 1 << 20

// readRequest reads the next message or session request of a client, which has its header then; keep-alives and empty
// messages are passed over.
func readRequest(conn net.Conn) (dialogue.Frame, error) {
	for {
		var head [smb.FrameHeaderSize]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return dialogue.Frame{}, err
		}
		h, err := smb.ParseFrameHeader(head[:])
		if err != nil {
			return dialogue.Frame{}, err
		}
		if h.Length > maxRequest {
			return dialogue.Frame{}, fmt.Errorf("a request of %d bytes", h.Length)
		}
		body := make([]byte, h.Length)
		if _, err := io.ReadFull(conn, body); err != nil {
			return dialogue.Frame{}, err
		}
		switch {
		case h.Type == smb.FrameSessionRequest:
			return dialogue.Frame{Kind: dialogue.Session, Data: append(head[:], body...)}, nil
		case h.Type == smb.FrameMessage && h.Length > 0:
			return dialogue.Frame{Kind: dialogue.Message, Data: body}, nil
		}
	}
}
