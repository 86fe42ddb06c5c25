package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

const smb1WriteResponseWords = 6

// An SMB1WriteResponse is an SMB_COM_WRITE_ANDX response as described in [MS-CIFS] 2.2.4.43.2 and [MS-SMB] 2.2.4.3.2. All
// slices alias the message.
type SMB1WriteResponse struct {
	Header       SMB1Header
	AndXCommand  SMB1Command
	AndXReserved uint8
	AndXOffset   uint16 // as it was sent where AndXCommand names no command; else AppendBinary fills it in
	Count        uint16 // bytes written: the lower half
	Available    uint16
	CountHigh    uint16 // the upper half, where the server has CAP_LARGE_WRITEX; else reserved
	Reserved     uint16
	Bytes        []byte // data that should not be there
	AndX         []byte // the block of the next command, where AndXCommand names one
	Anomalies    []wire.Anomaly
}

// ParseSMB1WriteResponse parses a write response; one that reports a failure without any parameters is an
// ErrErrorResponse error, and another WordCount than 6 a wire.ErrFormat error.
func ParseSMB1WriteResponse(msg []byte) (SMB1WriteResponse, error) {
	c := wire.NewCursor("SMB_COM_WRITE_ANDX response", msg)
	r := SMB1WriteResponse{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, SMB1WriteAndX, true)
	r.Header.expectWords(&c, smb1WriteResponseWords)
	link := readAndX(&c)
	r.AndXCommand, r.AndXReserved, r.AndXOffset = link.command, link.reserved, link.unused()
	r.Count = c.U16("Count")
	r.Available = c.U16("Available")
	r.CountHigh = c.U16("CountHigh")
	r.Reserved = c.U16("Reserved")
	r.Bytes = readUnusedSMB1Bytes(&c)
	if err := c.Err(); err != nil {
		return SMB1WriteResponse{}, err
	}
	r.AndX = link.chained(&c)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message.
func (r SMB1WriteResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB_COM_WRITE_ANDX response", b)
	a.Append(r.Header)
	params := func() {
		a.U16(r.Count)
		a.U16(r.Available)
		a.U16(r.CountHigh)
		a.U16(r.Reserved)
	}
	link := andX{command: r.AndXCommand, reserved: r.AndXReserved, offset: int(r.AndXOffset)}
	smb1Body(&a, smb1WriteResponseWords, link, params, func() { a.Bytes(r.Bytes) }, r.AndX)
	return a.Result()
}
