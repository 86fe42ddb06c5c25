package smb

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFileAttributes(t *testing.T) {
	require.Equal(t, "0", FileAttributes(0).String())
	require.Equal(t, "FILE_ATTRIBUTE_READONLY|FILE_ATTRIBUTE_DIRECTORY|0x40", FileAttributes(0x51).String())
	require.Equal(t, "FILE_ATTRIBUTE_NORMAL", AttributeNormal.String())
	require.Equal(t, "FILE_ATTRIBUTE_ARCHIVE", AttributeArchive.String())
	require.Equal(t, "FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS", AttributeRecallOnAccess.String())
	all := AttributeReadonly | AttributeHidden | AttributeSystem | AttributeDirectory | AttributeArchive | AttributeNormal |
		AttributeTemporary | AttributeSparseFile | AttributeReparsePoint | AttributeCompressed | AttributeOffline |
		AttributeNotContentIndexed | AttributeEncrypted | AttributeIntegrityStream | AttributeNoScrubData |
		AttributeRecallOnOpen | AttributePinned | AttributeUnpinned | AttributeRecallOnAccess
	require.Equal(t, FileAttributes(0x005EFFB7), all)
	require.NotContains(t, all.String(), "0x")
	require.Len(t, fileAttributeNames, 19)
}
