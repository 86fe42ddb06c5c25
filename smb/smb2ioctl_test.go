package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
)

// The fixed part of a request ends at byte 120, of a response at byte 112.
func smb2Ioctls() map[string]string {
	return map[string]string{
		"all fields": header2(ioctl2, success, request2) + "3900 6162 17c01100" + fileID2 +
			"78000000 03000000 11121314 80000000 02000000 21222324 01000000 31323334 aabbcc 0000000000 1122",
		"nothing": header2(ioctl2, success, request2) + "3900 0000 fc011400 ffffffffffffffffffffffffffffffff" +
			"78000000 00000000 00000000 78000000 00000000 00000100 01000000 00000000",
		"rpcclient": samba2(success, ioctl2, "0100", "10000000", "05000000", "0001b3c4", "03bb1b53dc000000") +
			`3900000017c01100dba2481a0000000017c6d1e5000000007800000048000000000000007800000000000000b81000000100000000000000
			05000b03100000004800000001000000b810b810000000000100000000000100c84f324b7016d30112785a47bf6ee188
			03000000045d888aeb1cc9119fe808002b10486002000000`,
	}
}

func smb2IoctlAnswers() map[string]string {
	return map[string]string{
		"all fields": header2(ioctl2, success, reply2) + "3100 6162 04021400" + fileID2 +
			"70000000 09000000 80000000 02000000 21222324 31323334 010203040506070809 00000000000000 aabb",
		"output": header2(ioctl2, success, reply2) + "3100 0000 17c01100" + fileID2 +
			"70000000 00000000 70000000 03000000 00000000 00000000 aabbcc",
		"nothing": header2(ioctl2, success, reply2) + "3100 0000 18001100" + fileID2 +
			"70000000 00000000 70000000 00000000 00000000 00000000",
		"Samba, more to come": samba2(overflow, ioctl2, "7f00", reply2, "06000000", "5821e6cd", "761b6ee1") +
			`3100000017c01100df294f150000000050be76cd00000000700000000000000070000000100000000000000000000000
			05000c03100000004400000001000000`,
	}
}

func TestSMB2IoctlRequest(t *testing.T) {
	vectors := smb2Ioctls()
	checkSMB2(t, ParseSMB2IoctlRequest, "IOCTL request", vectors)
	r, err := ParseSMB2IoctlRequest(unhex(t, vectors["all fields"]))
	require.NoError(t, err)
	require.Equal(t, SMB2IoctlRequest{
		Header: r.Header, Reserved: 0x6261, CtlCode: FSCTLPipeTransceive, FileID: wantFileID2, MaxInputResponse: 0x14131211,
		MaxOutputResponse: 0x24232221, Flags: SMB2IoctlIsFSCTL, Reserved2: 0x34333231,
		Input: []byte{0xAA, 0xBB, 0xCC}, Output: []byte{0x11, 0x22},
	}, r)
	r, err = ParseSMB2IoctlRequest(unhex(t, vectors["nothing"]))
	require.NoError(t, err)
	require.Equal(t, SMB2IoctlRequest{
		Header: r.Header, CtlCode: FSCTLQueryNetworkInterfaceInfo, FileID: NoSMB2FileID(), MaxOutputResponse: 0x10000,
		Flags: SMB2IoctlIsFSCTL,
	}, r)
	// tshark 4.0.17: Function: FSCTL_PIPE_TRANSCEIVE (0x0011c017), Max Ioctl Out Size: 4280, Bind, Call ID: 1.
	r, err = ParseSMB2IoctlRequest(unhex(t, vectors["rpcclient"]))
	require.NoError(t, err)
	require.Equal(t, FSCTLPipeTransceive, r.CtlCode)
	require.Equal(t, uint32(4280), r.MaxOutputResponse)
	require.Len(t, r.Input, 72)
	require.Nil(t, r.Output)
}

func TestSMB2IoctlResponse(t *testing.T) {
	vectors := smb2IoctlAnswers()
	checkSMB2(t, ParseSMB2IoctlResponse, "IOCTL response", vectors)
	r, err := ParseSMB2IoctlResponse(unhex(t, vectors["all fields"]))
	require.NoError(t, err)
	require.Equal(t, SMB2IoctlResponse{
		Header: r.Header, Reserved: 0x6261, CtlCode: FSCTLValidateNegotiateInfo, FileID: wantFileID2, Flags: 0x24232221,
		Reserved2: 0x34333231, Input: []byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, Output: []byte{0xAA, 0xBB},
	}, r)
	// tshark 4.0.17: NT Status: STATUS_BUFFER_OVERFLOW (0x80000005), Out Data of 16 bytes.
	r, err = ParseSMB2IoctlResponse(unhex(t, vectors["Samba, more to come"]))
	require.NoError(t, err)
	require.Equal(t, dtyp.StatusBufferOverflow, r.Header.Status)
	require.Equal(t, unhex(t, "05000c03100000004400000001000000"), r.Output)
	require.Equal(t, "df294f150000000050be76cd00000000", r.FileID.String())
}

func TestSMB2IoctlHostile(t *testing.T) {
	for _, c := range []struct {
		name          string
		at            int
		with          []byte
		input, output int
		odd           []string
	}{
		{"input wraps", 88, []byte{0xFF, 0xFF, 0xFF, 0xFF, 0x71, 0, 0, 0}, 0, 2, []string{
			"Input: 113 bytes at offset " + huge() + " do not fit a message of 130 bytes", "Output: at offset 128, should be at 112",
		}},
		{"output endless", 100, []byte{0xFF, 0xFF, 0xFF, 0xFF}, 9, 0, []string{
			"Output: " + huge() + " bytes at offset 128 do not fit a message of 130 bytes", "trailing bytes: 9 bytes follow the message",
		}},
		{"output in the input", 96, []byte{0x71, 0, 0, 0}, 9, 2, []string{
			"Output: at offset 113, should be at 128", "trailing bytes: 9 bytes follow the message",
		}},
		{"output not aligned", 96, []byte{0x79, 0, 0, 0, 9, 0, 0, 0}, 9, 9, []string{"Output: at offset 121, should be at 128"}},
		{"padding", 122, []byte{1}, 9, 2, []string{"Padding: not zero"}},
	} {
		r, err := ParseSMB2IoctlResponse(hostile2(t, smb2IoctlAnswers()["all fields"], c.at, c.with...))
		require.NoError(t, err, c.name)
		require.Len(t, r.Input, c.input, c.name)
		require.Len(t, r.Output, c.output, c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
	}
	r, err := ParseSMB2IoctlRequest(hostile2(t, smb2Ioctls()["all fields"], 88, 0xFF, 0xFF, 0xFF, 0xFF, 0x79))
	require.NoError(t, err)
	require.Nil(t, r.Input)
	require.Equal(t, []string{
		"Input: 121 bytes at offset " + huge() + " do not fit a message of 130 bytes", "Output: at offset 128, should be at 120",
	}, odd(r.Anomalies))
	r, err = ParseSMB2IoctlRequest(hostile2(t, smb2Ioctls()["all fields"], 104, 3))
	require.NoError(t, err)
	require.Nil(t, r.Output)
	require.Equal(t, []string{
		"Output: 3 bytes at offset 128 do not fit a message of 130 bytes", "trailing bytes: 7 bytes follow the message",
	}, odd(r.Anomalies))
}

func FuzzParseSMB2IoctlRequest(f *testing.F) { fuzzSMB2(f, ParseSMB2IoctlRequest, smb2Ioctls()) }
func FuzzParseSMB2IoctlResponse(f *testing.F) {
	fuzzSMB2(f, ParseSMB2IoctlResponse, smb2IoctlAnswers())
}
