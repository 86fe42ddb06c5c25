package srvsvc

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A ServerGetInfoResponse is the output of NetrServerGetInfo as described in [MS-SRVS] 3.1.4.17.
type ServerGetInfoResponse struct {
	Level      uint32      // of the union
	InfoStruct *ServerInfo // nil is a null pointer, or a level without a ServerInfo
	Result     dtyp.Win32Error
	Anomalies  []wire.Anomaly
}

// ParseServerGetInfoResponse parses the stub of a response. Information of another level than 100, 101 and 102 is an
// ErrFormat error.
func ParseServerGetInfoResponse(stub []byte) (ServerGetInfoResponse, error) {
	r := ndr.NewReader("NetrServerGetInfo response", stub)
	x := ServerGetInfoResponse{Level: r.U32("Level")}
	if !x.hasInfo() {
		r.UnknownArm("InfoStruct")
	} else if r.Pointer("InfoStruct") {
		x.InfoStruct = readServerInfo(&r, x.Level)
	}
	x.Result = dtyp.Win32Error(r.U32("Result"))
	if err := r.Err(); err != nil {
		return ServerGetInfoResponse{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub. An InfoStruct beside another level than 100, 101 and 102 is an ErrFormat error.
func (x ServerGetInfoResponse) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("NetrServerGetInfo response", b)
	w.U32(x.Level)
	switch {
	case !x.hasInfo() && x.InfoStruct != nil:
		w.Fail("InfoStruct", wire.ErrFormat)
	case x.hasInfo():
		w.Pointer(x.InfoStruct != nil)
		if x.InfoStruct != nil {
			x.InfoStruct.write(&w, x.Level)
		}
	}
	w.U32(uint32(x.Result))
	return w.Result()
}

func (x ServerGetInfoResponse) hasInfo() bool {
	return x.Level >= LevelPlatform && x.Level <= LevelSettings
}
