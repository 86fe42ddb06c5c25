package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// transaction2Answers are transaction2 responses; data begins at byte 55 where there is no setup.
func transaction2Answers() map[string]string {
	return map[string]string{
		// zeek raw_ntlm_in_smb.pcap, frame 76: Windows XP tells the size of a file system.
		"zeek 76": `ff534d4232000000008801c800000000000000000000000001080100000813000a0000180000000000380000001800380000000000190000
			dbf427000000000064271b00000000000800000000020000`,
		// arkime smb-smbclient.pcap, frame 17: Samba 3.6.3, parameters and data.
		"arkime 17": `ff534d4232000000008803c00000000000000000000000000100770f000005000a02002400000002003800000024003c000000000029000000
			000000715ee11e0ffdce01715ee11e0ffdce015ac584400ffdce015ac584400ffdce0110000000`,
		"interim": header1(trans2, success, reply1, unicode) + "00 0000",
		"setup": header1(trans2, success, reply1, unicode) + "0b" +
			"0000 0100 0000 0000 0000 0000 0100 3c00 0000 01 00 0e00" +
			counted("00 0000 aa"),
		"nothing": header1(trans2, success, reply1, unicode) + "0a" +
			"0000 0000 0000 0000 3700 0000 0000 3700 0000 00 00" + "0000",
	}
}

func TestSMB1Transaction2Response(t *testing.T) {
	got := requireSMB1(t, ParseSMB1Transaction2Response,
		func(r SMB1Transaction2Response) []wire.Anomaly { return r.Anomalies }, transaction2Answers())
	require.Equal(t, SMB1Transaction2Response{
		Header: got["zeek 76"].Header, TotalDataCount: 24, ParameterOffset: 56, Data: got["zeek 76"].Data,
	}, got["zeek 76"])
	require.Len(t, got["zeek 76"].Data, 24)
	require.Equal(t, []byte{0, 0}, got["arkime 17"].Parameters)
	require.Len(t, got["arkime 17"].Data, 36)
	require.True(t, got["interim"].Interim)
	require.Equal(t, []byte{0x0E, 0}, got["setup"].Setup)
	require.Equal(t, uint16(55), got["nothing"].DataOffset)
}

// suricata-verify smb-filename.pcap, frame 786: Windows Server 2008 R2 says STATUS_INVALID_PARAMETER, and yet has words.
func TestSMB1Transaction2ResponseFailure(t *testing.T) {
	msg := unhex(t, `ff534d42320d0000c09801480000000000000000000000000008d00a000800000a1e00000000001e00380000000000580000000000210000
		0000000000000000000000000000000000000000000000001200000000000000`)
	r, err := ParseSMB1Transaction2Response(msg)
	require.NoError(t, err)
	require.Equal(t, dtyp.StatusInvalidParameter, r.Header.Status)
	require.Len(t, r.Parameters, 30)
	require.Equal(t, []string{"Bytes: 2 bytes follow the last part"}, odd(r.Anomalies))
	wiretest.Stable(t, ParseSMB1Transaction2Response, msg)
}

func TestSMB1Transaction2ResponseHostile(t *testing.T) {
	msg := unhex(t, transaction2Answers()["arkime 17"])
	for _, c := range []struct {
		name string
		msg  []byte
		data int
		odd  []string
	}{
		{"DataCount past the message", patched(msg, 45, 0xFF, 0xFF), 0, []string{
			"Data: 65535 bytes at offset 60 do not fit a message of 96 bytes",
			"TotalData: 36 bytes in all, but 65535 are here or were before",
		}},
		{"DataDisplacement too large", patched(msg, 49, 0xFF, 0xFF), 36, []string{
			"TotalData: 36 bytes in all, but 65571 are here or were before",
		}},
		{"SetupCount too large", patched(msg, 51, 0xFF), 36, []string{"SetupCount: 255, but WordCount has 0"}},
	} {
		r, err := ParseSMB1Transaction2Response(c.msg)
		require.NoError(t, err, c.name)
		require.Len(t, r.Data, c.data, c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
		wiretest.Stable(t, ParseSMB1Transaction2Response, c.msg)
	}
}

func TestSMB1Transaction2ResponseErrors(t *testing.T) {
	msg := unhex(t, transaction2Answers()["nothing"])
	requireSMB1Refusals(t, ParseSMB1Transaction2Response, msg, 1, 9)
	_, err := ParseSMB1Transaction2Response(patched(msg, SMB1HeaderSize, 0xFF))
	require.ErrorIs(t, err, wire.ErrTruncated)
	require.ErrorContains(t, err, "SMB_COM_TRANSACTION2 response")
	_, err = SMB1Transaction2Response{Setup: []byte{1}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = SMB1Transaction2Response{Interim: true, Bytes: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func FuzzParseSMB1Transaction2Response(f *testing.F) {
	for _, s := range transaction2Answers() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1Transaction2Response, data) })
}
