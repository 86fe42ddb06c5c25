package spnego

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOID(t *testing.T) {
	for _, tc := range []struct {
		hex   string
		oid   OID
		valid bool
	}{
		{"2b0601050502", OIDSPNEGO, true},
		{"2b06010401823702020a", OIDNTLMSSP, true},
		{"2b06010401823702021e", OIDNEGOEX, true},
		{"2a864882f712010202", OIDMSKRB5, true},
		{"2a864886f712010202", OIDKRB5, true},
		{"2a864886f71201020203", OIDKRB5U2U, true},
		{"2a85702b0e03", OIDLKDC, true},
		{"2b0501050207", OIDPKU2UHeimdal, true},
		{"00", "0.0", true},
		{"27", "0.39", true},
		{"4f", "1.39", true},
		{"50", "2.0", true},
		{"8837", "2.999", true},
		{"2bffffffffffffffff7f", "1.3.9223372036854775807", true},
		{"ffffffffffffffff7f", "2.9223372036854775727", true},
		{"2b8180808080808080", "0x2b8180808080808080", false},         // ends inside a number
		{"2b81808080808080808000", "0x2b81808080808080808000", false}, // 64 bits
		{"2b8001", "0x2b8001", false},                                 // padded
		{"", "0x", false},
	} {
		t.Run(string(tc.oid), func(t *testing.T) {
			body := unhex(t, tc.hex)
			require.Equal(t, tc.oid, decodeOID(body))
			require.Equal(t, tc.valid, tc.oid.Valid())
			got, ok := tc.oid.content()
			require.True(t, ok)
			require.Equal(t, hex.EncodeToString(body), hex.EncodeToString(got))
		})
	}
	for _, bad := range []OID{"", "1", "1.", "3.1", "0.40", "1.40", "1.3.x", "1.3.-1", "1.3..1", "0xz", "0x0",
		"2.9223372036854775728", "1.3.9223372036854775808"} {
		_, ok := bad.content()
		require.False(t, ok, bad)
		require.False(t, bad.Valid(), bad)
	}
}

func TestOIDName(t *testing.T) {
	for oid, want := range map[OID]string{
		OIDSPNEGO: "SPNEGO", OIDNTLMSSP: "NTLMSSP", OIDNEGOEX: "NEGOEX", OIDMSKRB5: "MS-KRB5", OIDKRB5: "KRB5",
		OIDKRB5U2U: "KRB5-U2U", OIDIAKERB: "IAKERB", OIDPKU2U: "PKU2U", OIDPKU2UHeimdal: "PKU2U",
		OIDSCRAM: "SCRAM-SHA-1", OIDNetLogon: "NETLOGON", OIDLKDC: "APPLE-LKDC", "1.2.3": "", "0x": "",
	} {
		require.Equal(t, want, oid.Name())
	}
}

func FuzzOID(f *testing.F) {
	f.Add([]byte{0x2B, 0x06, 0x01})
	f.Add([]byte{0x2B, 0x80})
	f.Fuzz(func(t *testing.T, body []byte) {
		got, ok := decodeOID(body).content()
		require.True(t, ok)
		require.Equal(t, hex.EncodeToString(body), hex.EncodeToString(got))
	})
}
