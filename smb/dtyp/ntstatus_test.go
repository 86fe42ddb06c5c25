package dtyp_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/dtyp/internal/statustable"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const statusTable = "../../testdata/tables/ntstatus.csv"

func readTable(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(statusTable)
	require.NoError(t, err)
	return b
}

// The generated file is what the table gives now.
func TestStatusTableIsUpToDate(t *testing.T) {
	want, err := statustable.Generate(readTable(t))
	require.NoError(t, err)
	got, err := os.ReadFile("ntstatus_table.go")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "run go generate ./smb/dtyp")
}

// Every row of the table has its name in Go and back, and nothing else has one.
func TestStatusNames(t *testing.T) {
	rows, err := statustable.Read(readTable(t))
	require.NoError(t, err)
	named := map[dtyp.NTStatus]string{}
	for _, row := range rows {
		named[dtyp.NTStatus(row.Value)] = row.Name
	}
	for s, name := range named {
		require.Equal(t, name, s.String())
		requireText(t, s)
		for _, near := range []dtyp.NTStatus{s - 1, s + 1} {
			if _, ok := named[near]; !ok {
				require.Contains(t, near.String(), "NTSTATUS(0x")
				requireText(t, near)
			}
		}
	}
}

func requireText(t *testing.T, s dtyp.NTStatus) {
	t.Helper()
	b, err := s.MarshalText()
	require.NoError(t, err)
	var back dtyp.NTStatus
	require.NoError(t, back.UnmarshalText(b))
	require.Equal(t, s, back)
}

// Values that the code depends on, checked against [MS-ERREF] by hand.
func TestStatusConstants(t *testing.T) {
	for s, want := range map[dtyp.NTStatus]uint32{
		dtyp.StatusSuccess: 0, dtyp.StatusPending: 0x103, dtyp.StatusMoreProcessingRequired: 0xC0000016,
		dtyp.StatusNotSupported: 0xC00000BB, dtyp.StatusInvalidParameter: 0xC000000D, dtyp.StatusAccessDenied: 0xC0000022,
		dtyp.StatusLogonFailure: 0xC000006D, dtyp.StatusBufferOverflow: 0x80000005,
	} {
		require.EqualValues(t, want, s)
	}
	require.Equal(t, "STATUS_LOGON_FAILURE", dtyp.StatusLogonFailure.String())
	require.Equal(t, "NTSTATUS(0xC000ABCD)", dtyp.NTStatus(0xC000ABCD).String())
	require.True(t, dtyp.StatusLogonFailure.IsError())
	require.False(t, dtyp.StatusBufferOverflow.IsError())
	require.Equal(t, dtyp.SeverityWarning, dtyp.StatusBufferOverflow.Severity())
	require.Equal(t, dtyp.SeveritySuccess, dtyp.StatusPending.Severity())
	wiretest.Allocs(t, 0, func() { _ = dtyp.StatusLogonFailure.String() })
}

func TestNoStatus(t *testing.T) {
	for _, text := range []string{
		"", "STATUS_NO_SUCH_STATUS_AS_THIS", "0xC0000022", "NTSTATUS(0x1FFFFFFFF)", "NTSTATUS(0xC0000022", "NTSTATUS(12)",
		"NTSTATUS(017)", "NTSTATUS(0b1)", "NTSTATUS(0xC000_002)", "NTSTATUS(0x)", "NTSTATUS(0x12)", "NTSTATUS()",
	} {
		s := dtyp.NTStatus(7)
		require.ErrorIs(t, s.UnmarshalText([]byte(text)), dtyp.ErrNTStatus, text)
		require.EqualValues(t, 7, s)
	}
}

// The table is embedded by others, who should not have to download more than 60 KiB for it.
func TestStatusTableIsSmall(t *testing.T) { require.Less(t, len(readTable(t)), 60<<10) }

// The statuses of SMB1 have the error class in their low half, and names that [MS-ERREF] gives to something else or not
// at all.
func TestSMB1Statuses(t *testing.T) {
	for value, want := range map[dtyp.NTStatus]string{
		0x00010002: "STATUS_INVALID_SMB", 0x00050002: "STATUS_SMB_BAD_TID", 0x005B0002: "STATUS_SMB_BAD_UID",
		0x00060001: "STATUS_SMB_BAD_FID", 0x00160002: "STATUS_SMB_BAD_COMMAND", 0xFFFF0002: "STATUS_SMB_NO_SUPPORT",
		0xC000205A: "STATUS_SMB_TOO_MANY_UIDS", 0xC05D0000: "STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP",
	} {
		require.Equal(t, want, value.String())
	}
}

// A table that is out of order, or names something twice, is refused before it becomes code.
func TestBadStatusTables(t *testing.T) {
	const head = "value,name,phase,source\n"
	for name, table := range map[string]string{
		"header":    "value,name\n",
		"empty":     "",
		"order":     head + "0x2,STATUS_B,,x\n0x1,STATUS_A,,x\n",
		"value":     head + "0x1,STATUS_A,,x\n0x1,STATUS_B,,x\n",
		"name":      head + "0x1,STATUS_A,,x\n0x2,STATUS_A,,x\n",
		"number":    head + "one,STATUS_A,,x\n",
		"no name":   head + "0x1,,,x\n",
		"no source": head + "0x1,STATUS_A,,\n",
	} {
		_, err := statustable.Generate([]byte(table))
		require.Error(t, err, name)
	}
}

func TestDOSError(t *testing.T) {
	for text, e := range map[string]dtyp.DOSError{
		"SUCCESS/0x0000":     {},
		"ERRDOS/ERRnoaccess": {Class: 1, Code: 5},
		"ERRDOS/0x0020":      {Class: 1, Code: 32},
		"ERRSRV/ERRerror":    {Class: 2, Code: 1},
		"ERRSRV/ERRbaduid":   {Class: 2, Code: 91},
		"ERRHRD/0x0013":      {Class: 3, Code: 19},
		"ERRCMD/0x0001":      {Class: 0xFF, Code: 1},
		"class 0x07/0x0009":  {Class: 7, Code: 9},
	} {
		require.Equal(t, text, e.String())
	}
}
