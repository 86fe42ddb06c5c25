package srvsvc

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// Stubs as they came from servers, 2026-11-24 where no other source is named.
const (
	// Samba 4.17.12 to smbclient, three shares.
	enumSamba = `01000000 01000000 0c000200 03000000 10000200 03000000
		14000200 00000000 18000200  1c000200 00000000 20000200  24000200 03000080 28000200
		07000000 00000000 07000000 4d00fc006c006c0065007200 0000 0000
		0d000000 00000000 0d000000 4f00720064006e00650072002000 6600fc0072002000c400 0000 0000
		06000000 00000000 06000000 73006800610072006500 0000
		01000000 00000000 01000000 0000 0000
		05000000 00000000 05000000 4900500043002400 0000 0000
		19000000 00000000 19000000 49005000430020005300650072007600690063006500200028005300
		63006f0070006500 2000dc006e0069007400 2900 0000 0000
		03000000 2c000200 00000000 00000000`
	// Samba 4.17.12 to a level that does not exist: no arm, no resume handle, ERROR_INVALID_LEVEL.
	enumSamba99 = "63000000 63000000 00000000 00000000 7c000000"
	// Windows 7 build 7601 to Samba 4.0, from the public capture emix.pcap of cisco/mercury.
	enumWindows7 = `01000000 01000000 00000200 03000000 04000200 03000000
		08000200 00000080 0c000200  10000200 00000080 14000200  18000200 03000080 1c000200
		07000000 00000000 07000000 410044004d0049004e00240000000000
		0d000000 00000000 0d000000 520065006d006f00740065002000410064006d0069006e0000000000
		03000000 00000000 03000000 4300240000000000
		0e000000 00000000 0e000000 440065006600610075006c0074002000730068006100720065000000
		05000000 00000000 05000000 49005000430024000000 0000
		0b000000 00000000 0b000000 520065006d006f007400650020004900500043000000 0000
		03000000 20000200 00000000 00000000`
	// Windows XP, from the public capture raw_ntlm_in_smb.pcap of zeek: pointers for referents, and what lay in memory as
	// padding ("n" behind a text).
	enumWindowsXP = `01000000 01000000 d4570f00 05000000 804d1500 05000000
		606d1500 03000080 6a6d1500  486d1500 00000000 5e6d1500  2e6d1500 00000000 466d1500
		066d1500 00000080 146d1500  e46c1500 00000080 ea6c1500
		05000000 00000000 05000000 49005000430024000000 0000
		0b000000 00000000 0b000000 520065006d006f0074006500200049005000430000000000
		0b000000 00000000 0b000000 53006800610072006500640044006f006300730000000000
		01000000 00000000 01000000 00000000
		0c000000 00000000 0c000000 4d00790020005000690063007400750072006500730000 00
		01000000 00000000 01000000 00006e00
		07000000 00000000 07000000 410044004d0049004e0024000000 0000
		0d000000 00000000 0d000000 520065006d006f00740065002000410064006d0069006e0000000000
		03000000 00000000 03000000 4300240000000000
		0e000000 00000000 0e000000 440065006600610075006c0074002000730068006100720065000000
		05000000 e4570f00 00000000 00000000`
	// Made by hand: what a refusal has.
	enumRefused = "01000000 01000000 00000200 00000000 00000000 00000000 00000000 05000000"
	enumNoArm   = "01000000 01000000 00000000 00000000 00000000 57000000"
	// Made by hand: nothing to list, by an array of no entries.
	enumEmpty = "01000000 01000000 00000200 00000000 04000200 00000000 00000000 08000200 00000000 00000000"
)

func collect(s Shares) []Share { return slices.Collect(s.All()) }

func share(name string, t ShareType, remark string) Share {
	return Share{Netname: ndr.MakeText(name), Type: t, Remark: ndr.MakeText(remark)}
}

func TestShareEnumResponse(t *testing.T) {
	for _, c := range []struct {
		title, stub string
		exact       bool // built as it came, referents too
		shares      []Share
		total       uint32
		resume      bool
		result      dtyp.Win32Error
	}{
		{"Samba", enumSamba, false, []Share{
			share("Müller", ShareDiskTree, "Ordner für Ä"), share("share", ShareDiskTree, ""),
			share("IPC$", ShareIPC|ShareSpecial, "IPC Service (Scope Ünit)"),
		}, 3, true, dtyp.Win32Success},
		{"Windows 7", enumWindows7, true, []Share{
			share("ADMIN$", ShareSpecial, "Remote Admin"), share("C$", ShareSpecial, "Default share"),
			share("IPC$", ShareIPC|ShareSpecial, "Remote IPC"),
		}, 3, true, dtyp.Win32Success},
		{"Windows XP", enumWindowsXP, false, []Share{
			share("IPC$", ShareIPC|ShareSpecial, "Remote IPC"), share("SharedDocs", ShareDiskTree, ""),
			share("My Pictures", ShareDiskTree, ""), share("ADMIN$", ShareSpecial, "Remote Admin"),
			share("C$", ShareSpecial, "Default share"),
		}, 5, true, dtyp.Win32Success},
		{"no such level", enumSamba99, true, nil, 0, false, dtyp.Win32InvalidLevel},
		{"refused", enumRefused, true, nil, 0, false, dtyp.Win32AccessDenied},
		{"no container", enumNoArm, true, nil, 0, false, dtyp.Win32InvalidParameter},
		{"empty", enumEmpty, true, nil, 0, true, dtyp.Win32Success},
	} {
		t.Run(c.title, func(t *testing.T) {
			stub := wiretest.Hex(t, c.stub)
			x, err := ParseShareEnumResponse(stub)
			require.NoError(t, err)
			require.Nil(t, x.Anomalies)
			require.Equal(t, c.shares, collect(x.Shares))
			require.Equal(t, len(c.shares), x.Count())
			require.Equal(t, c.total, x.TotalEntries)
			require.Equal(t, c.result, x.Result)
			require.Equal(t, c.resume, x.ResumeHandle != nil)
			if c.exact {
				wiretest.RoundTrip(t, ParseShareEnumResponse, stub)
			}
			wiretest.Stable(t, ParseShareEnumResponse, stub)
			wiretest.Prefixes(t, ParseShareEnumResponse, stub)
		})
	}
}

// Null and empty stay apart, in the list as in a text.
func TestShareEnumNulls(t *testing.T) {
	for stub, want := range map[string]struct {
		null, noContainer bool
		level             uint32
	}{
		enumRefused: {true, false, 1}, enumNoArm: {true, true, 1}, enumEmpty: {false, false, 1},
		enumSamba99: {true, false, 99},
	} {
		x, err := ParseShareEnumResponse(wiretest.Hex(t, stub))
		require.NoError(t, err)
		require.Equal(t, want.null, x.IsNull())
		require.Equal(t, want.noContainer, x.NoContainer)
		require.Equal(t, want.level, x.Level)
	}
	list := []Share{{}, {Remark: ndr.Text{}}, {Netname: ndr.MakeText("a")}, {Netname: ndr.Text{}, Type: 7}}
	shares, err := MakeShares(list...)
	require.NoError(t, err)
	require.Equal(t, list, collect(shares))
	built := ShareEnumResponse{Level: LevelShares, Shares: shares, TotalEntries: 9, Result: dtyp.Win32MoreData}
	stub, err := built.AppendBinary(nil)
	require.NoError(t, err)
	x := wiretest.RoundTrip(t, ParseShareEnumResponse, stub)
	require.Equal(t, list, collect(x.Shares))
	require.Equal(t, dtyp.Win32MoreData, x.Result)
	_, err = MakeShares(Share{Netname: ndr.Text{1, 2, 3}})
	require.ErrorIs(t, err, wire.ErrFormat)
}

// A walk can stop, and begin again, and does not copy the list.
func TestShareEnumWalk(t *testing.T) {
	x, err := ParseShareEnumResponse(wiretest.Hex(t, enumWindowsXP))
	require.NoError(t, err)
	for range 2 {
		var names []string
		for s := range x.All() {
			names = append(names, s.Netname.String())
			if len(names) == 2 {
				break
			}
		}
		require.Equal(t, []string{"IPC$", "SharedDocs"}, names)
	}
	few := make([]Share, 4000)
	for i := range few {
		few[i] = share("name", ShareDiskTree, "remark")
	}
	x.Shares, err = MakeShares(few...)
	require.NoError(t, err)
	stub, err := x.AppendBinary(nil)
	require.NoError(t, err)
	wiretest.Allocs(t, 3, func() { // the resume handle, and the two readers
		x, err := ParseShareEnumResponse(stub)
		if err != nil || x.Count() != len(few) {
			t.Fail()
		}
		n := 0
		for s := range x.All() {
			n += len(s.Netname)
		}
		if n != 8*len(few) {
			t.Fail()
		}
	})
}

// patch returns stub with the 32 bits at offset replaced.
func patch(stub []byte, offset int, v uint32) []byte {
	stub = bytes.Clone(stub)
	binary.LittleEndian.PutUint32(stub[offset:], v)
	return stub
}

func TestShareEnumHostile(t *testing.T) {
	const entriesRead, buffer, maxCount, firstName, nameMax, nameOffset, nameCount = 12, 16, 20, 24, 60, 64, 68
	stub := wiretest.Hex(t, enumWindows7)
	for _, c := range []struct {
		name   string
		offset int
		value  uint32
		want   error
	}{
		{"count 2^31", maxCount, 1 << 31, wire.ErrTruncated},
		{"count 2^32-1", maxCount, 0xFFFFFFFF, wire.ErrTruncated},
		{"count that wraps as a size", maxCount, 0x15555556, wire.ErrTruncated},
		{"more headers than texts", maxCount, 19, wire.ErrTruncated},
		{"name of 2^31", nameCount, 1 << 31, wire.ErrTruncated},
		{"name of 2^32-1", nameCount, 0xFFFFFFFF, wire.ErrTruncated},
		{"level of the union", 4, 502, wire.ErrFormat},
		{"level 0", 4, 0, wire.ErrFormat},
	} {
		x, err := ParseShareEnumResponse(patch(stub, c.offset, c.value))
		require.ErrorIs(t, err, c.want, c.name)
		require.Zero(t, x, c.name)
	}
	for _, c := range []struct {
		name   string
		offset int
		value  uint32
		odd    []string
		names  []string
	}{
		{"header counts more", entriesRead, 0xFFFFFFFF, nil, []string{"ADMIN$", "C$", "IPC$"}},
		{"header counts less", entriesRead, 0, nil, []string{"ADMIN$", "C$", "IPC$"}},
		{"outer level", 0, 502, []string{"ShareInfo: level 1 in a structure of level 502"}, []string{"ADMIN$", "C$", "IPC$"}},
		{
			"text with an offset", nameOffset, 1, []string{"Netname: maximum count 7, offset 1, actual count 7"},
			[]string{"ADMIN$", "C$", "IPC$"},
		},
		{
			"text with a low maximum", nameMax, 1, []string{"Netname: maximum count 1, offset 0, actual count 7"},
			[]string{"ADMIN$", "C$", "IPC$"},
		},
		{"same referents", firstName, 0x00020010, []string{}, []string{"ADMIN$", "C$", "IPC$"}},
	} {
		x, err := ParseShareEnumResponse(patch(stub, c.offset, c.value))
		require.NoError(t, err, c.name)
		if c.odd == nil { // how a count of 2^32-1 prints depends on the size of an int
			require.Len(t, x.Anomalies, 1, c.name)
			require.Equal(t, "Buffer", x.Anomalies[0].Field, c.name)
			require.Equal(t, maxCount, x.Anomalies[0].Offset, c.name)
		} else {
			require.ElementsMatch(t, c.odd, wiretest.Odd(x.Anomalies), c.name)
		}
		var names []string
		for s := range x.All() {
			names = append(names, s.Netname.String())
		}
		require.Equal(t, c.names, names, c.name)
		wiretest.Stable(t, ParseShareEnumResponse, patch(stub, c.offset, c.value))
	}
	// An empty list, then what was its array is read as the other parameters, and most of it is left.
	x, err := ParseShareEnumResponse(patch(stub, buffer, 0))
	require.NoError(t, err)
	require.True(t, x.IsNull())
	require.Equal(t, "EntriesRead: 3 entries, and a null pointer to them", wiretest.Odd(x.Anomalies)[0])
	require.Len(t, x.Anomalies, 2)
	x, err = ParseShareEnumResponse(append(stub, 1, 2, 3))
	require.NoError(t, err)
	require.Equal(t, []string{"trailing bytes: 3 bytes follow the message"}, wiretest.Odd(x.Anomalies))
}

func FuzzShareEnumResponse(f *testing.F) {
	for _, s := range []string{enumSamba, enumSamba99, enumWindows7, enumWindowsXP, enumRefused, enumNoArm, enumEmpty} {
		f.Add(wiretest.Hex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		wiretest.Stable(t, ParseShareEnumResponse, data)
		x, err := ParseShareEnumResponse(data)
		if err != nil {
			return
		}
		list := collect(x.Shares)
		if len(list) != x.Count() {
			t.Fatalf("%d shares of %d", len(list), x.Count())
		}
		again, err := MakeShares(list...)
		if err != nil {
			t.Fatal(err)
		}
		require.Equal(t, list, collect(again))
	})
}
