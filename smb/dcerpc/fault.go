package dcerpc

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// FaultExtendedError is the bit of Fault.Reserved that says that extended error information follows, [MS-RPCE]
// 2.2.2.8.
const FaultExtendedError = 0x01

// A Fault is a fault PDU as described in [C706] 12.6.4.7 and [MS-RPCE] 2.2.2.8.
type Fault struct {
	Header      Header
	AllocHint   uint32
	ContextID   uint16
	CancelCount uint8
	Reserved    uint8 // FaultExtendedError
	Status      FaultStatus
	Reserved2   uint32
	Stub        []byte // the stub, or extended error information; aliases the message
	Auth        Auth
	Anomalies   []wire.Anomaly
}

// ParseFault parses a fault PDU. The reserved bytes behind the status may be missing.
func ParseFault(msg []byte) (Fault, error) {
	c, header, auth := openPDU("fault", msg, PDUFault, PDUFault)
	f := Fault{Header: header, Auth: auth}
	f.AllocHint = c.U32("alloc_hint")
	f.ContextID = c.U16("p_cont_id")
	f.CancelCount = c.U8("cancel_count")
	f.Reserved = c.U8("reserved")
	f.Status = FaultStatus(c.U32("status"))
	if err := c.Err(); err != nil {
		return Fault{}, err
	}
	if at := c.Offset(); c.Remaining() < 4 {
		c.Note("reserved2", at, "%d bytes are left for it", c.Remaining())
	} else {
		f.Reserved2 = c.U32("reserved2")
	}
	f.Stub = rest(&c)
	f.Anomalies = c.Anomalies()
	return f, nil
}

// AppendBinary appends the PDU.
func (f Fault) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("fault", b)
	f.Header.begin(&a, PDUFault)
	a.U32(f.AllocHint)
	a.U16(f.ContextID)
	a.U8(f.CancelCount)
	a.U8(f.Reserved)
	a.U32(uint32(f.Status))
	a.U32(f.Reserved2)
	a.Bytes(f.Stub)
	f.Header.end(&a, f.Auth)
	return a.Result()
}

// Err returns the fault as a *FaultError.
func (f Fault) Err() error { return &FaultError{Status: f.Status} }
