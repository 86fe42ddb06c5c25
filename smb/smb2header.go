package smb

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// SMB2HeaderSize is the size of an SMB2 header in bytes; the body begins at this offset of the message.
const SMB2HeaderSize = 64

// An SMB2Command is the code of a command, [MS-SMB2] 2.2.1.
type SMB2Command uint16

// The commands of [MS-SMB2] 2.2.1.2.
const (
	SMB2Negotiate      SMB2Command = 0x0000
	SMB2SessionSetup   SMB2Command = 0x0001
	SMB2Logoff         SMB2Command = 0x0002
	SMB2TreeConnect    SMB2Command = 0x0003
	SMB2TreeDisconnect SMB2Command = 0x0004
	SMB2Create         SMB2Command = 0x0005
	SMB2Close          SMB2Command = 0x0006
	SMB2Flush          SMB2Command = 0x0007
	SMB2Read           SMB2Command = 0x0008
	SMB2Write          SMB2Command = 0x0009
	SMB2Lock           SMB2Command = 0x000A
	SMB2Ioctl          SMB2Command = 0x000B
	SMB2Cancel         SMB2Command = 0x000C
	SMB2Echo           SMB2Command = 0x000D
	SMB2QueryDirectory SMB2Command = 0x000E
	SMB2ChangeNotify   SMB2Command = 0x000F
	SMB2QueryInfo      SMB2Command = 0x0010
	SMB2SetInfo        SMB2Command = 0x0011
	SMB2OplockBreak    SMB2Command = 0x0012
)

var smb2Commands = [...]string{
	"NEGOTIATE", "SESSION_SETUP", "LOGOFF", "TREE_CONNECT", "TREE_DISCONNECT", "CREATE", "CLOSE", "FLUSH", "READ", "WRITE",
	"LOCK", "IOCTL", "CANCEL", "ECHO", "QUERY_DIRECTORY", "CHANGE_NOTIFY", "QUERY_INFO", "SET_INFO", "OPLOCK_BREAK",
}

// String prints the command's name without the prefix SMB2.
func (c SMB2Command) String() string {
	if int(c) < len(smb2Commands) {
		return smb2Commands[c]
	}
	return fmt.Sprintf("SMB2Command(0x%04X)", uint16(c))
}

// SMB2Flags are the flags of an SMB2 header, [MS-SMB2] 2.2.1.2.
type SMB2Flags uint32

// The flags of [MS-SMB2] 2.2.1.2.
const (
	SMB2FlagServerToRedir   SMB2Flags = 0x00000001
	SMB2FlagAsyncCommand    SMB2Flags = 0x00000002
	SMB2FlagRelated         SMB2Flags = 0x00000004
	SMB2FlagSigned          SMB2Flags = 0x00000008
	SMB2FlagPriorityMask    SMB2Flags = 0x00000070
	SMB2FlagDFSOperations   SMB2Flags = 0x10000000
	SMB2FlagReplayOperation SMB2Flags = 0x20000000
)

var smb2FlagNames = []wire.FlagName{
	{Bit: 0x00000001, Token: "SMB2_FLAGS_SERVER_TO_REDIR"},
	{Bit: 0x00000002, Token: "SMB2_FLAGS_ASYNC_COMMAND"},
	{Bit: 0x00000004, Token: "SMB2_FLAGS_RELATED_OPERATIONS"},
	{Bit: 0x00000008, Token: "SMB2_FLAGS_SIGNED"},
	{Bit: 0x10000000, Token: "SMB2_FLAGS_DFS_OPERATIONS"},
	{Bit: 0x20000000, Token: "SMB2_FLAGS_REPLAY_OPERATION"},
}

// String prints the flags as "A|B|0x40".
func (f SMB2Flags) String() string { return wire.FlagString(uint64(f), smb2FlagNames) }

// UnsolicitedMessageID is the MessageID of a message that answers no request, an oplock or lease break
// ([MS-SMB2] 2.2.23.1).
const UnsolicitedMessageID = 0xFFFFFFFFFFFFFFFF

// An SMB2Header is the header of every message of the dialects from 2.0.2 on, as described in [MS-SMB2] 2.2.1: the
// synchronous form (2.2.1.2) or, where Flags has SMB2FlagAsyncCommand, the asynchronous one (2.2.1.1).
type SMB2Header struct {
	CreditCharge uint16
	Status       dtyp.NTStatus // in requests: ChannelSequence and Reserved
	Command      SMB2Command
	Credits      uint16 // requested, or granted
	Flags        SMB2Flags
	NextCommand  uint32 // offset in bytes of the next message of a compound, or 0
	MessageID    uint64
	AsyncID      uint64 // asynchronous form only
	Reserved     uint32 // synchronous form only; clients put a process id here
	TreeID       uint32 // synchronous form only
	SessionID    uint64
	Signature    [16]byte
}

// IsResponse tells whether the message goes from the server to the client.
func (h SMB2Header) IsResponse() bool { return h.Flags&SMB2FlagServerToRedir != 0 }

// ReadSMB2Header reads the header at the start of a message with the message's own cursor, and leaves the cursor at
// the body. Another protocol identifier is an ErrNotSMB failure.
func ReadSMB2Header(c *wire.Cursor) SMB2Header {
	var h SMB2Header
	if id := c.Bytes("ProtocolId", 4); id != nil && !IsSMB2(id) {
		c.Fail("ProtocolId", ErrNotSMB)
	}
	size := c.Len16("StructureSize")
	h.CreditCharge = c.U16("CreditCharge")
	h.Status = dtyp.NTStatus(c.U32("Status"))
	h.Command = SMB2Command(c.U16("Command"))
	h.Credits = c.U16("CreditRequest/CreditResponse")
	h.Flags = SMB2Flags(c.U32("Flags"))
	h.NextCommand = c.U32("NextCommand")
	h.MessageID = c.U64("MessageId")
	if h.Flags&SMB2FlagAsyncCommand != 0 {
		h.AsyncID = c.U64("AsyncId")
	} else {
		h.Reserved = c.U32("Reserved")
		h.TreeID = c.U32("TreeId")
	}
	h.SessionID = c.U64("SessionId")
	c.Copy("Signature", h.Signature[:])
	if c.Failed() {
		return SMB2Header{}
	}
	if size != SMB2HeaderSize {
		c.Note("StructureSize", 4, "%d, should be %d", size, SMB2HeaderSize)
	}
	return h
}

// ParseSMB2Header parses the header at the start of msg, whatever follows.
func ParseSMB2Header(msg []byte) (SMB2Header, error) {
	c := wire.NewCursor("SMB2 header", msg)
	h := ReadSMB2Header(&c)
	return h, c.Err()
}

// AppendBinary appends the 64 bytes of the header.
func (h SMB2Header) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 header", b)
	a.Text(magicSMB2)
	a.U16(SMB2HeaderSize)
	a.U16(h.CreditCharge)
	a.U32(uint32(h.Status))
	a.U16(uint16(h.Command))
	a.U16(h.Credits)
	a.U32(uint32(h.Flags))
	a.U32(h.NextCommand)
	a.U64(h.MessageID)
	if h.Flags&SMB2FlagAsyncCommand != 0 {
		a.U64(h.AsyncID)
	} else {
		a.U32(h.Reserved)
		a.U32(h.TreeID)
	}
	a.U64(h.SessionID)
	a.Bytes(h.Signature[:])
	return a.Result()
}

// ExpectSMB2 fails the cursor with ErrCommand unless the header is of the command and the direction that a parser
// reads, and with ErrErrorResponse where a response has a status with which the server sends an error response instead
// ([MS-SMB2] 3.3.4.4). Parsers of messages call it after ReadSMB2Header.
func (h SMB2Header) ExpectSMB2(c *wire.Cursor, command SMB2Command, response bool) {
	switch {
	case h.Command != command || h.IsResponse() != response:
		c.Fail("Command", ErrCommand)
	case response && h.isErrorResponse():
		c.Fail("Status", ErrErrorResponse)
	}
}

func (h SMB2Header) isErrorResponse() bool {
	switch h.Status {
	case dtyp.StatusSuccess:
		return false
	case dtyp.StatusMoreProcessingRequired:
		return h.Command != SMB2SessionSetup
	case dtyp.StatusBufferOverflow:
		// Such a response carries the data that had room, as [MS-SMB2] 3.3.4.4 says of these three.
		return h.Command != SMB2Read && h.Command != SMB2Ioctl && h.Command != SMB2QueryInfo
	}
	// The interim response STATUS_PENDING has an error response's body too ([MS-SMB2] 3.3.4.2).
	return true
}
