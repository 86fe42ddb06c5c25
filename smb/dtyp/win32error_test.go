package dtyp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// Every code has a text of its own, by name or by number, and the text gives the code back. A row out of order would
// not be found by its value, and would print in hex.
func TestWin32ErrorText(t *testing.T) {
	seen := map[string]dtyp.Win32Error{}
	named := 0
	for v := dtyp.Win32Error(0); v < 3000; v++ {
		text, err := v.MarshalText()
		require.NoError(t, err)
		require.Equal(t, v.String(), string(text))
		require.NotContains(t, seen, string(text))
		seen[string(text)] = v
		var back dtyp.Win32Error
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, v, back)
		if text[len(text)-1] != ')' {
			named++
		}
	}
	require.Equal(t, 55, named)
}

// All rows again, compared on 2026-11-24 with the tables of Wireshark 4.0 (WERR_ names) and impacket 0.10.0.
func TestWin32ErrorTokens(t *testing.T) {
	for v, want := range map[dtyp.Win32Error]string{
		0: "ERROR_SUCCESS", 2: "ERROR_FILE_NOT_FOUND", 5: "ERROR_ACCESS_DENIED", 8: "ERROR_NOT_ENOUGH_MEMORY",
		50: "ERROR_NOT_SUPPORTED", 53: "ERROR_BAD_NETPATH", 64: "ERROR_NETNAME_DELETED",
		65: "ERROR_NETWORK_ACCESS_DENIED", 67: "ERROR_BAD_NET_NAME", 71: "ERROR_REQ_NOT_ACCEP",
		87: "ERROR_INVALID_PARAMETER", 122: "ERROR_INSUFFICIENT_BUFFER", 123: "ERROR_INVALID_NAME",
		124: "ERROR_INVALID_LEVEL", 230: "ERROR_BAD_PIPE", 231: "ERROR_PIPE_BUSY", 233: "ERROR_PIPE_NOT_CONNECTED",
		234: "ERROR_MORE_DATA", 259: "ERROR_NO_MORE_ITEMS", 1062: "ERROR_SERVICE_NOT_ACTIVE",
		1115: "ERROR_SHUTDOWN_IN_PROGRESS", 1130: "ERROR_NOT_ENOUGH_SERVER_MEMORY",
		1210: "ERROR_INVALID_COMPUTERNAME", 1326: "ERROR_LOGON_FAILURE", 1707: "RPC_S_INVALID_NET_ADDR",
		1717: "RPC_S_UNKNOWN_IF", 1722: "RPC_S_SERVER_UNAVAILABLE", 1723: "RPC_S_SERVER_TOO_BUSY",
		1726: "RPC_S_CALL_FAILED", 1727: "RPC_S_CALL_FAILED_DNE", 1728: "RPC_S_PROTOCOL_ERROR",
		1732: "RPC_S_UNSUPPORTED_TYPE", 1745: "RPC_S_PROCNUM_OUT_OF_RANGE", 1764: "RPC_S_CANNOT_SUPPORT",
		1780: "RPC_X_NULL_REF_POINTER", 1783: "RPC_X_BAD_STUB_DATA", 1825: "RPC_S_SEC_PKG_ERROR",
		2102: "NERR_NetNotStarted", 2103: "NERR_UnknownServer", 2114: "NERR_ServerNotStarted",
		2115: "NERR_ItemNotFound", 2116: "NERR_UnknownDevDir", 2118: "NERR_DuplicateShare",
		2123: "NERR_BufTooSmall", 2127: "NERR_RemoteErr", 2136: "NERR_NetworkError", 2138: "NERR_WkstaNotStarted",
		2140: "NERR_InternalError", 2142: "NERR_InvalidAPI", 2220: "NERR_GroupNotFound", 2221: "NERR_UserNotFound",
		2310: "NERR_NetNameNotFound", 2311: "NERR_DeviceNotShared", 2312: "NERR_ClientNameNotFound",
		2351: "NERR_InvalidComputer",
		3:    "Win32Error(0x00000003)", 0xC000ABCD: "Win32Error(0xC000ABCD)", 0xFFFFFFFF: "Win32Error(0xFFFFFFFF)",
	} {
		require.Equal(t, want, v.String())
	}
	for v, want := range map[dtyp.Win32Error]uint32{
		dtyp.Win32Success: 0, dtyp.Win32FileNotFound: 2, dtyp.Win32AccessDenied: 5, dtyp.Win32NotSupported: 50,
		dtyp.Win32BadNetName: 67, dtyp.Win32InvalidParameter: 87, dtyp.Win32InvalidLevel: 124, dtyp.Win32MoreData: 234,
		dtyp.Win32BufTooSmall: 2123, dtyp.Win32NetNameNotFound: 2310,
	} {
		require.EqualValues(t, want, v)
	}
	wiretest.Allocs(t, 0, func() { _ = dtyp.Win32AccessDenied.String() })
}

func TestNoWin32Error(t *testing.T) {
	for _, text := range []string{
		"", "ERROR_NO_SUCH_ERROR_AS_THIS", "5", "0x00000005", "Win32Error(0x1FFFFFFFF)", "Win32Error(0x00000005",
		"Win32Error(0x5)", "Win32Error(0000000005)", "Win32Error(0x0000_005)", "Win32Error()", "error_access_denied",
	} {
		e := dtyp.Win32Error(7)
		require.ErrorIs(t, e.UnmarshalText([]byte(text)), dtyp.ErrWin32Error, text)
		require.EqualValues(t, 7, e)
	}
}
