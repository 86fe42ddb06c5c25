package smb

import (
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	smb2ReadRequestSize  = 49 // StructureSize of [MS-SMB2] 2.2.19, which counts one byte of the Buffer
	smb2ReadResponseSize = 17 // StructureSize of [MS-SMB2] 2.2.20, which counts one byte of the Buffer
)

// An SMB2ReadRequest is an SMB2 READ Request as described in [MS-SMB2] 2.2.19. Lengths and offsets are in bytes.
type SMB2ReadRequest struct {
	Header          SMB2Header
	Padding         uint8 // where the client would like the data to begin in the response
	Flags           uint8 // dialects 3.0.2 and 3.1.1; reserved before
	Length          uint32
	FileOffset      uint64 // the specification's Offset; a pipe has none
	FileID          SMB2FileID
	MinimumCount    uint32
	Channel         uint32
	RemainingBytes  uint32
	ReadChannelInfo []byte // aliases the message
	Anomalies       []wire.Anomaly
}

// ParseSMB2ReadRequest parses a read request.
func ParseSMB2ReadRequest(msg []byte) (SMB2ReadRequest, error) {
	c := wire.NewCursor("SMB2 READ Request", msg)
	r := SMB2ReadRequest{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2Read, false)
	size := c.Len16("StructureSize")
	r.Padding = c.U8("Padding")
	r.Flags = c.U8("Flags")
	r.Length = c.U32("Length")
	r.FileOffset = c.U64("Offset")
	c.Copy("FileId", r.FileID[:])
	r.MinimumCount = c.U32("MinimumCount")
	r.Channel = c.U32("Channel")
	r.RemainingBytes = c.U32("RemainingBytes")
	offset := c.Len16("ReadChannelInfoOffset")
	length := c.Len16("ReadChannelInfoLength")
	if err := c.Err(); err != nil {
		return SMB2ReadRequest{}, err
	}
	checkSMB2Size(&c, size, smb2ReadRequestSize)
	parts := newSMB2Parts(&c)
	r.ReadChannelInfo = parts.next("ReadChannelInfo", offset, length, 1)
	parts.finishPadded(1)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message. Without channel information it ends with one byte of padding.
func (r SMB2ReadRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 READ Request", b)
	a.Append(r.Header)
	a.U16(smb2ReadRequestSize)
	a.U8(r.Padding)
	a.U8(r.Flags)
	a.U32(r.Length)
	a.U64(r.FileOffset)
	a.Bytes(r.FileID[:])
	a.U32(r.MinimumCount)
	a.U32(r.Channel)
	a.U32(r.RemainingBytes)
	if len(r.ReadChannelInfo) == 0 {
		a.U32(0)
		a.U8(0)
		return a.Result()
	}
	a.Len16("ReadChannelInfoOffset", a.Offset()+4)
	a.Len16("ReadChannelInfoLength", len(r.ReadChannelInfo))
	a.Bytes(r.ReadChannelInfo)
	return a.Result()
}

// An SMB2ReadResponse is an SMB2 READ Response as described in [MS-SMB2] 2.2.20. Header.Status is STATUS_SUCCESS, or
// STATUS_BUFFER_OVERFLOW where a message of a pipe has more bytes than were asked for: the next read gives them.
type SMB2ReadResponse struct {
	Header        SMB2Header
	Reserved      uint8
	DataRemaining uint32
	Flags         uint32 // dialect 3.1.1: 0x01 SMB2_READFLAG_RESPONSE_RDMA_TRANSFORM; reserved before
	Data          []byte // aliases the message
	Anomalies     []wire.Anomaly
}

// ParseSMB2ReadResponse parses a read response; a response that reports a failure is an ErrErrorResponse error.
func ParseSMB2ReadResponse(msg []byte) (SMB2ReadResponse, error) {
	c := wire.NewCursor("SMB2 READ Response", msg)
	r := SMB2ReadResponse{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2Read, true)
	size := r.Header.dataSize(&c)
	offset := c.Len8("DataOffset")
	r.Reserved = c.U8("Reserved")
	length := c.Len32("DataLength")
	r.DataRemaining = c.U32("DataRemaining")
	r.Flags = c.U32("Flags/Reserved2")
	if err := c.Err(); err != nil {
		return SMB2ReadResponse{}, err
	}
	checkSMB2Size(&c, size, smb2ReadResponseSize)
	parts := newSMB2Parts(&c)
	r.Data = parts.next("Data", offset, length, 1)
	parts.finish()
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message with the data right behind the fixed part.
func (r SMB2ReadResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 READ Response", b)
	a.Append(r.Header)
	a.U16(smb2ReadResponseSize)
	a.Len8("DataOffset", a.Offset()+14)
	a.U8(r.Reserved)
	a.Len32("DataLength", len(r.Data))
	a.U32(r.DataRemaining)
	a.U32(r.Flags)
	a.Bytes(r.Data)
	return a.Result()
}

// dataSize reads the StructureSize of a response that may carry data with STATUS_BUFFER_OVERFLOW. With that status the
// header does not tell such a response from an error response, which a server may send as well; the size does.
func (h SMB2Header) dataSize(c *wire.Cursor) int {
	size := c.Len16("StructureSize")
	if h.Status == dtyp.StatusBufferOverflow && size == smb2ErrorSize {
		c.Fail("StructureSize", ErrErrorResponse)
	}
	return size
}
