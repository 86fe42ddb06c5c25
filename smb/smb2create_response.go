package smb

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

const smb2CreateResponseSize = 89 // StructureSize of [MS-SMB2] 2.2.14, which counts one byte of the Buffer

// An SMB2OplockLevel is the opportunistic lock that a client asks for or a server grants, [MS-SMB2] 2.2.13 and 2.2.14.
type SMB2OplockLevel uint8

// The values of [MS-SMB2] 2.2.13.
const (
	SMB2OplockNone      SMB2OplockLevel = 0x00
	SMB2OplockII        SMB2OplockLevel = 0x01
	SMB2OplockExclusive SMB2OplockLevel = 0x08
	SMB2OplockBatch     SMB2OplockLevel = 0x09
	SMB2OplockLease     SMB2OplockLevel = 0xFF
)

// String prints the specification's token.
func (l SMB2OplockLevel) String() string {
	switch l {
	case SMB2OplockNone:
		return "SMB2_OPLOCK_LEVEL_NONE"
	case SMB2OplockII:
		return "SMB2_OPLOCK_LEVEL_II"
	case SMB2OplockExclusive:
		return "SMB2_OPLOCK_LEVEL_EXCLUSIVE"
	case SMB2OplockBatch:
		return "SMB2_OPLOCK_LEVEL_BATCH"
	case SMB2OplockLease:
		return "SMB2_OPLOCK_LEVEL_LEASE"
	}
	return fmt.Sprintf("SMB2OplockLevel(0x%02X)", uint8(l))
}

// SMB2FileInfo are the times, sizes and attributes that CREATE and CLOSE responses tell of a file, [MS-SMB2] 2.2.14 and
// 2.2.16. Sizes are in bytes.
type SMB2FileInfo struct {
	CreationTime   dtyp.Filetime
	LastAccessTime dtyp.Filetime
	LastWriteTime  dtyp.Filetime
	ChangeTime     dtyp.Filetime
	AllocationSize uint64
	EndOfFile      uint64
	FileAttributes FileAttributes
}

func readSMB2FileInfo(c *wire.Cursor) SMB2FileInfo {
	return SMB2FileInfo{
		CreationTime:   dtyp.Filetime(c.U64("CreationTime")),
		LastAccessTime: dtyp.Filetime(c.U64("LastAccessTime")),
		LastWriteTime:  dtyp.Filetime(c.U64("LastWriteTime")),
		ChangeTime:     dtyp.Filetime(c.U64("ChangeTime")),
		AllocationSize: c.U64("AllocationSize"),
		EndOfFile:      c.U64("EndofFile"),
		FileAttributes: FileAttributes(c.U32("FileAttributes")),
	}
}

func (i SMB2FileInfo) appendTo(a *wire.Appender) {
	a.U64(uint64(i.CreationTime))
	a.U64(uint64(i.LastAccessTime))
	a.U64(uint64(i.LastWriteTime))
	a.U64(uint64(i.ChangeTime))
	a.U64(i.AllocationSize)
	a.U64(i.EndOfFile)
	a.U32(uint32(i.FileAttributes))
}

// An SMB2CreateResponse is an SMB2 CREATE Response as described in [MS-SMB2] 2.2.14.
type SMB2CreateResponse struct {
	Header         SMB2Header
	OplockLevel    SMB2OplockLevel
	Flags          uint8 // 0x01 SMB2_CREATE_FLAG_REPARSEPOINT
	CreateAction   CreateAction
	Info           SMB2FileInfo
	Reserved2      uint32
	FileID         SMB2FileID
	CreateContexts []byte // raw, for SMB2CreateContexts; aliases the message
	Anomalies      []wire.Anomaly
}

// ParseSMB2CreateResponse parses a create response; a response that reports a failure is an ErrErrorResponse error.
func ParseSMB2CreateResponse(msg []byte) (SMB2CreateResponse, error) {
	c := wire.NewCursor("SMB2 CREATE Response", msg)
	r := SMB2CreateResponse{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2Create, true)
	size := c.Len16("StructureSize")
	r.OplockLevel = SMB2OplockLevel(c.U8("OplockLevel"))
	r.Flags = c.U8("Flags")
	r.CreateAction = CreateAction(c.U32("CreateAction"))
	r.Info = readSMB2FileInfo(&c)
	r.Reserved2 = c.U32("Reserved2")
	c.Copy("FileId", r.FileID[:])
	offset := c.Len32("CreateContextsOffset")
	length := c.Len32("CreateContextsLength")
	if err := c.Err(); err != nil {
		return SMB2CreateResponse{}, err
	}
	checkSMB2Size(&c, size, smb2CreateResponseSize)
	parts := newSMB2Parts(&c)
	r.CreateContexts = parts.next("CreateContexts", offset, length, smb2ContextsAlign)
	parts.finish()
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message with the contexts right behind the fixed part.
func (r SMB2CreateResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 CREATE Response", b)
	a.Append(r.Header)
	a.U16(smb2CreateResponseSize)
	a.U8(uint8(r.OplockLevel))
	a.U8(r.Flags)
	a.U32(uint32(r.CreateAction))
	r.Info.appendTo(&a)
	a.U32(r.Reserved2)
	a.Bytes(r.FileID[:])
	appendSMB2Contexts(&a, nil, r.CreateContexts)
	return a.Result()
}
