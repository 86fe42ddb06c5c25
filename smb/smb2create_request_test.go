package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
)

// create2Fixed is the fixed part of a request up to NameOffset, at byte 108, with fields that all differ. The fixed part
// ends at byte 120.
const create2Fixed = "3900 11 ff 02000000 2827262524232221 3837363534333231 89001200 20000000 03000000 01000000 41002000"

func smb2Creates() map[string]string {
	return map[string]string{
		"name": header2(create2, success, request2) + create2Fixed + "7800 0600 00000000 00000000 610035042600",
		"name and contexts": header2(create2, success, request2) + create2Fixed + "7800 0400 80000000 14000000" +
			"61006200 00000000 00000000 1000 0400 0000 0000 00000000 4d784163",
		"name up to the contexts": header2(create2, success, request2) + create2Fixed + "7800 0800 80000000 01000000" +
			"6100620063006400 ff",
		"impacket": samba2(success, create2, "7f00", request2, "05000000", "eeaeaee5", "e6ec006f") +
			`390000000200000000000000000000000000000000000000030000008000000001000000010000004000000078000c000000000000000000
			730072007600730076006300`,
		"impacket with a context": samba2(success, create2, "7f00", request2, "08000000", "44eccea4", "761b6ee1") +
			`3900000002000000000000000000000000000000000000000100000000000000070000000100000040000000780012009000000014000000
			680065006c006c006f002e00740078007400 000000000000 00000000100004000000 0000000000004d784163`,
	}
}

// The root of a share has no name, and this is what stands for it.
func smb2RootCreates() map[string]string {
	return map[string]string{
		"root": header2(create2, success, request2) + create2Fixed + "7800 0000 00000000 00000000 0000000000000000",
		"root and contexts": header2(create2, success, request2) + create2Fixed + "7800 0000 80000000 14000000" +
			"0000000000000000 00000000 1000 0400 0000 0000 00000000 4d784163",
	}
}

// smb2SmbclientRoot has one byte for the empty name, as the specification asks for.
func smb2SmbclientRoot() string {
	return samba2(success, create2, "0100", request2, "07000000", "8b32a00f", "856d09c1") +
		`390000000200000000000000000000000000000000000000810000001000000003000000010000000100000078000000000000000000000000`
}

func TestSMB2CreateRequest(t *testing.T) {
	vectors := smb2Creates()
	checkSMB2(t, ParseSMB2CreateRequest, "CREATE request", vectors)
	r, err := ParseSMB2CreateRequest(unhex(t, vectors["name and contexts"]))
	require.NoError(t, err)
	require.Equal(t, SMB2CreateRequest{
		Header: r.Header, SecurityFlags: 0x11, RequestedOplockLevel: SMB2OplockLease,
		ImpersonationLevel: ImpersonationImpersonation, SmbCreateFlags: 0x2122232425262728, Reserved: 0x3132333435363738,
		DesiredAccess:  AccessReadData | AccessReadEA | AccessReadAttributes | AccessReadControl | AccessSynchronize,
		FileAttributes: AttributeArchive, ShareAccess: ShareRead | ShareWrite, CreateDisposition: DispositionOpen,
		CreateOptions: OptionDirectoryFile | OptionNonDirectoryFile | OptionOpenReparsePoint,
		Name:          []byte("a\x00b\x00"), CreateContexts: unhex(t, "00000000 1000 0400 0000 0000 00000000 4d784163"),
	}, r)
	r, err = ParseSMB2CreateRequest(unhex(t, vectors["name"]))
	require.NoError(t, err)
	require.Equal(t, "aе&", r.NameText())
	// tshark 4.0.17: Access Mask: 0x00000003, File Attributes: 0x00000080, Share Access: 0x00000001, Disposition: Open,
	// Create Options: 0x00000040, Filename: srvsvc.
	r, err = ParseSMB2CreateRequest(unhex(t, vectors["impacket"]))
	require.NoError(t, err)
	require.Equal(t, SMB2CreateRequest{
		Header: r.Header, ImpersonationLevel: ImpersonationImpersonation, DesiredAccess: AccessReadData | AccessWriteData,
		FileAttributes: AttributeNormal, ShareAccess: ShareRead, CreateDisposition: DispositionOpen,
		CreateOptions: OptionNonDirectoryFile, Name: wire.AppendUTF16(nil, "srvsvc"),
	}, r)
	r, err = ParseSMB2CreateRequest(unhex(t, vectors["impacket with a context"]))
	require.NoError(t, err)
	require.Equal(t, "hello.txt", r.NameText())
	require.Len(t, r.CreateContexts, 20)
	_, err = SMB2CreateRequest{Name: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func TestSMB2CreateRoot(t *testing.T) {
	for name, s := range smb2RootCreates() {
		msg := unhex(t, s)
		value, err := ParseSMB2CreateRequest(msg)
		require.NoError(t, err)
		require.Nil(t, value.Anomalies, name)
		require.Nil(t, value.Name, name)
		built, err := value.AppendBinary(nil)
		require.NoError(t, err)
		require.Equal(t, msg, built, name)
		for n := range len(msg) {
			if cut, err := ParseSMB2CreateRequest(msg[:n]); err == nil && (name != "root" || n <= 120) {
				require.NotNil(t, cut.Anomalies, "%s, the first %d bytes", name, n)
			}
		}
	}
	root := unhex(t, smb2RootCreates()["root"])
	for n := 121; n <= 128; n++ {
		r, err := ParseSMB2CreateRequest(root[:n])
		require.NoError(t, err)
		require.Nil(t, r.Anomalies, "%d bytes for no name", n-120)
	}
	for _, c := range []struct {
		name string
		msg  []byte
		odd  []string
	}{
		{"smbclient", unhex(t, smb2SmbclientRoot()), nil},
		{"no byte", root[:120], []string{"Buffer: missing, should be a byte at least"}},
		{"not zero", patched(root, 127, 1), []string{"Padding: not zero"}},
		{"nine", append(root, 0), []string{"trailing bytes: 1 bytes follow the message"}},
		{"contexts at once", unhex(t, header2(create2, success, request2)+create2Fixed+"7800 0000 78000000 01000000 ff"), nil},
		{"contexts behind a gap", unhex(t, header2(create2, success, request2)+create2Fixed+"7800 0000 79000000 01000000 00ff"),
			[]string{"CreateContexts: at offset 121, should be at 120"}},
		{"not zero before contexts", hostile2(t, smb2RootCreates()["root and contexts"], 121, 1), []string{"Padding: not zero"}},
		{"contexts out of bounds", hostile2(t, smb2RootCreates()["root"], 112, 0x80, 0, 0, 0, 1, 0, 0, 0),
			[]string{"CreateContexts: 1 bytes at offset 128 do not fit a message of 128 bytes"}},
		{"contexts out of a short one", hostile2(t, smb2SmbclientRoot(), 112, 0x80, 0, 0, 0, 1, 0, 0, 0), []string{
			"CreateContexts: 1 bytes at offset 128 do not fit a message of 121 bytes", "trailing bytes: 1 bytes follow the message",
		}},
	} {
		r, err := ParseSMB2CreateRequest(c.msg)
		require.NoError(t, err)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
	}
}

func TestSMB2CreateRequestHostile(t *testing.T) {
	usual := smb2Creates()["name and contexts"]
	for _, c := range []struct {
		name           string
		at             int
		with           []byte
		file, contexts int
		odd            []string
	}{
		{"name wraps", 108, []byte{0xFF, 0xFF, 0x7A, 0}, 0, 20, []string{
			"Name: 122 bytes at offset 65535 do not fit a message of 148 bytes", "CreateContexts: at offset 128, should be at 120",
		}},
		{"contexts wrap", 112, []byte{0xFF, 0xFF, 0xFF, 0xFF, 0x85, 0, 0, 0}, 4, 0, []string{
			"CreateContexts: 133 bytes at offset " + huge() + " do not fit a message of 148 bytes",
			"trailing bytes: 24 bytes follow the message",
		}},
		{"contexts over the name", 112, []byte{0x78, 0, 0, 0}, 4, 20, []string{
			"CreateContexts: at offset 120, should be at 128", "trailing bytes: 8 bytes follow the message",
		}},
		{"name longer than said", 110, []byte{2}, 2, 20, []string{"Padding: not zero"}},
	} {
		r, err := ParseSMB2CreateRequest(hostile2(t, usual, c.at, c.with...))
		require.NoError(t, err, c.name)
		require.Len(t, r.Name, c.file, c.name)
		require.Len(t, r.CreateContexts, c.contexts, c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
	}
}

func FuzzParseSMB2CreateRequest(f *testing.F) {
	for _, s := range smb2RootCreates() {
		f.Add(unhex(f, s))
	}
	f.Add(unhex(f, smb2SmbclientRoot()))
	fuzzSMB2(f, ParseSMB2CreateRequest, smb2Creates())
}
