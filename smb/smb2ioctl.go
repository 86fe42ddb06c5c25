package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	smb2IoctlRequestSize  = 57 // StructureSize of [MS-SMB2] 2.2.31, which counts one byte of the Buffer
	smb2IoctlResponseSize = 49 // StructureSize of [MS-SMB2] 2.2.32, which counts one byte of the Buffer
)

// smb2OutputAlign is where the output buffer begins: at a multiple of 8 bytes, [MS-SMB2] 2.2.31 and 2.2.32.
const smb2OutputAlign = 8

// SMB2IoctlIsFSCTL is the one flag of IOCTL messages, [MS-SMB2] 2.2.31.
const SMB2IoctlIsFSCTL = 0x00000001

// An SMB2IoctlRequest is an SMB2 IOCTL Request as described in [MS-SMB2] 2.2.31. Sizes are in bytes.
type SMB2IoctlRequest struct {
	Header            SMB2Header
	Reserved          uint16
	CtlCode           FSCTL
	FileID            SMB2FileID
	MaxInputResponse  uint32
	MaxOutputResponse uint32
	Flags             uint32 // SMB2IoctlIsFSCTL
	Reserved2         uint32
	Input             []byte // both slices alias the message
	Output            []byte // clients send none
	Anomalies         []wire.Anomaly
}

// ParseSMB2IoctlRequest parses an ioctl request.
func ParseSMB2IoctlRequest(msg []byte) (SMB2IoctlRequest, error) {
	c := wire.NewCursor("SMB2 IOCTL Request", msg)
	r := SMB2IoctlRequest{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2Ioctl, false)
	size := c.Len16("StructureSize")
	r.Reserved = c.U16("Reserved")
	r.CtlCode = FSCTL(c.U32("CtlCode"))
	c.Copy("FileId", r.FileID[:])
	inputOffset := c.Len32("InputOffset")
	inputCount := c.Len32("InputCount")
	r.MaxInputResponse = c.U32("MaxInputResponse")
	outputOffset := c.Len32("OutputOffset")
	outputCount := c.Len32("OutputCount")
	r.MaxOutputResponse = c.U32("MaxOutputResponse")
	r.Flags = c.U32("Flags")
	r.Reserved2 = c.U32("Reserved2")
	if err := c.Err(); err != nil {
		return SMB2IoctlRequest{}, err
	}
	checkSMB2Size(&c, size, smb2IoctlRequestSize)
	parts := newSMB2Parts(&c)
	r.Input = parts.next("Input", inputOffset, inputCount, 1)
	r.Output = parts.next("Output", outputOffset, outputCount, smb2OutputAlign)
	parts.finish()
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message with the input right behind the fixed part, and the output behind the input.
func (r SMB2IoctlRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 IOCTL Request", b)
	a.Append(r.Header)
	a.U16(smb2IoctlRequestSize)
	a.U16(r.Reserved)
	a.U32(uint32(r.CtlCode))
	a.Bytes(r.FileID[:])
	input := a.Offset() + 32
	a.Len32("InputOffset", input)
	a.Len32("InputCount", len(r.Input))
	a.U32(r.MaxInputResponse)
	a.Len32("OutputOffset", outputOffset(input, r.Input, r.Output))
	a.Len32("OutputCount", len(r.Output))
	a.U32(r.MaxOutputResponse)
	a.U32(r.Flags)
	a.U32(r.Reserved2)
	appendInputOutput(&a, r.Input, r.Output)
	return a.Result()
}

// An SMB2IoctlResponse is an SMB2 IOCTL Response as described in [MS-SMB2] 2.2.32. Header.Status is STATUS_SUCCESS, or
// STATUS_BUFFER_OVERFLOW where there is more output than the client made room for: a read of the pipe gives the rest.
type SMB2IoctlResponse struct {
	Header    SMB2Header
	Reserved  uint16
	CtlCode   FSCTL
	FileID    SMB2FileID
	Flags     uint32
	Reserved2 uint32
	Input     []byte // both slices alias the message
	Output    []byte
	Anomalies []wire.Anomaly
}

// ParseSMB2IoctlResponse parses an ioctl response; a response that reports a failure is an ErrErrorResponse error.
func ParseSMB2IoctlResponse(msg []byte) (SMB2IoctlResponse, error) {
	c := wire.NewCursor("SMB2 IOCTL Response", msg)
	r := SMB2IoctlResponse{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2Ioctl, true)
	size := r.Header.dataSize(&c)
	r.Reserved = c.U16("Reserved")
	r.CtlCode = FSCTL(c.U32("CtlCode"))
	c.Copy("FileId", r.FileID[:])
	inputOffset := c.Len32("InputOffset")
	inputCount := c.Len32("InputCount")
	outputOffset := c.Len32("OutputOffset")
	outputCount := c.Len32("OutputCount")
	r.Flags = c.U32("Flags")
	r.Reserved2 = c.U32("Reserved2")
	if err := c.Err(); err != nil {
		return SMB2IoctlResponse{}, err
	}
	checkSMB2Size(&c, size, smb2IoctlResponseSize)
	parts := newSMB2Parts(&c)
	r.Input = parts.next("Input", inputOffset, inputCount, 1)
	r.Output = parts.next("Output", outputOffset, outputCount, smb2OutputAlign)
	parts.finish()
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message with the input right behind the fixed part, and the output behind the input.
func (r SMB2IoctlResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 IOCTL Response", b)
	a.Append(r.Header)
	a.U16(smb2IoctlResponseSize)
	a.U16(r.Reserved)
	a.U32(uint32(r.CtlCode))
	a.Bytes(r.FileID[:])
	input := a.Offset() + 24
	a.Len32("InputOffset", input)
	a.Len32("InputCount", len(r.Input))
	a.Len32("OutputOffset", outputOffset(input, r.Input, r.Output))
	a.Len32("OutputCount", len(r.Output))
	a.U32(r.Flags)
	a.U32(r.Reserved2)
	appendInputOutput(&a, r.Input, r.Output)
	return a.Result()
}

// outputOffset returns where the output begins, and where no output is, the offset of the input.
func outputOffset(inputOffset int, input, output []byte) int {
	if len(output) == 0 {
		return inputOffset
	}
	return aligned(inputOffset+len(input), smb2OutputAlign)
}

func appendInputOutput(a *wire.Appender, input, output []byte) {
	a.Bytes(input)
	if len(output) > 0 {
		a.Pad(smb2OutputAlign)
		a.Bytes(output)
	}
}
