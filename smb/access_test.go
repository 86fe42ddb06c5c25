package smb

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAccessMask(t *testing.T) {
	require.Equal(t, "0", AccessMask(0).String())
	require.Equal(t, []string{}, AccessMask(0).Tokens())
	require.Equal(t, []string{}, AccessMask(0).DirectoryTokens())
	require.Equal(t, "FILE_READ_DATA|FILE_READ_EA|FILE_EXECUTE|FILE_READ_ATTRIBUTES|READ_CONTROL|SYNCHRONIZE",
		AccessMask(0x001200A9).String(), "what a share gives that is to be read only")
	require.Equal(t, []string{"FILE_WRITE_DATA", "GENERIC_READ", "0x200", "0x8000000"}, AccessMask(0x88000202).Tokens())
	require.Equal(t, []string{"FILE_LIST_DIRECTORY", "FILE_TRAVERSE", "FILE_READ_EA", "FILE_READ_ATTRIBUTES", "0x200"},
		AccessMask(0x2A9).DirectoryTokens())
	require.Equal(t, []string{"FILE_ADD_FILE", "FILE_ADD_SUBDIRECTORY", "FILE_DELETE_CHILD"},
		(AccessAddFile | AccessAddSubdirectory | AccessDeleteChild).DirectoryTokens())
}

// Every constant prints its own token.
func TestAccessMaskKnown(t *testing.T) {
	for mask, want := range map[AccessMask]string{
		AccessReadData: "FILE_READ_DATA", AccessWriteData: "FILE_WRITE_DATA", AccessAppendData: "FILE_APPEND_DATA",
		AccessReadEA: "FILE_READ_EA", AccessWriteEA: "FILE_WRITE_EA", AccessExecute: "FILE_EXECUTE",
		AccessDeleteChild: "FILE_DELETE_CHILD", AccessReadAttributes: "FILE_READ_ATTRIBUTES",
		AccessWriteAttributes: "FILE_WRITE_ATTRIBUTES", AccessDelete: "DELETE", AccessReadControl: "READ_CONTROL",
		AccessWriteDAC: "WRITE_DAC", AccessWriteOwner: "WRITE_OWNER", AccessSynchronize: "SYNCHRONIZE",
		AccessSystemSecurity: "ACCESS_SYSTEM_SECURITY", AccessMaximumAllowed: "MAXIMUM_ALLOWED", AccessGenericAll: "GENERIC_ALL",
		AccessGenericExecute: "GENERIC_EXECUTE", AccessGenericWrite: "GENERIC_WRITE", AccessGenericRead: "GENERIC_READ",
	} {
		require.Equal(t, want, mask.String())
	}
	for mask, want := range map[AccessMask]string{
		AccessListDirectory: "FILE_LIST_DIRECTORY", AccessAddFile: "FILE_ADD_FILE",
		AccessAddSubdirectory: "FILE_ADD_SUBDIRECTORY", AccessTraverse: "FILE_TRAVERSE",
	} {
		require.Equal(t, []string{want}, mask.DirectoryTokens())
	}
}
