package smb

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// fileInfo2 are seven fields of a file, all different.
const fileInfo2 = "0101010101010101 0202020202020202 0303030303030303 0404040404040404 0500000000000000 0600000000000000 27000000"

func wantFileInfo2() SMB2FileInfo {
	return SMB2FileInfo{
		CreationTime: 0x0101010101010101, LastAccessTime: 0x0202020202020202, LastWriteTime: 0x0303030303030303,
		ChangeTime: 0x0404040404040404, AllocationSize: 5, EndOfFile: 6, FileAttributes: 0x27,
	}
}

func smb2Closes() map[string]string {
	return map[string]string{
		"all fields": header2(close2, success, request2) + "1800 0100 11121314" + fileID2,
		"smbclient": samba2(success, close2, "0100", request2, "08010000", "8b32a00f", "856d09c1") +
			"1800000000000000168165c700000000c078ca7500000000",
	}
}

func smb2CloseAnswers() map[string]string {
	return map[string]string{
		"all fields": header2(close2, success, reply2) + "3c00 0100 11121314" + fileInfo2,
		"Samba": samba2(success, close2, "0100", reply2, "08010000", "8b32a00f", "856d09c1") + `3c00000000000000
			00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000`,
	}
}

func TestSMB2Close(t *testing.T) {
	checkSMB2(t, ParseSMB2CloseRequest, "CLOSE request", smb2Closes())
	checkSMB2(t, ParseSMB2CloseResponse, "CLOSE response", smb2CloseAnswers())
	q, err := ParseSMB2CloseRequest(unhex(t, smb2Closes()["all fields"]))
	require.NoError(t, err)
	require.Equal(t, SMB2CloseRequest{
		Header: q.Header, Flags: SMB2ClosePostQueryAttrib, Reserved: 0x14131211, FileID: wantFileID2,
	}, q)
	require.Equal(t, "a1a2a3a4a5a6a7a8b1b2b3b4b5b6b7b8", q.FileID.String())
	require.Equal(t, "ffffffffffffffffffffffffffffffff", NoSMB2FileID().String())
	q, err = ParseSMB2CloseRequest(unhex(t, smb2Closes()["smbclient"]))
	require.NoError(t, err)
	require.Equal(t, "168165c700000000c078ca7500000000", q.FileID.String())
	r, err := ParseSMB2CloseResponse(unhex(t, smb2CloseAnswers()["all fields"]))
	require.NoError(t, err)
	require.Equal(t, SMB2CloseResponse{
		Header: r.Header, Flags: SMB2ClosePostQueryAttrib, Reserved: 0x14131211, Info: wantFileInfo2(),
	}, r)
	r, err = ParseSMB2CloseResponse(unhex(t, smb2CloseAnswers()["Samba"]))
	require.NoError(t, err)
	require.Equal(t, SMB2CloseResponse{Header: r.Header}, r)
}

func FuzzParseSMB2CloseRequest(f *testing.F) { fuzzSMB2(f, ParseSMB2CloseRequest, smb2Closes()) }
func FuzzParseSMB2CloseResponse(f *testing.F) {
	fuzzSMB2(f, ParseSMB2CloseResponse, smb2CloseAnswers())
}
