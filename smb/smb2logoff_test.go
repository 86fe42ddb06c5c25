package smb

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func smb2Logoffs() map[string]string {
	return map[string]string{
		"by hand":  header2(logoff2, success, request2) + "0400 1234",
		"impacket": samba2(success, logoff2, "7f00", request2, "2d000000", "00000000", "e6ec006f") + "04000000",
	}
}

func smb2LogoffAnswers() map[string]string {
	return map[string]string{
		"by hand": header2(logoff2, success, reply2) + "0400 1234",
		"Samba":   samba2(success, logoff2, "7f00", reply2, "2d000000", "00000000", "e6ec006f") + "04000000",
	}
}

func TestSMB2Logoff(t *testing.T) {
	checkSMB2(t, ParseSMB2LogoffRequest, "LOGOFF request", smb2Logoffs())
	checkSMB2(t, ParseSMB2LogoffResponse, "LOGOFF response", smb2LogoffAnswers())
	q, err := ParseSMB2LogoffRequest(unhex(t, smb2Logoffs()["by hand"]))
	require.NoError(t, err)
	require.Equal(t, SMB2LogoffRequest{Header: q.Header, Reserved: 0x3412}, q)
	r, err := ParseSMB2LogoffResponse(unhex(t, smb2LogoffAnswers()["Samba"]))
	require.NoError(t, err)
	require.Equal(t, SMB2LogoffResponse{Header: r.Header}, r)
	require.Equal(t, uint64(0x6F00ECE6), r.Header.SessionID)
	require.Equal(t, uint64(0x2D), r.Header.MessageID)
}

func FuzzParseSMB2LogoffRequest(f *testing.F) { fuzzSMB2(f, ParseSMB2LogoffRequest, smb2Logoffs()) }
func FuzzParseSMB2LogoffResponse(f *testing.F) {
	fuzzSMB2(f, ParseSMB2LogoffResponse, smb2LogoffAnswers())
}
