package dcerpc

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFaultStatus(t *testing.T) {
	for s, want := range map[FaultStatus]string{
		0:                     "FaultStatus(0x00000000)",
		FaultOther:            "nca_s_fault_other",
		FaultAccessDenied:     "nca_s_fault_access_denied",
		FaultCantPerform:      "nca_s_fault_cant_perform",
		FaultNDR:              "nca_s_fault_ndr",
		FaultSecPkgError:      "nca_s_fault_sec_pkg_error",
		FaultContextMismatch:  "nca_s_fault_context_mismatch",
		FaultRemoteNoMemory:   "nca_s_fault_remote_no_memory",
		FaultInvalidContextID: "nca_invalid_pres_context_id",
		FaultOpRangeError:     "nca_s_op_rng_error",
		FaultUnknownInterface: "nca_s_unk_if",
		FaultProtoError:       "nca_proto_error",
		FaultServerTooBusy:    "nca_server_too_busy",
		0x1C000011:            "FaultStatus(0x1C000011)",
		0xC0000022:            "FaultStatus(0xC0000022)",
	} {
		require.Equal(t, want, s.String())
		text, err := s.MarshalText()
		require.NoError(t, err)
		var got FaultStatus
		require.NoError(t, got.UnmarshalText(text))
		require.Equal(t, s, got)
	}
	for _, text := range []string{
		"", "nca", "NCA_S_UNK_IF", "FaultStatus(0x1)", "FaultStatus(0x00000001", "FaultStatus(0x0000000g)", "00000005", "5",
	} {
		got := FaultStatus(7)
		require.ErrorIs(t, got.UnmarshalText([]byte(text)), ErrFaultStatus, text)
		require.Equal(t, FaultStatus(7), got)
	}
}

// The search needs the order, and a text needs to name one status.
func TestFaultNames(t *testing.T) {
	seen := map[string]bool{}
	for i, row := range faultNames {
		require.True(t, i == 0 || faultNames[i-1].status < row.status, row.name)
		require.True(t, strings.HasPrefix(row.name, "nca_"), row.name)
		require.False(t, seen[row.name], row.name)
		seen[row.name] = true
		require.Equal(t, row.name, row.status.String())
		var got FaultStatus
		require.NoError(t, got.UnmarshalText([]byte(row.name)))
		require.Equal(t, row.status, got)
	}
}
