package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// setupAnswers are responses in both forms. Data begins at byte 41 and 43 in the forms of 3 and 4 words.
func setupAnswers() map[string]string {
	return map[string]string{
		"NT OEM": header1(setup1, success, reply1, oem) + "03" + noAndX + "0100" +
			counted(oemz("Unix")+oemz("Samba 3.0.25b")+oemz("HOME")),
		"NT": header1(setup1, success, reply1, unicode) + "03" + noAndX + "0000" +
			counted("00"+utfz("Windows 5.1")+utfz("Windows 2000 LAN Manager")+utfz("HOME")),
		"LANMAN, nothing": header1(setup1, success, reply1, oem) + "03" + noAndX + "0200 0000",
		"extended": header1(setup1, more, reply1, unicode) + "04" + noAndX + "0000 0300" +
			counted("a1b2c3"+utfz("Unix")+utfz("Samba")+utfz("WORKGROUP")), // strings at byte 46
		"extended, two strings": header1(setup1, success, reply1, unicode) + "04" + noAndX + "0100 0200" +
			counted("a1b2"+"00"+utfz("Windows Server 2003 3790")+utfz("Windows Server 2003 5.2")),
		"extended, nothing": header1(setup1, success, reply1, unicode) + "04" + noAndX + "0100 0000 0000",
		// 41 + 3 + 3 + 2 = 49, where TREE_CONNECT_ANDX begins.
		"unused AndXOffset": header1(setup1, success, reply1, oem) + "03" + "ff00 3100" + "0000" +
			counted(oemz("OS")+oemz("LM")+oemz("D")),
		"NT with AndX": header1(setup1, success, reply1, oem) + "03" + "7500 3100" + "0000" +
			counted(oemz("OS")+oemz("LM")+oemz("D")) + "03 ff00 0000 0100" + counted(oemz("IPC")+oemz("")),
		// Recorded from Samba 4.17.12 set to NT1 at most: a session setup with an NTLM negotiate message.
		"Samba 4.17.12": `ff534d4273160000c08803c8000000000000000000000000fffffffe72e7010004ff00000000009900ef00a18196308193
			a0030a0101a10c060a2b06010401823702020aa27e047c4e544c4d53535000020000000c000c003800000015828ae2c39b2d034ac82db8
			00000000000000003800380044000000060100000000000f4d0055005300450055004d0002000c004d0055005300450055004d0001000c
			004d0055005300450055004d000400000003000000070008003eba95940e7cdd0100000000570069006e0064006f0077007300200036002e
			0031000000530061006d0062006100200034002e00310037002e00310032002d00440065006200690061006e00000057004f0052004b0047
			0052004f00550050000000`,
	}
}

func TestSMB1SessionSetupResponse(t *testing.T) {
	for name, s := range setupAnswers() {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, s)
			r := wiretest.RoundTrip(t, ParseSMB1SessionSetupResponse, msg)
			require.Nil(t, r.Anomalies)
			wiretest.Prefixes(t, ParseSMB1SessionSetupResponse, msg)
		})
	}
}

func (r SMB1SessionSetupResponse) texts() setupTexts {
	h := r.Header
	return setupTexts{
		blob: string(r.SecurityBlob), domain: h.Text(r.PrimaryDomain), os: h.Text(r.NativeOS),
		lanMan: h.Text(r.NativeLanMan), andX: string(r.AndX),
	}
}

func TestSMB1SessionSetupResponseFields(t *testing.T) {
	vectors := setupAnswers()
	for name, want := range map[string]setupTexts{
		"NT OEM":            {os: "Unix", lanMan: "Samba 3.0.25b", domain: "HOME"},
		"NT":                {os: "Windows 5.1", lanMan: "Windows 2000 LAN Manager", domain: "HOME"},
		"LANMAN, nothing":   {},
		"extended":          {blob: "\xA1\xB2\xC3", os: "Unix", lanMan: "Samba", domain: "WORKGROUP"},
		"extended, nothing": {},
		"NT with AndX": {
			os: "OS", lanMan: "LM", domain: "D", andX: "\x03\xff\x00\x00\x00\x01\x00\x05\x00IPC\x00\x00",
		},
	} {
		r, err := ParseSMB1SessionSetupResponse(unhex(t, vectors[name]))
		require.NoError(t, err)
		require.Equal(t, want, r.texts(), name)
	}
	r, err := ParseSMB1SessionSetupResponse(unhex(t, vectors["extended, two strings"]))
	require.NoError(t, err)
	require.Nil(t, r.PrimaryDomain)
	require.Equal(t, SMB1ActionGuest, r.Action)
	r, err = ParseSMB1SessionSetupResponse(unhex(t, vectors["Samba 4.17.12"]))
	require.NoError(t, err)
	require.Equal(t, dtyp.StatusMoreProcessingRequired, r.Header.Status)
	require.Equal(t, uint16(0xE772), r.Header.UID)
	require.Len(t, r.SecurityBlob, 0x99)
	r.SecurityBlob = nil
	require.Equal(t, setupTexts{os: "Windows 6.1", lanMan: "Samba 4.17.12-Debian", domain: "WORKGROUP"}, r.texts())
}

// Windows 2000 leaves out the last terminator or half of it; that is no anomaly.
func TestSMB1SessionSetupResponseWithoutLastTerminator(t *testing.T) {
	for name, domain := range map[string]string{
		"none": "4800 4f00", "half": "4800 4f00 00",
	} {
		msg := unhex(t, header1(setup1, success, reply1, unicode)+"03"+noAndX+"0000"+
			counted("00"+utfz("OS")+utfz("LM")+domain))
		r, err := ParseSMB1SessionSetupResponse(msg)
		require.NoError(t, err, name)
		require.Equal(t, setupTexts{os: "OS", lanMan: "LM", domain: "HO"}, r.texts(), name)
		require.Nil(t, r.Anomalies, name)
	}
}

func TestSMB1SessionSetupResponseHostile(t *testing.T) {
	vectors := setupAnswers()
	extended, chained := unhex(t, vectors["extended"]), unhex(t, vectors["NT with AndX"])
	for _, c := range []struct {
		name string
		msg  []byte
		want setupTexts
		odd  []string
	}{
		{
			"SecurityBlobLength past the data", patched(extended, 39, 0xFF, 0xFF), setupTexts{},
			[]string{"SecurityBlob: 65535 bytes, but 45 are left"},
		}, {
			"ByteCount too large", patched(extended, 41, 0xFF, 0xFF),
			setupTexts{blob: "\xA1\xB2\xC3", os: "Unix", lanMan: "Samba", domain: "WORKGROUP"},
			[]string{"ByteCount: 65535, but 45 bytes are left"},
		}, {
			"ByteCount too small", patched(extended, 41, 4, 0), setupTexts{blob: "\xA1\xB2\xC3"},
			[]string{"NativeOS: half a character at the end: 0x55", "trailing bytes: 41 bytes follow the message"},
		}, {
			"AndXOffset past the end", patched(chained, 35, 0x00, 0x80),
			setupTexts{os: "OS", lanMan: "LM", domain: "D"}, []string{"AndXOffset: 32768, in a message of 63 bytes"},
		}, {
			"AndXOffset inside the header", patched(chained, 35, 31, 0),
			setupTexts{os: "OS", lanMan: "LM", domain: "D"}, []string{"AndXOffset: 31, where the data ends at 49"},
		},
	} {
		r, err := ParseSMB1SessionSetupResponse(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, r.texts(), c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
	}
}

func TestSMB1SessionSetupResponseErrors(t *testing.T) {
	msg := unhex(t, setupAnswers()["extended"])
	for _, words := range []byte{1, 2, 5, 12, 0xFF} {
		_, err := ParseSMB1SessionSetupResponse(patched(msg, 32, words))
		require.ErrorIs(t, err, wire.ErrFormat, words)
	}
	for _, c := range []struct {
		msg  string
		want error
	}{
		{header1(setup1, failure, reply1, unicode) + "000000", ErrErrorResponse},
		{header1(setup1, "02000500", reply1, "0100") + "000000", ErrErrorResponse},
		{header1(setup1, failure, reply1, unicode) + "00", ErrErrorResponse},
		{header1(setup1, success, reply1, unicode) + "000000", wire.ErrFormat}, // success, but no body
		{header1(setup1, success, request1, unicode) + "000000", ErrCommand},
		{header1("72", success, reply1, unicode) + "000000", ErrCommand},
	} {
		r, err := ParseSMB1SessionSetupResponse(unhex(t, c.msg))
		require.ErrorIs(t, err, c.want)
		require.Zero(t, r)
	}
	_, err := SMB1SessionSetupResponse{}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
}

func TestSMB1ActionText(t *testing.T) {
	require.Equal(t, "0", SMB1Action(0).String())
	require.Equal(t, "SMB_SETUP_GUEST|SMB_SETUP_USE_LANMAN_KEY|0x80", SMB1Action(0x83).String())
}

func FuzzParseSMB1SessionSetupResponse(f *testing.F) {
	for _, s := range setupAnswers() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1SessionSetupResponse, data) })
}
