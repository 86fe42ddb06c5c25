package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const trans2 = "32"

// transaction2Requests are transaction2 requests; the byte for a name is at 65 where there is one word of setup.
func transaction2Requests() map[string]string {
	return map[string]string{
		// zeek raw_ntlm_in_smb.pcap, frame 75: smbclient asks for the size of a file system.
		"zeek 75": `ff534d4232000000000801c800000000000000000000000001080100000813000f0200000004001800000000000000000000000200440000
			0046000100030005000000000301`,
		// ajbanjara ctdb.pcap, frame 120: TRANS2_FIND_FIRST2.
		"ctdb 120": `ff534d4232000000000803c80000000000000000000000000100ea1d650008000f260000000a00ffff000000000000000000002600440000
			006a000100010029000000001600000202000401000000005c00620065006e00630068006c006f0063006b005c002a000000`,
		// What the script of Countercept sends, and nmap's after it: the name and no padding, and 12 bytes of parameters.
		"ping": `ff534d4232000000001807c00000000000000000000000000008fffe000841000f0c0000000100000000000000a6d9a4000000
			0c00420000004e0001000e000d0000000000000000000000000000`,
		"both": header1(trans2, success, request1, oem) + "0f" + "0100 0200 0000 0010 00 00 0000 00000000 0000 0100 4400" +
			"0200 4800" + "01 00 0500" + counted("00 0000 11 000000 aabb"),
		"data alone": header1(trans2, success, request1, oem) + "0f" + "0000 0200 0000 0010 00 00 0000 00000000 0000 0000 0000" +
			"0200 4400" + "01 00 0500" + counted("00 0000 aabb"),
		"reserved": header1(trans2, success, request1, oem) + "0f" + "0000 0000 0100 0200 03 de 0300 04000000 adde 0000 0600" +
			"0000 0700" + "01 be 0e00" + counted("5a"),
		"nothing": header1(trans2, success, request1, unicode) + "0e" + "0000 0000 0000 0000 00 00 0000 00000000 0000 0000 0000" +
			"0000 0000" + "00 00" + "0000",
	}
}

func TestSMB1Transaction2Request(t *testing.T) {
	got := requireSMB1(t, ParseSMB1Transaction2Request,
		func(r SMB1Transaction2Request) []wire.Anomaly { return r.Anomalies }, transaction2Requests())
	require.Equal(t, SMB1Transaction2Request{
		Header: got["zeek 75"].Header, TotalParameterCount: 2, MaxParameterCount: 4, MaxDataCount: 24, DataOffset: 70,
		Setup: SMB1Trans2Setup(3), Name: []byte{0}, Parameters: []byte{3, 1},
	}, got["zeek 75"])
	require.Equal(t, uint16(0xFFFF), got["ctdb 120"].MaxDataCount)
	require.Equal(t, `\benchlock\*`, wire.DecodeUTF16(got["ctdb 120"].Parameters[12:36]))
	require.Equal(t, SMB1Transaction2Request{
		Header: got["ping"].Header, TotalParameterCount: 12, MaxParameterCount: 1, Timeout: 0x00A4D9A6, DataOffset: 78,
		Setup: SMB1Trans2Setup(SMB1Trans2SessionSetup), Name: []byte{0}, ParameterPad: []byte{}, Parameters: make([]byte, 12),
	}, got["ping"])
	require.Equal(t, uint16(65), got["ping"].Header.MID)
	require.True(t, got["ping"].sessionSetup())
	require.False(t, got["zeek 75"].sessionSetup())
	require.Equal(t, [2]string{"\x11", "\xAA\xBB"}, [2]string{string(got["both"].Parameters), string(got["both"].Data)})
	require.Equal(t, "\xAA\xBB", string(got["data alone"].Data))
	require.Equal(t, SMB1Transaction2Request{
		Header: got["reserved"].Header, MaxParameterCount: 1, MaxDataCount: 2, MaxSetupCount: 3, Reserved1: 0xDE, Flags: 3,
		Timeout: 4, Reserved2: 0xDEAD, ParameterOffset: 6, DataOffset: 7, Reserved3: 0xBE, Setup: []byte{0x0E, 0}, Name: []byte{0x5A},
	}, got["reserved"])
	require.Nil(t, got["nothing"].Name)
}

// A builder need name neither the byte of the name nor totals and offsets.
func TestSMB1Transaction2RequestUsual(t *testing.T) {
	h := SMB1Header{Command: SMB1Transaction2, Flags: SMB1FlagCaseInsensitive}
	b, err := SMB1Transaction2Request{Header: h, Setup: SMB1Trans2Setup(5), Parameters: []byte{1}, Data: []byte{1, 2}}.AppendBinary(nil)
	require.NoError(t, err)
	r, err := ParseSMB1Transaction2Request(b)
	require.NoError(t, err)
	require.Equal(t, SMB1Transaction2Request{
		Header: h, TotalParameterCount: 1, TotalDataCount: 2, Setup: SMB1Trans2Setup(5), Name: []byte{0}, Parameters: []byte{1}, Data: []byte{1, 2},
	}, r)
}

// arkime smb-smbclient.pcap, frame 16: smbclient leaves memory in the padding, and has padding behind the last part.
func TestSMB1Transaction2RequestPadding(t *testing.T) {
	msg := unhex(t, `ff534d4232000000000801c80000000000000000000000000100770f000005000f1200000002000441000000000000000000001200440000005800
		0100050017000044200101000000005c0074006d0070005c0000000000`)
	r, err := ParseSMB1Transaction2Request(msg)
	require.NoError(t, err)
	require.Equal(t, SMB1Trans2Setup(SMB1Trans2QueryPathInformation), r.Setup)
	require.Equal(t, "D ", string(r.ParameterPad))
	require.Equal(t, `\tmp\`, wire.DecodeUTF16(r.Parameters[6:16]))
	require.Equal(t, []string{"Bytes: 2 bytes follow the last part"}, odd(r.Anomalies))
	wiretest.Stable(t, ParseSMB1Transaction2Request, msg)
}

func TestSMB1Transaction2RequestHostile(t *testing.T) {
	// TotalParameterCount is at 33, the places at 51 to 58, SetupCount at 59, ByteCount at 63.
	msg := unhex(t, transaction2Requests()["both"])
	for _, c := range []struct {
		name       string
		msg        []byte
		parameters string
		odd        []string
	}{
		{"ParameterCount past the message", patched(msg, 51, 0xFF, 0xFF), "", []string{
			"Parameters: 65535 bytes at offset 68 do not fit a message of 74 bytes",
			"TotalParameters: 1 bytes in all, but 65535 are here or were before",
		}},
		{"no name", patched(msg, 53, 65, 0), "\x00", []string{
			"Parameters: begins at 65, where what is before it ends at 66",
		}},
		{"TotalParameterCount too small", patched(msg, 33, 0, 0), "\x11", []string{
			"TotalParameters: 0 bytes in all, but 1 are here or were before",
		}},
		{"SetupCount too large", patched(msg, 59, 0xFF), "\x11", []string{"SetupCount: 255, but WordCount has 1"}},
		{"ByteCount zero", patched(msg, 63, 0, 0), "\x11", []string{
			"Parameters: ends at 69, where the data ends at 65", "Data: ends at 74, where the data ends at 65",
		}},
	} {
		r, err := ParseSMB1Transaction2Request(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.parameters, string(r.Parameters), c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
		wiretest.Stable(t, ParseSMB1Transaction2Request, c.msg)
	}
}

func TestSMB1Transaction2RequestErrors(t *testing.T) {
	msg := unhex(t, transaction2Requests()["nothing"])
	requireSMB1Refusals(t, ParseSMB1Transaction2Request, msg, 0, 1, 13)
	_, err := ParseSMB1Transaction2Request(patched(msg, SMB1HeaderSize, 0xFF))
	require.ErrorIs(t, err, wire.ErrTruncated)
	require.ErrorContains(t, err, "SMB_COM_TRANSACTION2 request")
	_, err = SMB1Transaction2Request{Setup: []byte{1}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = SMB1Transaction2Request{Name: []byte{1, 2}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = SMB1Transaction2Request{Data: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func FuzzParseSMB1Transaction2Request(f *testing.F) {
	for _, s := range transaction2Requests() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1Transaction2Request, data) })
}
