package negotiate

import (
	"encoding"

	"github.com/smbscope/smbscope/smb/wire"
)

// contextOf builds a context of a type from a value that can build itself.
func contextOf(t ContextType, part encoding.BinaryAppender) (Context, error) {
	data, err := part.AppendBinary(nil)
	if err != nil {
		return Context{}, err
	}
	return Context{Type: t, Data: data}, nil
}

// A PreauthIntegrity is the data of an SMB2_PREAUTH_INTEGRITY_CAPABILITIES context as described in [MS-SMB2] 2.2.3.1.1
// and 2.2.4.1.1.
type PreauthIntegrity struct {
	HashAlgorithms []HashAlgorithm
	Salt           []byte // aliases the message
	Anomalies      []wire.Anomaly
}

// ParsePreauthIntegrity parses the data of a context of type ContextPreauthIntegrity.
func ParsePreauthIntegrity(data []byte) (PreauthIntegrity, error) {
	c := wire.NewCursor("SMB2_PREAUTH_INTEGRITY_CAPABILITIES", data)
	hashes := c.Len16("HashAlgorithmCount")
	salt := c.Len16("SaltLength")
	if err := c.Err(); err != nil {
		return PreauthIntegrity{}, err
	}
	var p PreauthIntegrity
	p.HashAlgorithms = readList[HashAlgorithm](&c, "HashAlgorithms", hashes)
	if len(p.HashAlgorithms) == hashes { // else the place of the salt is unknown
		p.Salt = c.At("Salt", c.Offset(), salt)
		c.NoteTrailing(c.Offset() + len(p.Salt))
	}
	p.Anomalies = c.Anomalies()
	return p, nil
}

// AppendBinary appends the data of the context.
func (p PreauthIntegrity) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2_PREAUTH_INTEGRITY_CAPABILITIES", b)
	a.Len16("HashAlgorithmCount", len(p.HashAlgorithms))
	a.Len16("SaltLength", len(p.Salt))
	appendList(&a, p.HashAlgorithms)
	a.Bytes(p.Salt)
	return a.Result()
}

// Context returns the context with this data.
func (p PreauthIntegrity) Context() (Context, error) { return contextOf(ContextPreauthIntegrity, p) }

// An Encryption is the data of an SMB2_ENCRYPTION_CAPABILITIES context as described in [MS-SMB2] 2.2.3.1.2 and
// 2.2.4.1.2. A response should hold one cipher; CipherNone says that no cipher is common.
type Encryption struct {
	Ciphers   []Cipher
	Anomalies []wire.Anomaly
}

// ParseEncryption parses the data of a context of type ContextEncryption.
func ParseEncryption(data []byte) (Encryption, error) {
	c := wire.NewCursor("SMB2_ENCRYPTION_CAPABILITIES", data)
	count := c.Len16("CipherCount")
	if err := c.Err(); err != nil {
		return Encryption{}, err
	}
	e := Encryption{Ciphers: readList[Cipher](&c, "Ciphers", count)}
	c.NoteTrailing(c.Offset())
	e.Anomalies = c.Anomalies()
	return e, nil
}

// AppendBinary appends the data of the context.
func (e Encryption) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2_ENCRYPTION_CAPABILITIES", b)
	a.Len16("CipherCount", len(e.Ciphers))
	appendList(&a, e.Ciphers)
	return a.Result()
}

// Context returns the context with this data.
func (e Encryption) Context() (Context, error) { return contextOf(ContextEncryption, e) }

// CompressionChained is the flag of a compression context that allows chained compression, [MS-SMB2] 2.2.3.1.3.
const CompressionChained uint32 = 0x00000001

// A Compression is the data of an SMB2_COMPRESSION_CAPABILITIES context as described in [MS-SMB2] 2.2.3.1.3 and
// 2.2.4.1.3.
type Compression struct {
	Padding    uint16
	Flags      uint32
	Algorithms []CompressionAlgorithm
	Anomalies  []wire.Anomaly
}

// Chained tells whether chained compression is offered or accepted.
func (p Compression) Chained() bool { return p.Flags&CompressionChained != 0 }

// ParseCompression parses the data of a context of type ContextCompression.
func ParseCompression(data []byte) (Compression, error) {
	c := wire.NewCursor("SMB2_COMPRESSION_CAPABILITIES", data)
	count := c.Len16("CompressionAlgorithmCount")
	p := Compression{Padding: c.U16("Padding"), Flags: c.U32("Flags")}
	if err := c.Err(); err != nil {
		return Compression{}, err
	}
	p.Algorithms = readList[CompressionAlgorithm](&c, "CompressionAlgorithms", count)
	c.NoteTrailing(c.Offset())
	p.Anomalies = c.Anomalies()
	return p, nil
}

// AppendBinary appends the data of the context.
func (p Compression) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2_COMPRESSION_CAPABILITIES", b)
	a.Len16("CompressionAlgorithmCount", len(p.Algorithms))
	a.U16(p.Padding)
	a.U32(p.Flags)
	appendList(&a, p.Algorithms)
	return a.Result()
}

// Context returns the context with this data.
func (p Compression) Context() (Context, error) { return contextOf(ContextCompression, p) }

// A Signing is the data of an SMB2_SIGNING_CAPABILITIES context as described in [MS-SMB2] 2.2.3.1.7 and 2.2.4.1.7. A
// response should hold one algorithm.
type Signing struct {
	Algorithms []SigningAlgorithm
	Anomalies  []wire.Anomaly
}

// ParseSigning parses the data of a context of type ContextSigning.
func ParseSigning(data []byte) (Signing, error) {
	c := wire.NewCursor("SMB2_SIGNING_CAPABILITIES", data)
	count := c.Len16("SigningAlgorithmCount")
	if err := c.Err(); err != nil {
		return Signing{}, err
	}
	s := Signing{Algorithms: readList[SigningAlgorithm](&c, "SigningAlgorithms", count)}
	c.NoteTrailing(c.Offset())
	s.Anomalies = c.Anomalies()
	return s, nil
}

// AppendBinary appends the data of the context.
func (s Signing) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2_SIGNING_CAPABILITIES", b)
	a.Len16("SigningAlgorithmCount", len(s.Algorithms))
	appendList(&a, s.Algorithms)
	return a.Result()
}

// Context returns the context with this data.
func (s Signing) Context() (Context, error) { return contextOf(ContextSigning, s) }
