package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const logoff1 = "74"

func logoffs(flags string) map[string]string {
	return map[string]string{
		"unused AndXOffset": header1(logoff1, success, flags, unicode) + "02" + "ff00 2700" + "0000",
		"AndX":              header1(logoff1, success, flags, unicode) + "02" + "71de 2700" + "0000" + "000000",
	}
}

func logoffRequests() map[string]string {
	vectors := logoffs(request1)
	// Malcolm-Test-Artifacts WinXP.pcap, frame 10.
	vectors["Malcolm 10"] = "ff534d4274000000000801c8000000000000000000000000ffff01000210020002ff0000000000"
	return vectors
}

func logoffAnswers() map[string]string {
	vectors := logoffs(reply1)
	// Malcolm-Test-Artifacts WinXP.pcap, frame 11.
	vectors["Malcolm 11"] = "ff534d4274000000008801c8000000000000000000000000ffff01000210020002ff0027000000"
	return vectors
}

func TestSMB1Logoff(t *testing.T) {
	header := SMB1Header{
		Command: SMB1LogoffAndX, Flags: SMB1FlagCaseInsensitive,
		Flags2: SMB1Flags2LongNames | SMB1Flags2ExtendedSecurity | SMB1Flags2NTStatus | SMB1Flags2Unicode,
		TID:    0xFFFF, PIDLow: 1, UID: 4098, MID: 2,
	}
	requests := requireSMB1(t, ParseSMB1LogoffRequest, func(r SMB1LogoffRequest) []wire.Anomaly { return r.Anomalies },
		logoffRequests())
	require.Equal(t, SMB1LogoffRequest{Header: header, AndXCommand: SMB1NoFurtherCommand}, requests["Malcolm 10"])
	require.Equal(t, []byte{0, 0, 0}, requests["AndX"].AndX)
	require.Equal(t, uint8(0xDE), requests["AndX"].AndXReserved)
	requireSMB1Refusals(t, ParseSMB1LogoffRequest, unhex(t, logoffRequests()["Malcolm 10"]), 0, 1, 3, 0xFF)

	answers := requireSMB1(t, ParseSMB1LogoffResponse, func(r SMB1LogoffResponse) []wire.Anomaly { return r.Anomalies },
		logoffAnswers())
	header.Flags |= SMB1FlagReply
	require.Equal(t, SMB1LogoffResponse{Header: header, AndXCommand: SMB1NoFurtherCommand, AndXOffset: 39},
		answers["Malcolm 11"])
	require.Equal(t, SMB1TreeDisconnect, answers["AndX"].AndXCommand)
	requireSMB1Refusals(t, ParseSMB1LogoffResponse, unhex(t, logoffAnswers()["Malcolm 11"]), 0, 1, 3, 0xFF)

	// suricata-verify smb1_osx.pcap, frame 22: Samba 4.4.16 answers a second logoff with ERRSRV/ERRbaduid.
	_, err := ParseSMB1LogoffResponse(unhex(t,
		"ff534d427402005b00880388000000000000000000000000ffff0100e66b0200000000"))
	require.ErrorIs(t, err, ErrErrorResponse)
}

func TestSMB1LogoffHostile(t *testing.T) {
	msg := unhex(t, header1(logoff1, success, request1, oem)+"02"+noAndX+"0200 aabb cc")
	r, err := ParseSMB1LogoffRequest(msg)
	require.NoError(t, err)
	require.Equal(t, []byte{0xAA, 0xBB}, r.Bytes)
	require.Equal(t, []string{"ByteCount: 2, should be 0", "trailing bytes: 1 bytes follow the message"}, odd(r.Anomalies))
	r, err = ParseSMB1LogoffRequest(patched(msg, 33, 0x71, 0, 0xFF, 0xFF))
	require.NoError(t, err)
	require.Nil(t, r.AndX)
	require.Equal(t, []string{"ByteCount: 2, should be 0", "AndXOffset: 65535, in a message of 42 bytes"}, odd(r.Anomalies))
}

func FuzzParseSMB1LogoffRequest(f *testing.F) {
	for _, s := range logoffRequests() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1LogoffRequest, data) })
}

func FuzzParseSMB1LogoffResponse(f *testing.F) {
	for _, s := range logoffAnswers() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1LogoffResponse, data) })
}
