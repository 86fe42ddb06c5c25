package smb

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

var frameHeaders = []struct {
	hex  string
	want FrameHeader
	text string
}{
	{"00000000", FrameHeader{}, "SESSION MESSAGE"},
	{"00ffffff", FrameHeader{Length: MaxFrameLength}, "SESSION MESSAGE"},
	{"00010203", FrameHeader{Length: 0x010203}, "SESSION MESSAGE"},
	{"81000044", FrameHeader{FrameSessionRequest, 68}, "SESSION REQUEST"},
	{"82000000", FrameHeader{FramePositiveResponse, 0}, "POSITIVE SESSION RESPONSE"},
	{"83000001", FrameHeader{FrameNegativeResponse, 1}, "NEGATIVE SESSION RESPONSE"},
	{"84000006", FrameHeader{FrameRetarget, 6}, "RETARGET SESSION RESPONSE"},
	{"85000000", FrameHeader{FrameKeepAlive, 0}, "SESSION KEEPALIVE"},
	{"48545450", FrameHeader{'H', 0x545450}, "FrameType(0x48)"}, // "HTTP"
}

func TestFrameHeader(t *testing.T) {
	for _, c := range frameHeaders {
		msg := unhex(t, c.hex)
		h := wiretest.RoundTrip(t, ParseFrameHeader, msg)
		require.Equal(t, c.want, h)
		require.Equal(t, c.text, h.Type.String())
		require.Equal(t, h.Type != 'H', h.Type.Known())
		wiretest.Prefixes(t, ParseFrameHeader, msg)
		behind, err := ParseFrameHeader(append(msg, "more"...))
		require.NoError(t, err)
		require.Equal(t, c.want, behind, "what follows the header is another part")
	}
	for typ := range 256 {
		known := typ == 0 || typ >= 0x81 && typ <= 0x85
		require.Equal(t, known, FrameType(typ).Known(), typ)
	}
}

func TestFrameHeaderTooLong(t *testing.T) {
	for _, n := range []int{-1, MaxFrameLength + 1} {
		b, err := FrameHeader{Length: n}.AppendBinary([]byte("before"))
		require.ErrorIs(t, err, wire.ErrTooLong)
		require.Equal(t, "before", string(b))
	}
}

func TestAppendFrame(t *testing.T) {
	b, err := AppendFrame([]byte("before"), []byte("message"))
	require.NoError(t, err)
	require.Equal(t, "before\x00\x00\x00\x07message", string(b))
	b, err = AppendFrame([]byte("before"), make([]byte, MaxFrameLength+1))
	require.ErrorIs(t, err, wire.ErrTooLong)
	require.Equal(t, "before", string(b))
	b, err = AppendFrame(nil, make([]byte, MaxFrameLength))
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(b, []byte{0, 0xFF, 0xFF, 0xFF}))
}

func FuzzParseFrameHeader(f *testing.F) {
	for _, c := range frameHeaders {
		f.Add(unhex(f, c.hex))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseFrameHeader, data) })
}
