package wire

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCursorReadsInOrder(t *testing.T) {
	c := NewCursor("M", []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xFE, 0xFD, 0xFC, 0xFB, 0xFA, 0xF9})
	require.Equal(t, uint8(0x01), c.U8("a"))
	require.Equal(t, uint16(0x0302), c.U16("b"))
	require.Equal(t, uint32(0x07060504), c.U32("c"))
	require.Equal(t, uint64(0x0F0E0D0C0B0A0908), c.U64("d"))
	require.Equal(t, 15, c.Offset())
	require.Equal(t, 6, c.Remaining())
	require.Equal(t, 0xFE, c.Len8("e"))
	require.Equal(t, 0xFCFD, c.Len16("f"))
	var dst [2]byte
	c.Copy("g", dst[:])
	require.Equal(t, [2]byte{0xFB, 0xFA}, dst)
	require.Equal(t, []byte{0xF9}, c.Rest())
	require.Zero(t, c.Remaining())
	require.NoError(t, c.Err())
	require.False(t, c.Failed())
	require.Nil(t, c.Anomalies())
}

func TestCursorLen32(t *testing.T) {
	c := NewCursor("M", []byte{0xFF, 0xFF, 0xFF, 0xFF})
	n := c.Len32("n")
	require.True(t, n == -1 || int64(n) == 0xFFFFFFFF, n)
	require.Nil(t, c.At("part", 0, n))
	require.Len(t, c.Anomalies(), 1)
	require.Nil(t, c.Bytes("bytes", n))
	require.ErrorIs(t, c.Err(), ErrTruncated)
}

// After the first failure every read gives zero, the place does not move, and the failure stays the first one.
func TestCursorFirstErrorSticks(t *testing.T) {
	c := NewCursor("MESSAGE", []byte{1, 2, 3})
	require.Equal(t, uint16(0x0201), c.U16("first"))
	require.Zero(t, c.U16("second"))
	require.Zero(t, c.U8("third"), "one byte is left, but the cursor has failed")
	require.Zero(t, c.U32("third"))
	require.Zero(t, c.U64("third"))
	require.Nil(t, c.Bytes("third", 1))
	require.Nil(t, c.Rest())
	require.Nil(t, c.At("third", 0, 1))
	dst := [1]byte{9}
	c.Copy("third", dst[:])
	require.Equal(t, [1]byte{9}, dst)
	c.Seek("third", 0)
	c.Seek("third", 99)
	c.Fail("third", ErrFormat)
	c.NoteTrailing(0)
	require.Nil(t, c.Anomalies())
	require.Equal(t, 2, c.Offset())
	require.True(t, c.Failed())
	require.Equal(t, &ParseError{Message: "MESSAGE", Field: "second", Offset: 2, Err: ErrTruncated}, c.Err())
	require.EqualError(t, c.Err(), "MESSAGE: second at byte 2: truncated")
}

func TestCursorNegativeCount(t *testing.T) {
	c := NewCursor("M", make([]byte, 4))
	require.Nil(t, c.Bytes("n", -1))
	require.ErrorIs(t, c.Err(), ErrTruncated)
}

func TestCursorSeek(t *testing.T) {
	for _, offset := range []int{0, 1, 3} {
		c := NewCursor("M", make([]byte, 3))
		c.Seek("o", offset)
		require.Equal(t, offset, c.Offset())
		require.NoError(t, c.Err())
	}
	for _, offset := range []int{-1, 4, 1 << 30} {
		c := NewCursor("M", make([]byte, 3))
		c.Seek("o", offset)
		require.Zero(t, c.Offset())
		require.ErrorIs(t, c.Err(), ErrOffset)
	}
}

func TestCursorAt(t *testing.T) {
	const maxInt = int(^uint(0) >> 1)
	msg := []byte("0123456789")
	for _, good := range []struct {
		offset, length int
		want           string
	}{{0, 10, "0123456789"}, {3, 4, "3456"}, {9, 1, "9"}} {
		c := NewCursor("M", msg)
		part := c.At("part", good.offset, good.length)
		require.Equal(t, good.want, string(part))
		require.Len(t, part, cap(part), "what is appended to the part must not reach into the message")
		require.Zero(t, c.Offset(), "At does not move")
		require.Nil(t, c.Anomalies())
	}
	for _, offset := range []int{-1, 0, 10, 11, maxInt} {
		c := NewCursor("M", msg)
		require.Nil(t, c.At("empty", offset, 0))
		require.Nil(t, c.Anomalies(), "an empty part may claim to be anywhere")
	}
	for _, bad := range [][2]int{{0, 11}, {10, 1}, {11, 1}, {-1, 1}, {0, -1}, {1, maxInt}, {maxInt, 1}, {maxInt, maxInt}} {
		c := NewCursor("M", msg)
		require.Nil(t, c.At("part", bad[0], bad[1]), bad)
		require.NoError(t, c.Err())
		require.Len(t, c.Anomalies(), 1)
		require.Equal(t, "part", c.Anomalies()[0].Field)
		require.Equal(t, bad[0], c.Anomalies()[0].Offset)
	}
}

func TestCursorNotes(t *testing.T) {
	c := NewCursor("MESSAGE", make([]byte, 5))
	c.Note("Field", 2, "%d, should be %d", 7, 8)
	c.NoteTrailing(5)
	c.NoteTrailing(3)
	require.Equal(t, []Anomaly{
		{Message: "MESSAGE", Field: "Field", Offset: 2, What: "7, should be 8"},
		{Message: "MESSAGE", Field: "trailing bytes", Offset: 3, What: "2 bytes follow the message"},
	}, c.Anomalies())
	require.Equal(t, "MESSAGE: Field at byte 2: 7, should be 8", c.Anomalies()[0].String())
	require.Equal(t, "MESSAGE: Field at byte 2", c.Anomalies()[0].Where())
	for range 2 * maxAnomalies {
		c.Note("Field", 0, "again")
	}
	require.Len(t, c.Anomalies(), maxAnomalies)
}

func TestParseErrorUnwraps(t *testing.T) {
	err := &ParseError{Message: "M", Field: "F", Offset: 3, Err: ErrTooLong}
	require.ErrorIs(t, err, ErrTooLong)
	require.NotErrorIs(t, err, ErrTruncated)
	require.True(t, strings.HasSuffix(err.Error(), "M: F at byte 3: too long for its field"))
}

func TestCursorAllocatesNothing(t *testing.T) {
	msg := make([]byte, 32)
	got := testing.AllocsPerRun(100, func() {
		c := NewCursor("M", msg)
		var id [4]byte
		c.U8("a")
		c.U16("a")
		c.U32("a")
		c.U64("a")
		c.Len32("a")
		c.Copy("a", id[:])
		c.Bytes("a", 3)
		c.At("a", 3, 4)
		c.Seek("a", 32)
		c.NoteTrailing(32)
		if c.Err() != nil || c.Anomalies() != nil {
			t.Fail()
		}
	})
	require.Zero(t, got)
}
