package samr

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A HandleResponse is the output of the calls that give a handle: SamrConnect2, SamrOpenDomain and SamrCloseHandle, which
// gives a null one ([MS-SAMR] 3.1.5.1.2, 3.1.5.1.5 and 3.1.5.13.1).
type HandleResponse struct {
	Handle    ndr.Handle
	Result    dtyp.NTStatus
	Anomalies []wire.Anomaly
}

// ParseHandleResponse parses the stub of a response.
func ParseHandleResponse(stub []byte) (HandleResponse, error) {
	r := ndr.NewReader("SAM handle", stub)
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
	w := ndr.NewWriter("SAM handle", b)
	w.Handle(x.Handle)
	w.U32(uint32(x.Result))
	return w.Result()
}

// A CloseHandleRequest is the input of SamrCloseHandle as described in [MS-SAMR] 3.1.5.13.1.
type CloseHandleRequest struct {
	Handle    ndr.Handle
	Anomalies []wire.Anomaly
}

// ParseCloseHandleRequest parses the stub of a request.
func ParseCloseHandleRequest(stub []byte) (CloseHandleRequest, error) {
	r := ndr.NewReader("SamrCloseHandle request", stub)
	x := CloseHandleRequest{Handle: r.Handle("SamHandle")}
	if err := r.Err(); err != nil {
		return CloseHandleRequest{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x CloseHandleRequest) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrCloseHandle request", b)
	w.Handle(x.Handle)
	return w.Result()
}

// An OpenDomainRequest is the input of SamrOpenDomain as described in [MS-SAMR] 3.1.5.1.5.
type OpenDomainRequest struct {
	ServerHandle  ndr.Handle
	DesiredAccess uint32
	DomainID      dtyp.SID
	Anomalies     []wire.Anomaly
}

// ParseOpenDomainRequest parses the stub of a request.
func ParseOpenDomainRequest(stub []byte) (OpenDomainRequest, error) {
	r := ndr.NewReader("SamrOpenDomain request", stub)
	x := OpenDomainRequest{ServerHandle: r.Handle("ServerHandle"), DesiredAccess: r.U32("DesiredAccess")}
	x.DomainID = r.SID("DomainId")
	if err := r.Err(); err != nil {
		return OpenDomainRequest{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x OpenDomainRequest) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrOpenDomain request", b)
	w.Handle(x.ServerHandle)
	w.U32(x.DesiredAccess)
	w.SID("DomainId", x.DomainID)
	return w.Result()
}
