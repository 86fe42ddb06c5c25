package negotiate

import (
	"bytes"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	dialectFormat   = 0x02 // BufferFormat before each dialect string, [MS-CIFS] 2.2.4.52.1
	maxSMB1Dialects = 256  // a longer list is cut and noted
)

// An SMB1Request is an SMB_COM_NEGOTIATE request as described in [MS-CIFS] 2.2.4.52.1 and [MS-SMB] 2.2.4.5.1. With one
// of the dialects "SMB 2.002" and "SMB 2.???" it is a multi-protocol negotiation ([MS-SMB2] 2.2.3). Extended security
// is asked for by SMB1Flags2ExtendedSecurity in the header.
type SMB1Request struct {
	Header    smb.SMB1Header
	Words     []byte   // parameters, which should not be there
	Dialects  []string // in the order of the wire, without the terminators; bytes as they are on the wire
	Anomalies []wire.Anomaly
}

// ParseSMB1Request parses an SMB1 negotiate request.
func ParseSMB1Request(msg []byte) (SMB1Request, error) {
	c := wire.NewCursor("SMB_COM_NEGOTIATE request", msg)
	r := SMB1Request{Header: smb.ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, smb.SMB1Negotiate, false)
	at := c.Offset()
	words := r.Header.ReadWordCount(&c)
	r.Words = c.Bytes("Words", 2*words)
	data := smb.ReadSMB1Bytes(&c)
	if err := c.Err(); err != nil {
		return SMB1Request{}, err
	}
	if words != 0 {
		c.Note("WordCount", at, "%d, should be 0", words)
	}
	c.NoteTrailing(c.Offset())
	r.Dialects = readDialects(&c, data, c.Offset()-len(data))
	r.Anomalies = c.Anomalies()
	return r, nil
}

func readDialects(c *wire.Cursor, data []byte, offset int) []string {
	var list []string
	for len(data) > 0 {
		if len(list) == maxSMB1Dialects {
			c.Note("Dialects", offset, "more than %d dialects", maxSMB1Dialects)
			return list
		}
		if data[0] != dialectFormat {
			c.Note("BufferFormat", offset, "0x%02x, should be 0x%02x", data[0], dialectFormat)
			return list
		}
		end := bytes.IndexByte(data, 0)
		if end < 0 {
			c.Note("DialectString", offset, "no terminator")
			end = len(data)
		}
		list = append(list, string(data[1:end]))
		end = min(end+1, len(data))
		data, offset = data[end:], offset+end
	}
	return list
}

// AppendBinary appends the message.
func (r SMB1Request) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB_COM_NEGOTIATE request", b)
	a.Append(r.Header)
	if len(r.Words)%2 != 0 {
		a.Fail("Words", wire.ErrFormat)
	}
	a.Len8("WordCount", len(r.Words)/2)
	a.Bytes(r.Words)
	count := a.Offset()
	a.U16(0)
	for _, dialect := range r.Dialects {
		a.U8(dialectFormat)
		a.Text(dialect)
		a.U8(0)
	}
	a.Patch16("ByteCount", count, a.Offset()-count-2)
	return a.Result()
}
