package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// An SMB1ErrorResponse is an SMB1 response without parameters and data, which is how SMB1 servers report a failure, as
// described in [MS-CIFS] 2.2.3 and 3.3.4.1.2. Header.Status, or Header.StatusText, tells which.
type SMB1ErrorResponse struct {
	Header    SMB1Header
	Words     []byte // parameters that should not be there; aliases the message
	Bytes     []byte // data that should not be there; aliases the message
	Anomalies []wire.Anomaly
}

// ParseSMB1ErrorResponse parses an error response of any command.
func ParseSMB1ErrorResponse(msg []byte) (SMB1ErrorResponse, error) {
	c := wire.NewCursor("SMB1 error response", msg)
	r := SMB1ErrorResponse{Header: ReadSMB1Header(&c)}
	if !r.Header.IsResponse() {
		c.Fail("Flags", ErrCommand)
	}
	at := c.Offset()
	words := c.Len8("WordCount")
	r.Words = c.Bytes("Words", words*2)
	r.Bytes = ReadSMB1Bytes(&c)
	if err := c.Err(); err != nil {
		return SMB1ErrorResponse{}, err
	}
	if words != 0 {
		c.Note("WordCount", at, "%d, should be 0", words)
	}
	c.NoteTrailing(c.Offset())
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message.
func (r SMB1ErrorResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB1 error response", b)
	a.Append(r.Header)
	if len(r.Words)%2 != 0 {
		a.Fail("Words", wire.ErrFormat)
	}
	a.Len8("WordCount", len(r.Words)/2)
	a.Bytes(r.Words)
	a.Len16("ByteCount", len(r.Bytes))
	a.Bytes(r.Bytes)
	return a.Result()
}
