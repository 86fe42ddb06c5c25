package wkssvc

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A WkstaInfo is a WKSTA_INFO_100 as described in [MS-WKST] 2.2.5.1. Texts alias the stub, and are nil where the
// server sent a null pointer.
type WkstaInfo struct {
	PlatformID   uint32 // 500 is Windows NT and its heirs, and Samba
	ComputerName ndr.Text
	LANGroup     ndr.Text // the domain or workgroup
	VerMajor     uint32
	VerMinor     uint32
}

// A WkstaGetInfoResponse is the output of NetrWkstaGetInfo as described in [MS-WKST] 3.2.4.1.
type WkstaGetInfoResponse struct {
	Level     uint32     // of the union
	WkstaInfo *WkstaInfo // nil is a null pointer, or another level than LevelWksta
	Result    dtyp.Win32Error
	Anomalies []wire.Anomaly
}

// ParseWkstaGetInfoResponse parses the stub of a response. Information of another level than 100 is an ErrFormat
// error.
func ParseWkstaGetInfoResponse(stub []byte) (WkstaGetInfoResponse, error) {
	r := ndr.NewReader("NetrWkstaGetInfo response", stub)
	x := WkstaGetInfoResponse{Level: r.U32("Level")}
	if x.Level != LevelWksta {
		r.UnknownArm("WkstaInfo")
	} else if r.Pointer("WkstaInfo") {
		x.WkstaInfo = readWkstaInfo(&r)
	}
	x.Result = dtyp.Win32Error(r.U32("Result"))
	if err := r.Err(); err != nil {
		return WkstaGetInfoResponse{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub. A WkstaInfo beside another level than 100 is an ErrFormat error.
func (x WkstaGetInfoResponse) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("NetrWkstaGetInfo response", b)
	w.U32(x.Level)
	switch {
	case x.Level != LevelWksta && x.WkstaInfo != nil:
		w.Fail("WkstaInfo", wire.ErrFormat)
	case x.Level == LevelWksta:
		w.Pointer(x.WkstaInfo != nil)
		if x.WkstaInfo != nil {
			x.WkstaInfo.write(&w)
		}
	}
	w.U32(uint32(x.Result))
	return w.Result()
}

func readWkstaInfo(r *ndr.Reader) *WkstaInfo {
	var i WkstaInfo
	i.PlatformID = r.U32("platform_id")
	name := r.Pointer("computername")
	group := r.Pointer("langroup")
	i.VerMajor = r.U32("ver_major")
	i.VerMinor = r.U32("ver_minor")
	if name {
		i.ComputerName = r.String("computername")
	}
	if group {
		i.LANGroup = r.String("langroup")
	}
	return &i
}

func (i WkstaInfo) write(w *ndr.Writer) {
	w.U32(i.PlatformID)
	w.Pointer(i.ComputerName != nil)
	w.Pointer(i.LANGroup != nil)
	w.U32(i.VerMajor)
	w.U32(i.VerMinor)
	if i.ComputerName != nil {
		w.String("computername", i.ComputerName)
	}
	if i.LANGroup != nil {
		w.String("langroup", i.LANGroup)
	}
}
