package smbtest

import (
	"bytes"
	"encoding/binary"
	"net"

	"github.com/smbscope/smbscope/smb"
)

// nextCommandAt is the place of NextCommand in a header of SMB2, and nextMessageAlign what it is a multiple of ([MS-SMB2]
// 2.2.1.2 and 3.3.4.1.3).
const (
	nextCommandAt    = 20
	nextMessageAlign = 8
)

// hostileCompounds are servers that answer in compounds, which nobody has asked for, and whose chains lead nowhere.
func hostileCompounds() []Hostile {
	row := func(name, does string, copies int, next func(size int) uint32) Hostile {
		return Hostile{Name: name, Does: does, Handle: compounds(copies, next)}
	}
	return named("compounds",
		row("whole", "answers with a compound of three equal messages", 3, func(size int) uint32 { return uint32(size) }),
		row("no-next", "sends three messages in a frame whose NextCommand are all 0", 3, func(int) uint32 { return 0 }),
		row("next-without-message", "sends one message with a NextCommand to its own end", 1, func(size int) uint32 { return uint32(size) }),
		row("next-in-header", "sends a NextCommand of 8, which lies in the header that has it", 2, func(int) uint32 { return 8 }),
		row("next-unaligned", "sends a NextCommand that is no multiple of 8", 2, func(size int) uint32 { return uint32(size) - 3 }),
		row("next-to-itself", "sends a NextCommand that leads to itself, where it is added up in 32 bits from the second message on",
			2, func(size int) uint32 { return -uint32(size) }),
		row("next-backwards", "sends a NextCommand of -64, which leads backwards in 32 bits", 3, func(int) uint32 { return 1<<32 - 64 }),
		row("next-beyond", "sends a NextCommand beyond the frame", 2, func(size int) uint32 { return uint32(3 * size) }),
		row("next-largest", "sends the largest NextCommand", 2, func(int) uint32 { return 1<<32 - 1 }),
		row("thousand", "answers with a compound of a thousand messages", 1000, func(size int) uint32 { return uint32(size) }),
		Hostile{
			Name: "andx-loop", Does: "answers in SMB1 with an AndX chain that leads to its own beginning",
			Handle: changes(genuineServer().Handle, func(_, m []byte) []byte { return andX(m, smb.SMB1HeaderSize) }),
		},
		Hostile{
			Name: "andx-into-header", Does: "answers in SMB1 with an AndX chain that leads into the header",
			Handle: changes(genuineServer().Handle, func(_, m []byte) []byte { return andX(m, 0) }),
		},
		Hostile{
			Name: "andx-beyond", Does: "answers in SMB1 with an AndX chain that leads beyond the message",
			Handle: changes(genuineServer().Handle, func(_, m []byte) []byte { return andX(m, len(m)+1) }),
		},
	)
}

// compounds answers with copies of each message, each of which says where the next one begins, the last one too.
func compounds(copies int, next func(size int) uint32) func(net.Conn) {
	return changes(genuineServer().Handle, func(_, m []byte) []byte {
		if !smb.IsSMB2(m) {
			return m
		}
		m = append(m, make([]byte, -len(m)&(nextMessageAlign-1))...)
		binary.LittleEndian.PutUint32(m[nextCommandAt:], next(len(m)))
		return bytes.Repeat(m, copies)
	})
}

// andX makes the first block of a message say that a session setup follows at an offset.
func andX(m []byte, offset int) []byte {
	h, err := smb.ParseSMB1Header(m)
	const commandAt, offsetAt = smb.SMB1HeaderSize + 1, smb.SMB1HeaderSize + 3
	if err != nil || h.Command == smb.SMB1Negotiate || len(m) < offsetAt+2 || m[smb.SMB1HeaderSize] < 2 {
		return m
	}
	m[commandAt] = byte(smb.SMB1SessionSetupAndX)
	binary.LittleEndian.PutUint16(m[offsetAt:], uint16(offset))
	return m
}
