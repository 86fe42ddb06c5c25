package srvsvc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// Stubs as they came from Samba 4.17.12, 2026-11-24.
const (
	info100 = `64000000 00000200 f4010000 04000200
		07000000 00000000 07000000 530052005600570032003100 0000 0000 00000000`
	info101 = `65000000 04000200 f4010000 08000200 06000000 01000000 039a8000 0c000200
		07000000 00000000 07000000 530052005600570032003100 0000 0000
		0b000000 00000000 0b000000 530063006f00700065002000dc006e0069007400 0000 0000 00000000`
	info102 = `66000000 04000200 f4010000 08000200 06000000 01000000 039a8000 0c000200
		ffffffff 0f000000 00000000 f0000000 b80b0000 a0860100 10000200
		07000000 00000000 07000000 530052005600570032003100 0000 0000
		0b000000 00000000 0b000000 530063006f00700065002000dc006e0069007400 0000 0000
		04000000 00000000 04000000 43003a005c00 0000 00000000`
	info103 = "67000000 7c000000"          // no arm
	info502 = "f6010000 00000000 7c000000" // a null pointer
	// Made by hand: what a refusal has.
	infoRefused = "66000000 00000000 05000000"
)

func TestServerGetInfoResponse(t *testing.T) {
	name := ndr.MakeText("SRVW21")
	server := ServerInfo{
		PlatformID: 500, Name: name, VersionMajor: 6, VersionMinor: 1, Comment: ndr.MakeText("Scope Ünit"),
		Type: ServerWorkstation | ServerServer | ServerPrintQueue | ServerXenix | ServerNT | ServerNTServer | ServerDFS,
	}
	settings := server
	settings.Users, settings.Disc, settings.Announce, settings.AnnDelta = 0xFFFFFFFF, 15, 240, 3000
	settings.Licenses, settings.UserPath = 100000, ndr.MakeText(`C:\`)
	for _, c := range []struct {
		stub  string
		exact bool // built as it came, referents and arms too
		want  ServerGetInfoResponse
	}{
		{info100, true, ServerGetInfoResponse{Level: 100, InfoStruct: &ServerInfo{PlatformID: 500, Name: name}}},
		{info101, false, ServerGetInfoResponse{Level: 101, InfoStruct: &server}},
		{info102, false, ServerGetInfoResponse{Level: 102, InfoStruct: &settings}},
		{info103, true, ServerGetInfoResponse{Level: 103, Result: dtyp.Win32InvalidLevel}},
		{info502, false, ServerGetInfoResponse{Level: 502, Result: dtyp.Win32InvalidLevel}},
		{infoRefused, true, ServerGetInfoResponse{Level: 102, Result: dtyp.Win32AccessDenied}},
	} {
		stub := wiretest.Hex(t, c.stub)
		x, err := ParseServerGetInfoResponse(stub)
		require.NoError(t, err)
		require.Equal(t, c.want, x)
		if c.exact {
			wiretest.RoundTrip(t, ParseServerGetInfoResponse, stub)
		}
		wiretest.Stable(t, ParseServerGetInfoResponse, stub)
		wiretest.Prefixes(t, ParseServerGetInfoResponse, stub)
		built, err := c.want.AppendBinary(nil)
		require.NoError(t, err)
		again, err := ParseServerGetInfoResponse(built)
		require.NoError(t, err)
		require.Equal(t, c.want, again)
	}
}

func TestServerInfoMajor(t *testing.T) {
	require.EqualValues(t, 10, ServerInfo{VersionMajor: 0xA000005A}.Major())
}

func TestServerGetInfoHostile(t *testing.T) {
	const nameReferent, nameMax, nameCount, comment = 12, 60, 68, 28
	stub := wiretest.Hex(t, info102)
	for _, c := range []struct {
		name   string
		offset int
		value  uint32
		want   error
	}{
		{"level that nobody asked", 0, 502, wire.ErrFormat},
		{"level 99", 0, 99, wire.ErrFormat},
		{"name of 2^31", nameCount, 1 << 31, wire.ErrTruncated},
		{"name of 2^32-1", nameCount, 0xFFFFFFFF, wire.ErrTruncated},
	} {
		x, err := ParseServerGetInfoResponse(patch(stub, c.offset, c.value))
		require.ErrorIs(t, err, c.want, c.name)
		require.Zero(t, x, c.name)
	}
	x, err := ParseServerGetInfoResponse(patch(stub, nameMax, 0))
	require.NoError(t, err)
	require.Equal(t, []string{"name: maximum count 0, offset 0, actual count 7"}, wiretest.Odd(x.Anomalies))
	// Without its name the comment is the first text, and what is left is too much.
	x, err = ParseServerGetInfoResponse(patch(stub, nameReferent, 0))
	require.NoError(t, err)
	require.Nil(t, x.InfoStruct.Name)
	require.Equal(t, "SRVW21", x.InfoStruct.Comment.String())
	require.Equal(t, "Scope Ünit", x.InfoStruct.UserPath.String())
	require.Len(t, x.Anomalies, 1)
	// Level 101 of the bytes of 102 makes the settings a text.
	_, err = ParseServerGetInfoResponse(patch(stub, 0, 101))
	require.ErrorIs(t, err, wire.ErrTruncated)
	x, err = ParseServerGetInfoResponse(patch(wiretest.Hex(t, info101), comment, 0))
	require.NoError(t, err)
	require.Nil(t, x.InfoStruct.Comment)
	_, err = ServerGetInfoResponse{Level: 502, InfoStruct: &ServerInfo{}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	for _, i := range []ServerInfo{{Name: ndr.Text{1}}, {Comment: ndr.Text{1}}, {UserPath: ndr.Text{1}}} {
		_, err = ServerGetInfoResponse{Level: 102, InfoStruct: &i}.AppendBinary(nil)
		require.ErrorIs(t, err, wire.ErrFormat)
	}
}

func FuzzServerGetInfoResponse(f *testing.F) {
	for _, s := range []string{info100, info101, info102, info103, info502, infoRefused} {
		f.Add(wiretest.Hex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseServerGetInfoResponse, data) })
}
