package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// zeek raw_ntlm_in_smb.pcap, frames 37 and 38.
const (
	closeRequest = "ff534d4204000000000801c80000000000000000000000000008010000080700030040ffffffff0000"
	closeAnswer  = "ff534d4204000000008801c80000000000000000000000000008010000080700000000"
)

func TestSMB1Close(t *testing.T) {
	header := SMB1Header{
		Command: SMB1Close, Flags: SMB1FlagCaseInsensitive,
		Flags2: SMB1Flags2LongNames | SMB1Flags2ExtendedSecurity | SMB1Flags2NTStatus | SMB1Flags2Unicode,
		TID:    2048, PIDLow: 1, UID: 2048, MID: 7,
	}
	msg := unhex(t, closeRequest)
	request := wiretest.RoundTrip(t, ParseSMB1CloseRequest, msg)
	require.Equal(t, SMB1CloseRequest{Header: header, FID: 0x4000, LastTimeModified: 0xFFFFFFFF}, request)
	wiretest.Prefixes(t, ParseSMB1CloseRequest, msg)
	requireSMB1Refusals(t, ParseSMB1CloseRequest, msg, 0, 2, 4, 0xFF)

	msg = unhex(t, closeAnswer)
	header.Flags |= SMB1FlagReply
	answer := wiretest.RoundTrip(t, ParseSMB1CloseResponse, msg)
	require.Equal(t, SMB1CloseResponse{Header: header}, answer)
	wiretest.Prefixes(t, ParseSMB1CloseResponse, msg)
	requireSMB1Refusals(t, ParseSMB1CloseResponse, msg, 1, 3, 0xFF)
}

func TestSMB1CloseHostile(t *testing.T) {
	request, err := ParseSMB1CloseRequest(unhex(t, closeRequest[:78]+"0100 aabb"))
	require.NoError(t, err)
	require.Equal(t, []byte{0xAA}, request.Bytes)
	require.Equal(t, []string{"ByteCount: 1, should be 0", "trailing bytes: 1 bytes follow the message"},
		odd(request.Anomalies))
	answer, err := ParseSMB1CloseResponse(unhex(t, closeAnswer[:66]+"ffff aabb"))
	require.NoError(t, err)
	require.Equal(t, []byte{0xAA, 0xBB}, answer.Bytes)
	require.Equal(t, []string{"ByteCount: 65535, but 2 bytes are left", "ByteCount: 2, should be 0"}, odd(answer.Anomalies))
}

func FuzzParseSMB1CloseRequest(f *testing.F) {
	f.Add(unhex(f, closeRequest))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1CloseRequest, data) })
}

func FuzzParseSMB1CloseResponse(f *testing.F) {
	f.Add(unhex(f, closeAnswer))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1CloseResponse, data) })
}
