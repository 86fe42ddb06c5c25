package negotiate

import (
	"encoding"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkText checks that every 16-bit value has a text of its own that reads back, and that the named ones have names.
func checkText[T ~uint16, P interface {
	*T
	encoding.TextUnmarshaler
}](t *testing.T, named map[T]string) {
	t.Helper()
	seen := map[string]T{}
	for u := range 1 << 16 {
		v := T(u)
		text, err := any(v).(encoding.TextMarshaler).MarshalText()
		name, ok := named[v]
		if !ok {
			name = fmt.Sprintf("0x%04x", u)
		}
		if err != nil || string(text) != name {
			t.Fatalf("0x%04x gives %q (%v), want %q", u, text, err, name)
		}
		var back T
		if err := P(&back).UnmarshalText(text); err != nil || back != v {
			t.Fatalf("%q gives 0x%04x (%v)", text, back, err)
		}
		if _, twice := seen[name]; twice {
			t.Fatalf("%q stands for two values", text)
		}
		seen[name] = v
	}
	for _, bad := range []string{"", "0x", "nothing", "0x12345", "0x1", "0x00001", "0x0001 ", "0x0001junk", " 0x0001", "-1", "0x-001", "1", "0x00g1", "0X0009"} {
		v := T(0x4242)
		require.ErrorIs(t, P(&v).UnmarshalText([]byte(bad)), ErrToken, "%q", bad)
		require.Equal(t, T(0x4242), v, "%q", bad)
	}
}

func TestTexts(t *testing.T) {
	checkText[HashAlgorithm](t, map[HashAlgorithm]string{1: "SHA-512"})
	checkText[Cipher](t, map[Cipher]string{1: "AES-128-CCM", 2: "AES-128-GCM", 3: "AES-256-CCM", 4: "AES-256-GCM"})
	checkText[SigningAlgorithm](t, map[SigningAlgorithm]string{0: "HMAC-SHA256", 1: "AES-CMAC", 2: "AES-GMAC"})
	checkText[CompressionAlgorithm](t, map[CompressionAlgorithm]string{
		0: "NONE", 1: "LZNT1", 2: "LZ77", 3: "LZ77+Huffman", 4: "Pattern_V1", 5: "LZ4",
	})
	checkText[RDMATransformID](t, map[RDMATransformID]string{0: "NONE", 1: "ENCRYPTION", 2: "SIGNING"})
	checkText[ContextType](t, map[ContextType]string{
		1: "SMB2_PREAUTH_INTEGRITY_CAPABILITIES", 2: "SMB2_ENCRYPTION_CAPABILITIES", 3: "SMB2_COMPRESSION_CAPABILITIES",
		5: "SMB2_NETNAME_NEGOTIATE_CONTEXT_ID", 6: "SMB2_TRANSPORT_CAPABILITIES", 7: "SMB2_RDMA_TRANSFORM_CAPABILITIES",
		8: "SMB2_SIGNING_CAPABILITIES", 0x100: "SMB2_POSIX_EXTENSIONS_AVAILABLE",
	})
}

func TestAlgorithmLists(t *testing.T) {
	require.Equal(t, []Cipher{1, 2, 3, 4}, Ciphers())
	require.Equal(t, []SigningAlgorithm{0, 1, 2}, SigningAlgorithms())
	require.Equal(t, []CompressionAlgorithm{1, 2, 3, 4, 5}, CompressionAlgorithms())
}
