package smb

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSMB2FlagTexts(t *testing.T) {
	for _, c := range []struct {
		got, want string
	}{
		{SecurityMode(0).String(), "0"},
		{SecurityMode(3).String(), "SMB2_NEGOTIATE_SIGNING_ENABLED|SMB2_NEGOTIATE_SIGNING_REQUIRED"},
		{SecurityMode(0x8005).String(), "SMB2_NEGOTIATE_SIGNING_ENABLED|0x4|0x8000"},
		{SMB2Capabilities(0).String(), "0"},
		{CapEncryption.String(), "SMB2_GLOBAL_CAP_ENCRYPTION"},
		{
			SMB2Capabilities(0x1FF).String(),
			"SMB2_GLOBAL_CAP_DFS|SMB2_GLOBAL_CAP_LEASING|SMB2_GLOBAL_CAP_LARGE_MTU|SMB2_GLOBAL_CAP_MULTI_CHANNEL|" +
				"SMB2_GLOBAL_CAP_PERSISTENT_HANDLES|SMB2_GLOBAL_CAP_DIRECTORY_LEASING|SMB2_GLOBAL_CAP_ENCRYPTION|" +
				"SMB2_GLOBAL_CAP_NOTIFICATIONS|0x100",
		},
		{SessionFlags(0).String(), "0"},
		{
			SessionFlags(0x0F).String(),
			"SMB2_SESSION_FLAG_IS_GUEST|SMB2_SESSION_FLAG_IS_NULL|SMB2_SESSION_FLAG_ENCRYPT_DATA|0x8",
		},
		{SMB1Capabilities(0).String(), "0"},
		{SMB1Capabilities(0x80000404).String(), "CAP_UNICODE|CAP_EXTENDED_SECURITY|0x400"},
	} {
		require.Equal(t, c.want, c.got)
	}
	require.Equal(t, []string{"SMB2_NEGOTIATE_SIGNING_ENABLED", "0x4"}, SecurityMode(5).Tokens())
	require.Equal(t, []string{"SMB2_GLOBAL_CAP_DFS", "0x80000000"}, SMB2Capabilities(0x80000001).Tokens())
	require.Equal(t, []string{"SMB2_SESSION_FLAG_IS_NULL", "0x10"}, SessionFlags(0x12).Tokens())
	require.Equal(t, []string{"CAP_STATUS32", "0x800"}, SMB1Capabilities(0x840).Tokens())
	require.Equal(t, []string{}, SMB1Capabilities(0).Tokens())
}

// Every constant is in its table.
func TestSMB2FlagsKnown(t *testing.T) {
	require.NotContains(t, (SigningEnabled | SigningRequired).String(), "0x")
	require.NotContains(t, (SessionIsGuest | SessionIsNull | SessionEncryptData).String(), "0x")
	require.NotContains(t, (CapDFS | CapLeasing | CapLargeMTU | CapMultiChannel | CapPersistentHandles |
		CapDirectoryLeasing | CapEncryption | CapNotifications).String(), "0x")
	require.NotContains(t, (SMB1CapUnicode | SMB1CapNTSMBs | SMB1CapStatus32 | SMB1CapExtendedSecurity).String(), "0x")
	require.NotContains(t, (SMB1Flags2LongNames | SMB1Flags2EAS | SMB1Flags2Signature | SMB1Flags2SigRequired |
		SMB1Flags2IsLongName | SMB1Flags2ExtendedSecurity | SMB1Flags2DFS | SMB1Flags2NTStatus | SMB1Flags2Unicode).String(), "0x")
	require.NotContains(t, (SMB2FlagServerToRedir | SMB2FlagAsyncCommand | SMB2FlagRelated | SMB2FlagSigned |
		SMB2FlagDFSOperations | SMB2FlagReplayOperation).String(), "0x")
}
