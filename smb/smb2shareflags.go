package smb

import (
	"fmt"
	"strings"

	"github.com/smbscope/smbscope/smb/wire"
)

// An SMB2ShareType tells what a share is, [MS-SMB2] 2.2.10. The numbers differ from those of srvsvc ([MS-SRVS] 2.2.2.4).
type SMB2ShareType uint8

// The values of [MS-SMB2] 2.2.10.
const (
	SMB2ShareDisk  SMB2ShareType = 0x01
	SMB2SharePipe  SMB2ShareType = 0x02
	SMB2SharePrint SMB2ShareType = 0x03
)

// String prints the specification's token.
func (t SMB2ShareType) String() string {
	switch t {
	case SMB2ShareDisk:
		return "SMB2_SHARE_TYPE_DISK"
	case SMB2SharePipe:
		return "SMB2_SHARE_TYPE_PIPE"
	case SMB2SharePrint:
		return "SMB2_SHARE_TYPE_PRINT"
	}
	return fmt.Sprintf("SMB2ShareType(0x%02X)", uint8(t))
}

// SMB2ShareFlags are the properties of a share, [MS-SMB2] 2.2.10. Two of the bits, SMB2ShareCachingMask, are one number.
type SMB2ShareFlags uint32

// The bits of [MS-SMB2] 2.2.10, and the four values of the caching bits.
const (
	SMB2ShareCachingMask SMB2ShareFlags = 0x00000030

	SMB2ShareManualCaching      SMB2ShareFlags = 0x00000000
	SMB2ShareAutoCaching        SMB2ShareFlags = 0x00000010
	SMB2ShareVDOCaching         SMB2ShareFlags = 0x00000020
	SMB2ShareNoCaching          SMB2ShareFlags = 0x00000030
	SMB2ShareDFS                SMB2ShareFlags = 0x00000001
	SMB2ShareDFSRoot            SMB2ShareFlags = 0x00000002
	SMB2ShareRestrictExclusive  SMB2ShareFlags = 0x00000100
	SMB2ShareForceSharedDelete  SMB2ShareFlags = 0x00000200
	SMB2ShareNamespaceCaching   SMB2ShareFlags = 0x00000400
	SMB2ShareAccessBasedEnum    SMB2ShareFlags = 0x00000800
	SMB2ShareForceLevelIIOplock SMB2ShareFlags = 0x00001000
	SMB2ShareEnableHashV1       SMB2ShareFlags = 0x00002000
	SMB2ShareEnableHashV2       SMB2ShareFlags = 0x00004000
	SMB2ShareEncryptData        SMB2ShareFlags = 0x00008000
	SMB2ShareIdentityRemoting   SMB2ShareFlags = 0x00040000
	SMB2ShareCompressData       SMB2ShareFlags = 0x00100000
	SMB2ShareIsolatedTransport  SMB2ShareFlags = 0x00200000
)

var smb2CachingNames = [...]string{
	"SMB2_SHAREFLAG_MANUAL_CACHING", "SMB2_SHAREFLAG_AUTO_CACHING", "SMB2_SHAREFLAG_VDO_CACHING",
	"SMB2_SHAREFLAG_NO_CACHING",
}

var smb2ShareFlagNames = []wire.FlagName{
	{Bit: 0x00000001, Token: "SMB2_SHAREFLAG_DFS"},
	{Bit: 0x00000002, Token: "SMB2_SHAREFLAG_DFS_ROOT"},
	{Bit: 0x00000100, Token: "SMB2_SHAREFLAG_RESTRICT_EXCLUSIVE_OPENS"},
	{Bit: 0x00000200, Token: "SMB2_SHAREFLAG_FORCE_SHARED_DELETE"},
	{Bit: 0x00000400, Token: "SMB2_SHAREFLAG_ALLOW_NAMESPACE_CACHING"},
	{Bit: 0x00000800, Token: "SMB2_SHAREFLAG_ACCESS_BASED_DIRECTORY_ENUM"},
	{Bit: 0x00001000, Token: "SMB2_SHAREFLAG_FORCE_LEVELII_OPLOCK"},
	{Bit: 0x00002000, Token: "SMB2_SHAREFLAG_ENABLE_HASH_V1"},
	{Bit: 0x00004000, Token: "SMB2_SHAREFLAG_ENABLE_HASH_V2"},
	{Bit: 0x00008000, Token: "SMB2_SHAREFLAG_ENCRYPT_DATA"},
	{Bit: 0x00040000, Token: "SMB2_SHAREFLAG_IDENTITY_REMOTING"},
	{Bit: 0x00100000, Token: "SMB2_SHAREFLAG_COMPRESS_DATA"},
	{Bit: 0x00200000, Token: "SMB2_SHAREFLAG_ISOLATED_TRANSPORT"},
}

// String prints the bits as "A|B|0x40" with the caching value first.
func (f SMB2ShareFlags) String() string { return strings.Join(f.Tokens(), "|") }

// Tokens returns the token of the caching value, zero included, and after it the token of each other bit.
func (f SMB2ShareFlags) Tokens() []string {
	caching := smb2CachingNames[f&SMB2ShareCachingMask>>4]
	return append([]string{caching}, wire.FlagTokens(uint64(f&^SMB2ShareCachingMask), smb2ShareFlagNames)...)
}

// SMB2ShareCapabilities are what a share can do, [MS-SMB2] 2.2.10.
type SMB2ShareCapabilities uint32

// The bits of [MS-SMB2] 2.2.10.
const (
	ShareCapDFS                    SMB2ShareCapabilities = 0x00000008
	ShareCapContinuousAvailability SMB2ShareCapabilities = 0x00000010
	ShareCapScaleout               SMB2ShareCapabilities = 0x00000020
	ShareCapCluster                SMB2ShareCapabilities = 0x00000040
	ShareCapAsymmetric             SMB2ShareCapabilities = 0x00000080
	ShareCapRedirectToOwner        SMB2ShareCapabilities = 0x00000100
)

var smb2ShareCapabilityNames = []wire.FlagName{
	{Bit: 0x00000008, Token: "SMB2_SHARE_CAP_DFS"},
	{Bit: 0x00000010, Token: "SMB2_SHARE_CAP_CONTINUOUS_AVAILABILITY"},
	{Bit: 0x00000020, Token: "SMB2_SHARE_CAP_SCALEOUT"},
	{Bit: 0x00000040, Token: "SMB2_SHARE_CAP_CLUSTER"},
	{Bit: 0x00000080, Token: "SMB2_SHARE_CAP_ASYMMETRIC"},
	{Bit: 0x00000100, Token: "SMB2_SHARE_CAP_REDIRECT_TO_OWNER"},
}

// String prints the bits as "A|B|0x40".
func (c SMB2ShareCapabilities) String() string {
	return wire.FlagString(uint64(c), smb2ShareCapabilityNames)
}

// Tokens returns the specification's token of each bit.
func (c SMB2ShareCapabilities) Tokens() []string {
	return wire.FlagTokens(uint64(c), smb2ShareCapabilityNames)
}
