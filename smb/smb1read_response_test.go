package smb

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// readAnswers are read responses; data begins at byte 59.
func readAnswers() map[string]string {
	return map[string]string{
		// arkime smb-smbclient.pcap, frame 25: Samba 3 puts the data at an odd offset, and repeats the length behind it.
		"arkime 25": `ff534d422e000000008803c00000000000000000000000000100770f000008000cff000000ffff000000000f003b00000000
			00000000000f000f0074686973206973206120746573740a`,
		"padded": header1(read1, success, reply1, unicode) + "0c" + noAndX + "0000 0000 0000 0200 3c00 0000" +
			"0000000000000000" + counted("00 aabb"),
		"padded further": header1(read1, success, reply1, unicode) + "0c" + noAndX + "0000 0000 0000 0200 4000 0000" +
			"0000000000000000" + counted("0000000000 aabb"),
		"padding not zero": header1(read1, success, reply1, unicode) + "0c" + noAndX + "0000 0000 0000 0200 3c00 0000" +
			"0000000000000000" + counted("ee aabb"),
		"more": header1(read1, "05000080", reply1, unicode) + "0c" + noAndX + "0500 0000 0000 0200 3c00 0000" +
			"0000000000000000" + counted("00 aabb"),
		"more, DOS": header1(read1, "0100ea00", reply1, "0100") + "0c" + noAndX + "0500 0000 0000 0200 3b00 0000" +
			"0000000000000000" + counted("aabb"),
		"nothing": header1(read1, success, reply1, unicode) + "0c" + noAndX + "0000 0000 0000 0000 0000 0000" +
			"0000000000000000" + "0000",
		"nothing, at an offset": header1(read1, success, reply1, unicode) + "0c" + noAndX + "0000 0000 0000 0000 3b00 0000" +
			"0102030405060708" + "0000",
		// 60 + 2 = 62, where a command follows.
		"AndX": header1(read1, success, reply1, unicode) + "0c" + "0400 3e00" + "0000 0000 0000 0200 3c00 0000" +
			"0000000000000000" + counted("00 aabb") + "000000",
	}
}

func TestSMB1ReadResponse(t *testing.T) {
	got := requireSMB1(t, ParseSMB1ReadResponse, func(r SMB1ReadResponse) []wire.Anomaly { return r.Anomalies }, readAnswers())
	require.Equal(t, SMB1ReadResponse{
		Header: SMB1Header{
			Command: SMB1ReadAndX, Flags: SMB1FlagReply | SMB1FlagCaseInsensitive,
			Flags2: SMB1Flags2LongNames | SMB1Flags2EAS | SMB1Flags2NTStatus | SMB1Flags2Unicode,
			TID:    1, PIDLow: 0x0F77, MID: 8,
		},
		AndXCommand: SMB1NoFurtherCommand, Available: 0xFFFF, Reserved2: [8]byte{6: 0x0F}, Pad: []byte{},
		Data: []byte("this is a test\n"),
	}, got["arkime 25"])
	for name, want := range map[string]string{
		"padded": "\xAA\xBB", "padded further": "\xAA\xBB", "padding not zero": "\xAA\xBB", "more": "\xAA\xBB",
		"more, DOS": "\xAA\xBB", "nothing": "", "nothing, at an offset": "", "AndX": "\xAA\xBB",
	} {
		require.Equal(t, want, string(got[name].Data), name)
	}
	require.Nil(t, got["padded"].Pad)
	require.Equal(t, make([]byte, 5), got["padded further"].Pad)
	require.Equal(t, []byte{0xEE}, got["padding not zero"].Pad)
	require.True(t, got["more"].Header.HasMoreData())
	require.Equal(t, uint16(5), got["more"].Available)
	require.True(t, got["more, DOS"].Header.HasMoreData())
	require.Equal(t, uint16(59), got["nothing, at an offset"].DataOffset)
	require.Zero(t, got["padded"].DataOffset)
	require.Equal(t, []byte{0, 0, 0}, got["AndX"].AndX)
}

// A read of 64 KiB and more: DataLengthHigh has what DataLength cannot, and ByteCount nothing.
func TestSMB1ReadResponseLarge(t *testing.T) {
	for _, c := range []struct {
		size        int
		head, count string
	}{
		{1 << 16, "0000 3c00 0100", "0100"},
		{1<<16 + 2, "0200 3c00 0100", "0300"},
		{1<<16 - 1, "ffff 3c00 0000", "0000"},
	} {
		data := bytes.Repeat([]byte{'x'}, c.size)
		msg := unhex(t, header1(read1, success, reply1, unicode)+"0c"+noAndX+"0000 0000 0000"+c.head+"0000000000000000"+
			c.count+"00"+hex.EncodeToString(data))
		r := wiretest.RoundTrip(t, ParseSMB1ReadResponse, msg)
		require.Nil(t, r.Anomalies)
		require.Equal(t, data, r.Data)
	}
	_, err := SMB1ReadResponse{AndXCommand: SMB1NoFurtherCommand, Data: make([]byte, 1<<16)}.AppendBinary(nil)
	require.NoError(t, err)
	_, err = SMB1ReadResponse{AndXCommand: SMB1Close, Data: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong, "no offset reaches the command that follows")
}

func TestSMB1ReadResponseHostile(t *testing.T) {
	msg := unhex(t, readAnswers()["padded"])
	for _, c := range []struct {
		name string
		msg  []byte
		data string
		odd  []string
	}{
		{"DataLength past the message", patched(msg, 43, 0xFF, 0xFF), "", []string{
			"Data: 65535 bytes at offset 60 do not fit a message of 62 bytes",
		}},
		{"DataOffset past the message", patched(msg, 45, 0xFF, 0xFF), "", []string{
			"Data: 2 bytes at offset 65535 do not fit a message of 62 bytes",
		}},
		{"DataLengthHigh of nothing", patched(msg, 47, 0xFF, 0xFF), "\xAA\xBB", []string{
			"DataLengthHigh: 65535, in a message of 62 bytes",
		}},
		{"DataOffset in the header", patched(msg, 45, 0, 0), "\xFFS", []string{
			"Data: begins at 0, where what is before it ends at 59", "Bytes: 3 bytes follow the last part",
		}},
		{"ByteCount too small", patched(msg, 57, 2, 0), "\xAA\xBB", []string{
			"Data: ends at 62, where the data ends at 61",
		}},
		{"ByteCount zero", patched(msg, 57, 0, 0), "\xAA\xBB", []string{
			"Data: ends at 62, where the data ends at 59",
		}},
		{"ByteCount too large", patched(msg, 57, 0xFF, 0xFF), "\xAA\xBB", []string{
			"ByteCount: 65535, but 3 bytes are left",
		}},
		{"bytes behind the data", append(patched(msg, 57, 4, 0), 'x', 'y'), "\xAA\xBB", []string{
			"Bytes: 1 bytes follow the last part", "trailing bytes: 1 bytes follow the message",
		}},
	} {
		r, err := ParseSMB1ReadResponse(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.data, string(r.Data), c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
		wiretest.Stable(t, ParseSMB1ReadResponse, c.msg)
	}
}

func TestSMB1ReadResponseErrors(t *testing.T) {
	requireSMB1Refusals(t, ParseSMB1ReadResponse, unhex(t, readAnswers()["padded"]), 0, 11, 13, 0xFF)
	// The status of more data makes no error response of one with a body, but a body must be there.
	_, err := ParseSMB1ReadResponse(unhex(t, header1(read1, "05000080", reply1, unicode)+"00 0000"))
	require.ErrorIs(t, err, ErrErrorResponse)
}

func FuzzParseSMB1ReadResponse(f *testing.F) {
	for _, s := range readAnswers() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1ReadResponse, data) })
}
