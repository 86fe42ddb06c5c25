package exchange

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/smb"
)

// magicSize is how much of a message must be seen to know that it is SMB.
const magicSize = 4

// A reader takes frames off a connection. Its buffer is reused; frames are copied out of it.
type reader struct {
	conn     net.Conn
	settings *Settings
	spent    *atomic.Int64
	buf      [readAhead]byte
	from, to int // what of buf was read and not yet taken
	received int
}

// next returns the next frame with a slice of its own. On an error the frame holds what was read of it, if anything.
func (r *reader) next() (dialogue.Frame, error) {
	if err := r.need(smb.FrameHeaderSize); err != nil {
		return r.partial(err, beginsFrame)
	}
	header, err := smb.ParseFrameHeader(r.buffered())
	if err != nil {
		return r.partial(err, beginsFrame)
	}
	switch {
	case header.Type == smb.FrameKeepAlive && header.Length == 0:
		return dialogue.Frame{Kind: dialogue.Session, Data: r.take(smb.FrameHeaderSize)}, nil
	case header.Type != smb.FrameMessage, header.Length > 0 && header.Length < magicSize:
		return r.foreign()
	case header.Length == 0:
		return dialogue.Frame{Kind: dialogue.Session, Data: r.take(smb.FrameHeaderSize)}, nil
	}
	// Nothing is read, let alone allocated, for a message that does not begin like one.
	if err := r.need(smb.FrameHeaderSize + magicSize); err != nil {
		return r.partial(err, beginsFrame)
	}
	if !smb.IsSMB(r.buffered()[smb.FrameHeaderSize:]) {
		return r.foreign()
	}
	if header.Length > maxMessage {
		return r.rest(), fmt.Errorf("%w: a message of %d bytes is announced", errLimit, header.Length)
	}
	return r.message(header.Length)
}

// message reads a message of length bytes whose header and first bytes are in the buffer. A message that does not come
// whole is returned with its header, as far as it came.
func (r *reader) message(length int) (dialogue.Frame, error) {
	whole := smb.FrameHeaderSize + length
	frame := make([]byte, 0, min(whole, readAhead))
	for len(frame) < whole {
		if r.from == r.to {
			if err := r.fill(); err != nil {
				if errors.Is(err, io.EOF) {
					err = io.ErrUnexpectedEOF
				}
				return dialogue.Frame{Kind: dialogue.Raw, Data: frame}, err
			}
		}
		n := min(whole-len(frame), r.to-r.from)
		frame = append(frame, r.buf[r.from:r.from+n]...)
		r.advance(n)
	}
	return dialogue.Frame{Kind: dialogue.Message, Data: frame[smb.FrameHeaderSize:]}, nil
}

// foreign returns what has come as bytes of another protocol.
func (r *reader) foreign() (dialogue.Frame, error) { return r.rest(), errForeign }

// partial returns what has come of a frame that did not come whole. A few bytes that cannot begin a frame are another
// protocol, however the connection ended.
func (r *reader) partial(err error, begins func([]byte) bool) (dialogue.Frame, error) {
	frame := r.rest()
	if len(frame.Data) > 0 && !begins(frame.Data) {
		return frame, errForeign
	}
	return frame, err
}

// beginsFrame tells whether b can be the beginning of a frame with an SMB message.
func beginsFrame(b []byte) bool {
	if t := smb.FrameType(b[0]); t != smb.FrameMessage && t != smb.FrameKeepAlive {
		return false
	}
	if len(b) <= smb.FrameHeaderSize {
		return true
	}
	magic := b[smb.FrameHeaderSize:min(len(b), smb.FrameHeaderSize+magicSize)]
	return magic[0] >= 0xFC && strings.HasPrefix("SMB", string(magic[1:]))
}

func (r *reader) rest() dialogue.Frame {
	return dialogue.Frame{Kind: dialogue.Raw, Data: r.take(r.to - r.from)}
}

func (r *reader) buffered() []byte { return r.buf[r.from:r.to] }

// take copies the next n buffered bytes out of the buffer.
func (r *reader) take(n int) []byte {
	b := append([]byte{}, r.buf[r.from:r.from+n]...)
	r.advance(n)
	return b
}

// advance gives the next n bytes of the buffer up.
func (r *reader) advance(n int) {
	r.settings.spoil(r.buf[r.from : r.from+n])
	r.from += n
	if r.from == r.to {
		r.from, r.to = 0, 0
	}
}

// need reads until n bytes are buffered; n is a few bytes.
func (r *reader) need(n int) error {
	if r.from+n > len(r.buf) {
		moved := copy(r.buf[:], r.buf[r.from:r.to])
		r.settings.spoil(r.buf[moved:r.to])
		r.from, r.to = 0, moved
	}
	for r.to-r.from < n {
		if err := r.fill(); err != nil {
			return err
		}
	}
	return nil
}

// maxEmptyReads bounds reads that return nothing and no error, which io.Reader allows.
const maxEmptyReads = 100

// fill reads once into the free end of the buffer.
func (r *reader) fill() error {
	if r.received >= cmp.Or(r.settings.Received, maxReceived) {
		return fmt.Errorf("%w: %d bytes", errLimit, r.received)
	}
	for range maxEmptyReads {
		n, err := r.conn.Read(r.buf[r.to:])
		r.to += n
		r.received += n
		if n > 0 {
			return r.settings.spend(r.spent, n) // an error that came with the bytes comes again
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}
