package smb

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCreateTexts(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{ShareAccess(0).String(), "0"},
		{(ShareRead | ShareWrite | ShareDelete).String(), "FILE_SHARE_READ|FILE_SHARE_WRITE|FILE_SHARE_DELETE"},
		{ShareAccess(9).String(), "FILE_SHARE_READ|0x8"},
		{DispositionSupersede.String(), "FILE_SUPERSEDE"},
		{DispositionOpen.String(), "FILE_OPEN"},
		{DispositionCreate.String(), "FILE_CREATE"},
		{DispositionOpenIf.String(), "FILE_OPEN_IF"},
		{DispositionOverwrite.String(), "FILE_OVERWRITE"},
		{DispositionOverwriteIf.String(), "FILE_OVERWRITE_IF"},
		{CreateDisposition(6).String(), "CreateDisposition(0x00000006)"},
		{CreateDisposition(0xFFFFFFFF).String(), "CreateDisposition(0xFFFFFFFF)"},
		{ActionSuperseded.String(), "FILE_SUPERSEDED"},
		{ActionOpened.String(), "FILE_OPENED"},
		{ActionCreated.String(), "FILE_CREATED"},
		{ActionOverwritten.String(), "FILE_OVERWRITTEN"},
		{CreateAction(4).String(), "CreateAction(0x00000004)"},
		{ImpersonationAnonymous.String(), "Anonymous"},
		{ImpersonationIdentification.String(), "Identification"},
		{ImpersonationImpersonation.String(), "Impersonation"},
		{ImpersonationDelegate.String(), "Delegate"},
		{ImpersonationLevel(4).String(), "ImpersonationLevel(0x00000004)"},
		{CreateOptions(0).String(), "0"},
		{(OptionDirectoryFile | 0x80 | OptionOpenReparsePoint).String(), "FILE_DIRECTORY_FILE|FILE_OPEN_REPARSE_POINT|0x80"},
		{OptionDeleteOnClose.String(), "FILE_DELETE_ON_CLOSE"},
		{OptionNonDirectoryFile.String(), "FILE_NON_DIRECTORY_FILE"},
		{OptionOpenForBackupIntent.String(), "FILE_OPEN_FOR_BACKUP_INTENT"},
	} {
		require.Equal(t, c.want, c.got)
	}
}

// Every option is in the table, and nothing else is.
func TestCreateOptionsKnown(t *testing.T) {
	all := OptionDirectoryFile | OptionWriteThrough | OptionSequentialOnly | OptionNoIntermediateBuffering |
		OptionSynchronousIOAlert | OptionSynchronousIONonalert | OptionNonDirectoryFile | OptionCompleteIfOplocked |
		OptionNoEAKnowledge | OptionOpenRemoteInstance | OptionRandomAccess | OptionDeleteOnClose | OptionOpenByFileID |
		OptionOpenForBackupIntent | OptionNoCompression | OptionOpenRequiringOplock | OptionDisallowExclusive |
		OptionReserveOpfilter | OptionOpenReparsePoint | OptionOpenNoRecall | OptionOpenForFreeSpaceQuery
	require.Equal(t, CreateOptions(0x00F3FF7F), all)
	require.NotContains(t, all.String(), "0x")
	require.Len(t, createOptionNames, 21)
}
