package ntlmssp

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVersionString(t *testing.T) {
	require.Equal(t, "10.0.20348", Version{ProductMajorVersion: 10, ProductBuild: 20348, NTLMRevisionCurrent: 15}.String())
	require.Equal(t, "255.255.65535", Version{255, 255, 65535, [3]byte{255, 255, 255}, 255}.String())
}

// The version's bytes and the flag are independent on the wire: the payload decides, a disagreement is noted.
func TestVersionAndFlag(t *testing.T) {
	const (
		start = "4e544c4d53535000 01000000"
		set   = "01000002"
		clear = "01000000"
		names = "0000000000000000 0000000000000000"
		six   = "06 01 b01d 000000 0f"
		none  = "0000000000000000"
	)
	for name, tc := range map[string]struct {
		hex     string
		version *Version
		odd     []string
	}{
		"present and set": {start + set + names + six, &Version{6, 1, 7600, [3]byte{}, 15}, nil},
		"present and not set": {
			start + clear + names + six, &Version{6, 1, 7600, [3]byte{}, 15},
			[]string{"Version: 6.1.7600, but NTLMSSP_NEGOTIATE_VERSION is not set"},
		},
		"zeros and not set":  {start + clear + names + none, &Version{}, nil},
		"absent and set":     {start + set + names, nil, []string{"Version: absent, but NTLMSSP_NEGOTIATE_VERSION is set"}},
		"absent and not set": {start + clear + names, nil, nil},
		"revision in the wrong place": {
			start + set + names + "0601b01d0f000000", &Version{6, 1, 7600, [3]byte{15}, 0},
			[]string{"Version: reserved bytes 0f 00 00"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := ParseNegotiate(unhex(t, tc.hex))
			require.NoError(t, err)
			require.Equal(t, tc.version, n.Version)
			require.Equal(t, tc.odd, odd(n.Anomalies))
		})
	}
}
