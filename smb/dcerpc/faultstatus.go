package dcerpc

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A FaultStatus is the status of a fault PDU: a code of [C706] Appendix E and N.2, or, from Windows and Samba, any
// Win32, NTSTATUS or HRESULT code, [MS-RPCE] 3.3.3.5.1.
type FaultStatus uint32

// The statuses that code asks for.
const (
	FaultOther            FaultStatus = 0x00000001
	FaultAccessDenied     FaultStatus = 0x00000005
	FaultCantPerform      FaultStatus = 0x000006D8
	FaultNDR              FaultStatus = 0x000006F7
	FaultSecPkgError      FaultStatus = 0x00000721
	FaultContextMismatch  FaultStatus = 0x1C00001A
	FaultRemoteNoMemory   FaultStatus = 0x1C00001B
	FaultInvalidContextID FaultStatus = 0x1C00001C
	FaultOpRangeError     FaultStatus = 0x1C010002
	FaultUnknownInterface FaultStatus = 0x1C010003
	FaultProtoError       FaultStatus = 0x1C01000B
	FaultServerTooBusy    FaultStatus = 0x1C010014
)

type faultName struct {
	status FaultStatus
	name   string
}

// faultNames is sorted by status. The values above 0x1C000000 are those of [C706] Appendix E and N.2 and of the
// header ncastat of the OSF's implementation. The names differ between these by an "s_"; N.2 calls names a
// convenience and no part of the specification. Where they differ, the two that servers answer most have the header's
// names, by which other tools call them (nca_op_rng_error and nca_unk_if in Appendix E), and the rest those of
// Appendix E. The values below, which are Win32 codes that Windows sends as they are, have the names that Wireshark
// gives them.
var faultNames = [...]faultName{
	{0x00000001, "nca_s_fault_other"},
	{0x00000005, "nca_s_fault_access_denied"},
	{0x000006D8, "nca_s_fault_cant_perform"},
	{0x000006F7, "nca_s_fault_ndr"},
	{0x00000721, "nca_s_fault_sec_pkg_error"},
	{0x1C000001, "nca_s_fault_int_div_by_zero"},
	{0x1C000002, "nca_s_fault_addr_error"},
	{0x1C000003, "nca_s_fault_fp_div_zero"},
	{0x1C000004, "nca_s_fault_fp_underflow"},
	{0x1C000005, "nca_s_fault_fp_overflow"},
	{0x1C000006, "nca_s_fault_invalid_tag"},
	{0x1C000007, "nca_s_fault_invalid_bound"},
	{0x1C000008, "nca_rpc_version_mismatch"},
	{0x1C000009, "nca_unspec_reject"},
	{0x1C00000A, "nca_s_bad_actid"},
	{0x1C00000B, "nca_who_are_you_failed"},
	{0x1C00000C, "nca_manager_not_entered"},
	{0x1C00000D, "nca_s_fault_cancel"},
	{0x1C00000E, "nca_s_fault_ill_inst"},
	{0x1C00000F, "nca_s_fault_fp_error"},
	{0x1C000010, "nca_s_fault_int_overflow"},
	{0x1C000012, "nca_s_fault_unspec"},
	{0x1C000013, "nca_s_fault_remote_comm_failure"},
	{0x1C000014, "nca_s_fault_pipe_empty"},
	{0x1C000015, "nca_s_fault_pipe_closed"},
	{0x1C000016, "nca_s_fault_pipe_order"},
	{0x1C000017, "nca_s_fault_pipe_discipline"},
	{0x1C000018, "nca_s_fault_pipe_comm_error"},
	{0x1C000019, "nca_s_fault_pipe_memory"},
	{0x1C00001A, "nca_s_fault_context_mismatch"},
	{0x1C00001B, "nca_s_fault_remote_no_memory"},
	{0x1C00001C, "nca_invalid_pres_context_id"},
	{0x1C00001D, "nca_unsupported_authn_level"},
	{0x1C00001F, "nca_invalid_checksum"},
	{0x1C000020, "nca_invalid_crc"},
	{0x1C000021, "nca_s_fault_user_defined"},
	{0x1C000022, "nca_s_fault_tx_open_failed"},
	{0x1C000023, "nca_s_fault_codeset_conv_error"},
	{0x1C000024, "nca_s_fault_object_not_found"},
	{0x1C000025, "nca_s_fault_no_client_stub"},
	{0x1C010001, "nca_s_comm_failure"},
	{0x1C010002, "nca_s_op_rng_error"},
	{0x1C010003, "nca_s_unk_if"},
	{0x1C010006, "nca_wrong_boot_time"},
	{0x1C010009, "nca_s_you_crashed"},
	{0x1C01000B, "nca_proto_error"},
	{0x1C010013, "nca_out_args_too_big"},
	{0x1C010014, "nca_server_too_busy"},
	{0x1C010015, "nca_s_fault_string_too_long"},
	{0x1C010017, "nca_unsupported_type"},
}

// ErrFaultStatus says that a text is neither the name nor the number of a status.
var ErrFaultStatus = errors.New("no fault status")

// String prints the name of the status, such as nca_s_op_rng_error, and one without a name as
// FaultStatus(0xC0000022).
func (s FaultStatus) String() string {
	i, ok := slices.BinarySearchFunc(faultNames[:], s, func(row faultName, s FaultStatus) int {
		return cmp.Compare(row.status, s)
	})
	if ok {
		return faultNames[i].name
	}
	return fmt.Sprintf("FaultStatus(0x%08X)", uint32(s))
}

// MarshalText writes what String prints.
func (s FaultStatus) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes. Errors match ErrFaultStatus.
func (s *FaultStatus) UnmarshalText(text []byte) error {
	for _, row := range faultNames {
		if row.name == string(text) {
			*s = row.status
			return nil
		}
	}
	digits, found := strings.CutPrefix(string(text), "FaultStatus(0x")
	digits, closed := strings.CutSuffix(digits, ")")
	v, err := strconv.ParseUint(digits, 16, 32)
	if !found || !closed || len(digits) != 8 || err != nil {
		return fmt.Errorf("%q: %w", text, ErrFaultStatus)
	}
	*s = FaultStatus(v)
	return nil
}
