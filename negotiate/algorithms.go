package negotiate

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrToken says that a text is neither a token of its enumeration nor a number of the form 0x0000.
var ErrToken = errors.New("no token and no number of four hex digits")

// names is the table of an enumeration: text both ways, unknown values in hex.
type names[T ~uint16] []struct {
	value T
	text  string
}

func (n names[T]) text(v T) string {
	for _, row := range n {
		if row.value == v {
			return row.text
		}
	}
	return fmt.Sprintf("0x%04x", uint16(v))
}

func (n names[T]) parse(text []byte, v *T) error {
	for _, row := range n {
		if row.text == string(text) {
			*v = row.value
			return nil
		}
	}
	digits, ok := strings.CutPrefix(string(text), "0x")
	u, err := strconv.ParseUint(digits, 16, 16)
	if !ok || err != nil || len(digits) != 4 {
		return fmt.Errorf("%q: %w", text, ErrToken)
	}
	*v = T(u)
	return nil
}

// A HashAlgorithm protects the integrity of the negotiation, [MS-SMB2] 2.2.3.1.1.
type HashAlgorithm uint16

// HashSHA512 is the one hash algorithm of [MS-SMB2] 2.2.3.1.1.
const HashSHA512 HashAlgorithm = 0x0001

var hashNames = names[HashAlgorithm]{{HashSHA512, "SHA-512"}}

func (h HashAlgorithm) String() string { return hashNames.text(h) }

// MarshalText writes what String prints.
func (h HashAlgorithm) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (h *HashAlgorithm) UnmarshalText(text []byte) error { return hashNames.parse(text, h) }

// A Cipher encrypts messages, [MS-SMB2] 2.2.3.1.2.
type Cipher uint16

// The ciphers of [MS-SMB2] 2.2.3.1.2. CipherNone in a response says that none is common (2.2.4.1.2).
const (
	CipherNone      Cipher = 0x0000
	CipherAES128CCM Cipher = 0x0001
	CipherAES128GCM Cipher = 0x0002
	CipherAES256CCM Cipher = 0x0003
	CipherAES256GCM Cipher = 0x0004
)

var cipherNames = names[Cipher]{
	{CipherAES128CCM, "AES-128-CCM"}, {CipherAES128GCM, "AES-128-GCM"},
	{CipherAES256CCM, "AES-256-CCM"}, {CipherAES256GCM, "AES-256-GCM"},
}

func (c Cipher) String() string { return cipherNames.text(c) }

// MarshalText writes what String prints.
func (c Cipher) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (c *Cipher) UnmarshalText(text []byte) error { return cipherNames.parse(text, c) }

// Ciphers returns the four ciphers in ascending order of their identifiers.
func Ciphers() []Cipher {
	return []Cipher{CipherAES128CCM, CipherAES128GCM, CipherAES256CCM, CipherAES256GCM}
}

// A SigningAlgorithm signs messages, [MS-SMB2] 2.2.3.1.7.
type SigningAlgorithm uint16

// The algorithms of [MS-SMB2] 2.2.3.1.7.
const (
	SigningHMACSHA256 SigningAlgorithm = 0x0000
	SigningAESCMAC    SigningAlgorithm = 0x0001
	SigningAESGMAC    SigningAlgorithm = 0x0002
)

var signingNames = names[SigningAlgorithm]{
	{SigningHMACSHA256, "HMAC-SHA256"}, {SigningAESCMAC, "AES-CMAC"}, {SigningAESGMAC, "AES-GMAC"},
}

func (s SigningAlgorithm) String() string { return signingNames.text(s) }

// MarshalText writes what String prints.
func (s SigningAlgorithm) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *SigningAlgorithm) UnmarshalText(text []byte) error { return signingNames.parse(text, s) }

// SigningAlgorithms returns the three algorithms in ascending order of their identifiers.
func SigningAlgorithms() []SigningAlgorithm {
	return []SigningAlgorithm{SigningHMACSHA256, SigningAESCMAC, SigningAESGMAC}
}

// A CompressionAlgorithm compresses messages, [MS-SMB2] 2.2.3.1.3.
type CompressionAlgorithm uint16

// The algorithms of [MS-SMB2] 2.2.3.1.3.
const (
	CompressionNone        CompressionAlgorithm = 0x0000
	CompressionLZNT1       CompressionAlgorithm = 0x0001
	CompressionLZ77        CompressionAlgorithm = 0x0002
	CompressionLZ77Huffman CompressionAlgorithm = 0x0003
	CompressionPatternV1   CompressionAlgorithm = 0x0004
	CompressionLZ4         CompressionAlgorithm = 0x0005
)

var compressionNames = names[CompressionAlgorithm]{
	{CompressionNone, "NONE"}, {CompressionLZNT1, "LZNT1"}, {CompressionLZ77, "LZ77"},
	{CompressionLZ77Huffman, "LZ77+Huffman"}, {CompressionPatternV1, "Pattern_V1"}, {CompressionLZ4, "LZ4"},
}

func (c CompressionAlgorithm) String() string { return compressionNames.text(c) }

// MarshalText writes what String prints.
func (c CompressionAlgorithm) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (c *CompressionAlgorithm) UnmarshalText(text []byte) error {
	return compressionNames.parse(text, c)
}

// CompressionAlgorithms returns the five algorithms in ascending order of their identifiers.
func CompressionAlgorithms() []CompressionAlgorithm {
	return []CompressionAlgorithm{
		CompressionLZNT1, CompressionLZ77, CompressionLZ77Huffman, CompressionPatternV1, CompressionLZ4,
	}
}

// An RDMATransformID transforms what is moved by RDMA, [MS-SMB2] 2.2.3.1.6.
type RDMATransformID uint16

// The transforms of [MS-SMB2] 2.2.3.1.6.
const (
	RDMATransformNone       RDMATransformID = 0x0000
	RDMATransformEncryption RDMATransformID = 0x0001
	RDMATransformSigning    RDMATransformID = 0x0002
)

var rdmaNames = names[RDMATransformID]{
	{RDMATransformNone, "NONE"}, {RDMATransformEncryption, "ENCRYPTION"}, {RDMATransformSigning, "SIGNING"},
}

func (r RDMATransformID) String() string { return rdmaNames.text(r) }

// MarshalText writes what String prints.
func (r RDMATransformID) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (r *RDMATransformID) UnmarshalText(text []byte) error { return rdmaNames.parse(text, r) }

// RDMATransforms returns the two transforms in ascending order of their identifiers.
func RDMATransforms() []RDMATransformID {
	return []RDMATransformID{RDMATransformEncryption, RDMATransformSigning}
}
