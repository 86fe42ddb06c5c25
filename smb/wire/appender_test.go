package wire

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// part builds itself, or fails.
type part struct {
	text string
	err  error
}

func (p part) AppendBinary(b []byte) ([]byte, error) {
	if p.err != nil {
		return b, p.err
	}
	return append(b, p.text...), nil
}

func TestAppenderWrites(t *testing.T) {
	a := NewAppender("M", []byte("before"))
	a.U8(1)
	a.U16(0x0302)
	a.U32(0x07060504)
	a.U64(0x0F0E0D0C0B0A0908)
	a.Bytes([]byte{0x10, 0x11})
	a.Text("AB")
	a.Zero(2)
	require.Equal(t, 21, a.Offset(), "offsets count from the start of the message, not of the slice")
	a.Pad(8)
	require.Equal(t, 24, a.Offset())
	a.Pad(8)
	require.Equal(t, 24, a.Offset())
	a.Append(part{text: "CD"})
	a.Len8("n", 0xFF)
	a.Len16("n", 0xFFFE)
	a.Len32("n", 0x01020304)
	a.Patch16("n", 1, 0xBBAA)
	a.Patch32("n", 3, 0x0D0C0B0A)
	got, err := a.Result()
	require.NoError(t, err)
	require.Equal(t, "before\x01\xAA\xBB\x0A\x0B\x0C\x0D\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11AB\x00\x00\x00\x00\x00"+
		"CD\xFF\xFE\xFF\x04\x03\x02\x01", string(got))
}

func TestAppenderTooLong(t *testing.T) {
	for name, write := range map[string]func(*Appender){
		"Len8":         func(a *Appender) { a.Len8("Field", 0x100) },
		"Len8 below":   func(a *Appender) { a.Len8("Field", -1) },
		"Len16":        func(a *Appender) { a.Len16("Field", 0x10000) },
		"Len16 below":  func(a *Appender) { a.Len16("Field", -1) },
		"Len32 below":  func(a *Appender) { a.Len32("Field", -1) },
		"Patch16":      func(a *Appender) { a.Patch16("Field", 0, 0x10000) },
		"Patch32":      func(a *Appender) { a.Patch32("Field", 0, -1) },
		"first sticks": func(a *Appender) { a.Len8("Field", 0x100); a.Fail("Other", ErrFormat) },
		"later parts": func(a *Appender) {
			a.Len8("Field", 0x100)
			a.Append(part{err: errors.New("other")})
			a.Append(part{text: "more"})
		},
	} {
		a := NewAppender("M", []byte("before"))
		a.U32(1)
		write(&a)
		got, err := a.Result()
		require.Equal(t, "before", string(got), name)
		require.ErrorIs(t, err, ErrTooLong, name)
		var pe *ParseError
		require.ErrorAs(t, err, &pe, name)
		require.Equal(t, "Field", pe.Field, name)
		require.Equal(t, "M", pe.Message, name)
	}
}

func TestAppenderPartFails(t *testing.T) {
	cause := errors.New("cause")
	a := NewAppender("M", []byte("before"))
	a.U8(1)
	a.Append(part{err: cause})
	a.Append(part{err: errors.New("later")})
	got, err := a.Result()
	require.Equal(t, "before", string(got))
	require.Equal(t, cause, err)
}
