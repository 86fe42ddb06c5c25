package wkssvc

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/wire"
)

// A WkstaGetInfoRequest is the input of NetrWkstaGetInfo as described in [MS-WKST] 3.2.4.1.
type WkstaGetInfoRequest struct {
	ServerName ndr.Text // the server's name or address; nil is a null pointer. Servers do not look at it
	Level      uint32   // LevelWksta
	Anomalies  []wire.Anomaly
}

// ParseWkstaGetInfoRequest parses the stub of a request.
func ParseWkstaGetInfoRequest(stub []byte) (WkstaGetInfoRequest, error) {
	r := ndr.NewReader("NetrWkstaGetInfo request", stub)
	var x WkstaGetInfoRequest
	if r.Pointer("ServerName") {
		x.ServerName = r.String("ServerName")
	}
	x.Level = r.U32("Level")
	if err := r.Err(); err != nil {
		return WkstaGetInfoRequest{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x WkstaGetInfoRequest) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("NetrWkstaGetInfo request", b)
	w.Pointer(x.ServerName != nil)
	if x.ServerName != nil {
		w.String("ServerName", x.ServerName)
	}
	w.U32(x.Level)
	return w.Result()
}
