package dcerpc

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// A Context is a presentation context that a client proposes, the p_cont_elem_t of [C706] 12.6.3.1.
type Context struct {
	ID               uint16
	Reserved         uint8
	AbstractSyntax   SyntaxID // the interface
	TransferSyntaxes []SyntaxID
}

const contextSize = 4 + syntaxIDSize // without transfer syntaxes

// A Bind is a bind PDU as described in [C706] 12.6.4.3, or an alter_context PDU, 12.6.4.1, which has the same fields:
// Header.Type tells, and any type but PDUAlterContext builds a bind.
type Bind struct {
	Header      Header
	MaxXmitFrag uint16 // bytes of the largest PDU that the client sends
	MaxRecvFrag uint16 // bytes of the largest PDU that the client takes
	AssocGroup  uint32 // 0 asks for a new association group
	Reserved    uint8
	Reserved2   uint16
	Contexts    []Context
	Auth        Auth
	Anomalies   []wire.Anomaly
}

// NewBind returns a bind with a presentation context for each interface, numbered from 0, that offers NDR.
func NewBind(callID uint32, interfaces ...SyntaxID) Bind {
	b := Bind{Header: Header{Flags: PFCWhole, CallID: callID}, MaxXmitFrag: MaxFragment, MaxRecvFrag: MaxFragment}
	for i, s := range interfaces {
		b.Contexts = append(b.Contexts, Context{ID: uint16(i), AbstractSyntax: s, TransferSyntaxes: []SyntaxID{NDR()}})
	}
	return b
}

// ParseBind parses a bind or an alter_context PDU. Of a list that is longer than the PDU, what is there is kept.
func ParseBind(msg []byte) (Bind, error) {
	c, header, auth := openPDU("bind", msg, PDUBind, PDUAlterContext)
	b := Bind{Header: header, Auth: auth}
	b.MaxXmitFrag = c.U16("max_xmit_frag")
	b.MaxRecvFrag = c.U16("max_recv_frag")
	b.AssocGroup = c.U32("assoc_group_id")
	count := c.Len8("n_context_elem")
	b.Reserved = c.U8("reserved")
	b.Reserved2 = c.U16("reserved2")
	if err := c.Err(); err != nil {
		return Bind{}, err
	}
	for i := range count {
		if c.Remaining() < contextSize {
			c.Note("n_context_elem", 24, "%d contexts, but %d are there", count, i)
			break
		}
		b.Contexts = append(b.Contexts, readContext(&c))
	}
	c.NoteTrailing(c.Offset())
	b.Anomalies = c.Anomalies()
	return b, nil
}

func readContext(c *wire.Cursor) Context {
	x := Context{ID: c.U16("p_cont_id")}
	at := c.Offset()
	count := c.Len8("n_transfer_syn")
	x.Reserved = c.U8("reserved")
	x.AbstractSyntax = readSyntaxID(c, "abstract_syntax")
	for i := range count {
		if c.Remaining() < syntaxIDSize {
			c.Note("n_transfer_syn", at, "%d transfer syntaxes, but %d are there", count, i)
			break
		}
		x.TransferSyntaxes = append(x.TransferSyntaxes, readSyntaxID(c, "transfer_syntaxes"))
	}
	return x
}

// AppendBinary appends the PDU.
func (b Bind) AppendBinary(buf []byte) ([]byte, error) {
	a := wire.NewAppender("bind", buf)
	t := PDUBind
	if b.Header.Type == PDUAlterContext {
		t = PDUAlterContext
	}
	b.Header.begin(&a, t)
	a.U16(b.MaxXmitFrag)
	a.U16(b.MaxRecvFrag)
	a.U32(b.AssocGroup)
	a.Len8("n_context_elem", len(b.Contexts))
	a.U8(b.Reserved)
	a.U16(b.Reserved2)
	for _, x := range b.Contexts {
		a.U16(x.ID)
		a.Len8("n_transfer_syn", len(x.TransferSyntaxes))
		a.U8(x.Reserved)
		x.AbstractSyntax.append(&a)
		for _, s := range x.TransferSyntaxes {
			s.append(&a)
		}
	}
	b.Header.end(&a, b.Auth)
	return a.Result()
}
