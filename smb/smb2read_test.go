package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// The fixed part of a request ends at byte 112, of a response at byte 80.
func smb2Reads() map[string]string {
	return map[string]string{
		"all fields": header2(read2, success, request2) + "3100 50 01 11121314 2122232425262728" + fileID2 +
			"31323334 41424344 51525354 7000 0300 aabbcc",
		"smbclient": samba2(success, read2, "0100", request2, "0e010000", "8b32a00f", "856d09c1") +
			"31000000060000000000000000000000ee8c705600000000e6774423000000000000000000000000000000000000000000",
	}
}

// smb2ImpacketRead has the digit '0' where the specification asks for a zero.
func smb2ImpacketRead() string {
	return samba2(success, read2, "7f00", request2, "2a000000", "eeaeaee5", "e6ec006f") +
		"31005000100000000000000000000000e51d75860000000003681ed7000000000000000000000000000000000000000030"
}

func smb2ReadAnswers() map[string]string {
	return map[string]string{
		"all fields":   header2(read2, success, reply2) + "1100 50 61 03000000 11121314 21222324 aabbcc",
		"more to come": header2(read2, overflow, reply2) + "1100 50 00 02000000 00000000 00000000 0500",
		"nothing":      header2(read2, success, reply2) + "1100 50 00 00000000 00000000 00000000",
		"Samba, a file": "fe534d4240000100000000000800010003000000000000000e010000000000000e01000000000000856d09c1" +
			"0000000000000000000000000000000000000000 1100500006000000000000000000000068656c6c6f0a",
	}
}

func TestSMB2ReadRequest(t *testing.T) {
	checkSMB2(t, ParseSMB2ReadRequest, "READ request", smb2Reads())
	r, err := ParseSMB2ReadRequest(unhex(t, smb2Reads()["all fields"]))
	require.NoError(t, err)
	require.Equal(t, SMB2ReadRequest{
		Header: r.Header, Padding: 0x50, Flags: 1, Length: 0x14131211, FileOffset: 0x2827262524232221, FileID: wantFileID2,
		MinimumCount: 0x34333231, Channel: 0x44434241, RemainingBytes: 0x54535251, ReadChannelInfo: []byte{0xAA, 0xBB, 0xCC},
	}, r)
	// tshark 4.0.17: Read Length: 6, Offset: 0.
	r, err = ParseSMB2ReadRequest(unhex(t, smb2Reads()["smbclient"]))
	require.NoError(t, err)
	require.Equal(t, SMB2ReadRequest{Header: r.Header, Length: 6, FileID: r.FileID}, r)
	r, err = ParseSMB2ReadRequest(unhex(t, smb2ImpacketRead()))
	require.NoError(t, err)
	require.Equal(t, []string{"Padding: not zero"}, odd(r.Anomalies))
	require.Equal(t, uint32(16), r.Length)
	for _, c := range []struct {
		at   int
		with []byte
		odd  []string
	}{
		{108, []byte{0xFF, 0xFF, 0x71, 0}, []string{
			"ReadChannelInfo: 113 bytes at offset 65535 do not fit a message of 115 bytes",
			"trailing bytes: 3 bytes follow the message",
		}},
		{108, []byte{0x71, 0, 2, 0}, []string{"ReadChannelInfo: at offset 113, should be at 112"}},
		{108, []byte{0, 0, 0, 0}, []string{"Padding: not zero", "trailing bytes: 2 bytes follow the message"}},
	} {
		r, err := ParseSMB2ReadRequest(hostile2(t, smb2Reads()["all fields"], c.at, c.with...))
		require.NoError(t, err)
		require.Equal(t, c.odd, odd(r.Anomalies))
	}
	r, err = ParseSMB2ReadRequest(unhex(t, smb2Reads()["smbclient"])[:112])
	require.NoError(t, err)
	require.Equal(t, []string{"Buffer: missing, should be a byte at least"}, odd(r.Anomalies))
	_, err = SMB2ReadRequest{ReadChannelInfo: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func TestSMB2ReadResponse(t *testing.T) {
	checkSMB2(t, ParseSMB2ReadResponse, "READ response", smb2ReadAnswers())
	r, err := ParseSMB2ReadResponse(unhex(t, smb2ReadAnswers()["all fields"]))
	require.NoError(t, err)
	require.Equal(t, SMB2ReadResponse{
		Header: r.Header, Reserved: 0x61, DataRemaining: 0x14131211, Flags: 0x24232221, Data: []byte{0xAA, 0xBB, 0xCC},
	}, r)
	r, err = ParseSMB2ReadResponse(unhex(t, smb2ReadAnswers()["more to come"]))
	require.NoError(t, err)
	require.Equal(t, dtyp.StatusBufferOverflow, r.Header.Status)
	require.Equal(t, []byte{5, 0}, r.Data)
	r, err = ParseSMB2ReadResponse(unhex(t, smb2ReadAnswers()["Samba, a file"]))
	require.NoError(t, err)
	require.Equal(t, "hello\n", string(r.Data))
	require.Equal(t, uint64(0x010E), r.Header.AsyncID)
	for _, c := range []struct {
		name string
		at   int
		with []byte
		data string
		odd  []string
	}{
		{"endless", 68, []byte{0xFF, 0xFF, 0xFF, 0xFF}, "", []string{
			"Data: " + huge() + " bytes at offset 80 do not fit a message of 83 bytes", "trailing bytes: 3 bytes follow the message",
		}},
		{"far away", 66, []byte{0xFF}, "", []string{
			"Data: 3 bytes at offset 255 do not fit a message of 83 bytes", "trailing bytes: 3 bytes follow the message",
		}},
		{"over the fixed part", 66, []byte{0x4F}, "\x24\xAA\xBB", []string{
			"Data: at offset 79, should be at 80", "trailing bytes: 1 bytes follow the message",
		}},
		{"none", 68, []byte{0}, "", []string{"trailing bytes: 3 bytes follow the message"}},
	} {
		r, err := ParseSMB2ReadResponse(hostile2(t, smb2ReadAnswers()["all fields"], c.at, c.with...))
		require.NoError(t, err, c.name)
		require.Equal(t, c.data, string(r.Data), c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
	}
}

func FuzzParseSMB2ReadRequest(f *testing.F) {
	f.Add(unhex(f, smb2ImpacketRead()))
	fuzzSMB2(f, ParseSMB2ReadRequest, smb2Reads())
}

func FuzzParseSMB2ReadResponse(f *testing.F) { fuzzSMB2(f, ParseSMB2ReadResponse, smb2ReadAnswers()) }
