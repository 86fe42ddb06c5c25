package smbtest

import (
	"encoding/binary"
	"net"

	"github.com/smbscope/smbscope/smb"
)

// hostileSMB1 are servers of SMB1 whose words and bytes are not as many as they say, or as there should be.
func hostileSMB1() []Hostile {
	handles := map[string]func(net.Conn){"nt": genuineServer().Handle, "lanman": genuineOld{lanman: true}.Handle, "core": genuineOld{}.Handle}
	var list []Hostile
	for _, from := range []string{"nt", "lanman", "core"} {
		row := func(name, does string, change func(m []byte) []byte) {
			list = append(list, Hostile{
				Name: from + "-" + name, Does: "as a server with messages of " + from + ", " + does,
				Handle: changes(handles[from], func(_, m []byte) []byte {
					if !smb.IsSMB1(m) || len(m) < smb.SMB1HeaderSize+1 {
						return m
					}
					return change(m)
				}),
			})
		}
		row("words-more", "says that it has one word more than it has", func(m []byte) []byte { return wordCount(m, 1) })
		row("words-less", "says that it has one word less than it has", func(m []byte) []byte { return wordCount(m, -1) })
		row("words-none", "has no words and all its bytes", func(m []byte) []byte {
			return append(append(m[:smb.SMB1HeaderSize:smb.SMB1HeaderSize], 0), m[bytesAt(m):]...)
		})
		row("words-most", "has 255 words of zeros", func(m []byte) []byte {
			b := append(m[:smb.SMB1HeaderSize:smb.SMB1HeaderSize], 255)
			return append(append(b, make([]byte, 2*255)...), m[bytesAt(m):]...)
		})
		row("bytes-more", "says that it has one byte more than it has", func(m []byte) []byte { return byteCount(m, 1) })
		row("bytes-less", "says that it has one byte less than it has", func(m []byte) []byte { return byteCount(m, -1) })
		row("bytes-none", "ends behind a count of no bytes", func(m []byte) []byte { return append(m[:bytesAt(m):bytesAt(m)], 0, 0) })
		row("bytes-missing", "ends before the count of bytes", func(m []byte) []byte { return m[:bytesAt(m)] })
		row("bytes-most", "has 65,535 bytes of zeros", func(m []byte) []byte {
			return append(append(m[:bytesAt(m):bytesAt(m)], 0xFF, 0xFF), make([]byte, 0xFFFF)...)
		})
		row("trailing", "has 1,000 bytes behind the end", func(m []byte) []byte { return append(m, make([]byte, 1000)...) })
		row("odd-cut", "is without its last byte", func(m []byte) []byte { return m[:len(m)-1] })
	}
	return named("smb1", list...)
}

// bytesAt is the place of ByteCount, at most the end of the message.
func bytesAt(m []byte) int { return min(len(m), smb.SMB1HeaderSize+1+2*int(m[smb.SMB1HeaderSize])) }

func wordCount(m []byte, more int) []byte {
	m[smb.SMB1HeaderSize] = byte(int(m[smb.SMB1HeaderSize]) + more)
	return m
}

func byteCount(m []byte, more int) []byte {
	if at := bytesAt(m); at+2 <= len(m) {
		binary.LittleEndian.PutUint16(m[at:], uint16(int(binary.LittleEndian.Uint16(m[at:]))+more))
	}
	return m
}
