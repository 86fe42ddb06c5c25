package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// createAnswerFixed is what is between the AndX link and what follows Directory.
const createAnswerFixed = "01 0140 02000000 0100000000000000 0200000000000000 0300000000000000 0400000000000000 10000000" +
	"0000000001000000 0000000002000000 0400 0700 01"

// createExtension has the GUID 44332211-6655-8877-99aa-bbccddeeff00, a FileId and two access masks.
const createExtension = "112233445566778899aabbccddeeff00 0807060504030201 ff011f00 89001200"

// createAnswers are create responses; ByteCount is at byte 101, or at 133 in the extended forms.
func createAnswers() map[string]string {
	return map[string]string{
		// zeek raw_ntlm_in_smb.pcap, frame 29: Windows XP counts 42 words and sends 50.
		"zeek 29": `ff534d42a2000000008801c800000000000000000000000000080100000804002aff00870000004001000000000000000000
			000000000000000000000000000000000000000000000000000080000000001000000000000000000000000000000200ff05
			000000000000000000000000000000000000000000000000009b0112009b0112000000`,
		// suricata-verify smb-eicar-file.pcap, frame 18: Windows Server 2019 opened a file.
		"suricata 18": `ff534d42a2000000009843c800000000000000000000000000083f030008050022ff00670000004002000000388c6fde1fdc
			d501388c6fde1fdcd501388c6fde1fdcd501388c6fde1fdcd501200000000000000000000000000000000000000000000000
			000000`,
		"short":        header1(create1, success, reply1, unicode) + "22" + noAndX + createAnswerFixed + "0000",
		"miscounted":   header1(create1, success, reply1, unicode) + "2a" + noAndX + createAnswerFixed + createExtension + "0000",
		"well counted": header1(create1, success, reply1, unicode) + "32" + noAndX + createAnswerFixed + createExtension + "0000",
		// 103, where a command follows.
		"AndX": header1(create1, success, reply1, unicode) + "22" + "2e00 6700" + createAnswerFixed + "0000" + "000000",
	}
}

func TestSMB1NTCreateResponse(t *testing.T) {
	got := requireSMB1(t, ParseSMB1NTCreateResponse, func(r SMB1NTCreateResponse) []wire.Anomaly { return r.Anomalies },
		createAnswers())
	require.Equal(t, SMB1NTCreateResponse{
		Header: SMB1Header{
			Command: SMB1NTCreateAndX, Flags: SMB1FlagReply | SMB1FlagCaseInsensitive,
			Flags2: SMB1Flags2LongNames | SMB1Flags2ExtendedSecurity | SMB1Flags2NTStatus | SMB1Flags2Unicode,
			TID:    2048, PIDLow: 1, UID: 2048, MID: 4,
		},
		WordCount: NTCreateWordsExtended, AndXCommand: SMB1NoFurtherCommand, AndXOffset: 135, FID: 0x4000, CreateAction: 1,
		ExtFileAttributes: 0x80, AllocationSize: 4096, ResourceType: SMB1ResourceMessageModePipe, NMPipeStatus: 0x05FF,
		MaximalAccess: 0x0012019B, GuestAccess: 0x0012019B,
	}, got["zeek 29"])
	r := got["suricata 18"]
	require.Equal(t, NTCreateWords, r.WordCount)
	require.Equal(t, CreateAction(2), r.CreateAction)
	require.Equal(t, SMB1ResourceDisk, r.ResourceType)
	require.Equal(t, FileAttributes(0x20), r.ExtFileAttributes)
	for _, filetime := range []dtyp.Filetime{r.CreateTime, r.LastAccessTime, r.LastWriteTime, r.LastChangeTime} {
		when, ok := filetime.Time()
		require.True(t, ok)
		require.Equal(t, "2020-02-05T12:29:11.1246904Z", when.UTC().Format("2006-01-02T15:04:05.9999999Z07:00"))
	}
	want := SMB1NTCreateResponse{
		Header: got["short"].Header, WordCount: NTCreateWords, AndXCommand: SMB1NoFurtherCommand, OplockLevel: 1,
		FID: 0x4001, CreateAction: 2, CreateTime: 1, LastAccessTime: 2, LastWriteTime: 3, LastChangeTime: 4,
		ExtFileAttributes: 0x10, AllocationSize: 1 << 32, EndOfFile: 2 << 32, ResourceType: SMB1ResourceCommDevice,
		NMPipeStatus: 7, Directory: 1,
	}
	require.Equal(t, want, got["short"])
	guid, err := dtyp.ParseGUID("44332211-6655-8877-99aa-bbccddeeff00")
	require.NoError(t, err)
	want.WordCount, want.VolumeGUID, want.FileID = NTCreateWordsExtended, guid, 0x0102030405060708
	want.MaximalAccess, want.GuestAccess = 0x001F01FF, 0x00120089
	require.Equal(t, want, got["miscounted"])
	want.WordCount = NTCreateWordsExtendedRight
	require.Equal(t, want, got["well counted"])
	require.Equal(t, []byte{0, 0, 0}, got["AndX"].AndX)
}

// Windows 2000, XP and Server 2003 leave memory in ByteCount, and in the identifiers, of their miscounted response (in
// other people's captures).
func TestSMB1NTCreateResponseHostile(t *testing.T) {
	msg := unhex(t, createAnswers()["miscounted"])
	for _, c := range []struct {
		name string
		msg  []byte
		want AccessMask
		odd  []string
	}{
		{"ByteCount of old memory", patched(msg, 133, 0x4E, 0x4D), 0x001F01FF, []string{
			"ByteCount: 19790, but 0 bytes are left",
		}},
		{"data", append(patched(msg, 133, 1, 0), 'x', 'y'), 0x001F01FF, []string{
			"ByteCount: 1, should be 0", "trailing bytes: 1 bytes follow the message",
		}},
		{"really 42 words", append(msg[:117:117], 0, 0), 0, []string{
			"WordCount: 42, and no more words follow: the response should have 50",
		}},
	} {
		r, err := ParseSMB1NTCreateResponse(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, r.MaximalAccess, c.name)
		require.Equal(t, uint16(0x4001), r.FID)
		require.Equal(t, uint8(0x11), r.VolumeGUID[0])
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
		wiretest.Stable(t, ParseSMB1NTCreateResponse, c.msg)
	}
	_, err := ParseSMB1NTCreateResponse(patched(msg, SMB1HeaderSize, NTCreateWordsExtendedRight)[:119])
	require.ErrorIs(t, err, wire.ErrTruncated, "who counts 50 words must send them")
}

func TestSMB1NTCreateResponseErrors(t *testing.T) {
	requireSMB1Refusals(t, ParseSMB1NTCreateResponse, unhex(t, createAnswers()["zeek 29"]), 0, 33, 35, 41, 43, 51, 0xFF)
	_, err := SMB1NTCreateResponse{WordCount: 35}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
}

func TestSMB1ResourceTypeText(t *testing.T) {
	for r, want := range map[SMB1ResourceType]string{
		SMB1ResourceDisk: "FileTypeDisk", SMB1ResourceByteModePipe: "FileTypeByteModePipe",
		SMB1ResourceMessageModePipe: "FileTypeMessageModePipe", SMB1ResourcePrinter: "FileTypePrinter",
		SMB1ResourceCommDevice: "FileTypeCommDevice", 0xFFFF: "SMB1ResourceType(0xFFFF)",
	} {
		require.Equal(t, want, r.String())
	}
}

func FuzzParseSMB1NTCreateResponse(f *testing.F) {
	for _, s := range createAnswers() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1NTCreateResponse, data) })
}
