package smb

import (
	"bytes"
	"encoding/binary"

	"github.com/smbscope/smbscope/smb/wire"
)

const transaction2Request = "SMB_COM_TRANSACTION2 request"

// The first word of the setup of an SMB_COM_TRANSACTION2, [MS-CIFS] 2.2.2.2.
const (
	SMB1Trans2QueryPathInformation = 0x0005 // [MS-CIFS] 2.2.6.6
	// SMB1Trans2SessionSetup is reserved and not implemented ([MS-CIFS] 2.2.2.2): servers answer STATUS_NOT_IMPLEMENTED.
	SMB1Trans2SessionSetup = 0x000E
)

// SMB1ImplantMark is what the DoublePulsar implant adds to the message id of its answer to a TRANS2_SESSION_SETUP, the
// place in which it sits, where it has understood the request: 65 becomes 81 (github.com/countercept/doublepulsar-detection-script,
// and nmap's smb-double-pulsar-backdoor). No server does that.
const SMB1ImplantMark = 0x10

// SMB1Trans2Setup returns the Setup of an SMB_COM_TRANSACTION2 that has one word of it, as nearly all have.
func SMB1Trans2Setup(function uint16) []byte { return binary.LittleEndian.AppendUint16(nil, function) }

// An SMB1Transaction2Request is an SMB_COM_TRANSACTION2 request as described in [MS-CIFS] 2.2.4.46.1: a whole transaction,
// or the first part of one that goes on in secondary requests. It has the fields of an SMB1TransactionRequest, but Name is
// the one byte that stands in the place of a name and is not used; nil stands for a zero one where anything follows it.
// NamePad is not used. All slices alias the message.
type SMB1Transaction2Request SMB1TransactionRequest

// ParseSMB1Transaction2Request parses a transaction2 request. A WordCount below 14 is a wire.ErrFormat error; the words
// above are Setup, whatever SetupCount says.
func ParseSMB1Transaction2Request(msg []byte) (SMB1Transaction2Request, error) {
	r, err := readSMB1TransactionRequest(transaction2Request, SMB1Transaction2, msg, func(r *SMB1TransactionRequest, p *smb1Parts) {
		if p.end > p.start {
			r.Name = p.c.At("Name", p.start, 1)
			p.next++
		}
	})
	return SMB1Transaction2Request(r), err
}

// AppendBinary appends the message. A Setup of half words is a wire.ErrFormat error, and so is a Name that is longer than
// a byte.
func (r SMB1Transaction2Request) AppendBinary(b []byte) ([]byte, error) {
	return SMB1TransactionRequest(r).append(transaction2Request, b, func(a *wire.Appender) {
		name := r.Name
		if len(name) == 0 && len(r.Parameters)+len(r.Data) > 0 {
			name = []byte{0}
		}
		if len(name) > 1 {
			a.Fail("Name", wire.ErrFormat)
		}
		a.Bytes(name)
	})
}

// sessionSetup tells whether the request is a TRANS2_SESSION_SETUP.
func (r SMB1Transaction2Request) sessionSetup() bool {
	return bytes.Equal(r.Setup, SMB1Trans2Setup(SMB1Trans2SessionSetup))
}
