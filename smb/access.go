package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// An AccessMask tells what may be, or is to be, done with a file, a pipe or a directory, [MS-SMB2] 2.2.13.1. SMB1 has the
// same bits.
type AccessMask uint32

// The bits for files, pipes and printers of [MS-SMB2] 2.2.13.1.1.
const (
	AccessReadData        AccessMask = 0x00000001
	AccessWriteData       AccessMask = 0x00000002
	AccessAppendData      AccessMask = 0x00000004
	AccessReadEA          AccessMask = 0x00000008
	AccessWriteEA         AccessMask = 0x00000010
	AccessExecute         AccessMask = 0x00000020
	AccessDeleteChild     AccessMask = 0x00000040
	AccessReadAttributes  AccessMask = 0x00000080
	AccessWriteAttributes AccessMask = 0x00000100
	AccessDelete          AccessMask = 0x00010000
	AccessReadControl     AccessMask = 0x00020000
	AccessWriteDAC        AccessMask = 0x00040000
	AccessWriteOwner      AccessMask = 0x00080000
	AccessSynchronize     AccessMask = 0x00100000
	AccessSystemSecurity  AccessMask = 0x01000000
	AccessMaximumAllowed  AccessMask = 0x02000000
	AccessGenericAll      AccessMask = 0x10000000
	AccessGenericExecute  AccessMask = 0x20000000
	AccessGenericWrite    AccessMask = 0x40000000
	AccessGenericRead     AccessMask = 0x80000000
)

// The bits that [MS-SMB2] 2.2.13.1.2 calls by other names where a directory is meant.
const (
	AccessListDirectory   = AccessReadData
	AccessAddFile         = AccessWriteData
	AccessAddSubdirectory = AccessAppendData
	AccessTraverse        = AccessExecute
)

var accessNames = []wire.FlagName{
	{Bit: 0x00000001, Token: "FILE_READ_DATA"},
	{Bit: 0x00000002, Token: "FILE_WRITE_DATA"},
	{Bit: 0x00000004, Token: "FILE_APPEND_DATA"},
	{Bit: 0x00000008, Token: "FILE_READ_EA"},
	{Bit: 0x00000010, Token: "FILE_WRITE_EA"},
	{Bit: 0x00000020, Token: "FILE_EXECUTE"},
	{Bit: 0x00000040, Token: "FILE_DELETE_CHILD"},
	{Bit: 0x00000080, Token: "FILE_READ_ATTRIBUTES"},
	{Bit: 0x00000100, Token: "FILE_WRITE_ATTRIBUTES"},
	{Bit: 0x00010000, Token: "DELETE"},
	{Bit: 0x00020000, Token: "READ_CONTROL"},
	{Bit: 0x00040000, Token: "WRITE_DAC"},
	{Bit: 0x00080000, Token: "WRITE_OWNER"},
	{Bit: 0x00100000, Token: "SYNCHRONIZE"},
	{Bit: 0x01000000, Token: "ACCESS_SYSTEM_SECURITY"},
	{Bit: 0x02000000, Token: "MAXIMUM_ALLOWED"},
	{Bit: 0x10000000, Token: "GENERIC_ALL"},
	{Bit: 0x20000000, Token: "GENERIC_EXECUTE"},
	{Bit: 0x40000000, Token: "GENERIC_WRITE"},
	{Bit: 0x80000000, Token: "GENERIC_READ"},
}

var directoryAccessNames = []wire.FlagName{
	{Bit: 0x00000001, Token: "FILE_LIST_DIRECTORY"},
	{Bit: 0x00000002, Token: "FILE_ADD_FILE"},
	{Bit: 0x00000004, Token: "FILE_ADD_SUBDIRECTORY"},
	{Bit: 0x00000020, Token: "FILE_TRAVERSE"},
}

// String prints the bits as "A|B|0x40", with the tokens for files and pipes.
func (m AccessMask) String() string { return wire.FlagString(uint64(m), accessNames) }

// Tokens returns the specification's token of each bit as they are called for files and pipes.
func (m AccessMask) Tokens() []string { return wire.FlagTokens(uint64(m), accessNames) }

// DirectoryTokens returns the specification's token of each bit as they are called for directories: the same bits have
// other names there, and the mask does not tell which kind of object it is of.
func (m AccessMask) DirectoryTokens() []string {
	const renamed = AccessListDirectory | AccessAddFile | AccessAddSubdirectory | AccessTraverse
	return append(wire.FlagTokens(uint64(m&renamed), directoryAccessNames), (m &^ renamed).Tokens()...)
}
