package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// An SMB1TreeDisconnectRequest is an SMB_COM_TREE_DISCONNECT request as described in [MS-CIFS] 2.2.4.51.1. Header.TID
// names the tree; there is nothing else in it.
type SMB1TreeDisconnectRequest struct {
	Header    SMB1Header
	Bytes     []byte // data that should not be there; aliases the message
	Anomalies []wire.Anomaly
}

// ParseSMB1TreeDisconnectRequest parses a tree disconnect request. A WordCount other than zero is a wire.ErrFormat error.
func ParseSMB1TreeDisconnectRequest(msg []byte) (SMB1TreeDisconnectRequest, error) {
	var r SMB1TreeDisconnectRequest
	var err error
	r.Header, r.Bytes, r.Anomalies, err = parseSMB1Empty("SMB_COM_TREE_DISCONNECT request", msg, SMB1TreeDisconnect, false)
	return r, err
}

// AppendBinary appends the message.
func (r SMB1TreeDisconnectRequest) AppendBinary(b []byte) ([]byte, error) {
	return appendSMB1Empty("SMB_COM_TREE_DISCONNECT request", b, r.Header, r.Bytes)
}

// An SMB1TreeDisconnectResponse is an SMB_COM_TREE_DISCONNECT response as described in [MS-CIFS] 2.2.4.51.2.
type SMB1TreeDisconnectResponse struct {
	Header    SMB1Header
	Bytes     []byte // data that should not be there; aliases the message
	Anomalies []wire.Anomaly
}

// ParseSMB1TreeDisconnectResponse parses a tree disconnect response; one that reports a failure is an ErrErrorResponse
// error, and a WordCount other than zero a wire.ErrFormat error.
func ParseSMB1TreeDisconnectResponse(msg []byte) (SMB1TreeDisconnectResponse, error) {
	var r SMB1TreeDisconnectResponse
	var err error
	r.Header, r.Bytes, r.Anomalies, err = parseSMB1Empty("SMB_COM_TREE_DISCONNECT response", msg, SMB1TreeDisconnect, true)
	return r, err
}

// AppendBinary appends the message.
func (r SMB1TreeDisconnectResponse) AppendBinary(b []byte) ([]byte, error) {
	return appendSMB1Empty("SMB_COM_TREE_DISCONNECT response", b, r.Header, r.Bytes)
}

// parseSMB1Empty parses a message that has neither parameters nor data.
func parseSMB1Empty(name string, msg []byte, command SMB1Command, response bool) (
	header SMB1Header, data []byte, anomalies []wire.Anomaly, err error,
) {
	c := wire.NewCursor(name, msg)
	header = ReadSMB1Header(&c)
	header.ExpectSMB1(&c, command, response)
	header.expectWords(&c, 0)
	data = readUnusedSMB1Bytes(&c)
	if err := c.Err(); err != nil {
		return SMB1Header{}, nil, nil, err
	}
	c.NoteTrailing(c.Offset())
	return header, data, c.Anomalies(), nil
}

func appendSMB1Empty(name string, b []byte, header SMB1Header, data []byte) ([]byte, error) {
	a := wire.NewAppender(name, b)
	a.Append(header)
	smb1Plain(&a, 0, func() {}, func() { a.Bytes(data) })
	return a.Result()
}

// readUnusedSMB1Bytes reads the data of a message that has none, and notes what is there all the same; nil if nothing is.
func readUnusedSMB1Bytes(c *wire.Cursor) []byte {
	at := c.Offset()
	data := ReadSMB1Bytes(c)
	if len(data) == 0 {
		return nil
	}
	c.Note("ByteCount", at, "%d, should be 0", len(data))
	return data
}
