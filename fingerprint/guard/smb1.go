package guard

import (
	"errors"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// The commands of [MS-CIFS] 2.2.2.1 that have no answer of their own: what they add to is answered, or ended.
const (
	smb1TransactionSecondary  smb.SMB1Command = 0x26
	smb1Transaction2Secondary smb.SMB1Command = 0x33
	smb1NTTransactSecondary   smb.SMB1Command = 0xA1
	smb1NTCancel              smb.SMB1Command = 0xA4
)

// A request1 is one of SMB1 that waits for its answer.
type request1 struct {
	command smb.SMB1Command
	id      uint32
	echoes  int // further answers that an echo asked for
	interim bool
	total   int // bytes of a transaction's answer that have come
	logon   logon
}

// key1 tells requests apart: by the multiplex id and the process that has it, [MS-CIFS] 2.2.3.1.
func key1(h smb.SMB1Header) uint32 { return uint32(h.PIDLow)<<16 | uint32(h.MID) }

// request1 notes an SMB1 request.
func (l *ledger) request1(msg []byte) *RefusedError {
	h, err := smb.ParseSMB1Header(msg)
	if err != nil {
		return &RefusedError{Rule: ErrRequest, Err: err}
	}
	r := request1{command: h.Command, id: key1(h)}
	switch h.Command {
	case smb1TransactionSecondary, smb1Transaction2Secondary, smb1NTTransactSecondary, smb1NTCancel:
		return nil
	case smb.SMB1Echo:
		c := wire.NewCursor("", msg)
		c.Seek("", smb.SMB1HeaderSize+1)
		r.echoes = max(0, c.Len16("EchoCount")-1)
	case smb.SMB1Negotiate:
		l.offer1(msg)
	case smb.SMB1SessionSetupAndX:
		l.logon1 = l.logon1.request1(msg)
		r.logon = l.logon1
	}
	l.smb1[r.id] = r
	return nil
}

// offer1 notes the dialects of an SMB1 negotiate.
func (l *ledger) offer1(msg []byte) {
	l.nego = agreement{}
	r, _ := negotiate.ParseSMB1Request(msg)
	l.nego.dialects1 = len(r.Dialects)
	for _, dialect := range r.Dialects {
		l.nego.multi = l.nego.multi || dialect == smb.DialectSMB2Any
		l.nego.multi202 = l.nego.multi202 || dialect == smb.DialectSMB2002
	}
}

// request1 returns the logon after a session setup of SMB1. Without extended security the account's name is in it.
func (l logon) request1(msg []byte) logon {
	r, err := smb.ParseSMB1SessionSetupRequest(msg)
	switch {
	case err != nil:
		return logon{named: true}
	case r.WordCount == smb.SetupWordsExtended:
		return l.token(r.SecurityBlob)
	}
	return logon{named: len(r.AccountName) > 0}
}

// take1 takes one waiting request of a command.
func (l *ledger) take1(command smb.SMB1Command) (request1, bool) {
	for id, r := range l.smb1 {
		if r.command == command {
			delete(l.smb1, id)
			return r, true
		}
	}
	return request1{}, false
}

// answer1 checks an SMB1 message.
func (l *ledger) answer1(msg []byte) *RefusedError {
	h, err := smb.ParseSMB1Header(msg)
	if err != nil {
		return malformed("", err)
	}
	if !h.IsResponse() {
		return refuse(ErrMalformed, "a request from the server: %v", h.Command)
	}
	asked, ok := l.smb1[key1(h)]
	if !ok || asked.command != h.Command {
		return refuse(ErrUnsolicited, "%v with id %d", h.Command, h.MID)
	}
	delete(l.smb1, asked.id)
	if refusal := checkBlocks(h, msg); refusal != nil {
		return refusal
	}
	err = nil
	var refusal *RefusedError
	switch h.Command {
	case smb.SMB1Negotiate:
		refusal, err = l.choose1(msg)
	case smb.SMB1SessionSetupAndX:
		refusal, err = l.sessionSetup1(h, msg, asked.logon)
	case smb.SMB1Transaction:
		var r smb.SMB1TransactionResponse
		if r, err = smb.ParseSMB1TransactionResponse(msg); err == nil {
			refusal = l.transaction(msg, asked, r)
		}
	case smb.SMB1Transaction2:
		var r smb.SMB1Transaction2Response
		if r, err = smb.ParseSMB1Transaction2Response(msg); err == nil {
			refusal = l.transaction(msg, asked, smb.SMB1TransactionResponse(r))
		}
	case smb.SMB1NTTransact:
		refusal = l.ntTransact(h, msg, asked)
	case smb.SMB1ReadAndX:
		refusal, err = checkRead1(msg)
	case smb.SMB1Echo:
		if asked.echoes > 0 {
			asked.echoes--
			l.smb1[asked.id] = asked
		}
	}
	if err != nil && !errors.Is(err, smb.ErrErrorResponse) {
		return malformed("", err)
	}
	return refusal
}

// checkBlocks wants the words and the bytes of the message, and of those chained to it, inside of it, each behind the one
// before ([MS-CIFS] 2.2.3.4).
func checkBlocks(h smb.SMB1Header, msg []byte) *RefusedError {
	c := wire.NewCursor("SMB1 message", msg)
	c.Seek("WordCount", smb.SMB1HeaderSize)
	for command := h.Command; ; {
		words := c.Bytes("Words", 2*c.Len8("WordCount"))
		bytes := c.Len16("ByteCount")
		if command == smb.SMB1NTCreateAndX {
			// Windows counts 42 words where it has sent 50 ([MS-SMB] 2.2.4.9.2), so that what stands here is none.
			bytes = 0
		}
		c.Bytes("Bytes", bytes)
		if err := c.Err(); err != nil {
			return malformed("", err)
		}
		if !chains(command) || len(words) < 4 {
			return nil
		}
		link := wire.NewCursor("AndX", words)
		command = smb.SMB1Command(link.U8("AndXCommand"))
		link.U8("AndXReserved")
		next := link.Len16("AndXOffset")
		if command == smb.SMB1NoFurtherCommand {
			return nil
		}
		if next < c.Offset() {
			return refuse(ErrMalformed, "AndXOffset %d before the end of the block at %d", next, c.Offset())
		}
		c.Seek("AndXOffset", next)
	}
}

// chains tells whether a command's response can have another behind it, [MS-CIFS] 2.2.3.4.
func chains(c smb.SMB1Command) bool {
	const openAndX = 0x2D
	switch c {
	case smb.SMB1LockingAndX, openAndX, smb.SMB1ReadAndX, smb.SMB1WriteAndX, smb.SMB1SessionSetupAndX, smb.SMB1LogoffAndX,
		smb.SMB1TreeConnectAndX, smb.SMB1NTCreateAndX:
		return true
	}
	return false
}

// choose1 checks the answer to an SMB1 negotiate.
func (l *ledger) choose1(msg []byte) (*RefusedError, error) {
	r, err := negotiate.ParseSMB1Response(msg)
	if err != nil {
		return nil, err
	}
	l.nego.multi, l.nego.multi202 = false, false
	if !r.Refused() && int(r.DialectIndex) >= l.nego.dialects1 {
		return refuse(ErrDialect, "DialectIndex %d of %d dialects", r.DialectIndex, l.nego.dialects1), nil
	}
	for _, a := range r.Anomalies {
		// The parser leaves out a key, or a server's GUID, that its bytes do not hold.
		if a.Field == "ServerGUID" || a.Field == "ChallengeLength" && !r.ExtendedSecurity() ||
			a.Field == "EncryptionKeyLength" && r.Challenge == nil {
			return refuse(ErrMalformed, "%s", a.String()), nil
		}
	}
	return checkBlob(r.SecurityBlob), nil
}

// sessionSetup1 checks the answer to a session setup of SMB1.
func (l *ledger) sessionSetup1(h smb.SMB1Header, msg []byte, asked logon) (*RefusedError, error) {
	r, err := smb.ParseSMB1SessionSetupResponse(msg)
	if err != nil {
		return nil, err
	}
	more := h.Status == dtyp.StatusMoreProcessingRequired
	if r.Action&smb.SMB1ActionGuest != 0 && (more || asked.named && !l.options.AllowGuest) {
		return refuse(ErrGuest, "%v", r.Action), nil
	}
	if r.WordCount != smb.SetupAnswerWordsExtended {
		return nil, nil
	}
	c := wire.NewCursor("", msg)
	c.Seek("", smb.SMB1HeaderSize+1+6)
	if length := c.Len16("SecurityBlobLength"); length != len(r.SecurityBlob) {
		return refuse(ErrMalformed, "SecurityBlob of %d bytes, %d are there", length, len(r.SecurityBlob)), nil
	}
	return checkToken(r.SecurityBlob, asked, more), nil
}

// transaction checks one message of the answer to a transaction, which may come in several ([MS-CIFS] 2.2.4.33.2), and
// after an interim one.
func (l *ledger) transaction(msg []byte, asked request1, r smb.SMB1TransactionResponse) *RefusedError {
	if r.Interim {
		return l.interim1(asked)
	}
	c := wire.NewCursor("", msg)
	c.Seek("", smb.SMB1HeaderSize+1+6)
	parameters := c.Len16("ParameterCount")
	c.Seek("", smb.SMB1HeaderSize+1+12)
	data := c.Len16("DataCount")
	if parameters != len(r.Parameters) || data != len(r.Data) {
		return refuse(ErrMalformed, "%d bytes of parameters and %d of data, %d and %d are there",
			parameters, data, len(r.Parameters), len(r.Data))
	}
	return l.parts(asked, parts{
		parameters: parameters, data: data,
		parametersFrom: int(r.ParameterDisplacement), dataFrom: int(r.DataDisplacement),
		allParameters: int(r.TotalParameterCount), allData: int(r.TotalDataCount),
	})
}

// ntTransact is transaction for SMB_COM_NT_TRANSACT, [MS-CIFS] 2.2.4.62.2.
func (l *ledger) ntTransact(h smb.SMB1Header, msg []byte, asked request1) *RefusedError {
	c := wire.NewCursor("SMB_COM_NT_TRANSACT response", msg)
	c.Seek("", smb.SMB1HeaderSize)
	if c.Len8("WordCount") == 0 {
		if h.Status != dtyp.StatusSuccess {
			return nil
		}
		return l.interim1(asked)
	}
	c.Bytes("Reserved1", 3)
	p := parts{allParameters: c.Len32("TotalParameterCount"), allData: c.Len32("TotalDataCount")}
	p.parameters = c.Len32("ParameterCount")
	parametersAt := c.Len32("ParameterOffset")
	p.parametersFrom = c.Len32("ParameterDisplacement")
	p.data = c.Len32("DataCount")
	dataAt := c.Len32("DataOffset")
	p.dataFrom = c.Len32("DataDisplacement")
	if err := c.Err(); err != nil {
		return malformed("", err)
	}
	if len(c.At("Parameters", parametersAt, p.parameters)) != p.parameters || len(c.At("Data", dataAt, p.data)) != p.data {
		return refuse(ErrMalformed, "%d bytes of parameters at %d and %d of data at %d in %d bytes",
			p.parameters, parametersAt, p.data, dataAt, len(msg))
	}
	return l.parts(asked, p)
}

// interim1 notes an interim answer to a transaction, of which there is one ([MS-CIFS] 2.2.4.33.2).
func (l *ledger) interim1(asked request1) *RefusedError {
	if asked.interim {
		return refuse(ErrUnsolicited, "a second interim answer to %v", asked.command)
	}
	asked.interim = true
	l.smb1[asked.id] = asked
	return nil
}

// parts are where one message of the answer to a transaction belongs: how many bytes it has, from where on, of how many.
type parts struct {
	parameters, parametersFrom, allParameters int
	data, dataFrom, allData                   int
}

// parts notes one message of the answer to a transaction, after which others may come.
func (l *ledger) parts(asked request1, p parts) *RefusedError {
	total := p.allParameters + p.allData
	asked.total += p.parameters + p.data
	if min(p.parametersFrom, p.dataFrom) < 0 || p.parametersFrom+p.parameters > p.allParameters ||
		p.dataFrom+p.data > p.allData || asked.total > total {
		return refuse(ErrMalformed, "parts of a transaction beyond its %d bytes", total)
	}
	if asked.total == total {
		return nil
	}
	if p.parameters+p.data == 0 {
		return refuse(ErrMalformed, "a part of a transaction with nothing in it")
	}
	l.smb1[asked.id] = asked
	return nil
}

// checkRead1 wants the data that a read says it has.
func checkRead1(msg []byte) (*RefusedError, error) {
	r, err := smb.ParseSMB1ReadResponse(msg)
	if err != nil {
		return nil, err
	}
	c := wire.NewCursor("", msg)
	c.Seek("", smb.SMB1HeaderSize+1+10)
	length := c.Len16("DataLength")
	c.Seek("", smb.SMB1HeaderSize+1+14)
	if length |= c.Len16("DataLengthHigh") << 16; length != len(r.Data) {
		return refuse(ErrMalformed, "%d bytes of data, %d are there", length, len(r.Data)), nil
	}
	return nil, nil
}
