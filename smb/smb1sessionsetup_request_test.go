package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const (
	noAndX = "ff00 0000"
	// setupFixed is MaxBufferSize 0xFFFF, MaxMpxCount 2, VcNumber 1 and SessionKey 0x12345678.
	setupFixed = "ffff 0200 0100 78563412"
)

// setupRequests are requests in every form. Data begins at byte 55, 59 and 61 in the forms of 10, 12 and 13 words.
func setupRequests() map[string]string {
	return map[string]string{
		"LANMAN": header1(setup1, success, request1, oem) + "0a" + noAndX + setupFixed + "0200 00000000" +
			counted("7031"+oemz("PIA")+oemz("WORK")+oemz("Unix")+oemz("Samba")),
		"LANMAN UTF-16": header1(setup1, success, request1, unicode) + "0a" + noAndX + setupFixed + "0100 00000000" +
			counted("70"+utfz("PIA")+utfz("WORK")+utfz("Unix")+utfz("Samba")),
		"LANMAN, nothing": header1(setup1, success, request1, oem) + "0a" + noAndX + setupFixed + "0000 00000000 0000",
		"extended": header1(setup1, success, request1, unicode) + "0c" + noAndX + setupFixed + "0300 00000000 d40000a0" +
			counted("aabbcc"+utfz("Windows")+utfz("LM")+utfz("")), // strings at byte 62
		"extended, odd": header1(setup1, success, request1, unicode) + "0c" + noAndX + setupFixed + "0200 00000000 d40000a0" +
			counted("aabb"+"00"+utfz("Windows")+utfz("LM")), // 61, so that one byte of padding precedes the strings
		"extended OEM": header1(setup1, success, request1, oem) + "0c" + noAndX + setupFixed + "0200 00000000 500000a0" +
			counted("aabb"+oemz("Unix")+oemz("smb")+oemz("G")),
		"unused AndXOffset": header1(setup1, success, request1, oem) + "0c" + "ff00 3d00" + setupFixed +
			"0200 00000000 500000a0" + counted("aabb"),
		"extended, no strings": header1(setup1, success, request1, unicode) + "0c" + noAndX + setupFixed +
			"0200 00000000 d40000a0" + counted("aabb"),
		"NT": header1(setup1, success, request1, unicode) + "0d" + noAndX + setupFixed + "0100 0200 00000000 d4000000" +
			counted("11"+"2222"+utfz("user")+utfz("DOM")+utfz("OS")+utfz("LM")), // strings at byte 64
		"NT, odd": header1(setup1, success, request1, unicode) + "0d" + noAndX + setupFixed + "0000 0000 00000000 d4000000" +
			counted("00"+utfz("")+utfz("")+utfz("OS")+utfz("LM")),
		"NT OEM": header1(setup1, success, request1, oem) + "0d" + noAndX + setupFixed + "0100 0000 01000000 50000000" +
			counted("00"+oemz("")+oemz("")+oemz("OS")+oemz("LM")),
		// 61 + 1 + 1 + 1 + 3 + 3 = 70, where TREE_CONNECT_ANDX begins.
		"NT with AndX": header1(setup1, success, request1, oem) + "0d" + "7500 4600" + setupFixed +
			"0100 0000 00000000 50000000" + counted("00"+oemz("")+oemz("")+oemz("OS")+oemz("LM")) +
			"04 ff00 0000 0800 0100" + counted("00"+oemz(`\\S\IPC$`)+oemz("IPC")),
		// The reserved byte behind the command is kept; the chained command may be one without a block.
		"AndX without a block": header1(setup1, success, request1, oem) + "0c" + "75de 3d00" + setupFixed +
			"0200 00000000 500000a0" + counted("aabb"),
	}
}

func TestSMB1SessionSetupRequest(t *testing.T) {
	for name, s := range setupRequests() {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, s)
			r := wiretest.RoundTrip(t, ParseSMB1SessionSetupRequest, msg)
			require.Nil(t, r.Anomalies)
			require.Equal(t, uint16(0xFFFF), r.MaxBufferSize)
			require.Equal(t, uint16(2), r.MaxMpxCount)
			require.Equal(t, uint16(1), r.VcNumber)
			require.Equal(t, uint32(0x12345678), r.SessionKey)
			wiretest.Prefixes(t, ParseSMB1SessionSetupRequest, msg)
		})
	}
}

// setupTexts is what a session setup has besides numbers, decoded.
type setupTexts struct {
	blob, oem, nt, account, domain, os, lanMan, andX string
}

func (r SMB1SessionSetupRequest) texts() setupTexts {
	h := r.Header
	return setupTexts{
		string(r.SecurityBlob), string(r.OEMPassword), string(r.NTPassword), h.Text(r.AccountName),
		h.Text(r.PrimaryDomain), h.Text(r.NativeOS), h.Text(r.NativeLanMan), string(r.AndX),
	}
}

func TestSMB1SessionSetupRequestFields(t *testing.T) {
	vectors := setupRequests()
	tree := "\x04\xff\x00\x00\x00\x08\x00\x01\x00\x0e\x00\x00\\\\S\\IPC$\x00IPC\x00"
	for name, want := range map[string]setupTexts{
		"LANMAN":               {oem: "p1", account: "PIA", domain: "WORK", os: "Unix", lanMan: "Samba"},
		"LANMAN UTF-16":        {oem: "p", account: "PIA", domain: "WORK", os: "Unix", lanMan: "Samba"},
		"LANMAN, nothing":      {},
		"extended":             {blob: "\xAA\xBB\xCC", os: "Windows", lanMan: "LM"},
		"extended, odd":        {blob: "\xAA\xBB", os: "Windows", lanMan: "LM"},
		"extended OEM":         {blob: "\xAA\xBB", os: "Unix", lanMan: "smb", domain: "G"},
		"unused AndXOffset":    {blob: "\xAA\xBB"},
		"extended, no strings": {blob: "\xAA\xBB"},
		"NT":                   {oem: "\x11", nt: "\x22\x22", account: "user", domain: "DOM", os: "OS", lanMan: "LM"},
		"NT, odd":              {os: "OS", lanMan: "LM"},
		"NT OEM":               {oem: "\x00", os: "OS", lanMan: "LM"},
		"NT with AndX":         {oem: "\x00", os: "OS", lanMan: "LM", andX: tree},
		"AndX without a block": {blob: "\xAA\xBB"},
	} {
		r, err := ParseSMB1SessionSetupRequest(unhex(t, vectors[name]))
		require.NoError(t, err)
		require.Equal(t, want, r.texts(), name)
	}
	r, err := ParseSMB1SessionSetupRequest(unhex(t, vectors["extended"]))
	require.NoError(t, err)
	require.Equal(t, SMB1Capabilities(0xA00000D4), r.Capabilities)
	require.NotNil(t, r.PrimaryDomain, "an empty string is there")
	r, err = ParseSMB1SessionSetupRequest(unhex(t, vectors["extended, odd"]))
	require.NoError(t, err)
	require.Nil(t, r.PrimaryDomain, "a missing string is not")
	r, err = ParseSMB1SessionSetupRequest(unhex(t, vectors["AndX without a block"]))
	require.NoError(t, err)
	require.Equal(t, SMB1TreeConnectAndX, r.AndXCommand)
	require.Equal(t, uint8(0xDE), r.AndXReserved)
	require.Zero(t, r.AndXOffset, "it is used, and AppendBinary computes it")
	r, err = ParseSMB1SessionSetupRequest(unhex(t, vectors["unused AndXOffset"]))
	require.NoError(t, err)
	require.Equal(t, uint16(0x3D), r.AndXOffset)
	r, err = ParseSMB1SessionSetupRequest(unhex(t, vectors["NT OEM"]))
	require.NoError(t, err)
	require.Equal(t, uint32(1), r.Reserved)
}

// Hostile and careless requests: each is read as far as it can be, and says what is odd.
func TestSMB1SessionSetupRequestHostile(t *testing.T) {
	vectors := setupRequests()
	extended, nt, chained := unhex(t, vectors["extended"]), unhex(t, vectors["NT"]), unhex(t, vectors["NT with AndX"])
	for _, c := range []struct {
		name string
		msg  []byte
		want setupTexts
		odd  []string
	}{
		{
			"SecurityBlobLength past the data", patched(extended, 47, 0xFF, 0xFF), setupTexts{},
			[]string{"SecurityBlob: 65535 bytes, but 27 are left"},
		}, {
			"the two password lengths wrap in 16 bits", patched(nt, 47, 0x02, 0x00, 0xFF, 0xFF),
			setupTexts{oem: "\x11\x22"}, []string{"UnicodePassword: 65535 bytes, but 31 are left"},
		}, {
			"OEMPasswordLen past the data", patched(nt, 47, 0xFF, 0xFF, 0x01, 0x00), setupTexts{}, []string{
				"OEMPassword: 65535 bytes, but 33 are left", "UnicodePassword: 1 bytes, but 0 are left",
			},
		}, {
			"ByteCount too large", patched(extended, 57, 0xFF, 0xFF),
			setupTexts{blob: "\xAA\xBB\xCC", os: "Windows", lanMan: "LM"},
			[]string{"ByteCount: 65535, but 27 bytes are left"},
		}, {
			"ByteCount too small", patched(extended, 57, 19, 0),
			setupTexts{blob: "\xAA\xBB\xCC", os: "Windows"},
			[]string{"trailing bytes: 8 bytes follow the message"}, // "LM" and an empty string
		}, {
			"ByteCount zero", patched(extended, 57, 0, 0), setupTexts{},
			[]string{"SecurityBlob: 3 bytes, but 0 are left", "trailing bytes: 27 bytes follow the message"},
		}, {
			"half a character", append(patched(extended, 57, 28, 0), 'x'),
			setupTexts{blob: "\xAA\xBB\xCC", os: "Windows", lanMan: "LM"}, []string{"Bytes: 1 bytes follow the last string"},
		}, {
			"no terminator, odd", patched(extended, 57, 22, 0)[:len(extended)-5],
			setupTexts{blob: "\xAA\xBB\xCC", os: "Windows", lanMan: "L"}, []string{"NativeLanMan: half a character at the end: 0x4d"},
		}, {
			"AndXOffset past the end", patched(chained, 35, 0xFF, 0xFF), setupTexts{oem: "\x00", os: "OS", lanMan: "LM"},
			[]string{"AndXOffset: 65535, in a message of 95 bytes"},
		}, {
			"AndXOffset inside the header", patched(chained, 35, 4, 0),
			setupTexts{oem: "\x00", os: "OS", lanMan: "LM"}, []string{"AndXOffset: 4, where the data ends at 70"},
		}, {
			"AndXOffset zero", patched(chained, 35, 0, 0),
			setupTexts{oem: "\x00", os: "OS", lanMan: "LM"}, []string{"AndXOffset: 0, where the data ends at 70"},
		}, {
			"AndXOffset inside the data", patched(chained, 35, 68, 0),
			setupTexts{oem: "\x00", os: "OS", lanMan: "LM", andX: string(chained[68:])},
			[]string{"AndXOffset: 68, where the data ends at 70"},
		},
	} {
		r, err := ParseSMB1SessionSetupRequest(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, r.texts(), c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
	}
}

func TestSMB1SessionSetupRequestErrors(t *testing.T) {
	msg := unhex(t, setupRequests()["extended"])
	for _, words := range []byte{0, 1, 3, 4, 11, 14, 0xFF} {
		r, err := ParseSMB1SessionSetupRequest(patched(msg, 32, words))
		require.ErrorIs(t, err, wire.ErrFormat, words)
		require.Zero(t, r)
	}
	for _, c := range []struct {
		msg  []byte
		want error
	}{
		{patched(msg, 4, 0x72), ErrCommand},
		{patched(msg, 9, 0x98), ErrCommand},
		{patched(msg, 0, 0xFE), ErrNotSMB},
		{nil, wire.ErrTruncated},
	} {
		_, err := ParseSMB1SessionSetupRequest(c.msg)
		require.ErrorIs(t, err, c.want)
	}
	_, err := SMB1SessionSetupRequest{WordCount: 11}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = SMB1SessionSetupRequest{WordCount: SetupWordsExtended, SecurityBlob: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func FuzzParseSMB1SessionSetupRequest(f *testing.F) {
	for _, s := range setupRequests() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1SessionSetupRequest, data) })
}
