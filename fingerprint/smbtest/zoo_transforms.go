package smbtest

import (
	"encoding/binary"

	"github.com/smbscope/smbscope/smb"
)

// hostileTransforms are servers that encrypt and compress where nobody has agreed to.
func hostileTransforms() []Hostile {
	genuine := genuineServer()
	row := func(name, does string, wrap func(m []byte) []byte) Hostile {
		return Hostile{Name: name, Does: does, Handle: changes(genuine.Handle, func(_, m []byte) []byte {
			if !smb.IsSMB2(m) {
				return m
			}
			return wrap(m)
		})}
	}
	return named("transforms",
		row("encrypted", "encrypts its answers", func(m []byte) []byte { return encrypted(m, uint32(len(m)), 1) }),
		row("encrypted-huge", "says that its encrypted answers are of 4 GiB - 1 bytes", func(m []byte) []byte { return encrypted(m, 1<<32-1, 1) }),
		row("encrypted-empty", "sends the header of an encrypted message and nothing more", func([]byte) []byte { return encrypted(nil, 0, 1) }),
		row("encrypted-not", "sends the header of an encrypted message without the flag of one, and a plain message behind it",
			func(m []byte) []byte { return encrypted(m, uint32(len(m)), 0) }),
		row("encrypted-twice", "encrypts an encrypted answer", func(m []byte) []byte {
			return encrypted(encrypted(m, uint32(len(m)), 1), uint32(len(m)), 1)
		}),
		row("compressed", "compresses its answers with LZ77", func(m []byte) []byte { return compressed(uint32(len(m)), 2, 0, 0, m) }),
		row("compressed-huge", "says that its compressed answers are of 4 GiB - 1 bytes once they are not",
			func(m []byte) []byte { return compressed(1<<32-1, 2, 0, 0, m) }),
		row("compressed-offset", "sends a compressed message whose data begin beyond its end",
			func(m []byte) []byte { return compressed(uint32(len(m)), 2, 0, 1<<32-1, m) }),
		row("compressed-chained", "sends a chain of compressed payloads whose lengths do not fit",
			func(m []byte) []byte { return compressed(uint32(len(m)), 4, 1, 1<<32-1, m) }),
		row("compressed-none", "compresses with no algorithm", func(m []byte) []byte { return compressed(uint32(len(m)), 0, 0, 0, m) }),
		row("compressed-bomb", "sends a chain of patterns, each of which is a byte 4 GiB long", func([]byte) []byte { return patterns() }),
		row("rdma", "sends the header of an RDMA transform", func(m []byte) []byte {
			return append([]byte("\xFBSMB\x18\x00\x00\x00\x00\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\x00\x00\x00\x00"), m...)
		}),
	)
}

// encrypted puts a message behind an SMB2 TRANSFORM_HEADER as it is ([MS-SMB2] 2.2.41): no client has a key to see that.
func encrypted(m []byte, size uint32, flags uint16) []byte {
	b := append([]byte("\xFDSMB"), make([]byte, 32)...) // Signature and Nonce
	b = binary.LittleEndian.AppendUint32(b, size)       // OriginalMessageSize
	b = append(b, 0, 0)                                 // Reserved
	b = binary.LittleEndian.AppendUint16(b, flags)
	b = binary.LittleEndian.AppendUint64(b, personalitySession)
	return append(b, m...)
}

// compressed puts a message behind an SMB2 COMPRESSION_TRANSFORM_HEADER as it is ([MS-SMB2] 2.2.42).
func compressed(size uint32, algorithm, flags uint16, offset uint32, m []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte("\xFCSMB"), size) // OriginalCompressedSegmentSize
	b = binary.LittleEndian.AppendUint16(b, algorithm)
	b = binary.LittleEndian.AppendUint16(b, flags)
	b = binary.LittleEndian.AppendUint32(b, offset) // or the length of the first payload
	return append(b, m...)
}

// patterns is a chained message of Pattern_V1 payloads ([MS-SMB2] 2.2.42.2.2) with the largest repetitions.
func patterns() []byte {
	b := binary.LittleEndian.AppendUint32([]byte("\xFCSMB"), 1<<32-1)
	for range 64 {
		b = append(b, 4, 0, 1, 0, 8, 0, 0, 0) // Pattern_V1, chained, 8 bytes
		b = append(b, 0, 0, 0, 0)             // Pattern and Reserved
		b = binary.LittleEndian.AppendUint32(b, 1<<32-1)
	}
	return b
}
