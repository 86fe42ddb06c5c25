package ndr_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

func reader(b ...byte) *ndr.Reader {
	r := ndr.NewReader("call", b)
	return &r
}

// Integers stand at multiples of their size, and what lies between is not looked at.
func TestAlignment(t *testing.T) {
	r := reader(1, 0xFF, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF, 3, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 4, 0, 0, 0, 0, 0, 0, 0)
	require.EqualValues(t, 1, r.U8("a"))
	require.EqualValues(t, 2, r.U16("b"))
	r.Align(8)
	require.EqualValues(t, 3, r.U32("c"))
	require.EqualValues(t, 4, r.U64("d"))
	r.End()
	require.NoError(t, r.Err())
	require.Empty(t, r.Anomalies())

	w := ndr.NewWriter("call", []byte("before")) // whose length does not count
	w.U8(1)
	w.U16(2)
	w.U64(3)
	w.U8(4)
	w.U32(5)
	w.U8(6)
	w.Len16("x", 7)
	w.Len32("y", 8)
	b, err := w.Result()
	require.NoError(t, err)
	require.Equal(t, []byte{1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 7, 0, 8, 0, 0, 0}, b[6:])
	require.ErrorIs(t, reader(1, 2).Err(), nil)
	short := reader(1, 2, 3)
	short.U8("a")
	short.U32("b")
	require.ErrorIs(t, short.Err(), wire.ErrTruncated)
}

// Every pointer of a stub has a referent identifier of its own, and a null one none.
func TestPointers(t *testing.T) {
	w := ndr.NewWriter("call", nil)
	for _, referent := range []bool{true, false, true} {
		w.Pointer(referent)
	}
	b, err := w.Result()
	require.NoError(t, err)
	require.Equal(t, []byte{0, 0, 2, 0, 0, 0, 0, 0, 4, 0, 2, 0}, b)
	r := reader(b...)
	require.Equal(t, []bool{true, false, true}, []bool{r.Pointer("a"), r.Pointer("b"), r.Pointer("c")})
	require.True(t, reader(0xFF, 0xFF, 0xFF, 0xFF).Pointer("any number is one"))
}

func TestString(t *testing.T) {
	for _, s := range []string{"", "a", "сервер 🚀", "x\x00y"} {
		w := ndr.NewWriter("call", nil)
		w.String("text", ndr.MakeText(s))
		b, err := w.Result()
		require.NoError(t, err)
		r := reader(b...)
		got := r.String("text")
		r.End()
		require.Equal(t, s, got.String())
		require.NotNil(t, got)
		require.NoError(t, r.Err())
		require.Empty(t, r.Anomalies())
		for n := range b {
			short := reader(b[:n]...)
			short.String("text")
			require.ErrorIs(t, short.Err(), wire.ErrTruncated, n)
		}
	}
	tests := map[string]struct {
		stub      []byte
		text      string
		anomalies int
	}{
		"no terminator":          {[]byte{1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 'a', 0}, "a", 1},
		"nothing at all":         {[]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "", 1},
		"an offset":              {[]byte{2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0}, "", 1},
		"more than the maximum":  {[]byte{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 'a', 0, 0, 0}, "a", 1},
		"a lone surrogate":       {[]byte{2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0x00, 0xD8, 0, 0}, `\uD800`, 0},
		"maximum of no interest": {[]byte{0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 2, 0, 0, 0, 'a', 0, 0, 0}, "a", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := reader(tt.stub...)
			require.Equal(t, tt.text, r.String("text").String())
			require.NoError(t, r.Err())
			require.Len(t, r.Anomalies(), tt.anomalies)
		})
	}
	for _, count := range [][4]byte{{3}, {0, 0, 0, 0x80}, {0xFF, 0xFF, 0xFF, 0xFF}, {0xFF, 0xFF, 0xFF, 0x7F}} {
		r := reader(append([]byte{9, 0, 0, 0, 0, 0, 0, 0}, append(count[:], 'a', 0, 0, 0)...)...)
		require.Nil(t, r.String("text"))
		require.ErrorIs(t, r.Err(), wire.ErrTruncated)
	}
	w := ndr.NewWriter("call", nil)
	w.String("text", ndr.Text{1})
	_, err := w.Result()
	require.ErrorIs(t, err, wire.ErrFormat)
}

func TestUnicodeString(t *testing.T) {
	for _, text := range []ndr.Text{nil, {}, ndr.MakeText("имя")} {
		w := ndr.NewWriter("call", nil)
		w.UnicodeString("name", text)
		w.UnicodeText("name", text)
		b, err := w.Result()
		require.NoError(t, err)
		r := reader(b...)
		h := r.UnicodeString("name")
		require.Equal(t, len(text), h.Length)
		require.Equal(t, text, r.UnicodeText("name", h))
		r.End()
		require.NoError(t, r.Err())
		require.Empty(t, r.Anomalies())
	}
	r := reader(8, 0, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 'a', 0)
	require.Equal(t, "a", r.UnicodeText("name", r.UnicodeString("name")).String())
	require.Len(t, r.Anomalies(), 1, "a length that is not that of the text")
	w := ndr.NewWriter("call", nil)
	w.UnicodeText("name", ndr.Text{1})
	_, err := w.Result()
	require.ErrorIs(t, err, wire.ErrFormat)
}

func TestSID(t *testing.T) {
	sid, err := dtyp.ParseSIDText("S-1-5-21-1-2-3-1000")
	require.NoError(t, err)
	w := ndr.NewWriter("call", nil)
	w.U8(1)
	w.SID("sid", sid)
	w.U32(7)
	b, err := w.Result()
	require.NoError(t, err)
	r := reader(b...)
	r.U8("before")
	require.Equal(t, sid, r.SID("sid"))
	require.EqualValues(t, 7, r.U32("behind"))
	require.Empty(t, r.Anomalies())
	b[4] = 4
	r = reader(b[4:]...)
	require.Equal(t, sid, r.SID("sid"))
	require.Len(t, r.Anomalies(), 1, "the array's count is not the SID's")
	b[9] = 16
	r = reader(b[4:]...)
	r.SID("sid")
	require.ErrorIs(t, r.Err(), wire.ErrFormat)
	for n := range len(b) - 8 {
		short := reader(b[4 : 4+n]...)
		short.SID("sid")
		require.Error(t, short.Err())
	}
}

func TestHandleAndCount(t *testing.T) {
	h := ndr.Handle{19: 1}
	w := ndr.NewWriter("call", nil)
	w.U8(1)
	w.Handle(h)
	b, err := w.Result()
	require.NoError(t, err)
	r := reader(b...)
	r.U8("before")
	require.Equal(t, h, r.Handle("handle"))
	require.False(t, h.IsZero())
	require.True(t, ndr.Handle{}.IsZero())

	r = reader(2, 0, 0, 0, 3, 0, 0, 0)
	r.Count("list", 2)
	require.Empty(t, r.Anomalies())
	r.Count("list", 2)
	require.Len(t, r.Anomalies(), 1)
}

// Whatever the bytes are, reading ends with a value or an error, and never moves beyond them.
func FuzzReader(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7}, []byte{1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 'a', 0, 0, 0})
	f.Fuzz(func(t *testing.T, steps, stub []byte) {
		r := ndr.NewReader("call", stub)
		for _, step := range steps {
			switch step % 10 {
			case 0:
				r.U16("x")
			case 1:
				r.U32("x")
			case 2:
				r.U64("x")
			case 3:
				require.LessOrEqual(t, len(r.String("x")), len(stub))
			case 4:
				require.LessOrEqual(t, len(r.UnicodeText("x", r.UnicodeString("x"))), len(stub))
			case 5:
				require.LessOrEqual(t, len(r.SID("x").SubAuthority), 15)
			case 6:
				r.Handle("x")
			case 7:
				r.Count("x", r.Len16("x"))
			case 8:
				r.UnknownArm("x")
			default:
				r.Align(int(step)%8 + 1)
			}
			require.LessOrEqual(t, r.Offset(), len(stub))
		}
		r.End()
	})
}
