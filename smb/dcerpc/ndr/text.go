package ndr

import "github.com/smbscope/smbscope/smb/wire"

// A Text is text of 16-bit little-endian characters as it came, without a terminator; nil is a null pointer, and differs
// from an empty text.
type Text []byte

// MakeText encodes s. An empty s gives an empty text, not nil.
func MakeText(s string) Text { return Text(wire.AppendUTF16([]byte{}, s)) }

// String decodes the text; lone surrogates stay visible, as wire.DecodeUTF16 says.
func (t Text) String() string { return wire.DecodeUTF16(t) }

// A Handle is a context handle: 20 bytes that mean something to the server alone ([C706] 14.2.13, [MS-RPCE] 2.2.4).
type Handle [20]byte

// IsZero tells whether the handle is the null one, which servers give with refusals and after a close.
func (h Handle) IsZero() bool { return h == Handle{} }
