package wire

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// DecodeUTF16 decodes little-endian UTF-16 as it is sent by all protocols of the family, all of b, embedded zeros
// included. Nothing is dropped or replaced: a lone surrogate becomes the six characters `\uD800`, and the last byte of
// an odd number of bytes the four characters `\x41`. Callers keep the bytes where such text could mislead.
func DecodeUTF16(b []byte) string {
	var s strings.Builder
	s.Grow(len(b) / 2)
	for ; len(b) >= 2; b = b[2:] {
		r := rune(binary.LittleEndian.Uint16(b))
		if !utf16.IsSurrogate(r) {
			s.WriteRune(r)
			continue
		}
		if len(b) >= 4 {
			if pair := utf16.DecodeRune(r, rune(binary.LittleEndian.Uint16(b[2:]))); pair != unicode.ReplacementChar {
				s.WriteRune(pair)
				b = b[2:]
				continue
			}
		}
		fmt.Fprintf(&s, `\u%04X`, r)
	}
	if len(b) == 1 {
		fmt.Fprintf(&s, `\x%02x`, b[0])
	}
	return s.String()
}

// AppendUTF16 appends s as little-endian UTF-16 without a terminator. Invalid UTF-8 becomes U+FFFD.
func AppendUTF16(b []byte, s string) []byte {
	for _, r := range s {
		if hi, lo := utf16.EncodeRune(r); hi != unicode.ReplacementChar {
			b = binary.LittleEndian.AppendUint16(b, uint16(hi))
			b = binary.LittleEndian.AppendUint16(b, uint16(lo))
			continue
		}
		b = binary.LittleEndian.AppendUint16(b, uint16(r))
	}
	return b
}

// DecodeOEM decodes text in the peer's OEM code page, which no message names: ASCII is taken as it is and every other
// byte becomes four characters such as `\x82`.
func DecodeOEM(b []byte) string {
	var s strings.Builder
	s.Grow(len(b))
	for _, c := range b {
		if c < utf8.RuneSelf {
			s.WriteByte(c)
			continue
		}
		fmt.Fprintf(&s, `\x%02x`, c)
	}
	return s.String()
}

// EscapeText makes a stranger's text safe for terminals, logs and error messages: control characters, ESC, marks that
// change the direction or hide characters, line separators and invalid UTF-8 are written as escapes (`\x1b`,
// `\u202e`). Graphic characters of all scripts stay as they are. Text without any of these comes back unchanged.
func EscapeText(s string) string {
	if isPlain(s) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s) + 16)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02x`, s[i])
		case r < utf8.RuneSelf && !unicode.IsPrint(r):
			fmt.Fprintf(&out, `\x%02x`, r)
		case !unicode.IsGraphic(r) || r == 0x2028 || r == 0x2029:
			if r > 0xFFFF {
				fmt.Fprintf(&out, `\U%08x`, r)
			} else {
				fmt.Fprintf(&out, `\u%04x`, r)
			}
		default:
			out.WriteString(s[i : i+size])
		}
		i += size
	}
	return out.String()
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7E {
			return false
		}
	}
	return true
}
