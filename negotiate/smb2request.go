package negotiate

import (
	"slices"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	smb2RequestSize  = 36  // StructureSize of [MS-SMB2] 2.2.3
	maxSMB2Dialects  = 256 // a longer list is noted and not read; servers take at most 64
	smb2DialectsFrom = smb.SMB2HeaderSize + smb2RequestSize
)

// An SMB2Request is an SMB2 NEGOTIATE Request as described in [MS-SMB2] 2.2.3. The two fields behind ClientGUID are read
// as an offset and a count of contexts when the dialects have 3.1.1, and as ClientStartTime when they have not.
type SMB2Request struct {
	Header          smb.SMB2Header
	SecurityMode    smb.SecurityMode
	Reserved        uint16
	Capabilities    smb.SMB2Capabilities
	ClientGUID      dtyp.GUID
	ClientStartTime dtyp.Filetime // without 3.1.1
	Reserved2       uint16        // with 3.1.1
	Dialects        []smb.Dialect // in the order of the wire
	Contexts        []Context     // with 3.1.1, in the order of the wire
	Anomalies       []wire.Anomaly
}

// ParseSMB2Request parses an SMB2 negotiate request.
func ParseSMB2Request(msg []byte) (SMB2Request, error) {
	c := wire.NewCursor("SMB2 NEGOTIATE Request", msg)
	r := SMB2Request{Header: smb.ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, smb.SMB2Negotiate, false)
	size := c.Len16("StructureSize")
	count := c.Len16("DialectCount")
	r.SecurityMode = smb.SecurityMode(c.U16("SecurityMode"))
	r.Reserved = c.U16("Reserved")
	r.Capabilities = smb.SMB2Capabilities(c.U32("Capabilities"))
	c.Copy("ClientGuid", r.ClientGUID[:])
	union := c.Bytes("ClientStartTime", 8)
	if err := c.Err(); err != nil {
		return SMB2Request{}, err
	}
	if size != smb2RequestSize {
		c.Note("StructureSize", smb.SMB2HeaderSize, "%d, should be %d", size, smb2RequestSize)
	}
	switch {
	case count == 0:
		c.Note("DialectCount", smb.SMB2HeaderSize+2, "no dialect is offered")
	case count > maxSMB2Dialects:
		c.Note("DialectCount", smb.SMB2HeaderSize+2, "%d dialects, at most %d are read", count, maxSMB2Dialects)
	default:
		r.Dialects = readList[smb.Dialect](&c, "Dialects", count)
	}
	end := c.Offset()
	u := wire.NewCursor("", union)
	if !slices.Contains(r.Dialects, smb.DialectSMB311) {
		r.ClientStartTime = dtyp.Filetime(u.U64("ClientStartTime"))
		c.NoteTrailing(end)
	} else {
		list := contextList{offsetAt: smb2DialectsFrom - 8, countAt: smb2DialectsFrom - 4, end: end}
		list.offset, list.count = u.Len32("NegotiateContextOffset"), u.Len16("NegotiateContextCount")
		r.Reserved2 = u.U16("Reserved2")
		r.Contexts = list.read(&c)
	}
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message. Contexts without the dialect 3.1.1 have no place in it: a wire.ErrFormat error.
func (r SMB2Request) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 NEGOTIATE Request", b)
	a.Append(r.Header)
	a.U16(smb2RequestSize)
	a.Len16("DialectCount", len(r.Dialects))
	a.U16(uint16(r.SecurityMode))
	a.U16(r.Reserved)
	a.U32(uint32(r.Capabilities))
	a.Bytes(r.ClientGUID[:])
	if slices.Contains(r.Dialects, smb.DialectSMB311) {
		offset := 0
		if len(r.Contexts) > 0 {
			offset = align(smb2DialectsFrom + 2*len(r.Dialects))
		}
		a.Len32("NegotiateContextOffset", offset)
		a.Len16("NegotiateContextCount", len(r.Contexts))
		a.U16(r.Reserved2)
	} else {
		if len(r.Contexts) > 0 {
			a.Fail("NegotiateContextList", wire.ErrFormat)
		}
		a.U64(uint64(r.ClientStartTime))
	}
	appendList(&a, r.Dialects)
	appendContexts(&a, r.Contexts)
	return a.Result()
}

// Context returns the first context of a type.
func (r SMB2Request) Context(t ContextType) (Context, bool) { return find(r.Contexts, t) }
