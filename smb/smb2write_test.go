package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
)

// The fixed part of a request ends at byte 112.
func smb2Writes() map[string]string {
	return map[string]string{
		"all fields": header2(write2, success, request2) + "3100 7000 03000000 2122232425262728" + fileID2 +
			"31323334 41424344 7300 0200 51525354 aabbcc 1122",
		"by RDMA": header2(write2, success, request2) + "3100 7000 00000000 0000000000000000" + fileID2 +
			"01000000 00100000 7000 0400 00000000 11223344",
		"nothing": header2(write2, success, request2) + "3100 7000 00000000 0000000000000000" + fileID2 +
			"00000000 00000000 0000 0000 00000000",
		"impacket": samba2(success, write2, "7f00", request2, "06000000", "eeaeaee5", "e6ec006f") +
			`3100700048000000000000000000000067a6c1fd000000001c499c0600000000000000000000000000000000000000000
			5000b03100000004800000001000000b810b810000000000100000000000100c84f324b7016d30112785a47bf6ee188
			03000000045d888aeb1cc9119fe808002b10486002000000`,
	}
}

func smb2WriteAnswers() map[string]string {
	return map[string]string{
		"all fields": header2(write2, success, reply2) + "1100 6162 11121314 21222324 3132 4142",
		"Samba": samba2(success, write2, "7f00", reply2, "06000000", "eeaeaee5", "e6ec006f") +
			"11000000480000000000000000000000",
	}
}

func TestSMB2WriteRequest(t *testing.T) {
	vectors := smb2Writes()
	checkSMB2(t, ParseSMB2WriteRequest, "WRITE request", vectors)
	r, err := ParseSMB2WriteRequest(unhex(t, vectors["all fields"]))
	require.NoError(t, err)
	require.Equal(t, SMB2WriteRequest{
		Header: r.Header, FileOffset: 0x2827262524232221, FileID: wantFileID2, Channel: 0x34333231, RemainingBytes: 0x44434241,
		Flags: 0x54535251, Data: []byte{0xAA, 0xBB, 0xCC}, WriteChannelInfo: []byte{0x11, 0x22},
	}, r)
	r, err = ParseSMB2WriteRequest(unhex(t, vectors["by RDMA"]))
	require.NoError(t, err)
	require.Nil(t, r.Data)
	require.Len(t, r.WriteChannelInfo, 4)
	// tshark 4.0.17: Write Length: 72, File Offset: 0; Distributed Computing Environment: Bind, Call ID: 1.
	r, err = ParseSMB2WriteRequest(unhex(t, vectors["impacket"]))
	require.NoError(t, err)
	require.Len(t, r.Data, 72)
	require.Equal(t, "\x05\x00\x0b\x03", string(r.Data[:4]))
	require.Equal(t, "67a6c1fd000000001c499c0600000000", r.FileID.String())
	for _, c := range []struct {
		at            int
		with          []byte
		data, channel int
		odd           []string
	}{
		{66, []byte{0xFF, 0xFF, 0x71, 0, 0, 0}, 0, 2, []string{
			"Data: 113 bytes at offset 65535 do not fit a message of 117 bytes",
			"WriteChannelInfo: at offset 115, should be at 112",
		}},
		{68, []byte{0xFF, 0xFF, 0xFF, 0xFF}, 0, 2, []string{
			"Data: " + huge() + " bytes at offset 112 do not fit a message of 117 bytes",
			"WriteChannelInfo: at offset 115, should be at 112",
		}},
		{104, []byte{0xFF, 0xFF, 2, 0}, 3, 0, []string{
			"WriteChannelInfo: 2 bytes at offset 65535 do not fit a message of 117 bytes",
			"trailing bytes: 2 bytes follow the message",
		}},
	} {
		r, err := ParseSMB2WriteRequest(hostile2(t, vectors["all fields"], c.at, c.with...))
		require.NoError(t, err)
		require.Len(t, r.Data, c.data)
		require.Len(t, r.WriteChannelInfo, c.channel)
		require.Equal(t, c.odd, odd(r.Anomalies))
	}
	_, err = SMB2WriteRequest{Data: make([]byte, 1<<16), WriteChannelInfo: []byte{1}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong, "the channel's offset has 16 bits")
	_, err = SMB2WriteRequest{Data: make([]byte, 1<<16)}.AppendBinary(nil)
	require.NoError(t, err)
}

func TestSMB2WriteResponse(t *testing.T) {
	checkSMB2(t, ParseSMB2WriteResponse, "WRITE response", smb2WriteAnswers())
	r, err := ParseSMB2WriteResponse(unhex(t, smb2WriteAnswers()["all fields"]))
	require.NoError(t, err)
	require.Equal(t, SMB2WriteResponse{
		Header: r.Header, Reserved: 0x6261, Count: 0x14131211, Remaining: 0x24232221,
		WriteChannelInfoOffset: 0x3231, WriteChannelInfoLength: 0x4241,
	}, r)
	r, err = ParseSMB2WriteResponse(unhex(t, smb2WriteAnswers()["Samba"]))
	require.NoError(t, err)
	require.Equal(t, SMB2WriteResponse{Header: r.Header, Count: 72}, r)
}

func FuzzParseSMB2WriteRequest(f *testing.F) { fuzzSMB2(f, ParseSMB2WriteRequest, smb2Writes()) }
func FuzzParseSMB2WriteResponse(f *testing.F) {
	fuzzSMB2(f, ParseSMB2WriteResponse, smb2WriteAnswers())
}
