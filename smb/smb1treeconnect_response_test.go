package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// treeAnswers are tree connect responses; data begins at byte 39, 41 and 49 in the forms of 2, 3 and 7 words.
func treeAnswers() map[string]string {
	return map[string]string{
		// zeek raw_ntlm_in_smb.pcap, frame 26: Windows XP.
		"zeek 26": `ff534d4275000000008801c8000000000000000000000000000801000008030007ff0038000100ff010000ff010000070049
			504300000000`,
		// suricata-verify smb-filename.pcap, frame 11: Windows Server 2008 R2, OEM strings.
		"suricata 11": `ff534d42750000000098054800000d0c158ec190416f00000008c00a0008000003ff002e00010005004950430000`,
		"disk": header1(tree1, success, reply1, unicode) + "03" + noAndX + "0d00" +
			counted(oemz("A:")+utfz("NTFS")), // strings at byte 44
		"pipe": header1(tree1, success, reply1, unicode) + "03" + noAndX + "0000" + counted(oemz("IPC")+"00"+utfz("")),
		"pipe, no padding": header1(tree1, success, reply1, unicode) + "03" + noAndX + "0000" +
			counted(oemz("IPC")+utfz("NTFS")),
		"old":                 header1(tree1, success, reply1, oem) + "02" + noAndX + counted(oemz("A:")+oemz("FAT")),
		"old, no file system": header1(tree1, success, reply1, oem) + "02" + noAndX + counted(oemz("A:")),
		"nothing":             header1(tree1, success, reply1, oem) + "02" + noAndX + "0000",
		"extended": header1(tree1, success, reply1, unicode) + "07" + noAndX + "3f00 ff011f00 a9001200" +
			counted(oemz("LPT1:")+"00"+utfz("")), // strings at byte 56
		"AndX": header1(tree1, success, reply1, oem) + "03" + "7100 3000" + "0000" +
			counted(oemz("A:")+oemz("FAT")) + "000000",
	}
}

func TestSMB1TreeConnectResponse(t *testing.T) {
	got := requireSMB1(t, ParseSMB1TreeConnectResponse, func(r SMB1TreeConnectResponse) []wire.Anomaly { return r.Anomalies },
		treeAnswers())
	require.Equal(t, SMB1TreeConnectResponse{
		Header: SMB1Header{
			Command: SMB1TreeConnectAndX, Flags: SMB1FlagReply | SMB1FlagCaseInsensitive,
			Flags2: SMB1Flags2LongNames | SMB1Flags2ExtendedSecurity | SMB1Flags2NTStatus | SMB1Flags2Unicode,
			TID:    2048, PIDLow: 1, UID: 2048, MID: 3,
		},
		WordCount: TreeConnectWordsExtended, AndXCommand: SMB1NoFurtherCommand, AndXOffset: 56,
		OptionalSupport: SMB1SupportSearchBits, MaximalShareAccessRights: 0x1FF, GuestMaximalShareAccessRights: 0x1FF,
		Service: []byte("IPC"), NativeFileSystem: []byte{},
	}, got["zeek 26"])
	for name, want := range map[string][3]string{
		"suricata 11":         {"IPC", "", "SMB_SUPPORT_SEARCH_BITS"},
		"disk":                {"A:", "NTFS", "SMB_SUPPORT_SEARCH_BITS|CSC_CACHE_NONE"},
		"pipe":                {"IPC", "", "0"},
		"pipe, no padding":    {"IPC", "NTFS", "0"},
		"old":                 {"A:", "FAT", "0"},
		"old, no file system": {"A:", "", "0"},
		"nothing":             {"", "", "0"},
		"AndX":                {"A:", "FAT", "0"},
	} {
		r := got[name]
		require.Equal(t, want, [3]string{
			string(r.Service), r.Header.Text(r.NativeFileSystem), r.OptionalSupport.String(),
		}, name)
	}
	require.Equal(t, []byte{}, got["suricata 11"].NativeFileSystem, "an empty string is there")
	require.Nil(t, got["old, no file system"].NativeFileSystem, "a missing string is not")
	require.Equal(t, []byte{}, got["pipe, no padding"].Pad)
	require.Equal(t, AccessMask(0x001F01FF), got["extended"].MaximalShareAccessRights)
	require.Equal(t, AccessMask(0x001200A9), got["extended"].GuestMaximalShareAccessRights)
	require.Equal(t, []byte{0, 0, 0}, got["AndX"].AndX)
}

func TestSMB1TreeConnectResponseHostile(t *testing.T) {
	msg := unhex(t, treeAnswers()["disk"])
	for _, c := range []struct {
		name string
		msg  []byte
		want [2]string
		odd  []string
	}{
		{"ByteCount past the message", patched(msg, 39, 0xFF, 0xFF), [2]string{"A:", "NTFS"}, []string{
			"ByteCount: 65535, but 13 bytes are left",
		}},
		{"ByteCount zero", patched(msg, 39, 0, 0), [2]string{"", ""}, []string{
			"trailing bytes: 13 bytes follow the message",
		}},
		{"half a terminator", patched(msg, 39, 12, 0)[:53], [2]string{"A:", "NTFS"}, []string{
			"NativeFileSystem: no terminator",
		}},
		{"one byte left", patched(msg, 39, 4, 0)[:45], [2]string{"A:", ""}, []string{
			"NativeFileSystem: half a character at the end: 0x4e", "NativeFileSystem: no terminator",
		}},
		{"half a character behind padding", unhex(t, header1(tree1, success, reply1, unicode)+"03"+noAndX+"0000"+counted("4100 3030")),
			[2]string{"A", ""}, []string{
				"NativeFileSystem: half a character at the end: 0x30", "NativeFileSystem: no terminator", "Pad: 0x30",
			}},
		{"no terminator at all", patched(msg, 39, 2, 0)[:43], [2]string{"A:", ""}, []string{"Service: no terminator"}},
	} {
		r, err := ParseSMB1TreeConnectResponse(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, [2]string{string(r.Service), r.Header.Text(r.NativeFileSystem)}, c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
		wiretest.Stable(t, ParseSMB1TreeConnectResponse, c.msg)
	}
}

func TestSMB1TreeConnectResponseErrors(t *testing.T) {
	requireSMB1Refusals(t, ParseSMB1TreeConnectResponse, unhex(t, treeAnswers()["zeek 26"]), 0, 1, 4, 6, 8, 0xFF)
	_, err := SMB1TreeConnectResponse{WordCount: 4}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	b, err := SMB1TreeConnectResponse{
		Header: SMB1Header{Command: SMB1TreeConnectAndX, Flags: SMB1FlagReply}, WordCount: 2, NativeFileSystem: []byte("FAT"),
	}.AppendBinary(nil)
	require.NoError(t, err)
	r, err := ParseSMB1TreeConnectResponse(b)
	require.NoError(t, err)
	require.Equal(t, []byte("FAT"), r.NativeFileSystem)
}

func TestSMB1OptionalSupportText(t *testing.T) {
	for s, want := range map[SMB1OptionalSupport]string{
		0: "0", 4: "CSC_CACHE_AUTO_REINT", 8: "CSC_CACHE_VDO", 0xC: "CSC_CACHE_NONE",
		0x73: "SMB_SUPPORT_SEARCH_BITS|SMB_SHARE_IS_IN_DFS|SMB_UNIQUE_FILE_NAME|SMB_EXTENDED_SIGNATURES|0x40",
	} {
		require.Equal(t, want, s.String())
	}
	require.Equal(t, []string{}, SMB1OptionalSupport(0).Tokens())
}

func FuzzParseSMB1TreeConnectResponse(f *testing.F) {
	for _, s := range treeAnswers() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1TreeConnectResponse, data) })
}
