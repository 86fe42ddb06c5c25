package srvsvc

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/wire"
)

// A ServerGetInfoRequest is the input of NetrServerGetInfo as described in [MS-SRVS] 3.1.4.17.
type ServerGetInfoRequest struct {
	ServerName ndr.Text // the server's name or address, with or without \\; nil is a null pointer
	Level      uint32   // 100, 101 or 102: 102 tells more, and may be refused to those who get 101
	Anomalies  []wire.Anomaly
}

// ParseServerGetInfoRequest parses the stub of a request.
func ParseServerGetInfoRequest(stub []byte) (ServerGetInfoRequest, error) {
	r := ndr.NewReader("NetrServerGetInfo request", stub)
	x := ServerGetInfoRequest{ServerName: readServerName(&r), Level: r.U32("Level")}
	if err := r.Err(); err != nil {
		return ServerGetInfoRequest{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x ServerGetInfoRequest) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("NetrServerGetInfo request", b)
	writeServerName(&w, x.ServerName)
	w.U32(x.Level)
	return w.Result()
}
