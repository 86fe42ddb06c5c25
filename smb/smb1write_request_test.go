package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const write1 = "2f"

// writeRequests are write requests; data begins at byte 59 or 63 in the forms of 12 and 14 words.
func writeRequests() map[string]string {
	return map[string]string{
		// suricata-verify smb_bug_padding.pcap, frame 23: no padding.
		"suricata 23": `ff534d422f000000001801c80000000000000000000000000218ec07031000000eff000000044000000000ff000000080014
			00000014003f000000000014004142434445464748494a4b4c4d4e4f5051520a0a`,
		"padded": header1(write1, success, request1, unicode) + "0e" + noAndX +
			"0140 04030201 00000000 0900 0300 0000 0300 4000 08070605" + counted("00 aabbcc"),
		"padding not zero": header1(write1, success, request1, unicode) + "0e" + noAndX +
			"0140 04030201 00000000 0900 0300 0000 0300 4000 08070605" + counted("ee aabbcc"),
		"short": header1(write1, success, request1, unicode) + "0c" + noAndX +
			"0140 04030201 ffffffff 0800 0300 0000 0300 3c00" + counted("00 aabbcc"),
		"nothing": header1(write1, success, request1, unicode) + "0c" + noAndX +
			"0140 04030201 00000000 0000 0000 0000 0000 3b00" + "0000",
		// 60 + 3 = 63, where a command follows.
		"AndX": header1(write1, success, request1, unicode) + "0c" + "0400 3f00" +
			"0140 04030201 00000000 0800 0300 0000 0300 3c00" + counted("00 aabbcc") + "000000",
	}
}

func TestSMB1WriteRequest(t *testing.T) {
	got := requireSMB1(t, ParseSMB1WriteRequest, func(r SMB1WriteRequest) []wire.Anomaly { return r.Anomalies },
		writeRequests())
	r := got["suricata 23"]
	require.Equal(t, SMB1WriteRequest{
		Header: r.Header, WordCount: WriteWordsLarge, AndXCommand: SMB1NoFurtherCommand, FID: 0x4004, Timeout: 0xFF,
		WriteMode: SMB1WriteStartOfMessage, Remaining: 20, Pad: []byte{}, Data: []byte("ABCDEFGHIJKLMNOPQR\n\n"),
	}, r)
	r = got["padded"]
	require.Equal(t, SMB1WriteRequest{
		Header: r.Header, WordCount: WriteWordsLarge, AndXCommand: SMB1NoFurtherCommand, FID: 0x4001,
		Offset: 0x0506070801020304, WriteMode: SMB1WriteStartOfMessage | SMB1WriteThrough, Remaining: 3,
		Data: []byte{0xAA, 0xBB, 0xCC},
	}, r)
	require.Equal(t, []byte{0xEE}, got["padding not zero"].Pad)
	require.Equal(t, uint64(0x01020304), got["short"].Offset)
	require.Equal(t, uint32(0xFFFFFFFF), got["short"].Timeout)
	require.Equal(t, []byte{0xAA, 0xBB, 0xCC}, got["short"].Data)
	require.Nil(t, got["nothing"].Data)
	require.Equal(t, uint16(59), got["nothing"].DataOffset)
	require.Equal(t, []byte{0, 0, 0}, got["AndX"].AndX)
}

func TestSMB1WriteRequestLarge(t *testing.T) {
	want := SMB1WriteRequest{
		Header:    SMB1Header{Command: SMB1WriteAndX, Flags2: SMB1Flags2Unicode},
		WordCount: WriteWordsLarge, AndXCommand: SMB1NoFurtherCommand, Data: make([]byte, 1<<16+5),
	}
	msg, err := want.AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, unhex(t, "0100 0500 4000 00000000 0600"), msg[51:63], "DataLengthHigh to ByteCount")
	got, err := ParseSMB1WriteRequest(msg)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestSMB1WriteRequestHostile(t *testing.T) {
	msg := unhex(t, writeRequests()["short"])
	for _, c := range []struct {
		name string
		msg  []byte
		data string
		odd  []string
	}{
		{"DataLength past the message", patched(msg, 53, 0xFF, 0xFF), "", []string{
			"Data: 65535 bytes at offset 60 do not fit a message of 63 bytes",
		}},
		{"DataOffset past the message", patched(msg, 55, 0xFF, 0xFF), "", []string{
			"Data: 3 bytes at offset 65535 do not fit a message of 63 bytes",
		}},
		{"DataLengthHigh of nothing", patched(msg, 51, 0xFF, 0xFF), "\xAA\xBB\xCC", []string{
			"DataLengthHigh: 65535, in a message of 63 bytes",
		}},
		{"ByteCount too large", patched(msg, 57, 0xFF, 0xFF), "\xAA\xBB\xCC", []string{
			"ByteCount: 65535, but 4 bytes are left",
		}},
		// suricata-verify smb_bug_padding.pcap, frame 54, has more bytes than it writes.
		{"bytes behind the data", patched(msg, 53, 2, 0), "\xAA\xBB", []string{"Bytes: 1 bytes follow the last part"}},
	} {
		r, err := ParseSMB1WriteRequest(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.data, string(r.Data), c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
		wiretest.Stable(t, ParseSMB1WriteRequest, c.msg)
	}
}

func TestSMB1WriteRequestErrors(t *testing.T) {
	requireSMB1Refusals(t, ParseSMB1WriteRequest, unhex(t, writeRequests()["padded"]), 0, 11, 13, 15, 0xFF)
	_, err := SMB1WriteRequest{WordCount: 13}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = SMB1WriteRequest{WordCount: WriteWords, Offset: 1 << 32}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func TestSMB1WriteModeText(t *testing.T) {
	require.Equal(t, "WritethroughMode|ReadBytesAvailable|NAMED_PIPE_RAW|NAMED_PIPE_START|0x10", SMB1WriteMode(0x1F).String())
}

func FuzzParseSMB1WriteRequest(f *testing.F) {
	for _, s := range writeRequests() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1WriteRequest, data) })
}
