package smb

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRecognition(t *testing.T) {
	for _, c := range []struct {
		b                                  string
		smb1, smb2, transform, compression bool
	}{
		{b: "\xFFSMB", smb1: true},
		{b: "\xFESMB@\x00", smb2: true},
		{b: "\xFDSMB", transform: true},
		{b: "\xFCSMB", compression: true},
		{b: "\xFBSMB"}, {b: "\xFFSM"}, {b: "\xFF"}, {b: ""}, {b: "HTTP/1.1 400"}, {b: "\x00\x00\x00\x04\xFFSMB"},
	} {
		b := []byte(c.b)
		require.Equal(t, c.smb1, IsSMB1(b), "%q", c.b)
		require.Equal(t, c.smb2, IsSMB2(b), "%q", c.b)
		require.Equal(t, c.transform, IsTransform(b), "%q", c.b)
		require.Equal(t, c.compression, IsCompressed(b), "%q", c.b)
		require.Equal(t, c.smb1 || c.smb2 || c.transform || c.compression, IsSMB(b), "%q", c.b)
	}
}

func TestDialects(t *testing.T) {
	var texts []string
	for _, d := range Dialects() {
		texts = append(texts, d.String())
	}
	require.Equal(t, []string{"2.0.2", "2.1", "3.0", "3.0.2", "3.1.1"}, texts)
	require.Equal(t, []Dialect{0x0202, 0x0210, 0x0300, 0x0302, 0x0311}, Dialects())
	require.Equal(t, "2.???", DialectWildcard.String())
	require.Equal(t, Dialect(0x02FF), DialectWildcard)
	require.Equal(t, "Dialect(0x0006)", Dialect(6).String())
	Dialects()[0] = 0
	require.Equal(t, DialectSMB202, Dialects()[0], "each call gives a list of its own")
}
