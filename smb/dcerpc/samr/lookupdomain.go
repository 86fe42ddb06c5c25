package samr

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A LookupDomainRequest is the input of SamrLookupDomainInSamServer as described in [MS-SAMR] 3.1.5.11.1.
type LookupDomainRequest struct {
	ServerHandle ndr.Handle
	Name         ndr.Text
	Anomalies    []wire.Anomaly
}

// ParseLookupDomainRequest parses the stub of a request.
func ParseLookupDomainRequest(stub []byte) (LookupDomainRequest, error) {
	r := ndr.NewReader("SamrLookupDomainInSamServer request", stub)
	x := LookupDomainRequest{ServerHandle: r.Handle("ServerHandle")}
	x.Name = r.UnicodeText("Name", r.UnicodeString("Name"))
	if err := r.Err(); err != nil {
		return LookupDomainRequest{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x LookupDomainRequest) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrLookupDomainInSamServer request", b)
	w.Handle(x.ServerHandle)
	w.UnicodeString("Name", x.Name)
	w.UnicodeText("Name", x.Name)
	return w.Result()
}

// A LookupDomainResponse is the output of SamrLookupDomainInSamServer.
type LookupDomainResponse struct {
	DomainID  *dtyp.SID // nil is a null pointer
	Result    dtyp.NTStatus
	Anomalies []wire.Anomaly
}

// ParseLookupDomainResponse parses the stub of a response.
func ParseLookupDomainResponse(stub []byte) (LookupDomainResponse, error) {
	r := ndr.NewReader("SamrLookupDomainInSamServer response", stub)
	var x LookupDomainResponse
	if r.Pointer("DomainId") {
		sid := r.SID("DomainId")
		x.DomainID = &sid
	}
	x.Result = dtyp.NTStatus(r.U32("return value"))
	if err := r.Err(); err != nil {
		return LookupDomainResponse{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x LookupDomainResponse) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrLookupDomainInSamServer response", b)
	w.Pointer(x.DomainID != nil)
	if x.DomainID != nil {
		w.SID("DomainId", *x.DomainID)
	}
	w.U32(uint32(x.Result))
	return w.Result()
}
