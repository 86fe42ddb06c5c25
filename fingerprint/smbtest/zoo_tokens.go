package smbtest

import (
	"bytes"
	"encoding/binary"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// The bounds of what a security buffer of a message can hold: its length has 16 bits, and in SMB1 the whole message shares
// them with it.
const (
	tokenDepth = 10_000
	tokenRoom  = 60_000
)

// hostileTokens are servers whose messages are well made, and the tokens of GSS-API in them are not.
func hostileTokens() []Hostile {
	row := func(name, does string, change func(blob []byte) []byte) Hostile {
		return Hostile{Name: name, Does: does, Handle: changes(genuineServer().Handle, func(_, m []byte) []byte {
			return withBlob(m, change)
		})}
	}
	instead := func(blob []byte) func([]byte) []byte { return func([]byte) []byte { return blob } }
	return named("tokens",
		row("deep", "sends a token of SPNEGO in which sequences are nested 10,000 deep", instead(nested(tokenDepth))),
		row("deep-in-token", "nests 10,000 sequences in the place of a genuine token's mechanisms or answer",
			func(blob []byte) []byte { return wrapped(blob, nested(tokenDepth)) }),
		row("indefinite", "sends a token of SPNEGO whose lengths are all indefinite",
			wrappedIndefinite),
		row("indefinite-deep", "nests 10,000 elements of indefinite length and ends none", instead(bytes.Repeat([]byte{0x30, 0x80}, tokenDepth))),
		row("length-largest", "sends an element of 2^64 - 1 bytes", instead([]byte("\x60\x88\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x06\x00"))),
		row("length-of-length", "sends an element whose length has 127 bytes", instead(append([]byte{0x60, 0xFF}, bytes.Repeat([]byte{1}, 200)...))),
		row("length-padded", "writes a length with 100 leading zeros", instead(append(append([]byte{0x60, 0xE5}, make([]byte, 100)...), 2, 6, 0))),
		row("tag-endless", "sends a tag whose number has no end", instead(bytes.Repeat([]byte{0x7F, 0xFF}, 500))),
		row("oid-endless", "lists one mechanism whose identifier has no end",
			instead(initToken([]byte{0x06, 0x7F}, bytes.Repeat([]byte{0xFF}, 0x7F)))),
		row("mechanisms", "lists ten thousand mechanisms", instead(initToken(bytes.Repeat([]byte{0x06, 0x01, 0x2A}, tokenDepth)))),
		row("fields", "sends ten thousand unknown fields", instead(append(initToken(), bytes.Repeat([]byte{0xA9, 0x00}, tokenDepth)...))),
		row("empty", "sends tokens without a byte", instead([]byte{})),
		row("zeros", "sends tokens of zeros", instead(make([]byte, tokenRoom))),
		row("cut", "sends the first half of each token", func(blob []byte) []byte { return blob[:len(blob)/2] }),
		row("twice", "sends each token twice, one behind the other", func(blob []byte) []byte { return append(blob[:len(blob):len(blob)], blob...) }),
		row("raw-ntlm", "answers SPNEGO with NTLM alone", func(blob []byte) []byte {
			if r, err := spnego.ParseNegTokenResp(blob); err == nil {
				return r.ResponseToken
			}
			return blob
		}),
		row("hint", "sends a hint of 60,000 bytes", func([]byte) []byte {
			return built(spnego.NegTokenInit2{
				MechTypes: []spnego.OID{spnego.OIDNTLMSSP}, NegHints: &spnego.NegHints{HintName: bytes.Repeat([]byte("\x1b[31m"), tokenRoom/5)},
			})
		}),
		challengeRow("av-pairs-without-end", "sends AV pairs that fill the token and have no last one", func(m []byte) []byte {
			return withInfo(m, bytes.Repeat([]byte("\x01\x00\x04\x00A\x00B\x00"), tokenRoom/8))
		}),
		challengeRow("av-pairs-empty", "sends 15,000 AV pairs without a value, and no last one", func(m []byte) []byte {
			return withInfo(m, bytes.Repeat([]byte("\x0A\x00\x00\x00"), tokenRoom/4))
		}),
		challengeRow("av-pair-too-long", "sends an AV pair that is longer than the message", func(m []byte) []byte {
			return withInfo(m, []byte("\x01\x00\xFF\xFFA\x00"))
		}),
		challengeRow("av-pair-cut", "sends AV pairs that end in the middle of a length", func(m []byte) []byte {
			return withInfo(m, []byte("\x01\x00\x02\x00A\x00\x02\x00\x04"))
		}),
		challengeRow("av-pairs-first-is-last", "ends the AV pairs before the first one", func(m []byte) []byte {
			return withInfo(m, []byte("\x00\x00\x00\x00\x01\x00\x02\x00A\x00\x00\x00\x00\x00"))
		}),
		challengeRow("av-pairs-contradict", "sends each AV pair again with other values", func(m []byte) []byte {
			return withPairs(m, func(pairs []ntlmssp.AVPair) []ntlmssp.AVPair {
				for _, p := range pairs {
					if p.ID.IsText() {
						pairs = append(pairs, ntlmssp.TextPair(p.ID, "OTHER"))
					}
				}
				return pairs
			})
		}),
		challengeRow("other-message", "sends an NTLM AUTHENTICATE message as challenge", func(m []byte) []byte {
			m[8] = byte(ntlmssp.TypeAuthenticate)
			return m
		}),
		challengeRow("signature-alone", "sends the signature of NTLM and nothing more", func([]byte) []byte { return []byte("NTLMSSP\x00") }),
		challengeRow("payload-in-header", "sends names and AV pairs that lie in the fixed part of the challenge", func(m []byte) []byte {
			binary.LittleEndian.PutUint32(m[targetNameAt+4:], 0)
			binary.LittleEndian.PutUint32(m[targetInfoAt+4:], targetInfoAt)
			return m
		}),
	)
}

// challengeRow is a server that changes NTLM challenges, in whatever they are wrapped.
func challengeRow(name, does string, change func(m []byte) []byte) Hostile {
	return Hostile{Name: name, Does: does, Handle: changes(genuineServer().Handle, func(_, m []byte) []byte {
		return withChallenge(m, change)
	})}
}

// withBlob changes the security blob of an answer; one that has none stays as it is.
func withBlob(m []byte, change func(blob []byte) []byte) []byte {
	if r, err := negotiate.ParseSMB2Response(m); err == nil {
		r.SecurityBuffer = change(r.SecurityBuffer)
		return built(r)
	}
	if r, err := smb.ParseSMB2SessionSetupResponse(m); err == nil && len(r.SecurityBuffer) > 0 {
		r.SecurityBuffer = change(r.SecurityBuffer)
		return built(r)
	}
	if r, err := negotiate.ParseSMB1Response(m); err == nil && r.ExtendedSecurity() {
		r.SecurityBlob = change(r.SecurityBlob)
		return built(r)
	}
	if r, err := smb.ParseSMB1SessionSetupResponse(m); err == nil && len(r.SecurityBlob) > 0 {
		r.SecurityBlob = change(r.SecurityBlob)
		return built(r)
	}
	return m
}

// withChallenge changes the NTLM challenge of an answer; one that has none stays as it is.
func withChallenge(m []byte, change func(challenge []byte) []byte) []byte {
	return withBlob(m, func(blob []byte) []byte {
		r, err := spnego.ParseNegTokenResp(blob)
		if err != nil || len(r.ResponseToken) < challengeSize {
			return blob
		}
		r.ResponseToken = change(r.ResponseToken)
		return built(r)
	})
}

// The places of [MS-NLMP] 2.2.1.2: TargetNameFields, TargetInfoFields, and the end of what is always there.
const (
	targetNameAt  = 12
	targetInfoAt  = 40
	challengeSize = 48
)

// withInfo puts bytes into the place of a challenge's target information, behind all else.
func withInfo(m, info []byte) []byte {
	binary.LittleEndian.PutUint16(m[targetInfoAt:], uint16(len(info)))
	binary.LittleEndian.PutUint16(m[targetInfoAt+2:], uint16(len(info)))
	binary.LittleEndian.PutUint32(m[targetInfoAt+4:], uint32(len(m)))
	return append(m[:len(m):len(m)], info...)
}

// withPairs changes the AV pairs of a challenge.
func withPairs(m []byte, change func([]ntlmssp.AVPair) []ntlmssp.AVPair) []byte {
	ch, err := ntlmssp.ParseChallenge(m)
	if err != nil {
		return m
	}
	ch.AVPairs = change(ch.AVPairs)
	return built(ch)
}

// nested returns sequences in sequences, each with a right length.
func nested(depth int) []byte {
	var heads [][]byte // from the inside
	size := 0
	for range depth {
		head := der(0x30, size)
		heads = append(heads, head)
		size += len(head)
	}
	b := make([]byte, 0, size)
	for i := range heads {
		b = append(b, heads[len(heads)-1-i]...)
	}
	return b
}

// der returns the tag and the length of an element.
func der(tag byte, size int) []byte {
	switch {
	case size < 0x80:
		return []byte{tag, byte(size)}
	case size < 0x100:
		return []byte{tag, 0x81, byte(size)}
	case size < 0x10000:
		return []byte{tag, 0x82, byte(size >> 8), byte(size)}
	}
	return []byte{tag, 0x83, byte(size >> 16), byte(size >> 8), byte(size)}
}

func element(tag byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	return append(der(tag, len(content)), content...)
}

// oidSPNEGO is 1.3.6.1.5.5.2 with its tag and length ([RFC 4178] 4.2).
const oidSPNEGO = "\x06\x06\x2B\x06\x01\x05\x05\x02"

// initToken returns a first token with what it is given as list of mechanisms.
func initToken(mechanisms ...[]byte) []byte {
	return element(0x60, []byte(oidSPNEGO), element(0xA0, element(0x30, element(0xA0, element(0x30, mechanisms...)))))
}

// wrapped returns a token of the kind of another, a first one or an answer, that has something in the place of its parts.
func wrapped(blob, inner []byte) []byte {
	if len(blob) > 0 && blob[0] == 0xA1 {
		return element(0xA1, element(0x30, element(0xA2, inner)))
	}
	return element(0x60, []byte(oidSPNEGO), element(0xA0, element(0x30, element(0xA0, inner))))
}

// wrappedIndefinite is such a token without lengths, whose elements end as [X.690] 8.1.3.6 has it.
func wrappedIndefinite(blob []byte) []byte {
	const inner = "\x06\x0A\x2B\x06\x01\x04\x01\x82\x37\x02\x02\x0A" // NTLM
	if len(blob) > 0 && blob[0] == 0xA1 {
		return append(append([]byte("\xA1\x80\x30\x80\xA1\x80"), inner...), make([]byte, 6)...)
	}
	b := append([]byte("\x60\x80"), oidSPNEGO...)
	b = append(append(b, "\xA0\x80\x30\x80\xA0\x80\x30\x80"...), inner...)
	return append(b, make([]byte, 10)...)
}
