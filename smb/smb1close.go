package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

const smb1CloseWords = 3

// An SMB1CloseRequest is an SMB_COM_CLOSE request as described in [MS-CIFS] 2.2.4.5.1. All slices alias the message.
type SMB1CloseRequest struct {
	Header SMB1Header
	FID    uint16
	// LastTimeModified is in seconds since 1970, in the server's local time; 0 and 0xFFFFFFFF leave the file's time to
	// the server.
	LastTimeModified uint32
	Bytes            []byte // data that should not be there
	Anomalies        []wire.Anomaly
}

// ParseSMB1CloseRequest parses a close request. Another WordCount than 3 is a wire.ErrFormat error.
func ParseSMB1CloseRequest(msg []byte) (SMB1CloseRequest, error) {
	c := wire.NewCursor("SMB_COM_CLOSE request", msg)
	r := SMB1CloseRequest{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, SMB1Close, false)
	r.Header.expectWords(&c, smb1CloseWords)
	r.FID = c.U16("FID")
	r.LastTimeModified = c.U32("LastTimeModified")
	r.Bytes = readUnusedSMB1Bytes(&c)
	if err := c.Err(); err != nil {
		return SMB1CloseRequest{}, err
	}
	c.NoteTrailing(c.Offset())
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message.
func (r SMB1CloseRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB_COM_CLOSE request", b)
	a.Append(r.Header)
	params := func() {
		a.U16(r.FID)
		a.U32(r.LastTimeModified)
	}
	smb1Plain(&a, smb1CloseWords, params, func() { a.Bytes(r.Bytes) })
	return a.Result()
}

// An SMB1CloseResponse is an SMB_COM_CLOSE response as described in [MS-CIFS] 2.2.4.5.2.
type SMB1CloseResponse struct {
	Header    SMB1Header
	Bytes     []byte // data that should not be there; aliases the message
	Anomalies []wire.Anomaly
}

// ParseSMB1CloseResponse parses a close response; one that reports a failure is an ErrErrorResponse error, and a
// WordCount other than zero a wire.ErrFormat error.
func ParseSMB1CloseResponse(msg []byte) (SMB1CloseResponse, error) {
	var r SMB1CloseResponse
	var err error
	r.Header, r.Bytes, r.Anomalies, err = parseSMB1Empty("SMB_COM_CLOSE response", msg, SMB1Close, true)
	return r, err
}

// AppendBinary appends the message.
func (r SMB1CloseResponse) AppendBinary(b []byte) ([]byte, error) {
	return appendSMB1Empty("SMB_COM_CLOSE response", b, r.Header, r.Bytes)
}
