package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// smb2Headers are a header of each form; every field differs from its neighbours.
const (
	smb2Sync = "fe534d42 4000 0201 160000c0 0100 0403 0d000010 14131211 2827262524232221 34333231 44434241" +
		"5857565554535251 606162636465666768696a6b6c6d6e6f"
	smb2Async = "fe534d42 4000 0201 03010000 0500 0403 03000000 14131211 2827262524232221 3837363534333231" +
		"5857565554535251 606162636465666768696a6b6c6d6e6f"
)

func TestSMB2Header(t *testing.T) {
	want := SMB2Header{
		CreditCharge: 0x0102, Status: dtyp.StatusMoreProcessingRequired, Command: SMB2SessionSetup, Credits: 0x0304,
		Flags:       SMB2FlagServerToRedir | SMB2FlagRelated | SMB2FlagSigned | SMB2FlagDFSOperations,
		NextCommand: 0x11121314, MessageID: 0x2122232425262728, Reserved: 0x31323334, TreeID: 0x41424344,
		SessionID: 0x5152535455565758, Signature: [16]byte([]byte("`abcdefghijklmno")),
	}
	msg := unhex(t, smb2Sync)
	require.Equal(t, want, wiretest.RoundTrip(t, ParseSMB2Header, msg))
	require.True(t, want.IsResponse())
	wiretest.Prefixes(t, ParseSMB2Header, msg)
	wiretest.Allocs(t, 0, func() {
		if _, err := ParseSMB2Header(msg); err != nil {
			t.Fail()
		}
	})
	behind, err := ParseSMB2Header(append(msg, 1, 2, 3))
	require.NoError(t, err)
	require.Equal(t, want, behind)

	msg = unhex(t, smb2Async)
	h := wiretest.RoundTrip(t, ParseSMB2Header, msg)
	require.Equal(t, uint64(0x3132333435363738), h.AsyncID)
	require.Zero(t, h.Reserved)
	require.Zero(t, h.TreeID)
	require.Equal(t, dtyp.StatusPending, h.Status)
	wiretest.Prefixes(t, ParseSMB2Header, msg)
}

func TestSMB2HeaderOther(t *testing.T) {
	for _, id := range []byte{0xFC, 0xFD, 0xFF, 0x00} {
		h, err := ParseSMB2Header(patched(unhex(t, smb2Sync), 0, id))
		require.ErrorIs(t, err, ErrNotSMB)
		require.Zero(t, h)
	}
	c := wire.NewCursor("M", patched(unhex(t, smb2Sync), 4, 0x41))
	require.Equal(t, SMB2SessionSetup, ReadSMB2Header(&c).Command, "an odd StructureSize is no reason to stop")
	require.Equal(t, []string{"StructureSize: 65, should be 64"}, odd(c.Anomalies()))
	require.Equal(t, 64, c.Offset())
}

func TestExpectSMB2(t *testing.T) {
	for _, c := range []struct {
		name     string
		header   string
		command  SMB2Command
		response bool
		want     error
	}{
		{"request", header2(setup2, success, request2), SMB2SessionSetup, false, nil},
		{"request with a channel sequence", header2(setup2, "01000000", request2), SMB2SessionSetup, false, nil},
		{"request for response", header2(setup2, success, request2), SMB2SessionSetup, true, ErrCommand},
		{"response for request", header2(setup2, success, reply2), SMB2SessionSetup, false, ErrCommand},
		{"other command", header2("0000", success, reply2), SMB2SessionSetup, true, ErrCommand},
		{"response", header2(setup2, success, reply2), SMB2SessionSetup, true, nil},
		{"more processing", header2(setup2, more, reply2), SMB2SessionSetup, true, nil},
		{"more processing, elsewhere", header2("0000", more, reply2), SMB2Negotiate, true, ErrErrorResponse},
		{"failure", header2(setup2, failure, reply2), SMB2SessionSetup, true, ErrErrorResponse},
		{"interim", header2(setup2, "03010000", "03000000"), SMB2SessionSetup, true, ErrErrorResponse},
	} {
		cur := wire.NewCursor("M", unhex(t, c.header))
		h := ReadSMB2Header(&cur)
		h.ExpectSMB2(&cur, c.command, c.response)
		require.ErrorIs(t, cur.Err(), c.want, c.name)
	}
}

func TestSMB2Texts(t *testing.T) {
	for command := range SMB2OplockBreak + 1 {
		require.NotContains(t, command.String(), "SMB2Command", uint16(command))
	}
	require.Equal(t, "NEGOTIATE", SMB2Negotiate.String())
	require.Equal(t, "SESSION_SETUP", SMB2SessionSetup.String())
	require.Equal(t, "TREE_CONNECT", SMB2TreeConnect.String())
	require.Equal(t, "IOCTL", SMB2Ioctl.String())
	require.Equal(t, "ECHO", SMB2Echo.String())
	require.Equal(t, "OPLOCK_BREAK", SMB2OplockBreak.String())
	require.Equal(t, "SMB2Command(0x0013)", SMB2Command(0x13).String())
	require.Equal(t, "0", SMB2Flags(0).String())
	require.Equal(t, "SMB2_FLAGS_SERVER_TO_REDIR|SMB2_FLAGS_SIGNED|SMB2_FLAGS_REPLAY_OPERATION|0x10|0x80000000",
		SMB2Flags(0xA0000019).String())
}

func FuzzParseSMB2Header(f *testing.F) {
	f.Add(unhex(f, smb2Sync))
	f.Add(unhex(f, smb2Async))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB2Header, data) })
}
