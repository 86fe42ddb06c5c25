package ntlmssp

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// negotiates are valid messages in the layout of the builder, made by hand after [MS-NLMP] 2.2.1.1.
func negotiates() map[string]string {
	return map[string]string{
		"flags only": "4e544c4d53535000 01000000 07820000",
		"names without version": "4e544c4d53535000 01000000 15b20860 0300 0300 20000000 0200 0200 23000000" +
			"444f4d 5753",
		"version": "4e544c4d53535000 01000000 978208e2 0000 0000 28000000 0000 0000 28000000 0a00614a0000000f",
		"extra":   "4e544c4d53535000 01000000 07920000 0100 0100 22000000 0000 0000 23000000 beef 44",
	}
}

func TestNegotiateRoundTrip(t *testing.T) {
	for name, hex := range negotiates() {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, hex)
			wiretest.RoundTrip(t, ParseNegotiate, msg)
			wiretest.Prefixes(t, ParseNegotiate, msg)
		})
	}
}

func TestNegotiateFields(t *testing.T) {
	n, err := ParseNegotiate(unhex(t, negotiates()["names without version"]))
	require.NoError(t, err)
	require.Equal(t, Negotiate{
		Flags: 0x6008b215, DomainName: []byte("DOM"), Workstation: []byte("WS"), HeaderSize: 32,
	}, n)

	n, err = ParseNegotiate(unhex(t, negotiates()["extra"]))
	require.NoError(t, err)
	require.Equal(t, []byte{0xbe, 0xef}, n.Extra)
	require.Equal(t, []byte("D"), n.DomainName)
	require.Equal(t, []string{"Payload: 2 bytes of unknown use before it"}, odd(n.Anomalies))
}

// Windows leaves the offsets of absent names zero and macOS has 24 there: neither says where the payload begins.
func TestNegotiateOffsetsOfAbsentNames(t *testing.T) {
	for _, offset := range []string{"00000000", "18000000", "20000000", "28000000", "ffffffff"} {
		n, err := ParseNegotiate(unhex(t, "4e544c4d53535000 01000000 070a0002 00000000"+offset+"00000000"+offset+
			"0a00614a0000000f"))
		require.NoError(t, err)
		require.Empty(t, n.Anomalies)
		require.Equal(t, 40, n.HeaderSize)
		require.Equal(t, "10.0.19041", n.Version.String())
	}
}

func TestDefaultNegotiate(t *testing.T) {
	msg, err := DefaultNegotiate().AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, unhex(t, "4e544c4d53535000 01000000 178208e2 0000 0000 28000000 0000 0000 28000000"+
		"000000000000000f"), msg)
	n := wiretest.RoundTrip(t, ParseNegotiate, msg)
	require.Equal(t, DefaultNegotiate(), n)
}

func TestNegotiateTooLong(t *testing.T) {
	b, err := Negotiate{DomainName: make([]byte, 1<<16)}.AppendBinary([]byte("x"))
	require.ErrorIs(t, err, wire.ErrTooLong)
	require.ErrorContains(t, err, "DomainName at byte 16")
	require.Equal(t, []byte("x"), b)
}

func FuzzNegotiate(f *testing.F) {
	for _, hex := range negotiates() {
		f.Add(unhex(f, hex))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseNegotiate, data) })
}
