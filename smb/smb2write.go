package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	smb2WriteRequestSize  = 49 // StructureSize of [MS-SMB2] 2.2.21, which counts one byte of the Buffer
	smb2WriteResponseSize = 17 // StructureSize of [MS-SMB2] 2.2.22, which counts one byte of a Buffer that does not exist
)

// An SMB2WriteRequest is an SMB2 WRITE Request as described in [MS-SMB2] 2.2.21. Lengths and offsets are in bytes.
type SMB2WriteRequest struct {
	Header           SMB2Header
	FileOffset       uint64 // the specification's Offset; a pipe has none
	FileID           SMB2FileID
	Channel          uint32
	RemainingBytes   uint32
	Flags            uint32
	Data             []byte // both slices alias the message
	WriteChannelInfo []byte
	Anomalies        []wire.Anomaly
}

// ParseSMB2WriteRequest parses a write request.
func ParseSMB2WriteRequest(msg []byte) (SMB2WriteRequest, error) {
	c := wire.NewCursor("SMB2 WRITE Request", msg)
	r := SMB2WriteRequest{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2Write, false)
	size := c.Len16("StructureSize")
	offset := c.Len16("DataOffset")
	length := c.Len32("Length")
	r.FileOffset = c.U64("Offset")
	c.Copy("FileId", r.FileID[:])
	r.Channel = c.U32("Channel")
	r.RemainingBytes = c.U32("RemainingBytes")
	channelOffset := c.Len16("WriteChannelInfoOffset")
	channelLength := c.Len16("WriteChannelInfoLength")
	r.Flags = c.U32("Flags")
	if err := c.Err(); err != nil {
		return SMB2WriteRequest{}, err
	}
	checkSMB2Size(&c, size, smb2WriteRequestSize)
	parts := newSMB2Parts(&c)
	r.Data = parts.next("Data", offset, length, 1)
	r.WriteChannelInfo = parts.next("WriteChannelInfo", channelOffset, channelLength, 1)
	parts.finish()
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message with the data right behind the fixed part, and the channel information behind the
// data.
func (r SMB2WriteRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 WRITE Request", b)
	a.Append(r.Header)
	a.U16(smb2WriteRequestSize)
	a.Len16("DataOffset", a.Offset()+46)
	a.Len32("Length", len(r.Data))
	a.U64(r.FileOffset)
	a.Bytes(r.FileID[:])
	a.U32(r.Channel)
	a.U32(r.RemainingBytes)
	if len(r.WriteChannelInfo) == 0 {
		a.U32(0)
	} else {
		a.Len16("WriteChannelInfoOffset", a.Offset()+8+len(r.Data))
		a.Len16("WriteChannelInfoLength", len(r.WriteChannelInfo))
	}
	a.U32(r.Flags)
	a.Bytes(r.Data)
	a.Bytes(r.WriteChannelInfo)
	return a.Result()
}

// An SMB2WriteResponse is an SMB2 WRITE Response as described in [MS-SMB2] 2.2.22.
type SMB2WriteResponse struct {
	Header                 SMB2Header
	Reserved               uint16
	Count                  uint32 // bytes written
	Remaining              uint32 // reserved, and so are the next two
	WriteChannelInfoOffset uint16
	WriteChannelInfoLength uint16
	Anomalies              []wire.Anomaly
}

// ParseSMB2WriteResponse parses a write response; a response that reports a failure is an ErrErrorResponse error.
func ParseSMB2WriteResponse(msg []byte) (SMB2WriteResponse, error) {
	c := wire.NewCursor("SMB2 WRITE Response", msg)
	r := SMB2WriteResponse{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2Write, true)
	size := c.Len16("StructureSize")
	r.Reserved = c.U16("Reserved")
	r.Count = c.U32("Count")
	r.Remaining = c.U32("Remaining")
	r.WriteChannelInfoOffset = c.U16("WriteChannelInfoOffset")
	r.WriteChannelInfoLength = c.U16("WriteChannelInfoLength")
	if err := c.Err(); err != nil {
		return SMB2WriteResponse{}, err
	}
	checkSMB2Size(&c, size, smb2WriteResponseSize)
	c.NoteTrailing(c.Offset())
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message.
func (r SMB2WriteResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 WRITE Response", b)
	a.Append(r.Header)
	a.U16(smb2WriteResponseSize)
	a.U16(r.Reserved)
	a.U32(r.Count)
	a.U32(r.Remaining)
	a.U16(r.WriteChannelInfoOffset)
	a.U16(r.WriteChannelInfoLength)
	return a.Result()
}
