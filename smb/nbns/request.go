package nbns

import (
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

const requestMessage = "NODE STATUS REQUEST"

// A Request is a NODE STATUS REQUEST as described in RFC 1002 4.2.17: the question for all names of the host that it is
// sent to. A host answers for any name of its own and for the wildcard; Samba 4.17 is silent about all others.
type Request struct {
	TransactionID uint16
	Flags         HeaderFlags // without FlagResponse; 0 to one host, FlagBroadcast to all
	Name          smb.NetBIOSName
	Anomalies     []wire.Anomaly
}

// Wildcard returns the name that every host answers to in a node status request: '*' padded with zeros, as described in
// RFC 1002 4.2.17. (The "*SMBSERVER" of a session request is another name, and is padded with spaces.)
func Wildcard() smb.NetBIOSName { return smb.NetBIOSName{'*'} }

// ParseRequest parses a request. Less than its 50 bytes are a wire.ErrTruncated error; a response, another operation
// and another question type are smb.ErrCommand; a packet without a question and a name that is not encoded as RFC 1001
// 14.1 says are wire.ErrFormat errors.
func ParseRequest(msg []byte) (Request, error) {
	c := wire.NewCursor(requestMessage, msg)
	h := readHeader(&c)
	switch {
	case c.Failed():
	case h.flags.Has(FlagResponse), h.flags.Opcode() != 0:
		c.Fail("OPCODE", smb.ErrCommand)
	case h.counts[0] == 0:
		c.Fail("QDCOUNT", wire.ErrFormat)
	}
	r := Request{TransactionID: h.id, Flags: h.flags, Name: smb.ReadEncodedName(&c, "QUESTION_NAME")}
	if t := readU16(&c, "QUESTION_TYPE"); t != typeNBSTAT {
		c.Fail("QUESTION_TYPE", smb.ErrCommand)
	}
	at := c.Offset()
	class := readU16(&c, "QUESTION_CLASS")
	if err := c.Err(); err != nil {
		return Request{}, err
	}
	h.noteCounts(&c, [4]uint16{1, 0, 0, 0})
	if class != classIN {
		c.Note("QUESTION_CLASS", at, "%d, should be %d", class, classIN)
	}
	c.NoteTrailing(c.Offset())
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the request. FlagResponse is taken out of the flags, and the operation is 0.
func (r Request) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender(requestMessage, b)
	const kept = 0x07FF // all but R and OPCODE
	header{id: r.TransactionID, flags: r.Flags & kept, counts: [4]uint16{1, 0, 0, 0}}.append(&a)
	smb.AppendEncodedName(&a, r.Name)
	appendU16(&a, typeNBSTAT)
	appendU16(&a, classIN)
	return a.Result()
}
