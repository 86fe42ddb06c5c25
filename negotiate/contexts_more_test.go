package negotiate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func TestNetname(t *testing.T) {
	checkContext(t, ParseNetname, ContextNetname, map[string]Netname{
		"7300 7200 7600":      {Name: []byte("s\x00r\x00v\x00")},
		"1204 3504":           {Name: []byte("\x12\x04\x35\x04")},
		"3dd8 00de 00d8 7300": {Name: []byte("\x3D\xD8\x00\xDE\x00\xD8s\x00")},
	})
	for name, text := range map[string]string{
		"s\x00r\x00v\x00": "srv", "\x12\x04\x35\x04": "Ве", "": "",
		"s\x00r": `s\x72`, "\x00\xD8": `\uD800`, // an odd byte and a lone surrogate stay visible
	} {
		n, err := ParseNetname([]byte(name))
		require.NoError(t, err)
		require.Equal(t, text, n.Text())
	}
}

func TestTransport(t *testing.T) {
	checkContext(t, ParseTransport, ContextTransport, map[string]Transport{
		"01000000": {Flags: TransportSecurity},
		"02000080": {Flags: 0x80000002},
	})
	tr, err := ParseTransport(unhex(t, "01000000 00000000"))
	require.NoError(t, err)
	require.Equal(t, []string{"trailing bytes: 4 bytes follow the message"}, odd(tr.Anomalies))
}

func TestRDMATransform(t *testing.T) {
	checkContext(t, ParseRDMATransform, ContextRDMATransform, map[string]RDMATransform{
		"0200 0000 00000000 0100 0200": {Transforms: []RDMATransformID{RDMATransformEncryption, RDMATransformSigning}},
		"0100 3412 78563412 0000":      {Reserved1: 0x1234, Reserved2: 0x12345678, Transforms: []RDMATransformID{0}},
		"0000 0000 00000000":           {},
	})
	r, err := ParseRDMATransform(unhex(t, "ffff 0000 00000000 0100"))
	require.NoError(t, err)
	require.Nil(t, r.Transforms)
	require.NotEmpty(t, r.Anomalies)
}

func TestPOSIX(t *testing.T) {
	const v1 = "93ad2550 9cb4 11e7 b423 83de968bcd7c"
	checkContext(t, ParsePOSIX, ContextPOSIX, map[string]POSIX{
		v1: POSIXVersion1(),
		v1 + "00112233445566778899aabbccddeeff": {Versions: [][16]byte{
			POSIXVersion1().Versions[0], [16]byte(unhex(t, "00112233445566778899aabbccddeeff")),
		}},
	})
	p, err := ParsePOSIX(make([]byte, 8)) // what an early client sent
	require.NoError(t, err)
	require.Nil(t, p.Versions)
	require.Equal(t, []string{"trailing bytes: 8 bytes follow the message"}, odd(p.Anomalies))
	p, err = ParsePOSIX(make([]byte, 0xFFFF))
	require.NoError(t, err)
	require.Len(t, p.Versions, maxContexts)
	require.NotEmpty(t, p.Anomalies)
}

func TestTransportTruncated(t *testing.T) {
	_, err := ParseTransport([]byte{1, 0, 0})
	require.ErrorIs(t, err, wire.ErrTruncated)
}

func FuzzParseNetname(f *testing.F) {
	f.Add(unhex(f, "7300 7200 76"))
	f.Fuzz(func(t *testing.T, data []byte) {
		wiretest.Stable(t, ParseNetname, data)
		n, _ := ParseNetname(data)
		_ = n.Text()
	})
}

func FuzzParseTransport(f *testing.F) {
	f.Add(unhex(f, "01000000"))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseTransport, data) })
}

func FuzzParseRDMATransform(f *testing.F) {
	f.Add(unhex(f, "0200 0000 00000000 0100 0200"))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseRDMATransform, data) })
}

func FuzzParsePOSIX(f *testing.F) {
	f.Add(unhex(f, "93ad2550 9cb4 11e7 b423 83de968bcd7c 00"))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParsePOSIX, data) })
}
