package spnego

import (
	"golang.org/x/crypto/cryptobyte"

	"github.com/smbscope/smbscope/smb/wire"
)

// HintPleaseIgnore is the hintName of Windows from Vista on and of Samba ([MS-SPNG] 2.2.1). Windows 2000 to Server 2003
// put the server's principal there ("FILESERVER$@EXAMPLE.COM"), Samba 3.0 "NONE" where there is no domain.
const HintPleaseIgnore = "not_defined_in_RFC4178@please_ignore"

// NegHints is the NegHints structure as described in [MS-SPNG] 2.2.1.
type NegHints struct {
	HintName    []byte // of a GeneralString; nil where it is absent
	HintAddress []byte // nil where it is absent, as it should be
	Unknown     [][]byte
}

// Text decodes HintName: ASCII, and every other byte visible, since a GeneralString names no character set.
func (h NegHints) Text() string { return wire.DecodeOEM(h.HintName) }

func readNegHints(c *wire.Cursor, field element) (NegHints, bool) {
	var h NegHints
	sequence, ok := readInner(c, "negHints", field, tagSequence)
	if !ok {
		return h, false
	}
	h.Unknown = readFields(c, "negHints", sequence, func(number int, e element) bool {
		switch number {
		case 0:
			return readBytes(c, "hintName", e, tagGeneralString, &h.HintName)
		case 1:
			return readBytes(c, "hintAddress", e, tagOctetString, &h.HintAddress)
		}
		return false
	})
	return h, true
}

func (h NegHints) add(out *cryptobyte.Builder) {
	addBytes(out, 0, tagGeneralString, h.HintName)
	addBytes(out, 1, tagOctetString, h.HintAddress)
	addUnknown(out, h.Unknown)
}
