package smb

import (
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// Short names for what every test here uses.
var unhex, odd = wiretest.Hex, wiretest.Odd

// header1 is an SMB1 header in hex: TID 0xFFFF, PIDLow 0xFEFF, UID 0x0800, MID 1.
func header1(command, status, flags, flags2 string) string {
	return "ff534d42" + command + status + flags + flags2 + "0000 0000000000000000 0000 ffff fffe 0008 0100"
}

// header2 is an SMB2 header in hex: CreditCharge 0, Credits 1, MessageId 1, process id 0xFEFF, TreeId 0, SessionId 0x1122.
func header2(command, status, flags string) string {
	return "fe534d42 4000 0000" + status + command + "0100" + flags + "00000000 0100000000000000 fffe0000 00000000" +
		"2211000000000000" + strings.Repeat("00", 16)
}

const (
	setup1   = "73"
	setup2   = "0100"
	success  = "00000000"
	more     = "160000c0"
	failure  = "6d0000c0"
	request1 = "18"
	reply1   = "98"
	oem      = "0148"
	unicode  = "07c8"
	request2 = "00000000"
	reply2   = "01000000"
)

// counted puts ByteCount before the bytes in hex.
func counted(s string) string {
	s = strings.Join(strings.Fields(s), "")
	return hex.EncodeToString(binary.LittleEndian.AppendUint16(nil, uint16(len(s)/2))) + s
}

// oemz and utfz are a string with its terminator in hex.
func oemz(s string) string { return hex.EncodeToString([]byte(s + "\x00")) }

func utfz(s string) string { return hex.EncodeToString(wire.AppendUTF16(nil, s+"\x00")) }

// patched returns the message with other bytes at an offset.
func patched(msg []byte, offset int, with ...byte) []byte {
	out := append([]byte(nil), msg...)
	copy(out[offset:], with)
	return out
}
