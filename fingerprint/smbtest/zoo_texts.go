package smbtest

import (
	"encoding/binary"
	"strings"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/wire"
)

// hostileTexts are servers whose messages are well made, and whose names are no text, or none that anybody should print.
func hostileTexts() []Hostile {
	row := func(name, does string, text []byte) Hostile {
		return Hostile{Name: name, Does: does, Handle: changes(genuineServer().Handle, func(_, m []byte) []byte {
			m = withChallenge(m, func(ch []byte) []byte { return withTexts(ch, text) })
			return withTexts1(m, text)
		})}
	}
	utf16 := func(text string) []byte { return wire.AppendUTF16(nil, text) }
	units := func(list ...uint16) (b []byte) {
		for _, u := range list {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		return b
	}
	return named("texts",
		row("odd", "sends names of UTF-16 with an odd number of bytes", append(utf16("ODD"), 'X')),
		row("one-byte", "sends names of UTF-16 with one byte", []byte{'X'}),
		row("empty", "sends names without a byte", []byte{}),
		row("high-surrogates", "sends names of high surrogates alone", units('H', 0xD800, 0xDBFF, 'H', 0xD800)),
		row("low-surrogates", "sends names of low surrogates alone", units(0xDC00, 'L', 0xDFFF, 0xDC00)),
		row("surrogates-reversed", "sends names of surrogates in the wrong order", units(0xDC00, 0xD800, 0xDC00, 0xD800)),
		row("zeros", "sends names of zeros", make([]byte, 64)),
		row("zero-within", "sends names with a zero in the middle", utf16("BEFORE\x00BEHIND")),
		row("no-characters", "sends names of values that are no characters", units(0xFFFE, 0xFFFF, 0xFEFF, 0xFDD0)),
		row("escapes", "sends names that would change a terminal", utf16("\x1b]0;owned\x07\x1b[2J\x9b31m\r\n\x08\x7F")),
		row("bidirectional", "sends names that turn the direction of writing round", utf16("a\u202Eexe.txt\u2066\u200Fb")),
		row("formula", "sends names that a spreadsheet would run", utf16("=HYPERLINK(\"http://198.51.100.9\")")),
		row("markup", "sends names that a page would run", utf16("<script>alert(1)</script>'\";--{{7*7}}%n%s")),
		row("path", "sends names that lead out of a folder", utf16("..\\..\\../../etc/passwd\x00.txt")),
		row("long", "sends names of 3,000 characters", utf16(strings.Repeat("LONGNAMES ", 300))),
		row("emoji", "sends names of characters beyond the first plane", utf16(strings.Repeat("🎉", 20))),
	)
}

// withTexts puts a text into each name of a challenge.
func withTexts(m, text []byte) []byte {
	ch, err := ntlmssp.ParseChallenge(m)
	if err != nil {
		return m
	}
	ch.TargetName = text
	for i, p := range ch.AVPairs {
		if p.ID.IsText() {
			ch.AVPairs[i].Value = text
		}
	}
	return built(ch)
}

// withTexts1 puts a text into the names that an answer of SMB1 has outside of tokens, without what would end it there.
func withTexts1(m, text []byte) []byte {
	if r, err := negotiate.ParseSMB1Response(m); err == nil && r.DomainName != nil {
		return withBytes1(m, append(append(append([]byte{}, r.Challenge...), text...), 0, 0, 0))
	}
	if r, err := smb.ParseSMB1SessionSetupResponse(m); err == nil {
		data := append([]byte{}, r.SecurityBlob...)
		data = append(data, make([]byte, len(data)&1)...)
		for range 3 {
			data = append(append(data, text...), 0, 0)
		}
		return withBytes1(m, data)
	}
	return m
}

// withBytes1 puts other data behind the words of an SMB1 message.
func withBytes1(m, data []byte) []byte {
	const words = smb.SMB1HeaderSize
	if len(m) <= words {
		return m
	}
	at := words + 1 + 2*int(m[words])
	if at > len(m) {
		return m
	}
	b := binary.LittleEndian.AppendUint16(m[:at:at], uint16(len(data)))
	return append(b, data...)
}
