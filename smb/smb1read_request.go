package smb

import (
	"math"

	"github.com/smbscope/smbscope/smb/wire"
)

// The forms of an SMB1 read request, told apart by WordCount.
const (
	ReadWords      = 10 // an offset of 32 bits
	ReadWordsLarge = 12 // an offset of 64 bits
)

// An SMB1ReadRequest is an SMB_COM_READ_ANDX request as described in [MS-CIFS] 2.2.4.42.1 and [MS-SMB] 2.2.4.2.1. All
// slices alias the message.
type SMB1ReadRequest struct {
	Header       SMB1Header
	WordCount    int // ReadWords or ReadWordsLarge
	AndXCommand  SMB1Command
	AndXReserved uint8
	AndXOffset   uint16 // as it was sent where AndXCommand names no command; else AppendBinary fills it in
	FID          uint16
	Offset       uint64 // in bytes, in the file; not used with pipes. The form of 10 words has 32 bits of it
	MaxCount     uint16 // bytes: MaxCountOfBytesToReturn
	MinCount     uint16 // bytes: MinCountOfBytesToReturn
	// Timeout is in milliseconds, for pipes; of a file its lower 16 bits are MaxCountHigh where the server has
	// CAP_LARGE_READX ([MS-SMB] 2.2.4.2.1).
	Timeout   uint32
	Remaining uint16
	Bytes     []byte // data that should not be there
	AndX      []byte // the block of the next command, where AndXCommand names one
	Anomalies []wire.Anomaly
}

// ParseSMB1ReadRequest parses a read request. A WordCount of no form is a wire.ErrFormat error.
func ParseSMB1ReadRequest(msg []byte) (SMB1ReadRequest, error) {
	c := wire.NewCursor("SMB_COM_READ_ANDX request", msg)
	r := SMB1ReadRequest{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, SMB1ReadAndX, false)
	r.WordCount = r.Header.expectWords(&c, ReadWords, ReadWordsLarge)
	link := readAndX(&c)
	r.AndXCommand, r.AndXReserved, r.AndXOffset = link.command, link.reserved, link.unused()
	r.FID = c.U16("FID")
	r.Offset = uint64(c.U32("Offset"))
	r.MaxCount = c.U16("MaxCountOfBytesToReturn")
	r.MinCount = c.U16("MinCountOfBytesToReturn")
	r.Timeout = c.U32("Timeout")
	r.Remaining = c.U16("Remaining")
	if r.WordCount == ReadWordsLarge {
		r.Offset |= uint64(c.U32("OffsetHigh")) << 32
	}
	r.Bytes = readUnusedSMB1Bytes(&c)
	if err := c.Err(); err != nil {
		return SMB1ReadRequest{}, err
	}
	r.AndX = link.chained(&c)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message in the form of its WordCount; another WordCount is a wire.ErrFormat error, and an
// Offset that the form has no bits for a wire.ErrTooLong error.
func (r SMB1ReadRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB_COM_READ_ANDX request", b)
	a.Append(r.Header)
	params := func() {
		a.U16(r.FID)
		a.U32(uint32(r.Offset))
		a.U16(r.MaxCount)
		a.U16(r.MinCount)
		a.U32(r.Timeout)
		a.U16(r.Remaining)
		appendOffsetHigh(&a, r.WordCount, ReadWords, ReadWordsLarge, r.Offset)
	}
	link := andX{command: r.AndXCommand, reserved: r.AndXReserved, offset: int(r.AndXOffset)}
	smb1Body(&a, r.WordCount, link, params, func() { a.Bytes(r.Bytes) }, r.AndX)
	return a.Result()
}

// appendOffsetHigh appends the upper half of a file offset where the form has one.
func appendOffsetHigh(a *wire.Appender, words, short, large int, offset uint64) {
	switch {
	case words == large:
		a.U32(uint32(offset >> 32))
	case words != short:
		a.Fail("WordCount", wire.ErrFormat)
	case offset > math.MaxUint32:
		a.Fail("Offset", wire.ErrTooLong)
	}
}
