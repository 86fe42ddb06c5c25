package guard

import (
	"errors"
	"io"

	"github.com/smbscope/smbscope/smb"
)

const (
	maxNetBIOSFrame = 1<<17 - 1 // RFC 1002 4.3.1: 17 bits of length
	firstBuffer     = 4 << 10
	emptyReads      = 100 // of a connection that gives neither bytes nor an error
)

// inbound reads the server's frames, one after the other and never further than the end of the one. Its buffer grows
// with what has arrived and not with what was announced.
type inbound struct {
	transport Transport
	limit     int   // bytes of a message
	budget    int64 // bytes that the server may still send
	buf       []byte
	have      int // bytes of the frame that have arrived
	frames    int // that have arrived whole
}

// next returns the next frame with its header; it is overwritten by the next call. An error that is no refusal leaves
// what has arrived in place, so that a client whose own deadline has passed can go on.
func (in *inbound) next(r io.Reader) ([]byte, error) {
	if err := in.fill(r, smb.FrameHeaderSize); err != nil {
		return nil, err
	}
	h, err := smb.ParseFrameHeader(in.buf[:in.have])
	if err != nil {
		return nil, in.refuse(malformed("frame header", err))
	}
	if refusal := in.checkHeader(h); refusal != nil {
		return nil, in.refuse(refusal)
	}
	size := smb.FrameHeaderSize + h.Length
	if int64(size-in.have) > in.budget {
		return nil, in.refuse(refuse(ErrBudget, "%d bytes announced, %d are left", h.Length, in.budget))
	}
	if err := in.fill(r, size); err != nil {
		return nil, err
	}
	in.have = 0
	in.frames++
	return in.buf[:size:size], nil
}

func (in *inbound) refuse(err *RefusedError) *RefusedError {
	err.Frame = in.frames + 1
	return err
}

func (in *inbound) checkHeader(h smb.FrameHeader) *RefusedError {
	limit := in.limit
	if in.transport == NetBIOSSession {
		if h.Type == smb.FrameMessage {
			limit = min(limit, maxNetBIOSFrame)
		} else {
			limit = 0
		}
	}
	switch {
	case in.transport == DirectTCP && h.Type != smb.FrameMessage:
		return refuse(ErrFrame, "%v over direct TCP", h.Type)
	case in.transport == NetBIOSSession && h.Type != smb.FrameMessage:
		return checkSessionPacket(h)
	case h.Length > limit:
		return refuse(ErrFrameSize, "%d bytes, at most %d", h.Length, limit)
	}
	return nil
}

// checkSessionPacket lets the packets of a server through whose size RFC 1002 fixes. A retarget would lead the client to
// a host that nobody named.
func checkSessionPacket(h smb.FrameHeader) *RefusedError {
	switch {
	case h.Type == smb.FramePositiveResponse && h.Length == 0, h.Type == smb.FrameKeepAlive && h.Length == 0,
		h.Type == smb.FrameNegativeResponse && h.Length == 1:
		return nil
	}
	return refuse(ErrFrame, "%v of %d bytes", h.Type, h.Length)
}

// fill reads until size bytes of the frame are there.
func (in *inbound) fill(r io.Reader, size int) error {
	for empty := 0; in.have < size; {
		if in.have == len(in.buf) {
			grown := make([]byte, min(size, max(firstBuffer, 2*len(in.buf))))
			copy(grown, in.buf[:in.have])
			in.buf = grown
		}
		n, err := r.Read(in.buf[in.have:min(size, len(in.buf))])
		in.have += n
		in.budget -= int64(n)
		switch {
		case n > 0:
			empty = 0 // an error with it comes again
		case errors.Is(err, io.EOF) && in.have > 0:
			return in.refuse(&RefusedError{Rule: ErrFrame, Err: io.ErrUnexpectedEOF})
		case err != nil:
			return err
		case empty == emptyReads:
			return io.ErrNoProgress
		default:
			empty++
		}
	}
	return nil
}

// maxRequestHead is how much of a client's frame is kept: all of a negotiate or a session setup, whose variable part has
// 16 bits of length, and the beginning of a write.
const maxRequestHead = 128 << 10

// outbound cuts what the client writes into frames.
type outbound struct {
	transport Transport
	buf       []byte // header and head of the frame
	size      int    // bytes of the frame with its header; 0 until that is known
	seen      int
}

// next takes bytes of b and returns what is left of them. Where they complete the head of a frame it returns that, to be
// read before the next call.
func (o *outbound) next(b []byte) (frame, rest []byte, refusal *RefusedError) {
	if o.seen == 0 {
		o.buf = o.buf[:0]
	}
	if o.seen < smb.FrameHeaderSize {
		b = o.take(b, smb.FrameHeaderSize)
		if o.seen < smb.FrameHeaderSize {
			return nil, b, nil
		}
		h, err := smb.ParseFrameHeader(o.buf)
		if err != nil {
			return nil, b, malformed("frame header", err)
		}
		if o.transport == DirectTCP && h.Type != smb.FrameMessage {
			return nil, b, refuse(ErrRequest, "%v over direct TCP", h.Type)
		}
		o.size = smb.FrameHeaderSize + h.Length
		if h.Length > 0 {
			return nil, b, nil
		}
	}
	head := min(o.size, smb.FrameHeaderSize+maxRequestHead)
	if o.seen < head || o.seen == o.size {
		b = o.take(b, head)
		if o.seen == head {
			frame = o.buf
		}
	} else {
		skipped := min(len(b), o.size-o.seen)
		o.seen, b = o.seen+skipped, b[skipped:]
	}
	if o.seen == o.size {
		o.seen = 0
	}
	return frame, b, nil
}

// take keeps bytes of b until size of the frame are there.
func (o *outbound) take(b []byte, size int) []byte {
	n := min(len(b), size-o.seen)
	o.buf = append(o.buf, b[:n]...)
	o.seen += n
	return b[n:]
}

// whole tells whether the frame that next returned is all of it.
func (o *outbound) whole() bool { return len(o.buf) == o.size }
