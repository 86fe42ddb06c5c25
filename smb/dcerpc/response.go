package dcerpc

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// A Response is a response PDU as described in [C706] 12.6.4.10: what a call returned, or a fragment of it.
type Response struct {
	Header      Header
	AllocHint   uint32 // bytes of stub from here on, as the server says; nothing is allocated by it
	ContextID   uint16
	CancelCount uint8
	Reserved    uint8
	Stub        []byte // aliases the message
	Auth        Auth
	Anomalies   []wire.Anomaly
}

// ParseResponse parses a response PDU.
func ParseResponse(msg []byte) (Response, error) {
	c, header, auth := openPDU("response", msg, PDUResponse, PDUResponse)
	r := Response{Header: header, Auth: auth}
	r.AllocHint = c.U32("alloc_hint")
	r.ContextID = c.U16("p_cont_id")
	r.CancelCount = c.U8("cancel_count")
	r.Reserved = c.U8("reserved")
	if err := c.Err(); err != nil {
		return Response{}, err
	}
	r.Stub = rest(&c)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the PDU. A stub that does not fit one PDU is a wire.ErrTooLong error.
func (r Response) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("response", b)
	r.Header.begin(&a, PDUResponse)
	a.U32(r.AllocHint)
	a.U16(r.ContextID)
	a.U8(r.CancelCount)
	a.U8(r.Reserved)
	a.Bytes(r.Stub)
	r.Header.end(&a, r.Auth)
	return a.Result()
}
