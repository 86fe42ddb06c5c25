package dcerpc

import (
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A Request is a request PDU as described in [C706] 12.6.4.9: a call, or a fragment of one.
type Request struct {
	Header    Header
	AllocHint uint32 // bytes of stub from here on, as the client says; 0 says nothing
	ContextID uint16
	Opnum     uint16
	Object    dtyp.GUID // there only with PFCObjectUUID in Header.Flags
	Stub      []byte    // aliases the message
	Auth      Auth
	Anomalies []wire.Anomaly
}

// ParseRequest parses a request PDU.
func ParseRequest(msg []byte) (Request, error) {
	c, header, auth := openPDU("request", msg, PDURequest, PDURequest)
	r := Request{Header: header, Auth: auth}
	r.AllocHint = c.U32("alloc_hint")
	r.ContextID = c.U16("p_cont_id")
	r.Opnum = c.U16("opnum")
	if header.Flags&PFCObjectUUID != 0 {
		c.Copy("object", r.Object[:])
	}
	if err := c.Err(); err != nil {
		return Request{}, err
	}
	r.Stub = rest(&c)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the PDU. A stub that does not fit one PDU is a wire.ErrTooLong error; Fragments splits it.
func (r Request) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("request", b)
	r.Header.begin(&a, PDURequest)
	a.U32(r.AllocHint)
	a.U16(r.ContextID)
	a.U16(r.Opnum)
	if r.Header.Flags&PFCObjectUUID != 0 {
		a.Bytes(r.Object[:])
	}
	a.Bytes(r.Stub)
	r.Header.end(&a, r.Auth)
	return a.Result()
}
