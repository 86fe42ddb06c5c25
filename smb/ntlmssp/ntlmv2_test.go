package ntlmssp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// The response of [MS-NLMP] 4.2.4.2.2, with the client challenge and the AV pairs of 4.2.4.1.3.
const ntlmv2Response = "68cd0ab851e51c96aabc927bebef6a1c" + "0101000000000000" + "0000000000000000" + "aaaaaaaaaaaaaaaa" + "00000000" +
	"02000c0044006f006d00610069006e00" + "01000c00530065007200760065007200" + "00000000" + "00000000"

func TestNTLMv2Response(t *testing.T) {
	msg := wiretest.Hex(t, ntlmv2Response)
	r := wiretest.RoundTrip(t, ntlmssp.ParseNTLMv2Response, msg)
	wiretest.Prefixes(t, ntlmssp.ParseNTLMv2Response, msg)
	require.Equal(t, [8]byte{0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA}, r.ChallengeFromClient)
	require.EqualValues(t, 0x68, r.Response[0])
	require.Len(t, r.AVPairs, 40)
	require.Empty(t, r.Anomalies)
	_, err := ntlmssp.ParseNTLMv2Response(make([]byte, 24))
	require.ErrorIs(t, err, wire.ErrTruncated, "a response of version 1")
	odd, err := ntlmssp.ParseNTLMv2Response(make([]byte, 44))
	require.NoError(t, err)
	require.Len(t, odd.Anomalies, 1)
}

func FuzzParseNTLMv2Response(f *testing.F) {
	f.Add(wiretest.Hex(f, ntlmv2Response))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ntlmssp.ParseNTLMv2Response, data) })
}
