package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

const smb2ErrorSize = 9 // StructureSize of [MS-SMB2] 2.2.2, which counts one byte of the variable part

// An SMB2ErrorResponse is an SMB2 ERROR Response as described in [MS-SMB2] 2.2.2: the body of every response that
// reports a failure, and of the interim response STATUS_PENDING. Header.Status tells which.
type SMB2ErrorResponse struct {
	Header            SMB2Header
	ErrorContextCount uint8 // of the contexts in ErrorData, dialect 3.1.1 only
	Reserved          uint8
	ErrorData         []byte // aliases the message
	Anomalies         []wire.Anomaly
}

// ParseSMB2ErrorResponse parses an error response of any command. Servers that leave out the one byte of padding that
// the specification asks for when there is no ErrorData are common; that is no anomaly.
func ParseSMB2ErrorResponse(msg []byte) (SMB2ErrorResponse, error) {
	c := wire.NewCursor("SMB2 ERROR Response", msg)
	r := SMB2ErrorResponse{Header: ReadSMB2Header(&c)}
	if !r.Header.IsResponse() {
		c.Fail("Flags", ErrCommand)
	}
	size := c.Len16("StructureSize")
	r.ErrorContextCount = c.U8("ErrorContextCount")
	r.Reserved = c.U8("Reserved")
	count := c.Len32("ByteCount")
	if err := c.Err(); err != nil {
		return SMB2ErrorResponse{}, err
	}
	if size != smb2ErrorSize {
		c.Note("StructureSize", SMB2HeaderSize, "%d, should be %d", size, smb2ErrorSize)
	}
	start := c.Offset()
	r.ErrorData = c.At("ErrorData", start, count)
	if padding := 1; count != 0 || c.Remaining() > padding {
		c.NoteTrailing(start + len(r.ErrorData))
	}
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message. Without ErrorData it ends with the one byte that the specification asks for.
func (r SMB2ErrorResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 ERROR Response", b)
	a.Append(r.Header)
	a.U16(smb2ErrorSize)
	a.U8(r.ErrorContextCount)
	a.U8(r.Reserved)
	a.Len32("ByteCount", len(r.ErrorData))
	a.Bytes(r.ErrorData)
	if len(r.ErrorData) == 0 {
		a.U8(0)
	}
	return a.Result()
}
