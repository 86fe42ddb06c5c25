package wkssvc

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// Stubs as they came from Samba 4.17.12 to a null session, 2026-11-24.
const (
	wksta100 = `64000000 04000200 f4010000 08000200 0c000200 06000000 01000000
		07000000 00000000 07000000 530052005600570032003100 0000 0000
		0a000000 00000000 0a000000 57004f0052004b00470052004f0055005000 0000 00000000`
	wksta102 = "66000000 00000000 05000000" // refused: a null pointer
	wksta502 = "f6010000 00000000 7c000000" // no such level: a null pointer
	// Made by hand.
	wkstaRefused = "64000000 00000000 05000000"
	wkstaNoArm   = "63000000 7c000000"
	wkstaNulls   = "64000000 00000200 f4010000 00000000 00000000 0a000000 00000000 00000000"
)

func TestWkstaGetInfoResponse(t *testing.T) {
	info := WkstaInfo{
		PlatformID: 500, ComputerName: ndr.MakeText("SRVW21"), LANGroup: ndr.MakeText("WORKGROUP"), VerMajor: 6, VerMinor: 1,
	}
	for _, c := range []struct {
		stub  string
		exact bool // built as it came, referents and arms too
		want  WkstaGetInfoResponse
	}{
		{wksta100, false, WkstaGetInfoResponse{Level: LevelWksta, WkstaInfo: &info}},
		{wksta102, false, WkstaGetInfoResponse{Level: 102, Result: dtyp.Win32AccessDenied}},
		{wksta502, false, WkstaGetInfoResponse{Level: 502, Result: dtyp.Win32InvalidLevel}},
		{wkstaRefused, true, WkstaGetInfoResponse{Level: LevelWksta, Result: dtyp.Win32AccessDenied}},
		{wkstaNoArm, true, WkstaGetInfoResponse{Level: 99, Result: dtyp.Win32InvalidLevel}},
		{wkstaNulls, true, WkstaGetInfoResponse{Level: LevelWksta, WkstaInfo: &WkstaInfo{PlatformID: 500, VerMajor: 10}}},
	} {
		stub := wiretest.Hex(t, c.stub)
		x, err := ParseWkstaGetInfoResponse(stub)
		require.NoError(t, err)
		require.Equal(t, c.want, x)
		if c.exact {
			wiretest.RoundTrip(t, ParseWkstaGetInfoResponse, stub)
		}
		wiretest.Stable(t, ParseWkstaGetInfoResponse, stub)
		wiretest.Prefixes(t, ParseWkstaGetInfoResponse, stub)
		built, err := c.want.AppendBinary(nil)
		require.NoError(t, err)
		again, err := ParseWkstaGetInfoResponse(built)
		require.NoError(t, err)
		require.Equal(t, c.want, again)
	}
}

func TestWkstaGetInfoHostile(t *testing.T) {
	const nameReferent, nameMax, nameCount = 12, 28, 36
	stub := wiretest.Hex(t, wksta100)
	patch := func(offset int, v uint32) []byte {
		b := bytes.Clone(stub)
		binary.LittleEndian.PutUint32(b[offset:], v)
		return b
	}
	for _, c := range []struct {
		name   string
		offset int
		value  uint32
		want   error
	}{
		{"level that nobody asked", 0, 102, wire.ErrFormat},
		{"name of 2^31", nameCount, 1 << 31, wire.ErrTruncated},
		{"name of 2^32-1", nameCount, 0xFFFFFFFF, wire.ErrTruncated},
	} {
		x, err := ParseWkstaGetInfoResponse(patch(c.offset, c.value))
		require.ErrorIs(t, err, c.want, c.name)
		require.Zero(t, x, c.name)
	}
	x, err := ParseWkstaGetInfoResponse(patch(nameMax, 1))
	require.NoError(t, err)
	require.Equal(t, []string{"computername: maximum count 1, offset 0, actual count 7"}, wiretest.Odd(x.Anomalies))
	require.Equal(t, "SRVW21", x.WkstaInfo.ComputerName.String())
	x, err = ParseWkstaGetInfoResponse(patch(nameReferent, 0))
	require.NoError(t, err)
	require.Nil(t, x.WkstaInfo.ComputerName)
	require.Equal(t, "SRVW21", x.WkstaInfo.LANGroup.String())
	require.Len(t, x.Anomalies, 1)
	_, err = WkstaGetInfoResponse{Level: 102, WkstaInfo: &WkstaInfo{}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	for _, i := range []WkstaInfo{{ComputerName: ndr.Text{1}}, {LANGroup: ndr.Text{1}}} {
		_, err = WkstaGetInfoResponse{Level: LevelWksta, WkstaInfo: &i}.AppendBinary(nil)
		require.ErrorIs(t, err, wire.ErrFormat)
	}
}

func FuzzWkstaGetInfoResponse(f *testing.F) {
	for _, s := range []string{wksta100, wksta102, wksta502, wkstaRefused, wkstaNoArm, wkstaNulls} {
		f.Add(wiretest.Hex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseWkstaGetInfoResponse, data) })
}
