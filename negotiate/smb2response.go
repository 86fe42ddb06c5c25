package negotiate

import (
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	smb2ResponseSize = 65 // StructureSize of [MS-SMB2] 2.2.4, which counts one byte of the variable part
	smb2BufferFrom   = smb.SMB2HeaderSize + smb2ResponseSize - 1
)

// An SMB2Response is an SMB2 NEGOTIATE Response as described in [MS-SMB2] 2.2.4. Dialect smb.DialectWildcard answers a
// multi-protocol negotiation and is no dialect: an SMB2 negotiate must follow.
type SMB2Response struct {
	Header          smb.SMB2Header
	SecurityMode    smb.SecurityMode
	Dialect         smb.Dialect
	Reserved        uint16 // where Dialect is not 3.1.1
	ServerGUID      dtyp.GUID
	Capabilities    smb.SMB2Capabilities
	MaxTransactSize uint32 // bytes
	MaxReadSize     uint32 // bytes
	MaxWriteSize    uint32 // bytes
	SystemTime      dtyp.Filetime
	ServerStartTime dtyp.Filetime
	Reserved2       uint32    // where Dialect is not 3.1.1; Windows leaves text in it
	SecurityBuffer  []byte    // aliases the message
	Contexts        []Context // with 3.1.1, in the order of the wire
	Anomalies       []wire.Anomaly
}

// ParseSMB2Response parses an SMB2 negotiate response; one that reports a failure is an smb.ErrErrorResponse error.
// Without anomalies the only allocation is the slice of contexts.
func ParseSMB2Response(msg []byte) (SMB2Response, error) {
	c := wire.NewCursor("SMB2 NEGOTIATE Response", msg)
	r := SMB2Response{Header: smb.ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, smb.SMB2Negotiate, true)
	size := c.Len16("StructureSize")
	r.SecurityMode = smb.SecurityMode(c.U16("SecurityMode"))
	r.Dialect = smb.Dialect(c.U16("DialectRevision"))
	count := c.U16("NegotiateContextCount/Reserved")
	c.Copy("ServerGuid", r.ServerGUID[:])
	r.Capabilities = smb.SMB2Capabilities(c.U32("Capabilities"))
	r.MaxTransactSize = c.U32("MaxTransactSize")
	r.MaxReadSize = c.U32("MaxReadSize")
	r.MaxWriteSize = c.U32("MaxWriteSize")
	r.SystemTime = dtyp.Filetime(c.U64("SystemTime"))
	r.ServerStartTime = dtyp.Filetime(c.U64("ServerStartTime"))
	bufferOffset := c.Len16("SecurityBufferOffset")
	bufferLength := c.Len16("SecurityBufferLength")
	contexts := c.U32("NegotiateContextOffset/Reserved2")
	if err := c.Err(); err != nil {
		return SMB2Response{}, err
	}
	if size != smb2ResponseSize {
		c.Note("StructureSize", smb.SMB2HeaderSize, "%d, should be %d", size, smb2ResponseSize)
	}
	r.SecurityBuffer = c.At("SecurityBuffer", bufferOffset, bufferLength)
	end := c.Offset()
	if r.SecurityBuffer != nil {
		if bufferOffset != smb2BufferFrom {
			c.Note("SecurityBufferOffset", end-8, "%d, should be %d", bufferOffset, smb2BufferFrom)
		}
		end = max(end, bufferOffset+bufferLength)
	}
	r.readTail(&c, count, contexts, end)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// readTail reads what depends on the dialect. The fields count and contexts have a meaning at 3.1.1 only.
func (r *SMB2Response) readTail(c *wire.Cursor, count uint16, contexts uint32, end int) {
	if r.Dialect != smb.DialectSMB311 {
		r.Reserved, r.Reserved2 = count, contexts
		c.NoteTrailing(end)
		return
	}
	offset := int(int32(contexts)) // negative where it does not fit, which At refuses
	list := contextList{offset: offset, offsetAt: smb2BufferFrom - 4, count: int(count), countAt: smb.SMB2HeaderSize + 6, end: end}
	r.Contexts = list.read(c)
}

// AppendBinary appends the message. Contexts with another dialect than 3.1.1 have no place in it: a wire.ErrFormat
// error.
func (r SMB2Response) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 NEGOTIATE Response", b)
	a.Append(r.Header)
	a.U16(smb2ResponseSize)
	a.U16(uint16(r.SecurityMode))
	a.U16(uint16(r.Dialect))
	if r.Dialect == smb.DialectSMB311 {
		a.Len16("NegotiateContextCount", len(r.Contexts))
	} else {
		if len(r.Contexts) > 0 {
			a.Fail("NegotiateContextList", wire.ErrFormat)
		}
		a.U16(r.Reserved)
	}
	a.Bytes(r.ServerGUID[:])
	a.U32(uint32(r.Capabilities))
	a.U32(r.MaxTransactSize)
	a.U32(r.MaxReadSize)
	a.U32(r.MaxWriteSize)
	a.U64(uint64(r.SystemTime))
	a.U64(uint64(r.ServerStartTime))
	a.Len16("SecurityBufferOffset", smb2BufferFrom)
	a.Len16("SecurityBufferLength", len(r.SecurityBuffer))
	switch {
	case r.Dialect != smb.DialectSMB311:
		a.U32(r.Reserved2)
	case len(r.Contexts) == 0:
		a.U32(0)
	default:
		a.Len32("NegotiateContextOffset", align(smb2BufferFrom+len(r.SecurityBuffer)))
	}
	a.Bytes(r.SecurityBuffer)
	appendContexts(&a, r.Contexts)
	return a.Result()
}

// Context returns the first context of a type.
func (r SMB2Response) Context(t ContextType) (Context, bool) { return find(r.Contexts, t) }
