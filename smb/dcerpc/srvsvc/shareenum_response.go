package srvsvc

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A ShareEnumResponse is the output of NetrShareEnum as described in [MS-SRVS] 3.1.4.8. Its entries are walked with
// All.
type ShareEnumResponse struct {
	Level        uint32 // of the union, which decides; LevelShares
	NoContainer  bool   // a null pointer stands in place of the container
	Shares              // aliases the stub
	TotalEntries uint32 // how many there would be without PreferedMaximumLength
	ResumeHandle *uint32
	Result       dtyp.Win32Error // Win32MoreData or Win32BufTooSmall: ask again with ResumeHandle
	Anomalies    []wire.Anomaly
}

// ParseShareEnumResponse parses the stub of a response. Entries of another level than 1 are an ErrFormat error; a
// list that says to have more than the stub holds is an ErrTruncated error.
func ParseShareEnumResponse(stub []byte) (ShareEnumResponse, error) {
	r := ndr.NewReader("NetrShareEnum response", stub)
	var x ShareEnumResponse
	x.Level, x.NoContainer, x.Shares = readShareEnumStruct(&r, stub)
	x.TotalEntries = r.U32("TotalEntries")
	x.ResumeHandle = readResume(&r)
	x.Result = dtyp.Win32Error(r.U32("Result"))
	if err := r.Err(); err != nil {
		return ShareEnumResponse{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub. Shares beside NoContainer or another level than 1 are an ErrFormat error.
func (x ShareEnumResponse) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("NetrShareEnum response", b)
	writeShareEnumStruct(&w, x.Level, x.NoContainer, x.Shares)
	w.U32(x.TotalEntries)
	writeResume(&w, x.ResumeHandle)
	w.U32(uint32(x.Result))
	return w.Result()
}
