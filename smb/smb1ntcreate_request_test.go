package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const create1 = "a2"

// createFixed is what is between NameLength and ByteCount.
const createFixed = "16000000 00000000 9f010200 0000000000000000 80000000 03000000 01000000 40000000 02000000 03"

// createRequests are create requests; data begins at byte 83.
func createRequests() map[string]string {
	return map[string]string{
		// zeek raw_ntlm_in_smb.pcap, frame 28: smbclient counts the terminator.
		"zeek 28": `ff534d42a2000000000801c8000000000000000000000000000801000008040018ff00000000100010000000000000000000
			00c000000000000000008000000003000000010000000000000002000000001100005c007300720076007300760063000000`,
		// suricata-verify smb-filename.pcap, frame 12: OEM, the terminator is not counted.
		"suricata 12": `ff534d42a200000000180548000092052777c090a0bf00000008c00a0008000018ff00000000040016000000000000009f01
			02000000000000000000000000000300000001000000400000000200000003050073616d7200`,
		"UTF-16": header1(create1, success, request1, unicode) + "18" + noAndX + "00 0c00" + createFixed +
			counted("00"+utfz(`\lsass`)),
		"no padding": header1(create1, success, request1, unicode) + "18" + noAndX + "00 0c00" + createFixed +
			counted(utfz(`\lsass`)),
		"padding not zero": header1(create1, success, request1, unicode) + "18" + noAndX + "00 0c00" + createFixed +
			counted("5c"+utfz(`\lsass`)),
		"no terminator": header1(create1, success, request1, unicode) + "18" + noAndX + "00 0200" + createFixed +
			counted("00 5c00"),
		"half a terminator": header1(create1, success, request1, unicode) + "18" + noAndX + "00 0200" + createFixed +
			counted("00 5c00 00"),
		"empty name": header1(create1, success, request1, unicode) + "18" + noAndX + "00 0000" + createFixed +
			counted("00"+utfz("")),
		"nothing, OEM": header1(create1, success, request1, oem) + "18" + noAndX + "00 0000" + createFixed + "0000",
		"nothing":      header1(create1, success, request1, unicode) + "18" + noAndX + "00 0000" + createFixed + "0000",
		"one byte":     header1(create1, success, request1, unicode) + "18" + noAndX + "00 0000" + createFixed + "0100 00",
		"reserved": header1(create1, success, request1, oem) + "18" + "ffde 0100" + "de 0100" + createFixed +
			counted(oemz("x")),
		// 83 + 2 = 85, where a command follows.
		"AndX": header1(create1, success, request1, oem) + "18" + "2e00 5500" + "00 0100" + createFixed +
			counted(oemz("x")) + "000000",
	}
}

func TestSMB1NTCreateRequest(t *testing.T) {
	got := requireSMB1(t, ParseSMB1NTCreateRequest, func(r SMB1NTCreateRequest) []wire.Anomaly { return r.Anomalies },
		createRequests())
	require.Equal(t, SMB1NTCreateRequest{
		Header: SMB1Header{
			Command: SMB1NTCreateAndX, Flags: SMB1FlagCaseInsensitive,
			Flags2: SMB1Flags2LongNames | SMB1Flags2ExtendedSecurity | SMB1Flags2NTStatus | SMB1Flags2Unicode,
			TID:    2048, PIDLow: 1, UID: 2048, MID: 4,
		},
		AndXCommand: SMB1NoFurtherCommand, Flags: SMB1CreateExtendedResponse, DesiredAccess: 0xC0000000,
		ExtFileAttributes: 0x80, ShareAccess: 3, CreateDisposition: 1, ImpersonationLevel: 2,
		FileName: wire.AppendUTF16(nil, "\\srvsvc\x00"), Tail: []byte{},
	}, got["zeek 28"])
	r := got["suricata 12"]
	require.Equal(t, SMB1CreateFlags(0x16), r.Flags)
	require.Equal(t, AccessMask(0x0002019F), r.DesiredAccess)
	require.Equal(t, ShareAccess(3), r.ShareAccess)
	require.Equal(t, CreateDisposition(1), r.CreateDisposition)
	require.Equal(t, CreateOptions(0x40), r.CreateOptions)
	require.Equal(t, ImpersonationLevel(2), r.ImpersonationLevel)
	require.Equal(t, uint8(3), r.SecurityFlags)
	for name, want := range map[string]string{
		"suricata 12": "samr", "UTF-16": `\lsass`, "no padding": `\lsass`, "padding not zero": `\lsass`, "no terminator": `\`,
		"half a terminator": `\`, "empty name": "", "nothing": "", "nothing, OEM": "", "one byte": "", "reserved": "x",
		"AndX": "x",
	} {
		require.Equal(t, want, got[name].Header.Text(got[name].FileName), name)
	}
	require.Nil(t, got["UTF-16"].Pad)
	require.Nil(t, got["UTF-16"].Tail)
	require.Equal(t, []byte{}, got["no padding"].Pad)
	require.Equal(t, []byte{0x5C}, got["padding not zero"].Pad)
	require.Equal(t, []byte{}, got["no terminator"].Tail)
	require.Equal(t, []byte{0}, got["half a terminator"].Tail)
	require.Equal(t, uint8(0xDE), got["reserved"].Reserved)
	require.Equal(t, SMB1ReadAndX, got["AndX"].AndXCommand)
	require.Equal(t, []byte{0, 0, 0}, got["AndX"].AndX)
}

func TestSMB1NTCreateRequestHostile(t *testing.T) {
	msg := unhex(t, createRequests()["UTF-16"])
	for _, c := range []struct {
		name string
		msg  []byte
		file string
		tail int
		odd  []string
	}{
		{"NameLength past the data", patched(msg, 38, 0xFF, 0xFF), "", 14, []string{
			"FileName: 65535 bytes, but 14 are left",
		}},
		{"NameLength odd", patched(msg, 38, 3, 0), `\\x6c`, 11, nil},
		{"ByteCount past the message", patched(msg, 81, 0xFF, 0xFF), `\lsass`, 0, []string{
			"ByteCount: 65535, but 15 bytes are left",
		}},
		{"ByteCount too small", patched(msg, 81, 13, 0), `\lsass`, 0, []string{
			"trailing bytes: 2 bytes follow the message",
		}},
	} {
		r, err := ParseSMB1NTCreateRequest(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.file, r.Header.Text(r.FileName), c.name)
		require.Len(t, r.Tail, c.tail, c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
		wiretest.Stable(t, ParseSMB1NTCreateRequest, c.msg)
	}
}

func TestSMB1NTCreateRequestErrors(t *testing.T) {
	requireSMB1Refusals(t, ParseSMB1NTCreateRequest, unhex(t, createRequests()["zeek 28"]), 0, 23, 25, 0xFF)
	_, err := SMB1NTCreateRequest{FileName: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func TestSMB1CreateFlagsText(t *testing.T) {
	require.Equal(t, "NT_CREATE_REQUEST_OPLOCK|NT_CREATE_REQUEST_OPBATCH|NT_CREATE_OPEN_TARGET_DIR|"+
		"NT_CREATE_REQUEST_EXTENDED_RESPONSE|0x1", SMB1CreateFlags(0x1F).String())
}

func FuzzParseSMB1NTCreateRequest(f *testing.F) {
	for _, s := range createRequests() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1NTCreateRequest, data) })
}
