package smb

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSMB2ShareTexts(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{SMB2ShareDisk.String(), "SMB2_SHARE_TYPE_DISK"},
		{SMB2SharePipe.String(), "SMB2_SHARE_TYPE_PIPE"},
		{SMB2SharePrint.String(), "SMB2_SHARE_TYPE_PRINT"},
		{SMB2ShareType(0).String(), "SMB2ShareType(0x00)"},
		{SMB2ShareManualCaching.String(), "SMB2_SHAREFLAG_MANUAL_CACHING"},
		{SMB2ShareAutoCaching.String(), "SMB2_SHAREFLAG_AUTO_CACHING"},
		{SMB2ShareVDOCaching.String(), "SMB2_SHAREFLAG_VDO_CACHING"},
		{SMB2ShareNoCaching.String(), "SMB2_SHAREFLAG_NO_CACHING"},
		{(SMB2ShareNoCaching | SMB2ShareDFS | SMB2ShareEncryptData | 0x40).String(),
			"SMB2_SHAREFLAG_NO_CACHING|SMB2_SHAREFLAG_DFS|SMB2_SHAREFLAG_ENCRYPT_DATA|0x40"},
		{SMB2ShareCapabilities(0).String(), "0"},
		{(ShareCapDFS | ShareCapContinuousAvailability | 4).String(),
			"SMB2_SHARE_CAP_DFS|SMB2_SHARE_CAP_CONTINUOUS_AVAILABILITY|0x4"},
	} {
		require.Equal(t, c.want, c.got)
	}
	require.Equal(t, []string{"SMB2_SHAREFLAG_AUTO_CACHING", "SMB2_SHAREFLAG_ACCESS_BASED_DIRECTORY_ENUM"},
		(SMB2ShareAutoCaching | SMB2ShareAccessBasedEnum).Tokens())
	require.Equal(t, []string{"SMB2_SHARE_CAP_CLUSTER", "0x200"}, (ShareCapCluster | 0x200).Tokens())
	require.Equal(t, []string{}, SMB2ShareCapabilities(0).Tokens())
	flags := SMB2ShareDFS | SMB2ShareDFSRoot | SMB2ShareRestrictExclusive | SMB2ShareForceSharedDelete |
		SMB2ShareNamespaceCaching | SMB2ShareAccessBasedEnum | SMB2ShareForceLevelIIOplock | SMB2ShareEnableHashV1 |
		SMB2ShareEnableHashV2 | SMB2ShareEncryptData | SMB2ShareIdentityRemoting | SMB2ShareCompressData |
		SMB2ShareIsolatedTransport
	require.Equal(t, SMB2ShareFlags(0x0034FF03), flags)
	require.NotContains(t, flags.String(), "0x")
	caps := ShareCapDFS | ShareCapContinuousAvailability | ShareCapScaleout | ShareCapCluster | ShareCapAsymmetric |
		ShareCapRedirectToOwner
	require.Equal(t, SMB2ShareCapabilities(0x1F8), caps)
	require.NotContains(t, caps.String(), "0x")
}
