package smb

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// The forms of an SMB1 create response, told apart by WordCount. The extended form has 50 words, but [MS-SMB] 2.2.4.9.2
// has servers count 42, and they do: Windows 2000 to Server 2008 R2 in captures, Samba by its source
// (reply_ntcreate_and_X).
const (
	NTCreateWords              = 34 // [MS-CIFS] 2.2.4.64.2
	NTCreateWordsExtended      = 42 // [MS-SMB] 2.2.4.9.2: 50 words, miscounted
	NTCreateWordsExtendedRight = 50 // the same, counted right
)

// smb1ExtendedSize is what the 16 words that the two counts differ by and ByteCount need, in bytes.
const smb1ExtendedSize = 2*(NTCreateWordsExtendedRight-NTCreateWords) + 2

// An SMB1ResourceType is the kind of thing that was opened, [MS-CIFS] 2.2.4.64.2.
type SMB1ResourceType uint16

// The resource types of [MS-CIFS] 2.2.4.64.2.
const (
	SMB1ResourceDisk            SMB1ResourceType = 0x0000
	SMB1ResourceByteModePipe    SMB1ResourceType = 0x0001
	SMB1ResourceMessageModePipe SMB1ResourceType = 0x0002
	SMB1ResourcePrinter         SMB1ResourceType = 0x0003
	SMB1ResourceCommDevice      SMB1ResourceType = 0x0004
)

// String prints the specification's name of the type.
func (t SMB1ResourceType) String() string {
	switch t {
	case SMB1ResourceDisk:
		return "FileTypeDisk"
	case SMB1ResourceByteModePipe:
		return "FileTypeByteModePipe"
	case SMB1ResourceMessageModePipe:
		return "FileTypeMessageModePipe"
	case SMB1ResourcePrinter:
		return "FileTypePrinter"
	case SMB1ResourceCommDevice:
		return "FileTypeCommDevice"
	}
	return fmt.Sprintf("SMB1ResourceType(0x%04X)", uint16(t))
}

// An SMB1NTCreateResponse is an SMB_COM_NT_CREATE_ANDX response in any of its forms. Fields that the form does not have
// stay zero, and are not sent. All slices alias the message.
type SMB1NTCreateResponse struct {
	Header            SMB1Header
	WordCount         int // as it was counted: NTCreateWords, NTCreateWordsExtended or NTCreateWordsExtendedRight
	AndXCommand       SMB1Command
	AndXReserved      uint8
	AndXOffset        uint16 // as it was sent where AndXCommand names no command; else AppendBinary fills it in
	OplockLevel       uint8  // 0 none, 1 exclusive, 2 batch, 3 level II
	FID               uint16
	CreateAction      CreateAction // the specification's field is CreateDisposition
	CreateTime        dtyp.Filetime
	LastAccessTime    dtyp.Filetime
	LastWriteTime     dtyp.Filetime
	LastChangeTime    dtyp.Filetime
	ExtFileAttributes FileAttributes
	AllocationSize    uint64 // bytes
	EndOfFile         uint64 // bytes
	ResourceType      SMB1ResourceType
	NMPipeStatus      uint16    // [MS-CIFS] 2.2.1.3; of a file, FileStatusFlags of [MS-SMB] 2.2.4.9.2
	Directory         uint8     // not zero: a directory
	VolumeGUID        dtyp.GUID // extended forms; Windows 2000 to Server 2003 leave memory in it and in FileID
	FileID            uint64
	MaximalAccess     AccessMask // extended forms: MaximalAccessRights, of the user who asks
	GuestAccess       AccessMask // extended forms: GuestMaximalAccessRights
	Bytes             []byte     // data that should not be there
	AndX              []byte     // the block of the next command, where AndXCommand names one
	Anomalies         []wire.Anomaly
}

// ParseSMB1NTCreateResponse parses a create response; one that reports a failure without any parameters is an
// ErrErrorResponse error, and a WordCount of no form a wire.ErrFormat error.
func ParseSMB1NTCreateResponse(msg []byte) (SMB1NTCreateResponse, error) {
	c := wire.NewCursor("SMB_COM_NT_CREATE_ANDX response", msg)
	r := SMB1NTCreateResponse{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, SMB1NTCreateAndX, true)
	r.WordCount = r.Header.expectWords(&c, NTCreateWords, NTCreateWordsExtended, NTCreateWordsExtendedRight)
	link := readAndX(&c)
	r.AndXCommand, r.AndXReserved, r.AndXOffset = link.command, link.reserved, link.unused()
	r.OplockLevel = c.U8("OplockLevel")
	r.FID = c.U16("FID")
	r.CreateAction = CreateAction(c.U32("CreateDisposition"))
	r.CreateTime = dtyp.Filetime(c.U64("CreateTime"))
	r.LastAccessTime = dtyp.Filetime(c.U64("LastAccessTime"))
	r.LastWriteTime = dtyp.Filetime(c.U64("LastWriteTime"))
	r.LastChangeTime = dtyp.Filetime(c.U64("LastChangeTime"))
	r.ExtFileAttributes = FileAttributes(c.U32("ExtFileAttributes"))
	r.AllocationSize = c.U64("AllocationSize")
	r.EndOfFile = c.U64("EndOfFile")
	r.ResourceType = SMB1ResourceType(c.U16("ResourceType"))
	r.NMPipeStatus = c.U16("NMPipeStatus")
	r.Directory = c.U8("Directory")
	r.readExtension(&c)
	r.Bytes = readUnusedSMB1Bytes(&c)
	if err := c.Err(); err != nil {
		return SMB1NTCreateResponse{}, err
	}
	r.AndX = link.chained(&c)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// readExtension reads the words that the extended forms add. A server that counts 42 words and sends no more than those
// is read as far as they go: the access rights are then not there.
func (r *SMB1NTCreateResponse) readExtension(c *wire.Cursor) {
	if r.WordCount == NTCreateWords {
		return
	}
	whole := r.WordCount == NTCreateWordsExtendedRight || c.Remaining() >= smb1ExtendedSize
	c.Copy("VolumeGUID", r.VolumeGUID[:])
	if !whole {
		c.Note("WordCount", SMB1HeaderSize, "42, and no more words follow: the response should have 50")
		return
	}
	r.FileID = c.U64("FileId")
	r.MaximalAccess = AccessMask(c.U32("MaximalAccessRights"))
	r.GuestAccess = AccessMask(c.U32("GuestMaximalAccessRights"))
}

// AppendBinary appends the message in the form of its WordCount; another WordCount is a wire.ErrFormat error.
func (r SMB1NTCreateResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB_COM_NT_CREATE_ANDX response", b)
	a.Append(r.Header)
	params := func() {
		a.U8(r.OplockLevel)
		a.U16(r.FID)
		a.U32(uint32(r.CreateAction))
		a.U64(uint64(r.CreateTime))
		a.U64(uint64(r.LastAccessTime))
		a.U64(uint64(r.LastWriteTime))
		a.U64(uint64(r.LastChangeTime))
		a.U32(uint32(r.ExtFileAttributes))
		a.U64(r.AllocationSize)
		a.U64(r.EndOfFile)
		a.U16(uint16(r.ResourceType))
		a.U16(r.NMPipeStatus)
		a.U8(r.Directory)
		switch r.WordCount {
		case NTCreateWords:
		case NTCreateWordsExtended, NTCreateWordsExtendedRight:
			a.Bytes(r.VolumeGUID[:])
			a.U64(r.FileID)
			a.U32(uint32(r.MaximalAccess))
			a.U32(uint32(r.GuestAccess))
		default:
			a.Fail("WordCount", wire.ErrFormat)
		}
	}
	link := andX{command: r.AndXCommand, reserved: r.AndXReserved, offset: int(r.AndXOffset)}
	smb1Body(&a, r.WordCount, link, params, func() { a.Bytes(r.Bytes) }, r.AndX)
	return a.Result()
}
