package srvsvc

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/wire"
)

// PreferAll is the PreferedMaximumLength that asks for everything in one answer (MAX_PREFERRED_LENGTH, [MS-SRVS]
// 2.2.2.2).
const PreferAll uint32 = 0xFFFFFFFF

// A ShareEnumRequest is the input of NetrShareEnum as described in [MS-SRVS] 3.1.4.8.
type ShareEnumRequest struct {
	ServerName            ndr.Text // the server's name or address, with or without \\; nil is a null pointer
	Level                 uint32   // LevelShares
	NoContainer           bool     // a null pointer stands in place of the container, which servers refuse
	Shares                Shares   // null in all requests that mean something
	PreferedMaximumLength uint32   // in bytes
	ResumeHandle          *uint32  // nil is a null pointer; zero begins
	Anomalies             []wire.Anomaly
}

// ParseShareEnumRequest parses the stub of a request. Entries of another level than 1 are an ErrFormat error.
func ParseShareEnumRequest(stub []byte) (ShareEnumRequest, error) {
	r := ndr.NewReader("NetrShareEnum request", stub)
	var x ShareEnumRequest
	x.ServerName = readServerName(&r)
	x.Level, x.NoContainer, x.Shares = readShareEnumStruct(&r, stub)
	x.PreferedMaximumLength = r.U32("PreferedMaximumLength")
	x.ResumeHandle = readResume(&r)
	if err := r.Err(); err != nil {
		return ShareEnumRequest{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub. Shares beside NoContainer or another level than 1 are an ErrFormat error.
func (x ShareEnumRequest) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("NetrShareEnum request", b)
	writeServerName(&w, x.ServerName)
	writeShareEnumStruct(&w, x.Level, x.NoContainer, x.Shares)
	w.U32(x.PreferedMaximumLength)
	writeResume(&w, x.ResumeHandle)
	return w.Result()
}
