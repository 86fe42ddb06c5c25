package smb

import (
	"math"

	"github.com/smbscope/smbscope/smb/wire"
)

// The forms of an SMB1 write request, told apart by WordCount.
const (
	WriteWords      = 12 // an offset of 32 bits
	WriteWordsLarge = 14 // an offset of 64 bits
)

// SMB1WriteMode is how an SMB1 write is done, [MS-CIFS] 2.2.4.43.1.
type SMB1WriteMode uint16

// The bits of [MS-CIFS] 2.2.4.43.1.
const (
	SMB1WriteThrough        SMB1WriteMode = 0x0001
	SMB1WriteReadAvailable  SMB1WriteMode = 0x0002 // fill in Available of the response
	SMB1WriteNamedPipeRaw   SMB1WriteMode = 0x0004
	SMB1WriteStartOfMessage SMB1WriteMode = 0x0008 // the first write of a message to a pipe
)

var smb1WriteModeNames = []wire.FlagName{
	{Bit: 0x0001, Token: "WritethroughMode"},
	{Bit: 0x0002, Token: "ReadBytesAvailable"},
	{Bit: 0x0004, Token: "NAMED_PIPE_RAW"},
	{Bit: 0x0008, Token: "NAMED_PIPE_START"},
}

// String prints the bits as "A|B|0x40".
func (m SMB1WriteMode) String() string { return wire.FlagString(uint64(m), smb1WriteModeNames) }

// An SMB1WriteRequest is an SMB_COM_WRITE_ANDX request as described in [MS-CIFS] 2.2.4.43.1 and [MS-SMB] 2.2.4.3.1. All
// slices alias the message.
type SMB1WriteRequest struct {
	Header       SMB1Header
	WordCount    int // WriteWords or WriteWordsLarge
	AndXCommand  SMB1Command
	AndXReserved uint8
	AndXOffset   uint16 // as it was sent where AndXCommand names no command; else AppendBinary fills it in
	FID          uint16
	Offset       uint64 // in bytes, in the file; not used with pipes. The form of 12 words has 32 bits of it
	Timeout      uint32 // milliseconds, for pipes
	WriteMode    SMB1WriteMode
	Remaining    uint16 // bytes of the pipe's message, this write's included
	DataOffset   uint16 // as it was sent where there is no data; else AppendBinary fills it in
	Pad          []byte // before Data; nil stands for the usual: zeros up to a multiple of 4
	Data         []byte
	AndX         []byte // the block of the next command, where AndXCommand names one
	Anomalies    []wire.Anomaly
}

// ParseSMB1WriteRequest parses a write request. A WordCount of no form is a wire.ErrFormat error.
func ParseSMB1WriteRequest(msg []byte) (SMB1WriteRequest, error) {
	c := wire.NewCursor("SMB_COM_WRITE_ANDX request", msg)
	r := SMB1WriteRequest{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, SMB1WriteAndX, false)
	r.WordCount = r.Header.expectWords(&c, WriteWords, WriteWordsLarge)
	link := readAndX(&c)
	r.AndXCommand, r.AndXReserved, r.AndXOffset = link.command, link.reserved, link.unused()
	r.FID = c.U16("FID")
	r.Offset = uint64(c.U32("Offset"))
	r.Timeout = c.U32("Timeout")
	r.WriteMode = SMB1WriteMode(c.U16("WriteMode"))
	r.Remaining = c.U16("Remaining")
	high := c.Len16("DataLengthHigh")
	length := c.Len16("DataLength")
	offset := c.Len16("DataOffset")
	if r.WordCount == WriteWordsLarge {
		r.Offset |= uint64(c.U32("OffsetHigh")) << 32
	}
	p := readSMB1Parts(&c)
	if err := c.Err(); err != nil {
		return SMB1WriteRequest{}, err
	}
	r.Pad, r.Data = p.part("Data", offset, readSMB1DataLength(&c, length, high), 4)
	r.DataOffset = unusedOffset(r.Data, offset)
	p.finish()
	r.AndX = link.chained(&c)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message in the form of its WordCount; another WordCount is a wire.ErrFormat error, and an
// Offset that the form has no bits for a wire.ErrTooLong error.
func (r SMB1WriteRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB_COM_WRITE_ANDX request", b)
	a.Append(r.Header)
	at := 0
	params := func() {
		a.U16(r.FID)
		a.U32(uint32(r.Offset))
		a.U32(r.Timeout)
		a.U16(uint16(r.WriteMode))
		a.U16(r.Remaining)
		a.Len16("DataLengthHigh", len(r.Data)>>16)
		a.U16(uint16(len(r.Data) & math.MaxUint16))
		at = a.Offset()
		a.U16(r.DataOffset)
		appendOffsetHigh(&a, r.WordCount, WriteWords, WriteWordsLarge, r.Offset)
	}
	data := func() { appendSMB1Part(&a, "DataOffset", at, r.Pad, 4, r.Data) }
	link := andX{command: r.AndXCommand, reserved: r.AndXReserved, offset: int(r.AndXOffset)}
	smb1LargeBody(&a, r.WordCount, link, params, data, r.AndX)
	return a.Result()
}
