package wire

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestUTF16(t *testing.T) {
	for _, c := range []struct{ bytes, text string }{
		{"", ""},
		{"A\x00B\x00", "AB"},
		{"\x12\x04\x35\x04", "Ве"}, // Cyrillic: dropping the zero bytes would give other letters
		{"\x3D\xD8\x00\xDE", "😀"},
		{"A\x00\x00\x00B\x00", "A\x00B"},
		{"\xFF\xFE", "\uFEFF"},
		{"\xFD\xFF", "\uFFFD"},
	} {
		require.Equal(t, c.text, DecodeUTF16([]byte(c.bytes)))
		require.Equal(t, "x"+c.bytes, string(AppendUTF16([]byte("x"), c.text)))
	}
}

// Odd bytes and lone surrogates stay visible, and what follows them is read.
func TestUTF16Damaged(t *testing.T) {
	for _, c := range []struct{ bytes, text string }{
		{"\x00\xD8", `\uD800`},
		{"\x00\xDC", `\uDC00`},
		{"\x00\xD8A\x00", `\uD800A`},
		{"\x00\xDC\x00\xD8", `\uDC00\uD800`},
		{"\x00\xD8\x3D\xD8\x00\xDE", `\uD800😀`},
		{"A", `\x41`},
		{"A\x00B", `A\x42`},
		{"\x00\xD8\x3D", `\uD800\x3d`},
	} {
		require.Equal(t, c.text, DecodeUTF16([]byte(c.bytes)))
	}
	require.Equal(t, "\xFD\xFFA\x00", string(AppendUTF16(nil, "\x80A")), "invalid UTF-8")
}

func TestDecodeOEM(t *testing.T) {
	require.Equal(t, "", DecodeOEM(nil))
	require.Equal(t, "WORKGROUP\x00", DecodeOEM([]byte("WORKGROUP\x00")))
	require.Equal(t, `M\x81LLER\xff`, DecodeOEM([]byte("M\x81LLER\xFF")))
}

func TestEscapeText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{`plain ~!"\x1b`, `plain ~!"\x1b`}, // a backslash is printable: what is escaped already stays
		{"Ве 日本 😀 é", "Ве 日本 😀 é"},
		{"\x1b[31mred", `\x1b[31mred`},
		{"a\r\n\tb\x00\x7f", `a\x0d\x0a\x09b\x00\x7f`},
		{"\u0085\u009b31m", `\u0085\u009b31m`},
		{"a\u202eb\u2066c\u200f", `a\u202eb\u2066c\u200f`},
		{"a\u200bb\ufeffc\u00ad", `a\u200bb\ufeffc\u00ad`},
		{"a\u2028b\u2029", `a\u2028b\u2029`},
		{"\U000e0041\U000f0000", `\U000e0041\U000f0000`},
		{"\xff\xc3(\xe2\x80", `\xff\xc3(\xe2\x80`},
		{"\ufffd", "\ufffd"}, // the character itself is no damage
	} {
		require.Equal(t, c.want, EscapeText(c.in), "%q", c.in)
	}
}

func FuzzEscapeText(f *testing.F) {
	for _, s := range []string{"", "plain", "\x1b[0m", "\u202e", "Ве", "\xff", "\U000e0041"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		safe := EscapeText(s)
		require.True(t, utf8.ValidString(safe))
		for _, r := range safe {
			require.True(t, unicode.IsGraphic(r), "%q: %U", safe, r)
		}
		require.Equal(t, safe, EscapeText(safe))
	})
}

func FuzzDecodeUTF16(f *testing.F) {
	f.Add([]byte("A\x00B\x00"))
	f.Add([]byte("\x00\xD8\x3D"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := DecodeUTF16(b)
		require.True(t, utf8.ValidString(s))
		require.Equal(t, s, DecodeUTF16(AppendUTF16(nil, s)))
		require.True(t, utf8.ValidString(DecodeOEM(b)))
	})
}
