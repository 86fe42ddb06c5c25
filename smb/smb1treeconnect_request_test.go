package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const tree1 = "75"

// treeRequests are tree connect requests; data begins at byte 43.
func treeRequests() map[string]string {
	return map[string]string{
		// zeek raw_ntlm_in_smb.pcap, frame 25: smbclient's anonymous way to IPC$.
		"zeek 25": `ff534d4275000000000801c8000000000000000000000000ffff01000008030004ff000000080001003300005c005c003100
			390032002e003100360038002e00350036002e003100300031005c00490050004300240000003f3f3f3f3f00`,
		// suricata-verify smb-filename.pcap, frame 10: OEM strings, and signed.
		"suricata 10": `ff534d42750000000018054800000d0c158ec190416f0000ffffc00a0008000004ff000000000001001800005c5c31302e34
			2e33302e355c49504324003f3f3f3f3f00`,
		"no password": header1(tree1, success, request1, unicode) + "04" + noAndX + "0000 0000" +
			counted("00"+utfz(`\\S\IPC$`)+oemz("IPC")),
		"no password, no padding": header1(tree1, success, request1, unicode) + "04" + noAndX + "0000 0000" +
			counted(utfz(`\\S\IPC$`)+oemz("IPC")),
		"padding not zero": header1(tree1, success, request1, unicode) + "04" + noAndX + "0000 0000" +
			counted("5c"+utfz(`\\S\IPC$`)+oemz("IPC")),
		"not ASCII": header1(tree1, success, request1, unicode) + "04" + noAndX + "0900 0000" +
			counted("00"+utfz(`Ве`)+oemz("A:")),
		"no service": header1(tree1, success, request1, oem) + "04" + noAndX + "0000 0100" + counted("00"+oemz(`\\S\C$`)),
		"nothing":    header1(tree1, success, request1, unicode) + "04" + noAndX + "0000 0000 0000",
		// 43 + 1 + 7 + 3 = 54, where a command follows that is 3 bytes long.
		"AndX": header1(tree1, success, request1, oem) + "04" + "7100 3600" + "0000 0100" +
			counted("00"+oemz(`\\S\C$`)+oemz("A:")) + "000000",
	}
}

func TestSMB1TreeConnectRequest(t *testing.T) {
	got := requireSMB1(t, ParseSMB1TreeConnectRequest, func(r SMB1TreeConnectRequest) []wire.Anomaly { return r.Anomalies },
		treeRequests())
	require.Equal(t, SMB1TreeConnectRequest{
		Header: SMB1Header{
			Command: SMB1TreeConnectAndX, Flags: SMB1FlagCaseInsensitive,
			Flags2: SMB1Flags2LongNames | SMB1Flags2ExtendedSecurity | SMB1Flags2NTStatus | SMB1Flags2Unicode,
			TID:    0xFFFF, PIDLow: 1, UID: 2048, MID: 3,
		},
		AndXCommand: SMB1NoFurtherCommand, Flags: SMB1TreeConnectExtendedResponse, Password: []byte{0},
		Path: wire.AppendUTF16(nil, `\\192.168.56.101\IPC$`), Service: []byte(SMB1ServiceAny),
	}, got["zeek 25"])
	for name, want := range map[string][2]string{
		"suricata 10":             {`\\10.4.30.5\IPC$`, "?????"},
		"no password":             {`\\S\IPC$`, "IPC"},
		"no password, no padding": {`\\S\IPC$`, "IPC"},
		"padding not zero":        {`\\S\IPC$`, "IPC"},
		"not ASCII":               {"Ве", "A:"},
		"no service":              {`\\S\C$`, ""},
		"nothing":                 {"", ""},
		"AndX":                    {`\\S\C$`, "A:"},
	} {
		r := got[name]
		require.Equal(t, want, [2]string{r.Header.Text(r.Path), string(r.Service)}, name)
	}
	require.Nil(t, got["no password"].Pad)
	require.Equal(t, []byte{}, got["no password, no padding"].Pad)
	require.Equal(t, []byte{0x5C}, got["padding not zero"].Pad)
	require.Nil(t, got["no service"].Service)
	require.Nil(t, got["nothing"].Path)
	require.Equal(t, []byte{0, 0, 0}, got["AndX"].AndX)
	require.Zero(t, got["AndX"].AndXOffset)
}

func TestSMB1TreeConnectRequestHostile(t *testing.T) {
	msg := unhex(t, treeRequests()["suricata 10"])
	for _, c := range []struct {
		name string
		msg  []byte
		path string
		odd  []string
	}{
		{"PasswordLength past the data", patched(msg, 39, 0xFF, 0xFF), "", []string{
			"Password: 65535 bytes, but 24 are left",
		}},
		{"ByteCount past the message", patched(msg, 41, 0xFF, 0xFF), `\\10.4.30.5\IPC$`, []string{
			"ByteCount: 65535, but 24 bytes are left",
		}},
		// Other people's captures have this: the count forgets the service.
		{"ByteCount too small", patched(msg, 41, 18, 0), `\\10.4.30.5\IPC$`, []string{
			"trailing bytes: 6 bytes follow the message",
		}},
		{"no terminator", patched(msg, 41, 10, 0)[:53], `\\10.4.30`, []string{"Path: no terminator"}},
		{"half a character behind padding", unhex(t, header1(tree1, success, request1, unicode)+"04"+noAndX+"0000 0000 0200 3030"), "",
			[]string{"Path: half a character at the end: 0x30", "Path: no terminator", "Pad: 0x30"}},
		{"more strings", append(patched(msg, 41, 26, 0), 'x', 0), `\\10.4.30.5\IPC$`, []string{
			"Bytes: 2 bytes follow the last string",
		}},
	} {
		r, err := ParseSMB1TreeConnectRequest(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.path, string(r.Path), c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
		wiretest.Stable(t, ParseSMB1TreeConnectRequest, c.msg)
	}
}

func TestSMB1TreeConnectRequestErrors(t *testing.T) {
	requireSMB1Refusals(t, ParseSMB1TreeConnectRequest, unhex(t, treeRequests()["zeek 25"]), 0, 3, 5, 0xFF)
	_, err := SMB1TreeConnectRequest{Password: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
	b, err := SMB1TreeConnectRequest{Header: SMB1Header{Command: SMB1TreeConnectAndX}, Service: []byte("A:")}.AppendBinary(nil)
	require.NoError(t, err)
	r, err := ParseSMB1TreeConnectRequest(b)
	require.NoError(t, err)
	require.Equal(t, []byte{}, r.Path)
	require.Equal(t, []byte("A:"), r.Service)
}

func TestSMB1TreeConnectFlagsText(t *testing.T) {
	require.Equal(t, "TREE_CONNECT_ANDX_DISCONNECT_TID|TREE_CONNECT_ANDX_EXTENDED_SIGNATURES|"+
		"TREE_CONNECT_ANDX_EXTENDED_RESPONSE|0x2", SMB1TreeConnectFlags(0xF).String())
	require.Equal(t, "0", SMB1TreeConnectFlags(0).String())
}

func FuzzParseSMB1TreeConnectRequest(f *testing.F) {
	for _, s := range treeRequests() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1TreeConnectRequest, data) })
}
