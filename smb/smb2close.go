package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	smb2CloseRequestSize  = 24 // StructureSize of [MS-SMB2] 2.2.15
	smb2CloseResponseSize = 60 // StructureSize of [MS-SMB2] 2.2.16
)

// SMB2ClosePostQueryAttrib is the one flag of CLOSE messages: the client asks for the file's attributes, the server says
// that it gives them, [MS-SMB2] 2.2.15 and 2.2.16.
const SMB2ClosePostQueryAttrib = 0x0001

// An SMB2CloseRequest is an SMB2 CLOSE Request as described in [MS-SMB2] 2.2.15.
type SMB2CloseRequest struct {
	Header    SMB2Header
	Flags     uint16 // SMB2ClosePostQueryAttrib
	Reserved  uint32
	FileID    SMB2FileID
	Anomalies []wire.Anomaly
}

// ParseSMB2CloseRequest parses a close request.
func ParseSMB2CloseRequest(msg []byte) (SMB2CloseRequest, error) {
	c := wire.NewCursor("SMB2 CLOSE Request", msg)
	r := SMB2CloseRequest{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2Close, false)
	size := c.Len16("StructureSize")
	r.Flags = c.U16("Flags")
	r.Reserved = c.U32("Reserved")
	c.Copy("FileId", r.FileID[:])
	if err := c.Err(); err != nil {
		return SMB2CloseRequest{}, err
	}
	checkSMB2Size(&c, size, smb2CloseRequestSize)
	c.NoteTrailing(c.Offset())
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message.
func (r SMB2CloseRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 CLOSE Request", b)
	a.Append(r.Header)
	a.U16(smb2CloseRequestSize)
	a.U16(r.Flags)
	a.U32(r.Reserved)
	a.Bytes(r.FileID[:])
	return a.Result()
}

// An SMB2CloseResponse is an SMB2 CLOSE Response as described in [MS-SMB2] 2.2.16. Info is zero unless Flags has
// SMB2ClosePostQueryAttrib.
type SMB2CloseResponse struct {
	Header    SMB2Header
	Flags     uint16 // SMB2ClosePostQueryAttrib
	Reserved  uint32
	Info      SMB2FileInfo
	Anomalies []wire.Anomaly
}

// ParseSMB2CloseResponse parses a close response; a response that reports a failure is an ErrErrorResponse error.
func ParseSMB2CloseResponse(msg []byte) (SMB2CloseResponse, error) {
	c := wire.NewCursor("SMB2 CLOSE Response", msg)
	r := SMB2CloseResponse{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2Close, true)
	size := c.Len16("StructureSize")
	r.Flags = c.U16("Flags")
	r.Reserved = c.U32("Reserved")
	r.Info = readSMB2FileInfo(&c)
	if err := c.Err(); err != nil {
		return SMB2CloseResponse{}, err
	}
	checkSMB2Size(&c, size, smb2CloseResponseSize)
	c.NoteTrailing(c.Offset())
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message.
func (r SMB2CloseResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 CLOSE Response", b)
	a.Append(r.Header)
	a.U16(smb2CloseResponseSize)
	a.U16(r.Flags)
	a.U32(r.Reserved)
	r.Info.appendTo(&a)
	return a.Result()
}
