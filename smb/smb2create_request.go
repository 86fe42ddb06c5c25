package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

const smb2CreateRequestSize = 57 // StructureSize of [MS-SMB2] 2.2.13, which counts one byte of the Buffer

// smb2ContextsAlign is where create contexts begin: at a multiple of 8 bytes, [MS-SMB2] 2.2.13 and 2.2.14.
const smb2ContextsAlign = 8

// smb2NoName stands for an empty name. The specification asks for one byte at least where there is no name and no
// context; Windows and macOS clients send these eight, contexts or not.
const smb2NoName = "\x00\x00\x00\x00\x00\x00\x00\x00"

// An SMB2CreateRequest is an SMB2 CREATE Request as described in [MS-SMB2] 2.2.13: the open of a file, a directory or a
// named pipe.
type SMB2CreateRequest struct {
	Header               SMB2Header
	SecurityFlags        uint8 // reserved
	RequestedOplockLevel SMB2OplockLevel
	ImpersonationLevel   ImpersonationLevel
	SmbCreateFlags       uint64 // reserved
	Reserved             uint64
	DesiredAccess        AccessMask
	FileAttributes       FileAttributes
	ShareAccess          ShareAccess
	CreateDisposition    CreateDisposition
	CreateOptions        CreateOptions
	Name                 []byte // UTF-16, relative to the share, without a leading backslash; empty for the share's root
	CreateContexts       []byte // raw, for SMB2CreateContexts; both slices alias the message
	Anomalies            []wire.Anomaly
}

// NameText decodes the name.
func (r SMB2CreateRequest) NameText() string { return wire.DecodeUTF16(r.Name) }

// ParseSMB2CreateRequest parses a create request.
func ParseSMB2CreateRequest(msg []byte) (SMB2CreateRequest, error) {
	c := wire.NewCursor("SMB2 CREATE Request", msg)
	r := SMB2CreateRequest{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2Create, false)
	size := c.Len16("StructureSize")
	r.SecurityFlags = c.U8("SecurityFlags")
	r.RequestedOplockLevel = SMB2OplockLevel(c.U8("RequestedOplockLevel"))
	r.ImpersonationLevel = ImpersonationLevel(c.U32("ImpersonationLevel"))
	r.SmbCreateFlags = c.U64("SmbCreateFlags")
	r.Reserved = c.U64("Reserved")
	r.DesiredAccess = AccessMask(c.U32("DesiredAccess"))
	r.FileAttributes = FileAttributes(c.U32("FileAttributes"))
	r.ShareAccess = ShareAccess(c.U32("ShareAccess"))
	r.CreateDisposition = CreateDisposition(c.U32("CreateDisposition"))
	r.CreateOptions = CreateOptions(c.U32("CreateOptions"))
	nameOffset := c.Len16("NameOffset")
	nameLength := c.Len16("NameLength")
	contextsOffset := c.Len32("CreateContextsOffset")
	contextsLength := c.Len32("CreateContextsLength")
	if err := c.Err(); err != nil {
		return SMB2CreateRequest{}, err
	}
	checkSMB2Size(&c, size, smb2CreateRequestSize)
	parts := newSMB2Parts(&c)
	r.Name = parts.next("Name", nameOffset, nameLength, 1)
	behind := parts.end + len(smb2NoName)
	if nameLength == 0 && contextsLength != 0 && contextsOffset == behind && behind <= len(msg) {
		parts.padding(behind)
		parts.end = behind
	}
	r.CreateContexts = parts.next("CreateContexts", contextsOffset, contextsLength, smb2ContextsAlign)
	parts.finishPadded(len(smb2NoName))
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message: the name behind the fixed part, eight zeros for an empty one, and the contexts behind
// the name.
func (r SMB2CreateRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 CREATE Request", b)
	a.Append(r.Header)
	a.U16(smb2CreateRequestSize)
	a.U8(r.SecurityFlags)
	a.U8(uint8(r.RequestedOplockLevel))
	a.U32(uint32(r.ImpersonationLevel))
	a.U64(r.SmbCreateFlags)
	a.U64(r.Reserved)
	a.U32(uint32(r.DesiredAccess))
	a.U32(uint32(r.FileAttributes))
	a.U32(uint32(r.ShareAccess))
	a.U32(uint32(r.CreateDisposition))
	a.U32(uint32(r.CreateOptions))
	a.Len16("NameOffset", a.Offset()+12)
	a.Len16("NameLength", len(r.Name))
	name := r.Name
	if len(name) == 0 {
		name = []byte(smb2NoName)
	}
	appendSMB2Contexts(&a, name, r.CreateContexts)
	return a.Result()
}

// appendSMB2Contexts appends CreateContextsOffset and CreateContextsLength, the part that comes before the contexts, and
// the contexts. Without any, the offset is zero.
func appendSMB2Contexts(a *wire.Appender, before, contexts []byte) {
	if len(contexts) == 0 {
		a.U64(0)
		a.Bytes(before)
		return
	}
	a.Len32("CreateContextsOffset", aligned(a.Offset()+8+len(before), smb2ContextsAlign))
	a.Len32("CreateContextsLength", len(contexts))
	a.Bytes(before)
	a.Pad(smb2ContextsAlign)
	a.Bytes(contexts)
}
