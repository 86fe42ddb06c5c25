package smb

import (
	"encoding/binary"

	"github.com/smbscope/smbscope/smb/wire"
)

const (
	smb1TransactionRequestWords = 14 // and those of Setup
	transactionRequest          = "SMB_COM_TRANSACTION request"
)

// The first word of the setup of a transaction on a named pipe, [MS-CIFS] 2.2.2.2 and 2.2.5; the second is the FID.
const (
	SMB1TransPeekNMPipe     = 0x0023 // looks at what waits to be read and leaves it there, [MS-CIFS] 2.2.5.5
	SMB1TransTransactNMPipe = 0x0026 // writes a message and reads the answer, [MS-CIFS] 2.2.5.6
)

// SMB1PipeName is the Name of a transaction on an open pipe, [MS-CIFS] 2.2.5.6.1.
const SMB1PipeName = `\PIPE\`

// SMB1TransactNMPipe returns the Setup of a TRANS_TRANSACT_NMPIPE transaction on an open pipe, [MS-CIFS] 2.2.5.6.1.
func SMB1TransactNMPipe(fid uint16) []byte {
	return smb1NMPipe(SMB1TransTransactNMPipe, fid)
}

// SMB1PeekNMPipe returns the Setup of a TRANS_PEEK_NMPIPE transaction on an open pipe, [MS-CIFS] 2.2.5.5.1.
func SMB1PeekNMPipe(fid uint16) []byte { return smb1NMPipe(SMB1TransPeekNMPipe, fid) }

func smb1NMPipe(function, fid uint16) []byte {
	setup := binary.LittleEndian.AppendUint16(nil, function)
	return binary.LittleEndian.AppendUint16(setup, fid)
}

// An SMB1TransactionRequest is an SMB_COM_TRANSACTION request as described in [MS-CIFS] 2.2.4.33.1: a whole transaction,
// or the first part of one that goes on in secondary requests. All slices alias the message.
type SMB1TransactionRequest struct {
	Header              SMB1Header
	TotalParameterCount uint16 // bytes in all parts; zero stands for len(Parameters)
	TotalDataCount      uint16 // bytes in all parts; zero stands for len(Data)
	MaxParameterCount   uint16 // bytes that the response may have
	MaxDataCount        uint16 // bytes that the response may have
	MaxSetupCount       uint8  // words that the response may have
	Reserved1           uint8
	Flags               uint16 // 0x0001 DISCONNECT_TID, 0x0002 NO_RESPONSE
	Timeout             uint32 // milliseconds
	Reserved2           uint16
	ParameterOffset     uint16 // as it was sent where there are none; else AppendBinary fills it in
	DataOffset          uint16 // as it was sent where there is none; else AppendBinary fills it in
	Reserved3           uint8
	Setup               []byte // words, little-endian
	NamePad             []byte // before Name; nil stands for the usual: a zero byte before UTF-16 at an odd offset
	Name                []byte // without its terminator, in the encoding that Header.Text reads; nil if it is not there
	ParameterPad        []byte // before Parameters; nil stands for the usual: zeros up to a multiple of 4
	Parameters          []byte
	DataPad             []byte // before Data, as ParameterPad
	Data                []byte
	Anomalies           []wire.Anomaly
}

// ParseSMB1TransactionRequest parses a transaction request. A WordCount below 14 is a wire.ErrFormat error; the words
// above are Setup, whatever SetupCount says.
func ParseSMB1TransactionRequest(msg []byte) (SMB1TransactionRequest, error) {
	return readSMB1TransactionRequest(transactionRequest, SMB1Transaction, msg, func(r *SMB1TransactionRequest, p *smb1Parts) {
		s := smb1Strings{c: p.c, data: p.c.At("Bytes", p.start, p.end-p.start), offset: p.start, unicode: r.Header.Unicode()}
		r.NamePad, r.Name = s.padded("Name")
		p.next = s.offset
	})
}

// readSMB1TransactionRequest parses what the requests of SMB_COM_TRANSACTION and SMB_COM_TRANSACTION2 have in common; name
// reads the beginning of the data.
func readSMB1TransactionRequest(
	message string, command SMB1Command, msg []byte, name func(*SMB1TransactionRequest, *smb1Parts),
) (SMB1TransactionRequest, error) {
	c := wire.NewCursor(message, msg)
	r := SMB1TransactionRequest{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, command, false)
	words := r.Header.ReadWordCount(&c)
	if words < smb1TransactionRequestWords {
		c.Fail("WordCount", wire.ErrFormat)
	}
	r.TotalParameterCount = c.U16("TotalParameterCount")
	r.TotalDataCount = c.U16("TotalDataCount")
	r.MaxParameterCount = c.U16("MaxParameterCount")
	r.MaxDataCount = c.U16("MaxDataCount")
	r.MaxSetupCount = c.U8("MaxSetupCount")
	r.Reserved1 = c.U8("Reserved1")
	r.Flags = c.U16("Flags")
	r.Timeout = c.U32("Timeout")
	r.Reserved2 = c.U16("Reserved2")
	var parameters, data smb1Block
	parameters.count = c.Len16("ParameterCount")
	parameters.offset = c.Len16("ParameterOffset")
	data.count = c.Len16("DataCount")
	data.offset = c.Len16("DataOffset")
	r.Setup, r.Reserved3 = readSMB1Setup(&c, words-smb1TransactionRequestWords)
	p := readSMB1Parts(&c)
	if err := c.Err(); err != nil {
		return SMB1TransactionRequest{}, err
	}
	name(&r, &p)
	r.ParameterPad, r.Parameters = parameters.read(&p, "Parameters", r.TotalParameterCount, 0)
	r.DataPad, r.Data = data.read(&p, "Data", r.TotalDataCount, 0)
	p.finish()
	r.ParameterOffset = unusedOffset(r.Parameters, parameters.offset)
	r.DataOffset = unusedOffset(r.Data, data.offset)
	c.NoteTrailing(c.Offset())
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message. A nil Name before Parameters or Data is sent as an empty one, and a Setup of half
// words is a wire.ErrFormat error.
func (r SMB1TransactionRequest) AppendBinary(b []byte) ([]byte, error) {
	return r.append(transactionRequest, b, func(a *wire.Appender) {
		if r.Name == nil && len(r.Parameters)+len(r.Data) > 0 {
			r.Name = []byte{}
		}
		appendSMB1Text(a, r.Header.Unicode(), r.NamePad, r.Name)
	})
}

// append appends what the two requests have in common, and name the beginning of the data.
func (r SMB1TransactionRequest) append(message string, b []byte, name func(*wire.Appender)) ([]byte, error) {
	a := wire.NewAppender(message, b)
	a.Append(r.Header)
	var parametersAt, dataAt int
	params := func() {
		a.Len16("TotalParameterCount", total(r.TotalParameterCount, r.Parameters))
		a.Len16("TotalDataCount", total(r.TotalDataCount, r.Data))
		a.U16(r.MaxParameterCount)
		a.U16(r.MaxDataCount)
		a.U8(r.MaxSetupCount)
		a.U8(r.Reserved1)
		a.U16(r.Flags)
		a.U32(r.Timeout)
		a.U16(r.Reserved2)
		a.Len16("ParameterCount", len(r.Parameters))
		parametersAt = a.Offset()
		a.U16(r.ParameterOffset)
		a.Len16("DataCount", len(r.Data))
		dataAt = a.Offset()
		a.U16(r.DataOffset)
		appendSMB1Setup(&a, r.Setup, r.Reserved3)
	}
	data := func() {
		name(&a)
		appendSMB1Part(&a, "ParameterOffset", parametersAt, r.ParameterPad, 4, r.Parameters)
		appendSMB1Part(&a, "DataOffset", dataAt, r.DataPad, 4, r.Data)
	}
	smb1Plain(&a, smb1TransactionRequestWords+len(r.Setup)/2, params, data)
	return a.Result()
}

// An smb1Block is the place of one of the two blocks of a transaction.
type smb1Block struct{ offset, count int }

// read reads the block and the padding before it, and notes a total that is less than what is here. displacement is how
// many bytes earlier messages had.
func (k smb1Block) read(p *smb1Parts, field string, total, displacement uint16) (pad, part []byte) {
	pad, part = p.part(field, k.offset, k.count, 4)
	if sum := int(displacement) + k.count; sum > int(total) {
		p.c.Note("Total"+field, SMB1HeaderSize, "%d bytes in all, but %d are here or were before", total, sum)
	}
	return pad, part
}

// total returns a total count, for which zero stands for what is in the message.
func total(sent uint16, part []byte) int {
	if sent == 0 {
		return len(part)
	}
	return int(sent)
}

// readSMB1Setup reads SetupCount, the reserved byte behind it and the words that WordCount leaves for Setup.
func readSMB1Setup(c *wire.Cursor, words int) (setup []byte, reserved uint8) {
	at := c.Offset()
	count := c.Len8("SetupCount")
	reserved = c.U8("Reserved3")
	setup = c.Bytes("Setup", 2*words)
	if !c.Failed() && count != words {
		c.Note("SetupCount", at, "%d, but WordCount has %d", count, words)
	}
	if len(setup) == 0 {
		return nil, reserved
	}
	return setup, reserved
}

func appendSMB1Setup(a *wire.Appender, setup []byte, reserved uint8) {
	if len(setup)%2 != 0 {
		a.Fail("Setup", wire.ErrFormat)
	}
	a.Len8("SetupCount", len(setup)/2)
	a.U8(reserved)
	a.Bytes(setup)
}
