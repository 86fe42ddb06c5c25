package smbtest

import (
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
type Replay struct {
	dialogues []*dialogue.Dialogue

	mu        sync.Mutex
	turns     map[string]int
	unmatched []string
}

// NewReplay returns a server that answers as the dialogues of one server say. Dialogues without a connection are left
// out.
func NewReplay(dialogues []*dialogue.Dialogue) *Replay {
	r := &Replay{turns: map[string]int{}}
	for _, d := range dialogues {
		if !d.Connected.IsZero() && len(d.Frames) > 0 {
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
	var current *dialogue.Dialogue
	for asked := 0; ; asked++ {
		request, err := readMessage(conn)
		if err != nil {
			return
		}
		if current == nil {
			current = r.choose(Meaning(request))
		}
		turn, ok := turnOf(current, asked)
		if !ok || Meaning(turn.question) != Meaning(request) {
			r.miss(request)
			return
		}
		for _, reply := range turn.replies {
			if err := writeReply(conn, reply, request); err != nil {
				return
			}
		}
		if turn.last && leave(conn, current.End) {
			return
		}
	}
}

// choose returns the dialogue for a connection that begins with a question.
func (r *Replay) choose(meaning string) *dialogue.Dialogue {
	var fit []*dialogue.Dialogue
	for _, d := range r.dialogues {
		if turn, ok := turnOf(d, 0); ok && Meaning(turn.question) == meaning {
			fit = append(fit, d)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.turns[meaning]
	r.turns[meaning]++
	return fit[n%len(fit)]
}

func (r *Replay) miss(request []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unmatched = append(r.unmatched, Meaning(request))
}

// A turn is one question of a dialogue and what came before the next.
type turn struct {
	question []byte
	replies  []dialogue.Frame
	last     bool
}

func turnOf(d *dialogue.Dialogue, n int) (turn, bool) {
	if d == nil {
		return turn{}, false
	}
	var t turn
	seen := 0
	for _, f := range d.Frames {
		switch {
		case f.Sent && seen == n+1:
			return t, true
		case f.Sent:
			seen++
			if seen == n+1 {
				t.question = f.Data
			}
		case seen == n+1:
			t.replies = append(t.replies, f)
		}
	}
	t.last = true
	return t, seen == n+1
}

// leave ends a connection as the recorded server did after its last word, and tells whether it did. A server that
// waited, or was left by the recorder, goes on reading.
func leave(conn net.Conn, end dialogue.End) bool {
	switch end {
	case dialogue.EndClosed:
		_ = conn.Close()
		return true
	case dialogue.EndReset:
		ResetAtOnce(conn)
		return true
	}
	return false
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
	h.MID, h.PIDLow, h.PIDHigh = asked.MID, asked.PIDLow, asked.PIDHigh
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

// readMessage reads the next message of a client; keep-alives and empty messages are passed over.
func readMessage(conn net.Conn) ([]byte, error) {
	for {
		var head [smb.FrameHeaderSize]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return nil, err
		}
		h, err := smb.ParseFrameHeader(head[:])
		if err != nil {
			return nil, err
		}
		if h.Length > maxRequest {
			return nil, fmt.Errorf("a request of %d bytes", h.Length)
		}
		message := make([]byte, h.Length)
		if _, err := io.ReadFull(conn, message); err != nil {
			return nil, err
		}
		if h.Type == smb.FrameMessage && h.Length > 0 {
			return message, nil
		}
	}
}
