package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// An SMB1LogoffRequest is an SMB_COM_LOGOFF_ANDX request as described in [MS-CIFS] 2.2.4.54.1. Header.UID names the
// session. All slices alias the message.
type SMB1LogoffRequest struct {
	Header       SMB1Header
	AndXCommand  SMB1Command
	AndXReserved uint8
	AndXOffset   uint16 // as it was sent where AndXCommand names no command; else AppendBinary fills it in
	Bytes        []byte // data that should not be there
	AndX         []byte // the block of the next command, where AndXCommand names one
	Anomalies    []wire.Anomaly
}

// ParseSMB1LogoffRequest parses a logoff request. Another WordCount than 2 is a wire.ErrFormat error.
func ParseSMB1LogoffRequest(msg []byte) (SMB1LogoffRequest, error) {
	return parseSMB1Logoff("SMB_COM_LOGOFF_ANDX request", msg, false)
}

// AppendBinary appends the message.
func (r SMB1LogoffRequest) AppendBinary(b []byte) ([]byte, error) {
	return appendSMB1Logoff("SMB_COM_LOGOFF_ANDX request", b, r)
}

// An SMB1LogoffResponse is an SMB_COM_LOGOFF_ANDX response as described in [MS-CIFS] 2.2.4.54.2. It has the fields of
// the request.
type SMB1LogoffResponse struct {
	Header       SMB1Header
	AndXCommand  SMB1Command
	AndXReserved uint8
	AndXOffset   uint16 // as in SMB1LogoffRequest
	Bytes        []byte // data that should not be there
	AndX         []byte // the block of the next command, where AndXCommand names one
	Anomalies    []wire.Anomaly
}

// ParseSMB1LogoffResponse parses a logoff response; one that reports a failure without any parameters is an
// ErrErrorResponse error, and another WordCount than 2 a wire.ErrFormat error.
func ParseSMB1LogoffResponse(msg []byte) (SMB1LogoffResponse, error) {
	r, err := parseSMB1Logoff("SMB_COM_LOGOFF_ANDX response", msg, true)
	return SMB1LogoffResponse(r), err
}

// AppendBinary appends the message.
func (r SMB1LogoffResponse) AppendBinary(b []byte) ([]byte, error) {
	return appendSMB1Logoff("SMB_COM_LOGOFF_ANDX response", b, SMB1LogoffRequest(r))
}

func parseSMB1Logoff(name string, msg []byte, response bool) (SMB1LogoffRequest, error) {
	c := wire.NewCursor(name, msg)
	r := SMB1LogoffRequest{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, SMB1LogoffAndX, response)
	r.Header.expectWords(&c, smb1AndXWords)
	link := readAndX(&c)
	r.AndXCommand, r.AndXReserved, r.AndXOffset = link.command, link.reserved, link.unused()
	r.Bytes = readUnusedSMB1Bytes(&c)
	if err := c.Err(); err != nil {
		return SMB1LogoffRequest{}, err
	}
	r.AndX = link.chained(&c)
	r.Anomalies = c.Anomalies()
	return r, nil
}

func appendSMB1Logoff(name string, b []byte, r SMB1LogoffRequest) ([]byte, error) {
	a := wire.NewAppender(name, b)
	a.Append(r.Header)
	link := andX{command: r.AndXCommand, reserved: r.AndXReserved, offset: int(r.AndXOffset)}
	smb1Body(&a, smb1AndXWords, link, func() {}, func() { a.Bytes(r.Bytes) }, r.AndX)
	return a.Result()
}
