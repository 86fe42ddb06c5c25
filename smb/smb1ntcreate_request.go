package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

const smb1NTCreateRequestWords = 24

// SMB1CreateFlags are the flags of an SMB_COM_NT_CREATE_ANDX request, [MS-CIFS] 2.2.4.64.1 and [MS-SMB] 2.2.4.9.1.
type SMB1CreateFlags uint32

// The flags of [MS-CIFS] 2.2.4.64.1 and [MS-SMB] 2.2.4.9.1.
const (
	SMB1CreateRequestOplock    SMB1CreateFlags = 0x00000002
	SMB1CreateRequestOpbatch   SMB1CreateFlags = 0x00000004
	SMB1CreateOpenTargetDir    SMB1CreateFlags = 0x00000008
	SMB1CreateExtendedResponse SMB1CreateFlags = 0x00000010 // asks for the maximal access rights
)

var smb1CreateFlagNames = []wire.FlagName{
	{Bit: 0x00000002, Token: "NT_CREATE_REQUEST_OPLOCK"},
	{Bit: 0x00000004, Token: "NT_CREATE_REQUEST_OPBATCH"},
	{Bit: 0x00000008, Token: "NT_CREATE_OPEN_TARGET_DIR"},
	{Bit: 0x00000010, Token: "NT_CREATE_REQUEST_EXTENDED_RESPONSE"},
}

// String prints the flags as "A|B|0x40".
func (f SMB1CreateFlags) String() string { return wire.FlagString(uint64(f), smb1CreateFlagNames) }

// An SMB1NTCreateRequest is an SMB_COM_NT_CREATE_ANDX request as described in [MS-CIFS] 2.2.4.64.1 and [MS-SMB]
// 2.2.4.9.1: it opens a file, a directory or a pipe, or makes it. All slices alias the message.
type SMB1NTCreateRequest struct {
	Header             SMB1Header
	AndXCommand        SMB1Command
	AndXReserved       uint8
	AndXOffset         uint16 // as it was sent where AndXCommand names no command; else AppendBinary fills it in
	Reserved           uint8
	Flags              SMB1CreateFlags
	RootDirectoryFID   uint32 // 0: the name is relative to the share
	DesiredAccess      AccessMask
	AllocationSize     uint64 // bytes
	ExtFileAttributes  FileAttributes
	ShareAccess        ShareAccess
	CreateDisposition  CreateDisposition
	CreateOptions      CreateOptions
	ImpersonationLevel ImpersonationLevel
	SecurityFlags      uint8  // 0x01 SMB_SECURITY_CONTEXT_TRACKING, 0x02 SMB_SECURITY_EFFECTIVE_ONLY
	Pad                []byte // before FileName; nil stands for the usual: a zero byte before UTF-16 at an odd offset
	// FileName is what NameLength counts, in the encoding that Header.Text reads. Clients do not agree whether that
	// includes the terminator, so a zero at its end is the client's.
	FileName []byte
	// Tail is what follows FileName; nil stands for the usual, which is its terminator.
	Tail      []byte
	AndX      []byte // the block of the next command, where AndXCommand names one
	Anomalies []wire.Anomaly
}

// ParseSMB1NTCreateRequest parses a create request. Another WordCount than 24 is a wire.ErrFormat error.
func ParseSMB1NTCreateRequest(msg []byte) (SMB1NTCreateRequest, error) {
	c := wire.NewCursor("SMB_COM_NT_CREATE_ANDX request", msg)
	r := SMB1NTCreateRequest{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, SMB1NTCreateAndX, false)
	r.Header.expectWords(&c, smb1NTCreateRequestWords)
	link := readAndX(&c)
	r.AndXCommand, r.AndXReserved, r.AndXOffset = link.command, link.reserved, link.unused()
	r.Reserved = c.U8("Reserved")
	length := c.Len16("NameLength")
	r.Flags = SMB1CreateFlags(c.U32("Flags"))
	r.RootDirectoryFID = c.U32("RootDirectoryFID")
	r.DesiredAccess = AccessMask(c.U32("DesiredAccess"))
	r.AllocationSize = c.U64("AllocationSize")
	r.ExtFileAttributes = FileAttributes(c.U32("ExtFileAttributes"))
	r.ShareAccess = ShareAccess(c.U32("ShareAccess"))
	r.CreateDisposition = CreateDisposition(c.U32("CreateDisposition"))
	r.CreateOptions = CreateOptions(c.U32("CreateOptions"))
	r.ImpersonationLevel = ImpersonationLevel(c.U32("ImpersonationLevel"))
	r.SecurityFlags = c.U8("SecurityFlags")
	data := ReadSMB1Bytes(&c)
	if err := c.Err(); err != nil {
		return SMB1NTCreateRequest{}, err
	}
	s := smb1Strings{c: &c, data: data, offset: c.Offset() - len(data), unicode: r.Header.Unicode()}
	r.Pad = s.padding()
	if len(data) < 2 {
		r.Pad = []byte{} // nothing is there to be padded
	}
	r.FileName = within(&c, "FileName", s.offset, length)
	s.skip(len(r.FileName))
	if tail := string(s.data); tail != r.terminator() {
		r.Tail = s.data
	}
	r.AndX = link.chained(&c)
	r.Anomalies = c.Anomalies()
	return r, nil
}

func (r SMB1NTCreateRequest) terminator() string {
	if r.Header.Unicode() {
		return "\x00\x00"
	}
	return "\x00"
}

// AppendBinary appends the message.
func (r SMB1NTCreateRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB_COM_NT_CREATE_ANDX request", b)
	a.Append(r.Header)
	params := func() {
		a.U8(r.Reserved)
		a.Len16("NameLength", len(r.FileName))
		a.U32(uint32(r.Flags))
		a.U32(r.RootDirectoryFID)
		a.U32(uint32(r.DesiredAccess))
		a.U64(r.AllocationSize)
		a.U32(uint32(r.ExtFileAttributes))
		a.U32(uint32(r.ShareAccess))
		a.U32(uint32(r.CreateDisposition))
		a.U32(uint32(r.CreateOptions))
		a.U32(uint32(r.ImpersonationLevel))
		a.U8(r.SecurityFlags)
	}
	data := func() {
		a.Bytes(r.Pad)
		if r.Pad == nil && r.Header.Unicode() {
			a.Pad(2)
		}
		a.Bytes(r.FileName)
		a.Bytes(r.Tail)
		if r.Tail == nil {
			a.Text(r.terminator())
		}
	}
	link := andX{command: r.AndXCommand, reserved: r.AndXReserved, offset: int(r.AndXOffset)}
	smb1Body(&a, smb1NTCreateRequestWords, link, params, data, r.AndX)
	return a.Result()
}
