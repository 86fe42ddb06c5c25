package smb

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// SMB1HeaderSize is the size of an SMB1 header in bytes; WordCount is at this offset of the message.
const SMB1HeaderSize = 32

// An SMB1Command is the code of a command, [MS-CIFS] 2.2.2.1.
type SMB1Command uint8

// The commands of [MS-CIFS] 2.2.2.1 that this module speaks or reads.
const (
	SMB1Close            SMB1Command = 0x04
	SMB1LockingAndX      SMB1Command = 0x24
	SMB1Transaction      SMB1Command = 0x25
	SMB1Echo             SMB1Command = 0x2B
	SMB1ReadAndX         SMB1Command = 0x2E
	SMB1WriteAndX        SMB1Command = 0x2F
	SMB1Transaction2     SMB1Command = 0x32
	SMB1TreeDisconnect   SMB1Command = 0x71
	SMB1Negotiate        SMB1Command = 0x72
	SMB1SessionSetupAndX SMB1Command = 0x73
	SMB1LogoffAndX       SMB1Command = 0x74
	SMB1TreeConnectAndX  SMB1Command = 0x75
	SMB1NTTransact       SMB1Command = 0xA0
	SMB1NTCreateAndX     SMB1Command = 0xA2
	SMB1NoFurtherCommand SMB1Command = 0xFF
)

// String prints the specification's name of the command.
func (c SMB1Command) String() string {
	switch c {
	case SMB1Close:
		return "SMB_COM_CLOSE"
	case SMB1LockingAndX:
		return "SMB_COM_LOCKING_ANDX"
	case SMB1Transaction:
		return "SMB_COM_TRANSACTION"
	case SMB1Echo:
		return "SMB_COM_ECHO"
	case SMB1ReadAndX:
		return "SMB_COM_READ_ANDX"
	case SMB1WriteAndX:
		return "SMB_COM_WRITE_ANDX"
	case SMB1Transaction2:
		return "SMB_COM_TRANSACTION2"
	case SMB1TreeDisconnect:
		return "SMB_COM_TREE_DISCONNECT"
	case SMB1Negotiate:
		return "SMB_COM_NEGOTIATE"
	case SMB1SessionSetupAndX:
		return "SMB_COM_SESSION_SETUP_ANDX"
	case SMB1LogoffAndX:
		return "SMB_COM_LOGOFF_ANDX"
	case SMB1TreeConnectAndX:
		return "SMB_COM_TREE_CONNECT_ANDX"
	case SMB1NTTransact:
		return "SMB_COM_NT_TRANSACT"
	case SMB1NTCreateAndX:
		return "SMB_COM_NT_CREATE_ANDX"
	case SMB1NoFurtherCommand:
		return "SMB_COM_NO_ANDX_COMMAND"
	}
	return fmt.Sprintf("SMB1Command(0x%02X)", uint8(c))
}

// UnsolicitedMID is the MID of the one request that a server sends, the notification of an oplock break: an
// SMB1LockingAndX ([MS-CIFS] 2.2.1.6.2).
const UnsolicitedMID = 0xFFFF

// SMB1Flags are the flags of an SMB1 header, [MS-CIFS] 2.2.3.1.
type SMB1Flags uint8

// The flags of [MS-CIFS] 2.2.3.1.
const (
	SMB1FlagCaseInsensitive    SMB1Flags = 0x08
	SMB1FlagCanonicalizedPaths SMB1Flags = 0x10
	SMB1FlagReply              SMB1Flags = 0x80
)

// SMB1Flags2 are the second flags of an SMB1 header, [MS-CIFS] 2.2.3.1 and [MS-SMB] 2.2.3.1.
type SMB1Flags2 uint16

// The flags of [MS-CIFS] 2.2.3.1 and [MS-SMB] 2.2.3.1.
const (
	SMB1Flags2LongNames        SMB1Flags2 = 0x0001
	SMB1Flags2EAS              SMB1Flags2 = 0x0002
	SMB1Flags2Signature        SMB1Flags2 = 0x0004
	SMB1Flags2SigRequired      SMB1Flags2 = 0x0010
	SMB1Flags2IsLongName       SMB1Flags2 = 0x0040
	SMB1Flags2ExtendedSecurity SMB1Flags2 = 0x0800
	SMB1Flags2DFS              SMB1Flags2 = 0x1000
	SMB1Flags2NTStatus         SMB1Flags2 = 0x4000
	SMB1Flags2Unicode          SMB1Flags2 = 0x8000
)

var smb1Flags2Names = []wire.FlagName{
	{Bit: 0x0001, Token: "SMB_FLAGS2_LONG_NAMES"},
	{Bit: 0x0002, Token: "SMB_FLAGS2_EAS"},
	{Bit: 0x0004, Token: "SMB_FLAGS2_SMB_SECURITY_SIGNATURE"},
	{Bit: 0x0008, Token: "SMB_FLAGS2_COMPRESSED"},
	{Bit: 0x0010, Token: "SMB_FLAGS2_SMB_SECURITY_SIGNATURE_REQUIRED"},
	{Bit: 0x0040, Token: "SMB_FLAGS2_IS_LONG_NAME"},
	{Bit: 0x0400, Token: "SMB_FLAGS2_REPARSE_PATH"},
	{Bit: 0x0800, Token: "SMB_FLAGS2_EXTENDED_SECURITY"},
	{Bit: 0x1000, Token: "SMB_FLAGS2_DFS"},
	{Bit: 0x2000, Token: "SMB_FLAGS2_PAGING_IO"},
	{Bit: 0x4000, Token: "SMB_FLAGS2_NT_STATUS"},
	{Bit: 0x8000, Token: "SMB_FLAGS2_UNICODE"},
}

// String prints the flags as "A|B|0x40".
func (f SMB1Flags2) String() string { return wire.FlagString(uint64(f), smb1Flags2Names) }

// An SMB1Header is the header of every SMB1 message as described in [MS-CIFS] 2.2.3.1.
type SMB1Header struct {
	Command SMB1Command
	// Status holds the four bytes as they are on the wire: an NTSTATUS where Flags2 has SMB1Flags2NTStatus, else an
	// error class, a reserved byte and an error code; StatusText tells them apart.
	Status           dtyp.NTStatus
	Flags            SMB1Flags
	Flags2           SMB1Flags2
	PIDHigh          uint16
	SecurityFeatures [8]byte
	Reserved         uint16
	TID              uint16
	PIDLow           uint16
	UID              uint16
	MID              uint16
}

// IsResponse tells whether the message goes from the server to the client.
func (h SMB1Header) IsResponse() bool { return h.Flags&SMB1FlagReply != 0 }

// Unicode tells whether the strings of the message are UTF-16 rather than in the server's OEM code page.
func (h SMB1Header) Unicode() bool { return h.Flags2&SMB1Flags2Unicode != 0 }

// StatusText prints the status token: an NTSTATUS, or an error class and code where the server answers with those.
func (h SMB1Header) StatusText() string {
	if h.Flags2&SMB1Flags2NTStatus != 0 || h.Status == dtyp.StatusSuccess {
		return h.Status.String()
	}
	return dtyp.DOSError{Class: uint8(h.Status), Code: uint16(h.Status >> 16)}.String()
}

// Text decodes a string of the message.
func (h SMB1Header) Text(b []byte) string {
	if h.Unicode() {
		return wire.DecodeUTF16(b)
	}
	return wire.DecodeOEM(b)
}

// Encode encodes a string of the message, the reverse of Text for text without escapes.
func (h SMB1Header) Encode(s string) []byte {
	if h.Unicode() {
		return wire.AppendUTF16(nil, s)
	}
	return []byte(s)
}

// ReadSMB1Header reads the header at the start of a message with the message's own cursor, and leaves the cursor at
// WordCount. Another protocol identifier is an ErrNotSMB failure.
func ReadSMB1Header(c *wire.Cursor) SMB1Header {
	var h SMB1Header
	if id := c.Bytes("Protocol", 4); id != nil && !IsSMB1(id) {
		c.Fail("Protocol", ErrNotSMB)
	}
	h.Command = SMB1Command(c.U8("Command"))
	h.Status = dtyp.NTStatus(c.U32("Status"))
	h.Flags = SMB1Flags(c.U8("Flags"))
	h.Flags2 = SMB1Flags2(c.U16("Flags2"))
	h.PIDHigh = c.U16("PIDHigh")
	c.Copy("SecurityFeatures", h.SecurityFeatures[:])
	h.Reserved = c.U16("Reserved")
	h.TID = c.U16("TID")
	h.PIDLow = c.U16("PIDLow")
	h.UID = c.U16("UID")
	h.MID = c.U16("MID")
	if c.Failed() {
		return SMB1Header{}
	}
	return h
}

// ParseSMB1Header parses the header at the start of msg, whatever follows.
func ParseSMB1Header(msg []byte) (SMB1Header, error) {
	c := wire.NewCursor("SMB1 header", msg)
	h := ReadSMB1Header(&c)
	return h, c.Err()
}

// AppendBinary appends the 32 bytes of the header.
func (h SMB1Header) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB1 header", b)
	a.Text(magicSMB1)
	a.U8(uint8(h.Command))
	a.U32(uint32(h.Status))
	a.U8(uint8(h.Flags))
	a.U16(uint16(h.Flags2))
	a.U16(h.PIDHigh)
	a.Bytes(h.SecurityFeatures[:])
	a.U16(h.Reserved)
	a.U16(h.TID)
	a.U16(h.PIDLow)
	a.U16(h.UID)
	a.U16(h.MID)
	return a.Result()
}

// ExpectSMB1 fails the cursor with ErrCommand unless the header is of the command and the direction that a parser
// reads. An SMB1 error response is told by its status and its WordCount of zero, so it is left to ReadWordCount.
func (h SMB1Header) ExpectSMB1(c *wire.Cursor, command SMB1Command, response bool) {
	if h.Command != command || h.IsResponse() != response {
		c.Fail("Command", ErrCommand)
	}
}

// ReadWordCount reads WordCount, the number of 16-bit words of parameters. A response without any that carries a
// failure is an ErrErrorResponse failure.
func (h SMB1Header) ReadWordCount(c *wire.Cursor) int {
	words := c.Len8("WordCount")
	if words == 0 && h.IsResponse() && h.Status != dtyp.StatusSuccess {
		c.Fail("WordCount", ErrErrorResponse)
	}
	return words
}

// ReadSMB1Bytes reads ByteCount and the bytes of data that it counts, and leaves the cursor behind them. When they do
// not fit the message, that is noted and they are cut: servers count wrong while every byte they send is right.
func ReadSMB1Bytes(c *wire.Cursor) []byte {
	at := c.Offset()
	count := c.Len16("ByteCount")
	if c.Failed() {
		return nil
	}
	if left := c.Remaining(); count > left {
		c.Note("ByteCount", at, "%d, but %d bytes are left", count, left)
		count = left
	}
	return c.Bytes("Bytes", count)
}
