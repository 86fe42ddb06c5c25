package negotiate

import (
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// Short names for what every test here uses.
var unhex, odd = wiretest.Hex, wiretest.Odd

// patched returns the message with other bytes at an offset.
func patched(msg []byte, offset int, with ...byte) []byte {
	out := append([]byte(nil), msg...)
	copy(out[offset:], with)
	return out
}

// Headers of the negotiate command in hex.
const (
	request1     = "ff534d42 72 00000000 18 43c8 0000 0000000000000000 0000 ffff fffe 0000 0000"
	request1OEM  = "ff534d42 72 00000000 18 0100 0000 0000000000000000 0000 0000 fffe 0000 0000"
	reply1       = "ff534d42 72 00000000 98 43c8 0000 0000000000000000 0000 ffff fffe 0000 0000"
	reply1Plain  = "ff534d42 72 00000000 98 01c0 0000 0000000000000000 0000 ffff fffe 0000 0000" // UTF-16, no extended security
	reply1OEM    = "ff534d42 72 00000000 98 0100 0000 0000000000000000 0000 ffff fffe 0000 0000"
	failed1      = "ff534d42 72 020000c0 98 43c8 0000 0000000000000000 0000 ffff fffe 0000 0000"
	request2     = "fe534d42 4000 0000 00000000 0000 0100 00000000 00000000 0000000000000000 fffe0000 00000000 " + zero24
	reply2       = "fe534d42 4000 0000 00000000 0000 0100 01000000 00000000 0000000000000000 fffe0000 00000000 " + zero24
	notSupported = "fe534d42 4000 0000 bb0000c0 0000 0100 01000000 00000000 0000000000000000 fffe0000 00000000 " + zero24

	zero24 = "0000000000000000 00000000000000000000000000000000" // SessionId and Signature
)

// counted puts ByteCount before the bytes in hex.
func counted(s string) string {
	s = strings.Join(strings.Fields(s), "")
	return hex.EncodeToString(binary.LittleEndian.AppendUint16(nil, uint16(len(s)/2))) + s
}

func oemz(s string) string { return hex.EncodeToString([]byte(s + "\x00")) }

func utfz(s string) string { return hex.EncodeToString(wire.AppendUTF16(nil, s+"\x00")) }
