package smb

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func smb2TreeDisconnects() map[string]string {
	return map[string]string{
		"by hand":   header2(treeDisconnect2, success, request2) + "0400 1234",
		"smbclient": samba2(success, treeDisconnect2, "0100", request2, "05000000", "67cb3331", "856d09c1") + "04000000",
	}
}

func smb2TreeDisconnectAnswers() map[string]string {
	return map[string]string{
		"by hand": header2(treeDisconnect2, success, reply2) + "0400 1234",
		"Samba":   samba2(success, treeDisconnect2, "0100", reply2, "05000000", "67cb3331", "856d09c1") + "04000000",
	}
}

func TestSMB2TreeDisconnect(t *testing.T) {
	checkSMB2(t, ParseSMB2TreeDisconnectRequest, "TREE_DISCONNECT request", smb2TreeDisconnects())
	checkSMB2(t, ParseSMB2TreeDisconnectResponse, "TREE_DISCONNECT response", smb2TreeDisconnectAnswers())
	q, err := ParseSMB2TreeDisconnectRequest(unhex(t, smb2TreeDisconnects()["smbclient"]))
	require.NoError(t, err)
	require.Equal(t, SMB2TreeDisconnectRequest{Header: q.Header}, q)
	require.Equal(t, uint32(0x3133CB67), q.Header.TreeID)
	r, err := ParseSMB2TreeDisconnectResponse(unhex(t, smb2TreeDisconnectAnswers()["by hand"]))
	require.NoError(t, err)
	require.Equal(t, SMB2TreeDisconnectResponse{Header: r.Header, Reserved: 0x3412}, r)
}

func FuzzParseSMB2TreeDisconnectRequest(f *testing.F) {
	fuzzSMB2(f, ParseSMB2TreeDisconnectRequest, smb2TreeDisconnects())
}

func FuzzParseSMB2TreeDisconnectResponse(f *testing.F) {
	fuzzSMB2(f, ParseSMB2TreeDisconnectResponse, smb2TreeDisconnectAnswers())
}
