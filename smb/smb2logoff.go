package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

const smb2BareSize = 4 // StructureSize of [MS-SMB2] 2.2.7, 2.2.8, 2.2.11 and 2.2.12

// readSMB2Bare reads a body that is a StructureSize and a reserved field and nothing else, and returns the reserved
// field.
func readSMB2Bare(c *wire.Cursor) uint16 {
	size := c.Len16("StructureSize")
	reserved := c.U16("Reserved")
	if c.Failed() {
		return 0
	}
	checkSMB2Size(c, size, smb2BareSize)
	c.NoteTrailing(c.Offset())
	return reserved
}

func appendSMB2Bare(message string, b []byte, h SMB2Header, reserved uint16) ([]byte, error) {
	a := wire.NewAppender(message, b)
	a.Append(h)
	a.U16(smb2BareSize)
	a.U16(reserved)
	return a.Result()
}

// An SMB2LogoffRequest is an SMB2 LOGOFF Request as described in [MS-SMB2] 2.2.7.
type SMB2LogoffRequest struct {
	Header    SMB2Header
	Reserved  uint16
	Anomalies []wire.Anomaly
}

// ParseSMB2LogoffRequest parses a logoff request.
func ParseSMB2LogoffRequest(msg []byte) (SMB2LogoffRequest, error) {
	c := wire.NewCursor("SMB2 LOGOFF Request", msg)
	r := SMB2LogoffRequest{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2Logoff, false)
	r.Reserved = readSMB2Bare(&c)
	if err := c.Err(); err != nil {
		return SMB2LogoffRequest{}, err
	}
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message.
func (r SMB2LogoffRequest) AppendBinary(b []byte) ([]byte, error) {
	return appendSMB2Bare("SMB2 LOGOFF Request", b, r.Header, r.Reserved)
}

// An SMB2LogoffResponse is an SMB2 LOGOFF Response as described in [MS-SMB2] 2.2.8.
type SMB2LogoffResponse struct {
	Header    SMB2Header
	Reserved  uint16
	Anomalies []wire.Anomaly
}

// ParseSMB2LogoffResponse parses a logoff response; a response that reports a failure is an ErrErrorResponse error.
func ParseSMB2LogoffResponse(msg []byte) (SMB2LogoffResponse, error) {
	c := wire.NewCursor("SMB2 LOGOFF Response", msg)
	r := SMB2LogoffResponse{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2Logoff, true)
	r.Reserved = readSMB2Bare(&c)
	if err := c.Err(); err != nil {
		return SMB2LogoffResponse{}, err
	}
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message.
func (r SMB2LogoffResponse) AppendBinary(b []byte) ([]byte, error) {
	return appendSMB2Bare("SMB2 LOGOFF Response", b, r.Header, r.Reserved)
}
