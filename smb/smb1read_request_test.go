package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const read1 = "2e"

// readRequests are read requests; ByteCount is at byte 53 or 57 in the forms of 10 and 12 words.
func readRequests() map[string]string {
	return map[string]string{
		// arkime smb-smbclient.pcap, frame 24.
		"arkime 24": `ff534d422e000000000801c80000000000000000000000000100770f000008000aff000000fe42000000000f000f00000000
			0000000000`,
		// suricata-verify filecontainer-smb.pcap, frame 48: Windows XP leaves memory in AndXOffset.
		"suricata 48": `ff534d422e000000001807e80000000000000000000000000008fffe000831ce0cff00dede01400000000000100010000000
			000010000000000000`,
		"large": header1(read1, success, request1, unicode) + "0c" + noAndX +
			"0140 04030201 ff00 0100 01000000 0200 08070605 0000",
		"AndX": header1(read1, success, request1, unicode) + "0a" + "0400 3700" +
			"0140 04030201 ff00 0100 ffffffff 0200 0000 000000",
	}
}

func TestSMB1ReadRequest(t *testing.T) {
	got := requireSMB1(t, ParseSMB1ReadRequest, func(r SMB1ReadRequest) []wire.Anomaly { return r.Anomalies }, readRequests())
	require.Equal(t, SMB1ReadRequest{
		Header: SMB1Header{
			Command: SMB1ReadAndX, Flags: SMB1FlagCaseInsensitive,
			Flags2: SMB1Flags2LongNames | SMB1Flags2ExtendedSecurity | SMB1Flags2NTStatus | SMB1Flags2Unicode,
			TID:    1, PIDLow: 0x0F77, MID: 8,
		},
		WordCount: ReadWords, AndXCommand: SMB1NoFurtherCommand, FID: 0x42FE, MaxCount: 15, MinCount: 15,
	}, got["arkime 24"])
	r := got["suricata 48"]
	require.Equal(t, SMB1ReadRequest{
		Header: r.Header, WordCount: ReadWordsLarge, AndXCommand: SMB1NoFurtherCommand, AndXOffset: 57054, FID: 0x4001,
		MaxCount: 4096, MinCount: 4096, Remaining: 4096,
	}, r)
	r = got["large"]
	require.Equal(t, SMB1ReadRequest{
		Header: r.Header, WordCount: ReadWordsLarge, AndXCommand: SMB1NoFurtherCommand, FID: 0x4001,
		Offset: 0x0506070801020304, MaxCount: 255, MinCount: 1, Timeout: 1, Remaining: 2,
	}, r)
	require.Equal(t, uint64(0x01020304), got["AndX"].Offset)
	require.Equal(t, uint32(0xFFFFFFFF), got["AndX"].Timeout)
	require.Equal(t, SMB1Close, got["AndX"].AndXCommand)
	require.Equal(t, []byte{0, 0, 0}, got["AndX"].AndX)
}

func TestSMB1ReadRequestHostile(t *testing.T) {
	msg := unhex(t, readRequests()["large"])
	r, err := ParseSMB1ReadRequest(append(patched(msg, 57, 1, 0), 'x', 'y'))
	require.NoError(t, err)
	require.Equal(t, []byte("x"), r.Bytes)
	require.Equal(t, []string{"ByteCount: 1, should be 0", "trailing bytes: 1 bytes follow the message"}, odd(r.Anomalies))
}

func TestSMB1ReadRequestErrors(t *testing.T) {
	requireSMB1Refusals(t, ParseSMB1ReadRequest, unhex(t, readRequests()["large"]), 0, 9, 11, 13, 0xFF)
	_, err := SMB1ReadRequest{WordCount: 11}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = SMB1ReadRequest{WordCount: ReadWords, Offset: 1 << 32}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func FuzzParseSMB1ReadRequest(f *testing.F) {
	for _, s := range readRequests() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1ReadRequest, data) })
}
