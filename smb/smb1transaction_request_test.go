package smb

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const trans1 = "25"

// pipeRequest is a TRANS_TRANSACT_NMPIPE of FID 0x4001 on UTF-16 strings; data begins at byte 67, and is in hex.
func pipeRequest(parameters, place, data string) string {
	return header1(trans1, success, request1, unicode) + "10" + "0000 0300 0000 0010 00 00 0000 00000000 0000" + parameters +
		place + "02 00 2600 0140" + counted(data)
}

// transactionRequests are transaction requests.
func transactionRequests() map[string]string {
	return map[string]string{
		// zeek raw_ntlm_in_smb.pcap, frame 31: smbclient binds to srvsvc.
		"zeek 31": `ff534d4225000000000801c80000000000000000000000000008010000080500100000480000000010000000000000000000
			0000005400480054000200260000405900005c0050004900500045005c000000000005000b03100000004800000003000000
			00100010000000000100000000000100c84f324b7016d30112785a47bf6ee18803000000045d888aeb1cc9119fe808002b10
			486002000000`,
		// cisco mercury emix.pcap, frame 172: NetServerEnum2 of the LAN Manager API, which has parameters and no data.
		"mercury 172": `ff534d4225000000001807c800000000000000000000000063ff6803b81700010e1a00000008001611000000008813000000
			001a005c000000000000003700005c0050004900500045005c004c0041004e004d0041004e0000000000680057724c656844
			4f004231364242447a0001001611ffffffff`,
		// suricata-verify smb-filename.pcap, frame 46: no name, no setup, and the first part of a larger whole.
		"suricata 46": `ff534d4225000000001805480000b0c6befff7cc118b00000108c00a000801380e0002a40c0000000000000000ffffffff00
			000400400000000000000005000001400000`,
		// suricata-verify smb-filename.pcap, frame 698: the question whether the update of MS17-010 is there.
		"suricata 698": `ff534d4225000000001801480000000000000000000000000008d00a000800001000000000ffffffff0000000000000000000000004a0000
			004a0002002300000007005c504950455c00`,
		"usual": pipeRequest("0000 0000", "0300 5400", "00"+utfz(`\PIPE\`)+"0000"+"aabbcc"),
		// The name at an odd offset: 67 + 14 = 81, so that three bytes bring the data to 84.
		"name without padding": pipeRequest("0000 0000", "0300 5400", utfz(`\PIPE\`)+"000000"+"aabbcc"),
		"data without padding": pipeRequest("0000 0000", "0300 5200", "00"+utfz(`\PIPE\`)+"aabbcc"),
		"padding not zero":     pipeRequest("0000 0000", "0300 5400", "5c"+utfz(`\PIPE\`)+"eeee"+"aabbcc"),
		"OEM": header1(trans1, success, request1, oem) + "10" + "0000 0300 0000 0010 00 00 0000 00000000 0000 0000 0000" +
			"0300 4c00" + "02 00 2600 0140" + counted(oemz(`\PIPE\`)+"0000"+"aabbcc"), // 67 + 7 + 2 = 76
		"both": header1(trans1, success, request1, oem) + "0e" + "0100 0200 0000 0010 00 00 0000 00000000 0000 0100 4400" +
			"0200 4800" + "00 00" + counted(oemz(`\P`)+"0000 11 000000 aabb"), // 63 + 3 + 2 = 68, and 72
		"reserved": header1(trans1, success, request1, oem) + "0e" + "0000 0000 0100 0200 03 de 0300 04000000 adde 0000 0600" +
			"0000 0700" + "00 be" + counted(oemz(`\P`)),
		"part": header1(trans1, success, request1, oem) + "0e" + "0400 ff00 0000 0010 00 00 0000 00000000 0000 0000 0000" +
			"0200 4400" + "00 00" + counted(oemz(`\P`)+"0000 aabb"),
		"nothing": header1(trans1, success, request1, unicode) + "0e" + "0000 0000 0000 0000 00 00 0000 00000000 0000 0000 0000" +
			"0000 0000" + "00 00" + "0000",
	}
}

func TestSMB1TransactionRequest(t *testing.T) {
	got := requireSMB1(t, ParseSMB1TransactionRequest,
		func(r SMB1TransactionRequest) []wire.Anomaly { return r.Anomalies }, transactionRequests())
	r := got["zeek 31"]
	require.Equal(t, SMB1TransactionRequest{
		Header: SMB1Header{
			Command: SMB1Transaction, Flags: SMB1FlagCaseInsensitive,
			Flags2: SMB1Flags2LongNames | SMB1Flags2ExtendedSecurity | SMB1Flags2NTStatus | SMB1Flags2Unicode,
			TID:    2048, PIDLow: 1, UID: 2048, MID: 5,
		},
		TotalDataCount: 72, MaxDataCount: 4096, ParameterOffset: 84, Setup: SMB1TransactNMPipe(0x4000),
		Name: wire.AppendUTF16(nil, SMB1PipeName), Data: r.Data,
	}, r)
	require.Len(t, r.Data, 72)
	require.Equal(t, []byte{5, 0, 11, 3}, r.Data[:4], "a bind of DCE/RPC 5.0")
	r = got["mercury 172"]
	require.Equal(t, SMB1TransactionRequest{
		Header: r.Header, TotalParameterCount: 26, MaxParameterCount: 8, MaxDataCount: 4374, Timeout: 5000,
		Name: wire.AppendUTF16(nil, `\PIPE\LANMAN`), Parameters: []byte("h\x00WrLehDO\x00B16BBDz\x00\x01\x00\x16\x11\xFF\xFF\xFF\xFF"),
	}, r)
	r = got["suricata 46"]
	require.Equal(t, SMB1TransactionRequest{
		Header: r.Header, TotalParameterCount: 512, TotalDataCount: 3236, Timeout: 0xFFFFFFFF, Name: []byte{},
		Parameters: []byte{1, 0x40, 0, 0},
	}, r)
	for name, want := range map[string][3]string{
		"usual":                {`\PIPE\`, "", "\xAA\xBB\xCC"},
		"name without padding": {`\PIPE\`, "", "\xAA\xBB\xCC"},
		"data without padding": {`\PIPE\`, "", "\xAA\xBB\xCC"},
		"padding not zero":     {`\PIPE\`, "", "\xAA\xBB\xCC"},
		"OEM":                  {`\PIPE\`, "", "\xAA\xBB\xCC"},
		"both":                 {`\P`, "\x11", "\xAA\xBB"},
		"reserved":             {`\P`, "", ""},
		"part":                 {`\P`, "", "\xAA\xBB"},
		"nothing":              {"", "", ""},
	} {
		r := got[name]
		require.Equal(t, want, [3]string{r.Header.Text(r.Name), string(r.Parameters), string(r.Data)}, name)
	}
	require.Equal(t, SMB1TransactNMPipe(0x4001), got["usual"].Setup)
	require.Equal(t, []byte{0x26, 0, 1, 0x40}, got["usual"].Setup)
	require.Equal(t, []byte{0x23, 0, 1, 0x40}, SMB1PeekNMPipe(0x4001))
	require.Equal(t, SMB1PeekNMPipe(0), got["suricata 698"].Setup)
	require.Equal(t, uint16(0xFFFF), got["suricata 698"].MaxDataCount)
	require.Equal(t, []byte{}, got["name without padding"].NamePad)
	require.Equal(t, []byte{}, got["data without padding"].DataPad)
	require.Equal(t, []byte{0x5C}, got["padding not zero"].NamePad)
	require.Equal(t, []byte{0xEE, 0xEE}, got["padding not zero"].DataPad)
	require.Equal(t, SMB1TransactionRequest{
		Header: got["reserved"].Header, MaxParameterCount: 1, MaxDataCount: 2, MaxSetupCount: 3, Reserved1: 0xDE, Flags: 3,
		Timeout: 4, Reserved2: 0xDEAD, ParameterOffset: 6, DataOffset: 7, Reserved3: 0xBE, Name: []byte(`\P`),
	}, got["reserved"])
	require.Equal(t, uint16(4), got["part"].TotalParameterCount)
	require.Equal(t, uint16(255), got["part"].TotalDataCount)
	require.Nil(t, got["nothing"].Name)
}

// Totals of zero stand for what is in the message, so that a builder need not count.
func TestSMB1TransactionRequestTotals(t *testing.T) {
	b, err := SMB1TransactionRequest{
		Header: SMB1Header{Command: SMB1Transaction, Flags: SMB1FlagCaseInsensitive}, Name: []byte(SMB1PipeName),
		Setup: SMB1TransactNMPipe(7), Parameters: []byte{1}, Data: []byte{1, 2},
	}.AppendBinary(nil)
	require.NoError(t, err)
	r, err := ParseSMB1TransactionRequest(b)
	require.NoError(t, err)
	require.Nil(t, r.Anomalies)
	require.Equal(t, uint16(1), r.TotalParameterCount)
	require.Equal(t, uint16(2), r.TotalDataCount)
}

func TestSMB1TransactionRequestHostile(t *testing.T) {
	// TotalDataCount is at 35, the places at 51 to 58, SetupCount at 59, ByteCount at 65.
	msg := unhex(t, transactionRequests()["usual"])
	for _, c := range []struct {
		name string
		msg  []byte
		data string
		odd  []string
	}{
		{"DataCount past the message", patched(msg, 55, 0xFF, 0xFF), "", []string{
			"Data: 65535 bytes at offset 84 do not fit a message of 87 bytes",
			"TotalData: 3 bytes in all, but 65535 are here or were before",
		}},
		{"DataOffset past the message", patched(msg, 57, 0xFF, 0xFF), "", []string{
			"Data: 3 bytes at offset 65535 do not fit a message of 87 bytes",
		}},
		{"DataOffset in the name", patched(msg, 57, 70, 0), "P\x00I", []string{
			"Data: begins at 70, where what is before it ends at 82", "Bytes: 5 bytes follow the last part",
		}},
		{"the parameters are the data", patched(msg, 51, 3, 0, 84, 0), "\xAA\xBB\xCC", []string{
			"TotalParameters: 0 bytes in all, but 3 are here or were before",
			"Data: begins at 84, where what is before it ends at 87",
		}},
		{"TotalDataCount too small", patched(msg, 35, 2, 0), "\xAA\xBB\xCC", []string{
			"TotalData: 2 bytes in all, but 3 are here or were before",
		}},
		{"SetupCount too large", patched(msg, 59, 0xFF), "\xAA\xBB\xCC", []string{"SetupCount: 255, but WordCount has 2"}},
		{"ByteCount too large", patched(msg, 65, 0xFF, 0xFF), "\xAA\xBB\xCC", []string{
			"ByteCount: 65535, but 20 bytes are left",
		}},
		{"ByteCount zero", patched(msg, 65, 0, 0), "\xAA\xBB\xCC", []string{
			"Data: ends at 87, where the data ends at 67",
		}},
		{"bytes behind the data", append(patched(msg, 65, 21, 0), 'x', 'y'), "\xAA\xBB\xCC", []string{
			"Bytes: 1 bytes follow the last part", "trailing bytes: 1 bytes follow the message",
		}},
		{"no bytes, and the data in the header", patched(msg, 57, 0, 0, 2, 0, 0x26, 0, 1, 0x40, 0, 0)[:67], "\xFFSM", []string{
			"Data: begins at 0, where what is before it ends at 67",
		}},
		{"a name without an end", append(msg[:68:68], bytes.Repeat([]byte{'x'}, 19)...), "xxx", []string{
			"Name: half a character at the end: 0x78", "Name: no terminator",
			"Data: begins at 84, where what is before it ends at 87",
		}},
	} {
		r, err := ParseSMB1TransactionRequest(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.data, string(r.Data), c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
		wiretest.Stable(t, ParseSMB1TransactionRequest, c.msg)
	}
}

func TestSMB1TransactionRequestErrors(t *testing.T) {
	msg := unhex(t, transactionRequests()["nothing"])
	requireSMB1Refusals(t, ParseSMB1TransactionRequest, msg, 0, 1, 13)
	_, err := ParseSMB1TransactionRequest(patched(msg, SMB1HeaderSize, 0xFF))
	require.ErrorIs(t, err, wire.ErrTruncated)
	_, err = SMB1TransactionRequest{Setup: []byte{1}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = SMB1TransactionRequest{Setup: make([]byte, 2*242)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong, "256 words")
	_, err = SMB1TransactionRequest{Data: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func FuzzParseSMB1TransactionRequest(f *testing.F) {
	for _, s := range transactionRequests() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1TransactionRequest, data) })
}
