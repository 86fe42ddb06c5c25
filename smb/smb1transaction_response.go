package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	smb1TransactionResponseWords = 10 // and those of Setup
	transactionResponse          = "SMB_COM_TRANSACTION response"
)

// An SMB1TransactionResponse is an SMB_COM_TRANSACTION response as described in [MS-CIFS] 2.2.4.33.2, or the interim
// response that only asks for the secondary requests ([MS-CIFS] 2.2.4.33 and 3.2.4.1.5). A server may split what it has
// to say over several responses, each with its displacements: all is there when the parts have TotalParameterCount and
// TotalDataCount bytes. Header.HasMoreData tells that a pipe's message is longer than MaxDataCount. All slices alias the
// message.
type SMB1TransactionResponse struct {
	Header                SMB1Header
	Interim               bool   // no parameters and a status of success: every other field but Bytes is zero
	TotalParameterCount   uint16 // bytes in all parts; zero stands for len(Parameters)
	TotalDataCount        uint16 // bytes in all parts; zero stands for len(Data)
	Reserved1             uint16
	ParameterOffset       uint16 // as it was sent where there are none; else AppendBinary fills it in
	ParameterDisplacement uint16 // bytes of parameters before these
	DataOffset            uint16 // as it was sent where there is none; else AppendBinary fills it in
	DataDisplacement      uint16 // bytes of data before these
	Reserved2             uint8
	Setup                 []byte // words, little-endian
	ParameterPad          []byte // before Parameters; nil stands for the usual: zeros up to a multiple of 4
	Parameters            []byte
	DataPad               []byte // before Data, as ParameterPad
	Data                  []byte
	Bytes                 []byte // of an interim response: data that should not be there
	Anomalies             []wire.Anomaly
}

// ParseSMB1TransactionResponse parses a transaction response; one that reports a failure without any parameters is an
// ErrErrorResponse error, and a WordCount below 10 that is not zero a wire.ErrFormat error. The words above 10 are Setup,
// whatever SetupCount says.
func ParseSMB1TransactionResponse(msg []byte) (SMB1TransactionResponse, error) {
	return readSMB1TransactionResponse(transactionResponse, SMB1Transaction, msg)
}

// readSMB1TransactionResponse parses the responses of SMB_COM_TRANSACTION and SMB_COM_TRANSACTION2, which are alike.
func readSMB1TransactionResponse(message string, command SMB1Command, msg []byte) (SMB1TransactionResponse, error) {
	c := wire.NewCursor(message, msg)
	r := SMB1TransactionResponse{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, command, true)
	words := r.Header.ReadWordCount(&c)
	switch {
	case words == 0 && !c.Failed():
		r.Interim = true
		r.Bytes = readUnusedSMB1Bytes(&c)
	case words < smb1TransactionResponseWords:
		c.Fail("WordCount", wire.ErrFormat)
	default:
		r.read(&c, words)
	}
	if err := c.Err(); err != nil {
		return SMB1TransactionResponse{}, err
	}
	c.NoteTrailing(c.Offset())
	r.Anomalies = c.Anomalies()
	return r, nil
}

// read reads what a response has that is no interim one.
func (r *SMB1TransactionResponse) read(c *wire.Cursor, words int) {
	var parameters, data smb1Block
	r.TotalParameterCount = c.U16("TotalParameterCount")
	r.TotalDataCount = c.U16("TotalDataCount")
	r.Reserved1 = c.U16("Reserved1")
	parameters.count = c.Len16("ParameterCount")
	parameters.offset = c.Len16("ParameterOffset")
	r.ParameterDisplacement = c.U16("ParameterDisplacement")
	data.count = c.Len16("DataCount")
	data.offset = c.Len16("DataOffset")
	r.DataDisplacement = c.U16("DataDisplacement")
	r.Setup, r.Reserved2 = readSMB1Setup(c, words-smb1TransactionResponseWords)
	p := readSMB1Parts(c)
	if c.Failed() {
		return
	}
	r.ParameterPad, r.Parameters = parameters.read(&p, "Parameters", r.TotalParameterCount, r.ParameterDisplacement)
	r.DataPad, r.Data = data.read(&p, "Data", r.TotalDataCount, r.DataDisplacement)
	p.finish()
	r.ParameterOffset = unusedOffset(r.Parameters, parameters.offset)
	r.DataOffset = unusedOffset(r.Data, data.offset)
}

// AppendBinary appends the message. A Setup of half words is a wire.ErrFormat error.
func (r SMB1TransactionResponse) AppendBinary(b []byte) ([]byte, error) {
	return r.append(transactionResponse, b)
}

func (r SMB1TransactionResponse) append(message string, b []byte) ([]byte, error) {
	if r.Interim {
		return appendSMB1Empty(message, b, r.Header, r.Bytes)
	}
	a := wire.NewAppender(message, b)
	a.Append(r.Header)
	var parametersAt, dataAt int
	params := func() {
		a.Len16("TotalParameterCount", total(r.TotalParameterCount, r.Parameters))
		a.Len16("TotalDataCount", total(r.TotalDataCount, r.Data))
		a.U16(r.Reserved1)
		a.Len16("ParameterCount", len(r.Parameters))
		parametersAt = a.Offset()
		a.U16(r.ParameterOffset)
		a.U16(r.ParameterDisplacement)
		a.Len16("DataCount", len(r.Data))
		dataAt = a.Offset()
		a.U16(r.DataOffset)
		a.U16(r.DataDisplacement)
		appendSMB1Setup(&a, r.Setup, r.Reserved2)
	}
	data := func() {
		appendSMB1Part(&a, "ParameterOffset", parametersAt, r.ParameterPad, 4, r.Parameters)
		appendSMB1Part(&a, "DataOffset", dataAt, r.DataPad, 4, r.Data)
	}
	smb1Plain(&a, smb1TransactionResponseWords+len(r.Setup)/2, params, data)
	return a.Result()
}
