package smb

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/wire"
)

// FrameHeaderSize is the size in bytes of the header before every message on TCP, on both transports.
const FrameHeaderSize = 4

// MaxFrameLength is the largest length, in bytes, that a frame header can announce over direct TCP: 24 bits.
const MaxFrameLength = 1<<24 - 1

// A FrameType is the first byte of a frame: zero over direct TCP ([MS-SMB2] 2.1), a session service packet type over
// NetBIOS (RFC 1002 4.3.1).
type FrameType uint8

// The packet types of RFC 1002 4.3.1.
const (
	FrameMessage          FrameType = 0x00
	FrameSessionRequest   FrameType = 0x81
	FramePositiveResponse FrameType = 0x82
	FrameNegativeResponse FrameType = 0x83
	FrameRetarget         FrameType = 0x84
	FrameKeepAlive        FrameType = 0x85
)

// String prints RFC 1002's name of the type.
func (t FrameType) String() string {
	switch t {
	case FrameMessage:
		return "SESSION MESSAGE"
	case FrameSessionRequest:
		return "SESSION REQUEST"
	case FramePositiveResponse:
		return "POSITIVE SESSION RESPONSE"
	case FrameNegativeResponse:
		return "NEGATIVE SESSION RESPONSE"
	case FrameRetarget:
		return "RETARGET SESSION RESPONSE"
	case FrameKeepAlive:
		return "SESSION KEEPALIVE"
	}
	return fmt.Sprintf("FrameType(0x%02X)", uint8(t))
}

// Known tells whether the type is one of RFC 1002 4.3.1.
func (t FrameType) Known() bool {
	return t == FrameMessage || t >= FrameSessionRequest && t <= FrameKeepAlive
}

// A FrameHeader is the four bytes before a message: the direct TCP packet header of [MS-SMB2] 2.1 (a zero byte and 24
// bits of length, big-endian) or the NetBIOS session packet header of RFC 1002 4.3.1 (type, flags and 17 bits of
// length: the same bytes while the reserved flags are zero).
type FrameHeader struct {
	Type   FrameType
	Length int // of what follows, in bytes, at most MaxFrameLength
}

// ParseFrameHeader parses the first four bytes of b. Any type is returned; Known tells whether it is one.
func ParseFrameHeader(b []byte) (FrameHeader, error) {
	c := wire.NewCursor("frame header", b)
	raw := c.Bytes("Length", FrameHeaderSize)
	if err := c.Err(); err != nil {
		return FrameHeader{}, err
	}
	length := int(raw[1])<<16 | int(raw[2])<<8 | int(raw[3])
	return FrameHeader{Type: FrameType(raw[0]), Length: length}, nil
}

// AppendBinary appends the header; a Length outside of 0 to MaxFrameLength is a wire.ErrTooLong error.
func (h FrameHeader) AppendBinary(b []byte) ([]byte, error) {
	if h.Length < 0 || h.Length > MaxFrameLength {
		return b, &wire.ParseError{Message: "frame header", Field: "Length", Err: wire.ErrTooLong}
	}
	return append(b, byte(h.Type), byte(h.Length>>16), byte(h.Length>>8), byte(h.Length)), nil
}

// AppendFrame appends message behind its frame header.
func AppendFrame(b, message []byte) ([]byte, error) {
	b, err := FrameHeader{Type: FrameMessage, Length: len(message)}.AppendBinary(b)
	if err != nil {
		return b, err
	}
	return append(b, message...), nil
}
