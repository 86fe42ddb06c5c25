package samr

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A Connect2Request is the input of SamrConnect2 as described in [MS-SAMR] 3.1.5.1.2.
type Connect2Request struct {
	ServerName    ndr.Text // nil is a null pointer
	DesiredAccess uint32
	Anomalies     []wire.Anomaly
}

// ParseConnect2Request parses the stub of a request.
func ParseConnect2Request(stub []byte) (Connect2Request, error) {
	r := ndr.NewReader("SamrConnect2 request", stub)
	x := Connect2Request{ServerName: readServerName(&r), DesiredAccess: r.U32("DesiredAccess")}
	if err := r.Err(); err != nil {
		return Connect2Request{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x Connect2Request) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrConnect2 request", b)
	appendServerName(&w, x.ServerName)
	w.U32(x.DesiredAccess)
	return w.Result()
}

func readServerName(r *ndr.Reader) ndr.Text {
	if !r.Pointer("ServerName") {
		return nil
	}
	return r.String("ServerName")
}

func appendServerName(w *ndr.Writer, name ndr.Text) {
	w.Pointer(name != nil)
	if name != nil {
		w.String("ServerName", name)
	}
}

// A Revision is a SAMPR_REVISION_INFO of version 1 as described in [MS-SAMR] 2.2.7.15: what one side can do.
type Revision struct {
	Revision          uint32 // 3 is that of Windows since XP
	SupportedFeatures uint32
}

const revisionVersion = 1 // of the union, the only one

func readRevision(r *ndr.Reader) Revision {
	if version := r.U32("Version"); version != revisionVersion {
		r.Fail("Version", wire.ErrFormat)
	}
	return Revision{Revision: r.U32("Revision"), SupportedFeatures: r.U32("SupportedFeatures")}
}

func (v Revision) append(w *ndr.Writer) {
	w.U32(revisionVersion)
	w.U32(v.Revision)
	w.U32(v.SupportedFeatures)
}

// A Connect5Request is the input of SamrConnect5 as described in [MS-SAMR] 3.1.5.1.1.
type Connect5Request struct {
	ServerName    ndr.Text // nil is a null pointer
	DesiredAccess uint32
	Revision      Revision
	Anomalies     []wire.Anomaly
}

// ParseConnect5Request parses the stub of a request. A version other than 1 is an ErrFormat error.
func ParseConnect5Request(stub []byte) (Connect5Request, error) {
	r := ndr.NewReader("SamrConnect5 request", stub)
	x := Connect5Request{ServerName: readServerName(&r), DesiredAccess: r.U32("DesiredAccess")}
	if version := r.U32("InVersion"); version != revisionVersion {
		r.Fail("InVersion", wire.ErrFormat)
	}
	x.Revision = readRevision(&r)
	if err := r.Err(); err != nil {
		return Connect5Request{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x Connect5Request) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrConnect5 request", b)
	appendServerName(&w, x.ServerName)
	w.U32(x.DesiredAccess)
	w.U32(revisionVersion)
	x.Revision.append(&w)
	return w.Result()
}

// A Connect5Response is the output of SamrConnect5.
type Connect5Response struct {
	Revision  Revision
	Handle    ndr.Handle
	Result    dtyp.NTStatus
	Anomalies []wire.Anomaly
}

// ParseConnect5Response parses the stub of a response. A version other than 1 is an ErrFormat error.
func ParseConnect5Response(stub []byte) (Connect5Response, error) {
	r := ndr.NewReader("SamrConnect5 response", stub)
	if version := r.U32("OutVersion"); version != revisionVersion {
		r.Fail("OutVersion", wire.ErrFormat)
	}
	x := Connect5Response{Revision: readRevision(&r), Handle: r.Handle("ServerHandle"), Result: dtyp.NTStatus(r.U32("return value"))}
	if err := r.Err(); err != nil {
		return Connect5Response{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x Connect5Response) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrConnect5 response", b)
	w.U32(revisionVersion)
	x.Revision.append(&w)
	w.Handle(x.Handle)
	w.U32(uint32(x.Result))
	return w.Result()
}
