package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	smb2SessionSetupRequestSize  = 25 // StructureSize of [MS-SMB2] 2.2.5
	smb2SessionSetupResponseSize = 9  // StructureSize of [MS-SMB2] 2.2.6
)

// An SMB2SessionSetupRequest is an SMB2 SESSION_SETUP Request as described in [MS-SMB2] 2.2.5.
type SMB2SessionSetupRequest struct {
	Header            SMB2Header
	Flags             uint8        // 0x01 SMB2_SESSION_FLAG_BINDING
	SecurityMode      SecurityMode // one byte on the wire
	Capabilities      SMB2Capabilities
	Channel           uint32 // reserved
	PreviousSessionID uint64
	SecurityBuffer    []byte // aliases the message; usually SPNEGO
	Anomalies         []wire.Anomaly
}

// ParseSMB2SessionSetupRequest parses a session setup request.
func ParseSMB2SessionSetupRequest(msg []byte) (SMB2SessionSetupRequest, error) {
	c := wire.NewCursor("SMB2 SESSION_SETUP Request", msg)
	r := SMB2SessionSetupRequest{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2SessionSetup, false)
	size := c.Len16("StructureSize")
	r.Flags = c.U8("Flags")
	r.SecurityMode = SecurityMode(c.U8("SecurityMode"))
	r.Capabilities = SMB2Capabilities(c.U32("Capabilities"))
	r.Channel = c.U32("Channel")
	offset := c.Len16("SecurityBufferOffset")
	length := c.Len16("SecurityBufferLength")
	r.PreviousSessionID = c.U64("PreviousSessionId")
	if err := c.Err(); err != nil {
		return SMB2SessionSetupRequest{}, err
	}
	if size != smb2SessionSetupRequestSize {
		c.Note("StructureSize", SMB2HeaderSize, "%d, should be %d", size, smb2SessionSetupRequestSize)
	}
	r.SecurityBuffer = readSecurityBuffer(&c, offset, length)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message with the security buffer right behind the fixed part.
func (r SMB2SessionSetupRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 SESSION_SETUP Request", b)
	a.Append(r.Header)
	a.U16(smb2SessionSetupRequestSize)
	a.U8(r.Flags)
	a.Len8("SecurityMode", int(r.SecurityMode))
	a.U32(uint32(r.Capabilities))
	a.U32(r.Channel)
	a.Len16("SecurityBufferOffset", a.Offset()+12)
	a.Len16("SecurityBufferLength", len(r.SecurityBuffer))
	a.U64(r.PreviousSessionID)
	a.Bytes(r.SecurityBuffer)
	return a.Result()
}

// An SMB2SessionSetupResponse is an SMB2 SESSION_SETUP Response as described in [MS-SMB2] 2.2.6. Header.Status is
// STATUS_SUCCESS or STATUS_MORE_PROCESSING_REQUIRED; any other is an error response.
type SMB2SessionSetupResponse struct {
	Header         SMB2Header
	SessionFlags   SessionFlags
	SecurityBuffer []byte // aliases the message
	Anomalies      []wire.Anomaly
}

// ParseSMB2SessionSetupResponse parses a session setup response; a response that reports a failure is an
// ErrErrorResponse error.
func ParseSMB2SessionSetupResponse(msg []byte) (SMB2SessionSetupResponse, error) {
	c := wire.NewCursor("SMB2 SESSION_SETUP Response", msg)
	r := SMB2SessionSetupResponse{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2SessionSetup, true)
	size := c.Len16("StructureSize")
	r.SessionFlags = SessionFlags(c.U16("SessionFlags"))
	offset := c.Len16("SecurityBufferOffset")
	length := c.Len16("SecurityBufferLength")
	if err := c.Err(); err != nil {
		return SMB2SessionSetupResponse{}, err
	}
	if size != smb2SessionSetupResponseSize {
		c.Note("StructureSize", SMB2HeaderSize, "%d, should be %d", size, smb2SessionSetupResponseSize)
	}
	r.SecurityBuffer = readSecurityBuffer(&c, offset, length)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message with the security buffer right behind the fixed part.
func (r SMB2SessionSetupResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 SESSION_SETUP Response", b)
	a.Append(r.Header)
	a.U16(smb2SessionSetupResponseSize)
	a.U16(uint16(r.SessionFlags))
	a.Len16("SecurityBufferOffset", a.Offset()+4)
	a.Len16("SecurityBufferLength", len(r.SecurityBuffer))
	a.Bytes(r.SecurityBuffer)
	return a.Result()
}

// readSecurityBuffer reads the one variable part of a session setup message and notes what is odd about its place:
// before the end of the fixed part, or bytes behind it.
func readSecurityBuffer(c *wire.Cursor, offset, length int) []byte {
	fixed := c.Offset()
	buffer := c.At("SecurityBuffer", offset, length)
	switch {
	case buffer == nil && length == 0:
		c.NoteTrailing(fixed)
	case buffer != nil && offset != fixed:
		c.Note("SecurityBufferOffset", fixed, "%d, where the fixed part ends at %d", offset, fixed)
		c.NoteTrailing(max(fixed, offset+length))
	case buffer != nil:
		c.NoteTrailing(offset + length)
	}
	return buffer
}
