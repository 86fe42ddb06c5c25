package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// A SecurityMode tells what a client or a server says of signing, [MS-SMB2] 2.2.3, 2.2.4 and 2.2.5.
type SecurityMode uint16

// The bits of [MS-SMB2] 2.2.4. A server that sets neither deviates: signing cannot be switched off from 2.0.2 on.
const (
	SigningEnabled  SecurityMode = 0x0001
	SigningRequired SecurityMode = 0x0002
)

var securityModeNames = []wire.FlagName{
	{Bit: 0x0001, Token: "SMB2_NEGOTIATE_SIGNING_ENABLED"},
	{Bit: 0x0002, Token: "SMB2_NEGOTIATE_SIGNING_REQUIRED"},
}

// String prints the bits as "A|B|0x40".
func (m SecurityMode) String() string { return wire.FlagString(uint64(m), securityModeNames) }

// Tokens returns the specification's token of each bit.
func (m SecurityMode) Tokens() []string { return wire.FlagTokens(uint64(m), securityModeNames) }

// SMB2Capabilities are what a client or a server can do, [MS-SMB2] 2.2.3 and 2.2.4.
type SMB2Capabilities uint32

// The bits of [MS-SMB2] 2.2.4.
const (
	CapDFS               SMB2Capabilities = 0x00000001
	CapLeasing           SMB2Capabilities = 0x00000002
	CapLargeMTU          SMB2Capabilities = 0x00000004
	CapMultiChannel      SMB2Capabilities = 0x00000008
	CapPersistentHandles SMB2Capabilities = 0x00000010
	CapDirectoryLeasing  SMB2Capabilities = 0x00000020
	CapEncryption        SMB2Capabilities = 0x00000040
	CapNotifications     SMB2Capabilities = 0x00000080
)

var smb2CapabilityNames = []wire.FlagName{
	{Bit: 0x00000001, Token: "SMB2_GLOBAL_CAP_DFS"},
	{Bit: 0x00000002, Token: "SMB2_GLOBAL_CAP_LEASING"},
	{Bit: 0x00000004, Token: "SMB2_GLOBAL_CAP_LARGE_MTU"},
	{Bit: 0x00000008, Token: "SMB2_GLOBAL_CAP_MULTI_CHANNEL"},
	{Bit: 0x00000010, Token: "SMB2_GLOBAL_CAP_PERSISTENT_HANDLES"},
	{Bit: 0x00000020, Token: "SMB2_GLOBAL_CAP_DIRECTORY_LEASING"},
	{Bit: 0x00000040, Token: "SMB2_GLOBAL_CAP_ENCRYPTION"},
	{Bit: 0x00000080, Token: "SMB2_GLOBAL_CAP_NOTIFICATIONS"},
}

// String prints the bits as "A|B|0x40".
func (c SMB2Capabilities) String() string { return wire.FlagString(uint64(c), smb2CapabilityNames) }

// Tokens returns the specification's token of each bit.
func (c SMB2Capabilities) Tokens() []string {
	return wire.FlagTokens(uint64(c), smb2CapabilityNames)
}

// SessionFlags tell what kind of session a server has set up, [MS-SMB2] 2.2.6.
type SessionFlags uint16

// The bits of [MS-SMB2] 2.2.6.
const (
	SessionIsGuest     SessionFlags = 0x0001
	SessionIsNull      SessionFlags = 0x0002
	SessionEncryptData SessionFlags = 0x0004
)

var sessionFlagNames = []wire.FlagName{
	{Bit: 0x0001, Token: "SMB2_SESSION_FLAG_IS_GUEST"},
	{Bit: 0x0002, Token: "SMB2_SESSION_FLAG_IS_NULL"},
	{Bit: 0x0004, Token: "SMB2_SESSION_FLAG_ENCRYPT_DATA"},
}

// String prints the bits as "A|B|0x40".
func (f SessionFlags) String() string { return wire.FlagString(uint64(f), sessionFlagNames) }

// Tokens returns the specification's token of each bit.
func (f SessionFlags) Tokens() []string { return wire.FlagTokens(uint64(f), sessionFlagNames) }
