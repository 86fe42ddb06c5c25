package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// An SMB2TreeDisconnectRequest is an SMB2 TREE_DISCONNECT Request as described in [MS-SMB2] 2.2.11.
type SMB2TreeDisconnectRequest struct {
	Header    SMB2Header
	Reserved  uint16
	Anomalies []wire.Anomaly
}

// ParseSMB2TreeDisconnectRequest parses a tree disconnect request.
func ParseSMB2TreeDisconnectRequest(msg []byte) (SMB2TreeDisconnectRequest, error) {
	c := wire.NewCursor("SMB2 TREE_DISCONNECT Request", msg)
	r := SMB2TreeDisconnectRequest{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2TreeDisconnect, false)
	r.Reserved = readSMB2Bare(&c)
	if err := c.Err(); err != nil {
		return SMB2TreeDisconnectRequest{}, err
	}
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message.
func (r SMB2TreeDisconnectRequest) AppendBinary(b []byte) ([]byte, error) {
	return appendSMB2Bare("SMB2 TREE_DISCONNECT Request", b, r.Header, r.Reserved)
}

// An SMB2TreeDisconnectResponse is an SMB2 TREE_DISCONNECT Response as described in [MS-SMB2] 2.2.12.
type SMB2TreeDisconnectResponse struct {
	Header    SMB2Header
	Reserved  uint16
	Anomalies []wire.Anomaly
}

// ParseSMB2TreeDisconnectResponse parses a tree disconnect response; a response that reports a failure is an
// ErrErrorResponse error.
func ParseSMB2TreeDisconnectResponse(msg []byte) (SMB2TreeDisconnectResponse, error) {
	c := wire.NewCursor("SMB2 TREE_DISCONNECT Response", msg)
	r := SMB2TreeDisconnectResponse{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2TreeDisconnect, true)
	r.Reserved = readSMB2Bare(&c)
	if err := c.Err(); err != nil {
		return SMB2TreeDisconnectResponse{}, err
	}
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message.
func (r SMB2TreeDisconnectResponse) AppendBinary(b []byte) ([]byte, error) {
	return appendSMB2Bare("SMB2 TREE_DISCONNECT Response", b, r.Header, r.Reserved)
}
