package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// transactionAnswers are transaction responses; data begins at byte 55 where there is no setup.
func transactionAnswers() map[string]string {
	return map[string]string{
		// zeek raw_ntlm_in_smb.pcap, frame 32: Windows XP accepts a bind, and leaves memory in the padding.
		"zeek 32": `ff534d4225000000008801c800000000000000000000000000080100000805000a0000440000000000380000004400380000
			00000045004805000c03100000004400000003000000001000106c1300000d005c504950455c737276737663000001000000
			00000000045d888aeb1cc9119fe808002b10486002000000`,
		// cisco mercury emix.pcap, frame 173: parameters and no data, from Samba.
		"mercury 173": `ff534d4225000000008807c800000000000000000000000063ff6803b81700010a0800000000000800380000000000400000
			0000000900000000000000000000`,
		// suricata-verify smb-filename.pcap, frame 56: the interim response to a request in parts.
		"suricata 56": `ff534d4225000000009805480000b0c6befff7cc118b00000108c00a00080138000000`,
		"more": header1(trans1, "05000080", reply1, unicode) + "0a" +
			"0000 0300 0000 0000 3800 0000 0300 3800 0000 00 00" +
			counted("00 aabbcc"),
		"more, DOS": header1(trans1, "0100ea00", reply1, "0100") + "0a" +
			"0000 0300 0000 0000 3800 0000 0300 3800 0000 00 00" +
			counted("00 aabbcc"),
		"part": header1(trans1, success, reply1, unicode) + "0a" + "0200 0600 dead 0100 3800 0100 0300 3c00 0300 00 be" +
			counted("00 11 000000 aabbcc"),
		"without padding": header1(trans1, success, reply1, unicode) + "0a" +
			"0100 0300 0000 0100 3700 0000 0300 3800 0000 00 00" +
			counted("11 aabbcc"),
		"setup": header1(trans1, success, reply1, unicode) + "0c" +
			"0000 0100 0000 0000 0000 0000 0100 3c00 0000 02 00 01020304" +
			counted("00 aa"),
		"nothing": header1(trans1, success, reply1, unicode) + "0a" +
			"0000 0000 0000 0000 3700 0000 0000 3700 0000 00 00" + "0000",
	}
}

func TestSMB1TransactionResponse(t *testing.T) {
	got := requireSMB1(t, ParseSMB1TransactionResponse,
		func(r SMB1TransactionResponse) []wire.Anomaly { return r.Anomalies }, transactionAnswers())
	r := got["zeek 32"]
	require.Equal(t, SMB1TransactionResponse{
		Header: SMB1Header{
			Command: SMB1Transaction, Flags: SMB1FlagReply | SMB1FlagCaseInsensitive,
			Flags2: SMB1Flags2LongNames | SMB1Flags2ExtendedSecurity | SMB1Flags2NTStatus | SMB1Flags2Unicode,
			TID:    2048, PIDLow: 1, UID: 2048, MID: 5,
		},
		TotalDataCount: 68, ParameterOffset: 56, DataPad: []byte{0x48}, Data: r.Data,
	}, r)
	require.Len(t, r.Data, 68)
	require.Equal(t, []byte{5, 0, 12, 3}, r.Data[:4], "a bind_ack of DCE/RPC 5.0")
	r = got["mercury 173"]
	require.Equal(t, SMB1TransactionResponse{
		Header: r.Header, TotalParameterCount: 8, DataOffset: 64, Parameters: make([]byte, 8),
	}, r)
	r = got["suricata 56"]
	require.Equal(t, SMB1TransactionResponse{Header: r.Header, Interim: true}, r)
	for name, want := range map[string][2]string{
		"more": {"", "\xAA\xBB\xCC"}, "more, DOS": {"", "\xAA\xBB\xCC"}, "part": {"\x11", "\xAA\xBB\xCC"},
		"without padding": {"\x11", "\xAA\xBB\xCC"}, "setup": {"", "\xAA"}, "nothing": {"", ""},
	} {
		require.Equal(t, want, [2]string{string(got[name].Parameters), string(got[name].Data)}, name)
		require.Equal(t, name == "more" || name == "more, DOS", got[name].Header.HasMoreData())
	}
	require.Equal(t, SMB1TransactionResponse{
		Header: got["part"].Header, TotalParameterCount: 2, TotalDataCount: 6, Reserved1: 0xADDE, ParameterDisplacement: 1,
		DataDisplacement: 3, Reserved2: 0xBE, Parameters: []byte{0x11}, Data: []byte{0xAA, 0xBB, 0xCC},
	}, got["part"])
	require.Equal(t, []byte{}, got["without padding"].ParameterPad)
	require.Nil(t, got["without padding"].DataPad, "56 is where it would be anyway")
	require.Equal(t, []byte{1, 2, 3, 4}, got["setup"].Setup)
	require.Equal(t, uint16(55), got["nothing"].ParameterOffset)
	require.Equal(t, uint16(55), got["nothing"].DataOffset)
}

func TestSMB1TransactionResponseHostile(t *testing.T) {
	// The totals are at 33 and 35, the places of the data at 45 to 50, SetupCount at 51, ByteCount at 53.
	msg := unhex(t, transactionAnswers()["part"])
	for _, c := range []struct {
		name string
		msg  []byte
		data string
		odd  []string
	}{
		{"DataCount past the message", patched(msg, 45, 0xFF, 0xFF), "", []string{
			"Data: 65535 bytes at offset 60 do not fit a message of 63 bytes",
			"TotalData: 6 bytes in all, but 65538 are here or were before",
		}},
		{"DataOffset past the message", patched(msg, 47, 0xFF, 0xFF), "", []string{
			"Data: 3 bytes at offset 65535 do not fit a message of 63 bytes",
		}},
		{"DataDisplacement too large", patched(msg, 49, 0xFF, 0xFF), "\xAA\xBB\xCC", []string{
			"TotalData: 6 bytes in all, but 65538 are here or were before",
		}},
		{"ParameterDisplacement too large", patched(msg, 43, 2, 0), "\xAA\xBB\xCC", []string{
			"TotalParameters: 2 bytes in all, but 3 are here or were before",
		}},
		{"DataOffset in the header", patched(msg, 47, 4, 0), "\x25\x00\x00", []string{
			"Data: begins at 4, where what is before it ends at 57", "Bytes: 6 bytes follow the last part",
		}},
		{"SetupCount too large", patched(msg, 51, 0xFF), "\xAA\xBB\xCC", []string{"SetupCount: 255, but WordCount has 0"}},
		{"ByteCount too large", patched(msg, 53, 0xFF, 0xFF), "\xAA\xBB\xCC", []string{
			"ByteCount: 65535, but 8 bytes are left",
		}},
		{"bytes behind the data", append(patched(msg, 53, 9, 0), 'x', 'y'), "\xAA\xBB\xCC", []string{
			"Bytes: 1 bytes follow the last part", "trailing bytes: 1 bytes follow the message",
		}},
	} {
		r, err := ParseSMB1TransactionResponse(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.data, string(r.Data), c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
		wiretest.Stable(t, ParseSMB1TransactionResponse, c.msg)
	}
	r, err := ParseSMB1TransactionResponse(unhex(t, header1(trans1, success, reply1, unicode)+"00 0100 aabb"))
	require.NoError(t, err)
	require.True(t, r.Interim)
	require.Equal(t, []byte{0xAA}, r.Bytes)
	require.Equal(t, []string{"ByteCount: 1, should be 0", "trailing bytes: 1 bytes follow the message"}, odd(r.Anomalies))
}

func TestSMB1TransactionResponseErrors(t *testing.T) {
	msg := unhex(t, transactionAnswers()["nothing"])
	requireSMB1Refusals(t, ParseSMB1TransactionResponse, msg, 1, 9)
	_, err := ParseSMB1TransactionResponse(patched(msg, SMB1HeaderSize, 0xFF))
	require.ErrorIs(t, err, wire.ErrTruncated)
	_, err = ParseSMB1TransactionResponse(unhex(t, header1(trans1, "05000080", reply1, unicode)+"00 0000"))
	require.ErrorIs(t, err, ErrErrorResponse, "more data, but none")
	_, err = SMB1TransactionResponse{Setup: []byte{1}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
}

func FuzzParseSMB1TransactionResponse(f *testing.F) {
	for _, s := range transactionAnswers() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1TransactionResponse, data) })
}
