package smb

import (
	"math"

	"github.com/smbscope/smbscope/smb/wire"
)

const smb1ReadResponseWords = 12

// An SMB1ReadResponse is an SMB_COM_READ_ANDX response as described in [MS-CIFS] 2.2.4.42.2 and [MS-SMB] 2.2.4.2.2. With
// a message-mode pipe, Header.HasMoreData tells that the message was longer than the read. All slices alias the message.
type SMB1ReadResponse struct {
	Header             SMB1Header
	AndXCommand        SMB1Command
	AndXReserved       uint8
	AndXOffset         uint16 // as it was sent where AndXCommand names no command; else AppendBinary fills it in
	Available          uint16
	DataCompactionMode uint16
	Reserved1          uint16
	DataOffset         uint16  // as it was sent where there is no data; else AppendBinary fills it in
	Reserved2          [8]byte // behind DataLengthHigh
	Pad                []byte  // before Data; nil stands for the usual: zeros up to a multiple of 4
	Data               []byte
	AndX               []byte // the block of the next command, where AndXCommand names one
	Anomalies          []wire.Anomaly
}

// ParseSMB1ReadResponse parses a read response; one that reports a failure without any parameters is an ErrErrorResponse
// error, and another WordCount than 12 a wire.ErrFormat error.
func ParseSMB1ReadResponse(msg []byte) (SMB1ReadResponse, error) {
	c := wire.NewCursor("SMB_COM_READ_ANDX response", msg)
	r := SMB1ReadResponse{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, SMB1ReadAndX, true)
	r.Header.expectWords(&c, smb1ReadResponseWords)
	link := readAndX(&c)
	r.AndXCommand, r.AndXReserved, r.AndXOffset = link.command, link.reserved, link.unused()
	r.Available = c.U16("Available")
	r.DataCompactionMode = c.U16("DataCompactionMode")
	r.Reserved1 = c.U16("Reserved1")
	length := c.Len16("DataLength")
	offset := c.Len16("DataOffset")
	high := c.Len16("DataLengthHigh")
	c.Copy("Reserved2", r.Reserved2[:])
	p := readSMB1Parts(&c)
	if err := c.Err(); err != nil {
		return SMB1ReadResponse{}, err
	}
	r.Pad, r.Data = p.part("Data", offset, readSMB1DataLength(&c, length, high), 4)
	r.DataOffset = unusedOffset(r.Data, offset)
	p.finish()
	r.AndX = link.chained(&c)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message.
func (r SMB1ReadResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB_COM_READ_ANDX response", b)
	a.Append(r.Header)
	at := 0
	params := func() {
		a.U16(r.Available)
		a.U16(r.DataCompactionMode)
		a.U16(r.Reserved1)
		a.U16(uint16(len(r.Data) & math.MaxUint16))
		at = a.Offset()
		a.U16(r.DataOffset)
		a.Len16("DataLengthHigh", len(r.Data)>>16)
		a.Bytes(r.Reserved2[:])
	}
	data := func() { appendSMB1Part(&a, "DataOffset", at, r.Pad, 4, r.Data) }
	link := andX{command: r.AndXCommand, reserved: r.AndXReserved, offset: int(r.AndXOffset)}
	smb1LargeBody(&a, smb1ReadResponseWords, link, params, data, r.AndX)
	return a.Result()
}
