package epm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/epm"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// What a domain controller of Samba 4.17.12 answered on TCP port 135 when it was asked for three entries at a time, for
// the next three, and for what comes behind the last one.

const dcRequest = "" +
	"0000000000000000000000000100000000000000c96eefd713932340af096c38db9d530e03000000"

const dcFirst = "" +
	"00000000c96eefd713932340af096c38db9d530e0300000003000000000000000300000000000000000000000000000000000000" +
	"01000000000000000a000000646e7373657276657200000000000000000000000000000000000000020000000000000005000000" +
	"6d676d74000000000000000000000000000000000000000003000000000000000800000062726f77736572005600000056000000" +
	"050013000da4c2ab504d57b3409d66ee4fd5fba07605000200000013000d045d888aeb1cc9119fe808002b104860020002000000" +
	"01000b0200000001000f10005c706970655c646e737365727665720001001101000000005600000056000000050013000d80bda8" +
	"af8a7dc911bef408002b10298901000200000013000d045d888aeb1cc9119fe808002b10486002000200000001000b0200000001" +
	"000f10005c706970655c646e737365727665720001001101000000005400000054000000050013000d98d0ff6b12a11036983301" +
	"289202016200000200000013000d045d888aeb1cc9119fe808002b10486002000200000001000b0200000001000f0e005c706970" +
	"655c62726f777365720001001101000000000000"

const dcSecond = "" +
	"00000000c96eefd713932340af096c38db9d530e0300000003000000000000000300000000000000000000000000000000000000" +
	"0100000000000000050000006d676d740000000000000000000000000000000000000000020000000000000009000000756e6978" +
	"696e666f00000000000000000000000000000000000000000300000000000000050000006d676d74000000005400000054000000" +
	"050013000d80bda8af8a7dc911bef408002b10298901000200000013000d045d888aeb1cc9119fe808002b104860020002000000" +
	"01000b0200000001000f0e005c706970655c62726f77736572000100110100005500000055000000050013000d10e3549c55a985" +
	"48bd3178787147dfa600000200000013000d045d888aeb1cc9119fe808002b10486002000200000001000b0200000001000f0f00" +
	"5c706970655c756e6978696e666f000100110100000000005500000055000000050013000d80bda8af8a7dc911bef408002b1029" +
	"8901000200000013000d045d888aeb1cc9119fe808002b10486002000200000001000b0200000001000f0f005c706970655c756e" +
	"6978696e666f0001001101000000000000000000"

const dcEnd = "" +
	"000000000000000000000000000000000000000000000000f40100000000000000000000d6a0c916"

// Towers of the same controller: one for each of its other ways to be reached.
const (
	towerTCP = "050013000da4c2ab504d57b3409d66ee4fd5fba07605000200000013000d045d888aeb1cc9119fe808002b10486002000200" +
		"000001000b020000000100070200c001010009040000000000"
	towerLocal = "040013000d98d0ff6b12a11036983301289202016200000200000013000d045d888aeb1cc9119fe808002b10486002000200" +
		"000001000c02000000010010080044454641554c5400"
	towerHTTP = "050013000d0883afe11f5dc91191a408002b14a0fa03000200000013000d045d888aeb1cc9119fe808002b10486002000200" +
		"000001000b0200000001001f02000251010009040000000000"
)

// A list that comes in parts: the handle stays until the end, which is a status without entries.
func TestLookupInParts(t *testing.T) {
	first := parsed(t, epm.ParseLookupResponse, dcFirst)
	second := parsed(t, epm.ParseLookupResponse, dcSecond)
	require.False(t, first.EntryHandle.IsZero())
	require.Equal(t, first.EntryHandle, second.EntryHandle)
	request := parsed(t, epm.ParseLookupRequest, dcRequest)
	require.Equal(t, first.EntryHandle, request.EntryHandle)
	require.EqualValues(t, 3, request.MaxEntries)
	var got [][4]string
	for _, e := range append(first.Entries, second.Entries...) {
		tower, err := epm.ParseTower(e.Tower)
		require.NoError(t, err)
		require.Nil(t, tower.Anomalies)
		require.True(t, e.Object.IsZero())
		got = append(got, [4]string{string(e.Annotation), tower.Interface.String(), tower.Protocol, tower.Endpoint})
	}
	mgmt := "afa8bd80-7d8a-11c9-bef4-08002b102989"
	require.Equal(t, [][4]string{
		{"dnsserver", "50abc2a4-574d-40b3-9d66-ee4fd5fba076", "ncacn_np", `\pipe\dnsserver`},
		{"mgmt", mgmt, "ncacn_np", `\pipe\dnsserver`},
		{"browser", "6bffd098-a112-3610-9833-012892020162", "ncacn_np", `\pipe\browser`},
		{"mgmt", mgmt, "ncacn_np", `\pipe\browser`},
		{"unixinfo", "9c54e310-a955-4885-bd31-78787147dfa6", "ncacn_np", `\pipe\unixinfo`},
		{"mgmt", mgmt, "ncacn_np", `\pipe\unixinfo`},
	}, got)
	end := parsed(t, epm.ParseLookupResponse, dcEnd)
	require.Equal(t, epm.LookupResponse{MaxCount: 500, Status: epm.StatusNotRegistered}, end)
}

func TestRecordedTowers(t *testing.T) {
	for name, want := range map[string][4]string{
		towerTCP:   {"50abc2a4-574d-40b3-9d66-ee4fd5fba076", "ncacn_ip_tcp", "49153", "0.0.0.0"},
		towerLocal: {"6bffd098-a112-3610-9833-012892020162", "ncalrpc", "DEFAULT", ""},
		towerHTTP:  {"e1af8308-5d1f-11c9-91a4-08002b14a0fa", "ncacn_http", "593", "0.0.0.0"},
	} {
		octets := wiretest.Hex(t, name)
		tower := wiretest.RoundTrip(t, epm.ParseTower, octets)
		wiretest.Prefixes(t, epm.ParseTower, octets)
		require.Equal(t, want, [4]string{tower.Interface.String(), tower.Protocol, tower.Endpoint, tower.Host})
		require.Nil(t, tower.Anomalies)
	}
}
