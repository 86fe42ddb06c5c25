package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// smb1Everywhere is a header in which every field differs from its neighbours.
const smb1Everywhere = "ff534d42 a2 22 00 00 c0 98 07c8 0201 1011121314151617 2120 3130 4140 5150 6160"

func TestSMB1Header(t *testing.T) {
	msg := unhex(t, smb1Everywhere)
	h := wiretest.RoundTrip(t, ParseSMB1Header, msg)
	require.Equal(t, SMB1Header{
		Command: SMB1NTCreateAndX, Status: dtyp.StatusAccessDenied, Flags: 0x98, Flags2: 0xC807, PIDHigh: 0x0102,
		SecurityFeatures: [8]byte{0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17}, Reserved: 0x2021, TID: 0x3031,
		PIDLow: 0x4041, UID: 0x5051, MID: 0x6061,
	}, h)
	require.True(t, h.IsResponse())
	require.True(t, h.Unicode())
	wiretest.Prefixes(t, ParseSMB1Header, msg)
	wiretest.Allocs(t, 0, func() {
		if _, err := ParseSMB1Header(msg); err != nil {
			t.Fail()
		}
	})
	behind, err := ParseSMB1Header(append(msg, 1, 2, 3))
	require.NoError(t, err)
	require.Equal(t, h, behind)
}

func TestSMB1HeaderOtherProtocol(t *testing.T) {
	for _, id := range []byte{0xFC, 0xFD, 0xFE, 0x00} {
		h, err := ParseSMB1Header(patched(unhex(t, smb1Everywhere), 0, id))
		require.ErrorIs(t, err, ErrNotSMB)
		require.Zero(t, h)
	}
	_, err := ParseSMB1Header([]byte("HTTP"))
	require.ErrorIs(t, err, ErrNotSMB, "four bytes are enough to tell")
	_, err = ParseSMB1Header([]byte("HTT"))
	require.ErrorIs(t, err, wire.ErrTruncated)
}

func TestSMB1HeaderStatusText(t *testing.T) {
	nt := SMB1Header{Status: dtyp.StatusAccessDenied, Flags2: SMB1Flags2NTStatus}
	require.Equal(t, dtyp.StatusAccessDenied.String(), nt.StatusText())
	dos := SMB1Header{Status: 0x00050001} // ERRDOS, 5
	require.Equal(t, dtyp.DOSError{Class: 1, Code: 5}.String(), dos.StatusText())
	require.Equal(t, dtyp.StatusSuccess.String(), SMB1Header{}.StatusText())
}

func TestSMB1HeaderText(t *testing.T) {
	utf, oem := SMB1Header{Flags2: SMB1Flags2Unicode}, SMB1Header{}
	require.Equal(t, "Ве", utf.Text(utf.Encode("Ве")))
	require.Equal(t, "\x12\x04\x35\x04", string(utf.Encode("Ве")))
	require.Equal(t, "AB", oem.Text(oem.Encode("AB")))
	require.Equal(t, `\x82`, oem.Text([]byte{0x82}))
}

func TestSMB1Texts(t *testing.T) {
	for command, text := range map[SMB1Command]string{
		0x04: "SMB_COM_CLOSE", 0x24: "SMB_COM_LOCKING_ANDX", 0x25: "SMB_COM_TRANSACTION", 0x2B: "SMB_COM_ECHO", 0x2E: "SMB_COM_READ_ANDX",
		0x2F: "SMB_COM_WRITE_ANDX", 0x32: "SMB_COM_TRANSACTION2", 0x71: "SMB_COM_TREE_DISCONNECT",
		0x72: "SMB_COM_NEGOTIATE", 0x73: "SMB_COM_SESSION_SETUP_ANDX", 0x74: "SMB_COM_LOGOFF_ANDX",
		0x75: "SMB_COM_TREE_CONNECT_ANDX", 0xA0: "SMB_COM_NT_TRANSACT", 0xA2: "SMB_COM_NT_CREATE_ANDX",
		0xFF: "SMB_COM_NO_ANDX_COMMAND", 0xEE: "SMB1Command(0xEE)",
	} {
		require.Equal(t, text, command.String())
	}
	require.Equal(t, "0", SMB1Flags2(0).String())
	require.Equal(t, "SMB_FLAGS2_LONG_NAMES|SMB_FLAGS2_EXTENDED_SECURITY|SMB_FLAGS2_NT_STATUS|SMB_FLAGS2_UNICODE|0x20|0x80",
		SMB1Flags2(0xC8A1).String())
}

func FuzzParseSMB1Header(f *testing.F) {
	f.Add(unhex(f, smb1Everywhere))
	f.Add(unhex(f, header1(setup1, failure, reply1, oem)))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1Header, data) })
}
