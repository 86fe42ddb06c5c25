package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func writeAnswers() map[string]string {
	return map[string]string{
		// suricata-verify smb-filename.pcap, frame 83: Windows Server 2008 R2.
		"suricata 83": `ff534d422f000000009805480000a2a790099bd43e4000000108c00a0008c83906ff002f000002ffff000000000000`,
		"large":       header1(write1, success, reply1, unicode) + "06" + noAndX + "0200 0300 0100 0400 0000",
		"AndX":        header1(write1, success, reply1, unicode) + "06" + "0400 2f00" + "0200 0300 0100 0400 0000" + "000000",
	}
}

func TestSMB1WriteResponse(t *testing.T) {
	got := requireSMB1(t, ParseSMB1WriteResponse, func(r SMB1WriteResponse) []wire.Anomaly { return r.Anomalies },
		writeAnswers())
	require.Equal(t, SMB1WriteResponse{
		Header: SMB1Header{
			Command: SMB1WriteAndX, Flags: SMB1FlagReply | SMB1FlagCanonicalizedPaths | SMB1FlagCaseInsensitive,
			Flags2: SMB1Flags2LongNames | SMB1Flags2Signature | SMB1Flags2ExtendedSecurity | SMB1Flags2NTStatus,
			// The signature is what the capture has; no dissector interprets it.
			SecurityFeatures: [8]byte{0xA2, 0xA7, 0x90, 0x09, 0x9B, 0xD4, 0x3E, 0x40},
			TID:              2049, PIDLow: 2752, UID: 2048, MID: 14792,
		},
		AndXCommand: SMB1NoFurtherCommand, AndXOffset: 47, Count: 512, Available: 65535,
	}, got["suricata 83"])
	r := got["large"]
	require.Equal(t, SMB1WriteResponse{
		Header: r.Header, AndXCommand: SMB1NoFurtherCommand, Count: 2, Available: 3, CountHigh: 1, Reserved: 4,
	}, r)
	require.Equal(t, []byte{0, 0, 0}, got["AndX"].AndX)
}

func TestSMB1WriteResponseHostile(t *testing.T) {
	msg := unhex(t, writeAnswers()["large"])
	r, err := ParseSMB1WriteResponse(append(patched(msg, 45, 1, 0), 'x', 'y'))
	require.NoError(t, err)
	require.Equal(t, []byte("x"), r.Bytes)
	require.Equal(t, []string{"ByteCount: 1, should be 0", "trailing bytes: 1 bytes follow the message"}, odd(r.Anomalies))
	requireSMB1Refusals(t, ParseSMB1WriteResponse, msg, 0, 5, 7, 0xFF)
}

func FuzzParseSMB1WriteResponse(f *testing.F) {
	for _, s := range writeAnswers() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1WriteResponse, data) })
}
