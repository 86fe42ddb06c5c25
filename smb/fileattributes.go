package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// FileAttributes are the attributes of a file as described in [MS-FSCC] 2.6. SMB1 has the same bits ([MS-CIFS]
// 2.2.1.2.3).
type FileAttributes uint32

// The bits of [MS-FSCC] 2.6.
const (
	AttributeReadonly          FileAttributes = 0x00000001
	AttributeHidden            FileAttributes = 0x00000002
	AttributeSystem            FileAttributes = 0x00000004
	AttributeDirectory         FileAttributes = 0x00000010
	AttributeArchive           FileAttributes = 0x00000020
	AttributeNormal            FileAttributes = 0x00000080
	AttributeTemporary         FileAttributes = 0x00000100
	AttributeSparseFile        FileAttributes = 0x00000200
	AttributeReparsePoint      FileAttributes = 0x00000400
	AttributeCompressed        FileAttributes = 0x00000800
	AttributeOffline           FileAttributes = 0x00001000
	AttributeNotContentIndexed FileAttributes = 0x00002000
	AttributeEncrypted         FileAttributes = 0x00004000
	AttributeIntegrityStream   FileAttributes = 0x00008000
	AttributeNoScrubData       FileAttributes = 0x00020000
	AttributeRecallOnOpen      FileAttributes = 0x00040000
	AttributePinned            FileAttributes = 0x00080000
	AttributeUnpinned          FileAttributes = 0x00100000
	AttributeRecallOnAccess    FileAttributes = 0x00400000
)

var fileAttributeNames = []wire.FlagName{
	{Bit: 0x00000001, Token: "FILE_ATTRIBUTE_READONLY"},
	{Bit: 0x00000002, Token: "FILE_ATTRIBUTE_HIDDEN"},
	{Bit: 0x00000004, Token: "FILE_ATTRIBUTE_SYSTEM"},
	{Bit: 0x00000010, Token: "FILE_ATTRIBUTE_DIRECTORY"},
	{Bit: 0x00000020, Token: "FILE_ATTRIBUTE_ARCHIVE"},
	{Bit: 0x00000080, Token: "FILE_ATTRIBUTE_NORMAL"},
	{Bit: 0x00000100, Token: "FILE_ATTRIBUTE_TEMPORARY"},
	{Bit: 0x00000200, Token: "FILE_ATTRIBUTE_SPARSE_FILE"},
	{Bit: 0x00000400, Token: "FILE_ATTRIBUTE_REPARSE_POINT"},
	{Bit: 0x00000800, Token: "FILE_ATTRIBUTE_COMPRESSED"},
	{Bit: 0x00001000, Token: "FILE_ATTRIBUTE_OFFLINE"},
	{Bit: 0x00002000, Token: "FILE_ATTRIBUTE_NOT_CONTENT_INDEXED"},
	{Bit: 0x00004000, Token: "FILE_ATTRIBUTE_ENCRYPTED"},
	{Bit: 0x00008000, Token: "FILE_ATTRIBUTE_INTEGRITY_STREAM"},
	{Bit: 0x00020000, Token: "FILE_ATTRIBUTE_NO_SCRUB_DATA"},
	{Bit: 0x00040000, Token: "FILE_ATTRIBUTE_RECALL_ON_OPEN"},
	{Bit: 0x00080000, Token: "FILE_ATTRIBUTE_PINNED"},
	{Bit: 0x00100000, Token: "FILE_ATTRIBUTE_UNPINNED"},
	{Bit: 0x00400000, Token: "FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS"},
}

// String prints the bits as "A|B|0x40".
func (a FileAttributes) String() string { return wire.FlagString(uint64(a), fileAttributeNames) }
