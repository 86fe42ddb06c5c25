package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// zeek raw_ntlm_in_smb.pcap, frames 40 and 41.
const (
	treeDisconnectRequest = "ff534d4271000000000801c80000000000000000000000000008010000080800000000"
	treeDisconnectAnswer  = "ff534d4271000000008801c80000000000000000000000000008010000080800000000"
)

func TestSMB1TreeDisconnect(t *testing.T) {
	header := SMB1Header{
		Command: SMB1TreeDisconnect, Flags: SMB1FlagCaseInsensitive,
		Flags2: SMB1Flags2LongNames | SMB1Flags2ExtendedSecurity | SMB1Flags2NTStatus | SMB1Flags2Unicode,
		TID:    2048, PIDLow: 1, UID: 2048, MID: 8,
	}
	msg := unhex(t, treeDisconnectRequest)
	request := wiretest.RoundTrip(t, ParseSMB1TreeDisconnectRequest, msg)
	require.Equal(t, SMB1TreeDisconnectRequest{Header: header}, request)
	wiretest.Prefixes(t, ParseSMB1TreeDisconnectRequest, msg)
	requireSMB1Refusals(t, ParseSMB1TreeDisconnectRequest, msg, 1, 2, 0xFF)

	msg = unhex(t, treeDisconnectAnswer)
	header.Flags |= SMB1FlagReply
	answer := wiretest.RoundTrip(t, ParseSMB1TreeDisconnectResponse, msg)
	require.Equal(t, SMB1TreeDisconnectResponse{Header: header}, answer)
	wiretest.Prefixes(t, ParseSMB1TreeDisconnectResponse, msg)
	requireSMB1Refusals(t, ParseSMB1TreeDisconnectResponse, msg, 1, 2, 0xFF)
}

// What should not be there is kept and noted.
func TestSMB1TreeDisconnectHostile(t *testing.T) {
	for _, c := range []struct {
		bytes string
		kept  []byte
		odd   []string
	}{
		{"0200 aabb", []byte{0xAA, 0xBB}, []string{"ByteCount: 2, should be 0"}},
		{"0300 aabb", []byte{0xAA, 0xBB}, []string{"ByteCount: 3, but 2 bytes are left", "ByteCount: 2, should be 0"}},
		{"0000 aabb", nil, []string{"trailing bytes: 2 bytes follow the message"}},
	} {
		request, err := ParseSMB1TreeDisconnectRequest(unhex(t, treeDisconnectRequest[:66]+c.bytes))
		require.NoError(t, err)
		require.Equal(t, c.kept, request.Bytes)
		require.Equal(t, c.odd, odd(request.Anomalies))
		answer, err := ParseSMB1TreeDisconnectResponse(unhex(t, treeDisconnectAnswer[:66]+c.bytes))
		require.NoError(t, err)
		require.Equal(t, c.kept, answer.Bytes)
		require.Equal(t, c.odd, odd(answer.Anomalies))
	}
	_, err := SMB1TreeDisconnectRequest{Bytes: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func FuzzParseSMB1TreeDisconnectRequest(f *testing.F) {
	f.Add(unhex(f, treeDisconnectRequest))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1TreeDisconnectRequest, data) })
}

func FuzzParseSMB1TreeDisconnectResponse(f *testing.F) {
	f.Add(unhex(f, treeDisconnectAnswer))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1TreeDisconnectResponse, data) })
}
