package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

const smb1TreeConnectRequestWords = 4

// SMB1TreeConnectFlags are the flags of an SMB1 tree connect, [MS-CIFS] 2.2.4.55.1 and [MS-SMB] 2.2.4.7.1.
type SMB1TreeConnectFlags uint16

// The flags of [MS-CIFS] 2.2.4.55.1 and [MS-SMB] 2.2.4.7.1.
const (
	SMB1TreeConnectDisconnectTID      SMB1TreeConnectFlags = 0x0001 // drops the tree connect of Header.TID first
	SMB1TreeConnectExtendedSignatures SMB1TreeConnectFlags = 0x0004
	SMB1TreeConnectExtendedResponse   SMB1TreeConnectFlags = 0x0008 // asks for the maximal access rights
)

var smb1TreeConnectFlagNames = []wire.FlagName{
	{Bit: 0x0001, Token: "TREE_CONNECT_ANDX_DISCONNECT_TID"},
	{Bit: 0x0004, Token: "TREE_CONNECT_ANDX_EXTENDED_SIGNATURES"},
	{Bit: 0x0008, Token: "TREE_CONNECT_ANDX_EXTENDED_RESPONSE"},
}

// String prints the flags as "A|B|0x40".
func (f SMB1TreeConnectFlags) String() string {
	return wire.FlagString(uint64(f), smb1TreeConnectFlagNames)
}

// The service types of [MS-CIFS] 2.2.4.55.1, as a tree connect names them.
const (
	SMB1ServiceDisk    = "A:"
	SMB1ServicePrinter = "LPT1:"
	SMB1ServicePipe    = "IPC"
	SMB1ServiceComm    = "COMM"
	SMB1ServiceAny     = "?????"
)

// An SMB1TreeConnectRequest is an SMB_COM_TREE_CONNECT_ANDX request as described in [MS-CIFS] 2.2.4.55.1 and [MS-SMB]
// 2.2.4.7.1. All slices alias the message; strings are without their terminators, nil where they are not there.
type SMB1TreeConnectRequest struct {
	Header       SMB1Header
	AndXCommand  SMB1Command
	AndXReserved uint8
	AndXOffset   uint16 // as it was sent where AndXCommand names no command; else AppendBinary fills it in
	Flags        SMB1TreeConnectFlags
	Password     []byte // of a server with share-level security; else one zero byte
	Pad          []byte // before Path; nil stands for the usual: a zero byte where UTF-16 would begin at an odd offset
	Path         []byte // in the encoding that Header.Text reads: \\server\share
	Service      []byte // in the OEM code page whatever Flags2 has: SMB1ServicePipe and others
	AndX         []byte // the block of the next command, where AndXCommand names one
	Anomalies    []wire.Anomaly
}

// ParseSMB1TreeConnectRequest parses a tree connect request. Another WordCount than 4 is a wire.ErrFormat error.
func ParseSMB1TreeConnectRequest(msg []byte) (SMB1TreeConnectRequest, error) {
	c := wire.NewCursor("SMB_COM_TREE_CONNECT_ANDX request", msg)
	r := SMB1TreeConnectRequest{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, SMB1TreeConnectAndX, false)
	r.Header.expectWords(&c, smb1TreeConnectRequestWords)
	link := readAndX(&c)
	r.AndXCommand, r.AndXReserved, r.AndXOffset = link.command, link.reserved, link.unused()
	r.Flags = SMB1TreeConnectFlags(c.U16("Flags"))
	password := c.Len16("PasswordLength")
	data := ReadSMB1Bytes(&c)
	if err := c.Err(); err != nil {
		return SMB1TreeConnectRequest{}, err
	}
	start := c.Offset() - len(data)
	r.Password = within(&c, "Password", start, password)
	s := smb1Strings{c: &c, data: data, offset: start, unicode: r.Header.Unicode()}
	s.skip(password)
	r.Pad, r.Path = s.padded("Path")
	s.unicode = false
	r.Service = s.terminated("Service")
	s.finish()
	r.AndX = link.chained(&c)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message. A nil Path before a Service is sent as an empty one.
func (r SMB1TreeConnectRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB_COM_TREE_CONNECT_ANDX request", b)
	a.Append(r.Header)
	params := func() {
		a.U16(uint16(r.Flags))
		a.Len16("PasswordLength", len(r.Password))
	}
	data := func() {
		a.Bytes(r.Password)
		if r.Path == nil && r.Service != nil {
			r.Path = []byte{}
		}
		appendSMB1Text(&a, r.Header.Unicode(), r.Pad, r.Path)
		appendSMB1Text(&a, false, nil, r.Service)
	}
	link := andX{command: r.AndXCommand, reserved: r.AndXReserved, offset: int(r.AndXOffset)}
	smb1Body(&a, smb1TreeConnectRequestWords, link, params, data, r.AndX)
	return a.Result()
}
