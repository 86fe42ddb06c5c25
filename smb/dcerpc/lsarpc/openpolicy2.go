package lsarpc

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// An OpenPolicy2Request is the input of LsarOpenPolicy2 as described in [MS-LSAD] 3.1.4.4.1. Servers look at nothing in
// ObjectAttributes but RootDirectory, which must be null.
type OpenPolicy2Request struct {
	SystemName       ndr.Text // the server's name; nil is a null pointer
	Length           uint32   // of ObjectAttributes, 24
	Attributes       uint32
	QualityOfService *QualityOfService
	DesiredAccess    uint32
	Anomalies        []wire.Anomaly
}

// A QualityOfService is a SECURITY_QUALITY_OF_SERVICE as described in [MS-LSAD] 2.2.3.7.
type QualityOfService struct {
	Length              uint32 // 12
	ImpersonationLevel  uint16
	ContextTrackingMode uint8
	EffectiveOnly       uint8
}

const attributesSize = 24

// NewOpenPolicy2 returns a request for some rights.
func NewOpenPolicy2(access uint32) OpenPolicy2Request {
	return OpenPolicy2Request{Length: attributesSize, DesiredAccess: access}
}

// ParseOpenPolicy2Request parses the stub of a request. Attributes with a root directory, a name or a security descriptor
// are an ErrFormat error.
func ParseOpenPolicy2Request(stub []byte) (OpenPolicy2Request, error) {
	r := ndr.NewReader("LsarOpenPolicy2 request", stub)
	var x OpenPolicy2Request
	if r.Pointer("SystemName") {
		x.SystemName = r.String("SystemName")
	}
	x.Length = r.U32("Length")
	root, name := r.Pointer("RootDirectory"), r.Pointer("ObjectName")
	x.Attributes = r.U32("Attributes")
	descriptor, service := r.Pointer("SecurityDescriptor"), r.Pointer("SecurityQualityOfService")
	if root || name || descriptor {
		r.Fail("ObjectAttributes", wire.ErrFormat)
	}
	if service {
		x.QualityOfService = &QualityOfService{
			Length: r.U32("Length"), ImpersonationLevel: r.U16("ImpersonationLevel"),
			ContextTrackingMode: r.U8("ContextTrackingMode"), EffectiveOnly: r.U8("EffectiveOnly"),
		}
	}
	x.DesiredAccess = r.U32("DesiredAccess")
	if err := r.Err(); err != nil {
		return OpenPolicy2Request{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x OpenPolicy2Request) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("LsarOpenPolicy2 request", b)
	w.Pointer(x.SystemName != nil)
	if x.SystemName != nil {
		w.String("SystemName", x.SystemName)
	}
	w.U32(x.Length)
	w.Pointer(false)
	w.Pointer(false)
	w.U32(x.Attributes)
	w.Pointer(false)
	w.Pointer(x.QualityOfService != nil)
	if q := x.QualityOfService; q != nil {
		w.U32(q.Length)
		w.U16(q.ImpersonationLevel)
		w.U8(q.ContextTrackingMode)
		w.U8(q.EffectiveOnly)
	}
	w.U32(x.DesiredAccess)
	return w.Result()
}

// A HandleResponse is the output of the calls that give a handle: LsarOpenPolicy2, [MS-LSAD] 3.1.4.4.1, and LsarClose,
// 3.1.4.9.4, which gives a null one.
type HandleResponse struct {
	Handle    ndr.Handle
	Result    dtyp.NTStatus
	Anomalies []wire.Anomaly
}

// ParseHandleResponse parses the stub of a response.
func ParseHandleResponse(stub []byte) (HandleResponse, error) {
	r := ndr.NewReader("policy handle", stub)
	x := HandleResponse{Handle: r.Handle("Handle"), Result: dtyp.NTStatus(r.U32("return value"))}
	if err := r.Err(); err != nil {
		return HandleResponse{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x HandleResponse) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("policy handle", b)
	w.Handle(x.Handle)
	w.U32(uint32(x.Result))
	return w.Result()
}

// A CloseRequest is the input of LsarClose as described in [MS-LSAD] 3.1.4.9.4.
type CloseRequest struct {
	Handle    ndr.Handle
	Anomalies []wire.Anomaly
}

// ParseCloseRequest parses the stub of a request.
func ParseCloseRequest(stub []byte) (CloseRequest, error) {
	r := ndr.NewReader("LsarClose request", stub)
	x := CloseRequest{Handle: r.Handle("ObjectHandle")}
	if err := r.Err(); err != nil {
		return CloseRequest{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x CloseRequest) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("LsarClose request", b)
	w.Handle(x.Handle)
	return w.Result()
}
