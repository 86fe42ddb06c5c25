package dtyp

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Win32Error is the result of a call that answers with Win32 error codes, as described in [MS-ERREF] 2.2. It is
// data and no error, as an NTStatus.
type Win32Error uint32

// The codes that a reader of answers has to tell apart, [MS-ERREF] 2.2; for shares also [MS-SRVS] 2.2.2.10.
const (
	Win32Success          Win32Error = 0x00000000
	Win32FileNotFound     Win32Error = 0x00000002
	Win32AccessDenied     Win32Error = 0x00000005
	Win32NotSupported     Win32Error = 0x00000032
	Win32BadNetName       Win32Error = 0x00000043
	Win32InvalidParameter Win32Error = 0x00000057
	Win32InvalidLevel     Win32Error = 0x0000007C
	Win32MoreData         Win32Error = 0x000000EA
	Win32BufTooSmall      Win32Error = 0x0000084B
	Win32NetNameNotFound  Win32Error = 0x00000906
)

type win32ErrorName struct {
	value Win32Error
	name  string
}

// win32ErrorNames is a choice: what calls for shares, server and workstation can give, and what the run-time library
// of RPC puts in its place. In ascending order.
var win32ErrorNames = [...]win32ErrorName{
	{0, "ERROR_SUCCESS"}, // NERR_Success as well
	{2, "ERROR_FILE_NOT_FOUND"},
	{5, "ERROR_ACCESS_DENIED"},
	{8, "ERROR_NOT_ENOUGH_MEMORY"},
	{50, "ERROR_NOT_SUPPORTED"},
	{53, "ERROR_BAD_NETPATH"},
	{64, "ERROR_NETNAME_DELETED"},
	{65, "ERROR_NETWORK_ACCESS_DENIED"},
	{67, "ERROR_BAD_NET_NAME"},
	{71, "ERROR_REQ_NOT_ACCEP"},
	{87, "ERROR_INVALID_PARAMETER"},
	{122, "ERROR_INSUFFICIENT_BUFFER"},
	{123, "ERROR_INVALID_NAME"},
	{124, "ERROR_INVALID_LEVEL"},
	{230, "ERROR_BAD_PIPE"},
	{231, "ERROR_PIPE_BUSY"},
	{233, "ERROR_PIPE_NOT_CONNECTED"},
	{234, "ERROR_MORE_DATA"},
	{259, "ERROR_NO_MORE_ITEMS"},
	{1062, "ERROR_SERVICE_NOT_ACTIVE"},
	{1115, "ERROR_SHUTDOWN_IN_PROGRESS"},
	{1130, "ERROR_NOT_ENOUGH_SERVER_MEMORY"},
	{1210, "ERROR_INVALID_COMPUTERNAME"},
	{1326, "ERROR_LOGON_FAILURE"},
	{1707, "RPC_S_INVALID_NET_ADDR"},
	{1717, "RPC_S_UNKNOWN_IF"},
	{1722, "RPC_S_SERVER_UNAVAILABLE"},
	{1723, "RPC_S_SERVER_TOO_BUSY"},
	{1726, "RPC_S_CALL_FAILED"},
	{1727, "RPC_S_CALL_FAILED_DNE"},
	{1728, "RPC_S_PROTOCOL_ERROR"},
	{1732, "RPC_S_UNSUPPORTED_TYPE"},
	{1745, "RPC_S_PROCNUM_OUT_OF_RANGE"},
	{1764, "RPC_S_CANNOT_SUPPORT"},
	{1780, "RPC_X_NULL_REF_POINTER"},
	{1783, "RPC_X_BAD_STUB_DATA"},
	{1825, "RPC_S_SEC_PKG_ERROR"},
	{2102, "NERR_NetNotStarted"},
	{2103, "NERR_UnknownServer"},
	{2114, "NERR_ServerNotStarted"},
	{2115, "NERR_ItemNotFound"},
	{2116, "NERR_UnknownDevDir"},
	{2118, "NERR_DuplicateShare"},
	{2123, "NERR_BufTooSmall"},
	{2127, "NERR_RemoteErr"},
	{2136, "NERR_NetworkError"},
	{2138, "NERR_WkstaNotStarted"},
	{2140, "NERR_InternalError"},
	{2142, "NERR_InvalidAPI"},
	{2220, "NERR_GroupNotFound"},
	{2221, "NERR_UserNotFound"},
	{2310, "NERR_NetNameNotFound"},
	{2311, "NERR_DeviceNotShared"},
	{2312, "NERR_ClientNameNotFound"},
	{2351, "NERR_InvalidComputer"},
}

// ErrWin32Error says that a text is neither the token nor the number of a Win32 error code.
var ErrWin32Error = errors.New("no Win32 error code")

// String prints the specification's token, such as ERROR_ACCESS_DENIED, and what the table does not have as
// Win32Error(0x0000ABCD). Zero is ERROR_SUCCESS, which the network calls name NERR_Success.
func (e Win32Error) String() string {
	i, ok := slices.BinarySearchFunc(win32ErrorNames[:], e, func(row win32ErrorName, e Win32Error) int {
		return cmp.Compare(row.value, e)
	})
	if ok {
		return win32ErrorNames[i].name
	}
	return fmt.Sprintf("Win32Error(0x%08X)", uint32(e))
}

// MarshalText writes what String prints.
func (e Win32Error) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads what MarshalText writes. Errors match ErrWin32Error.
func (e *Win32Error) UnmarshalText(text []byte) error {
	for _, row := range win32ErrorNames {
		if row.name == string(text) {
			*e = row.value
			return nil
		}
	}
	digits, found := strings.CutPrefix(string(text), "Win32Error(0x")
	digits, closed := strings.CutSuffix(digits, ")")
	v, err := strconv.ParseUint(digits, 16, 32)
	if !found || !closed || len(digits) != 8 || err != nil {
		return fmt.Errorf("%q: %w", text, ErrWin32Error)
	}
	*e = Win32Error(v)
	return nil
}
