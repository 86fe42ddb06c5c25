package samr

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// An EnumerateRequest is the input of SamrEnumerateDomainsInSamServer, SamrEnumerateGroupsInDomain and
// SamrEnumerateAliasesInDomain as described in [MS-SAMR] 3.1.5.2.1, 3.1.5.2.2 and 3.1.5.2.4.
type EnumerateRequest struct {
	Handle                ndr.Handle // of the server, or of a domain
	EnumerationContext    uint32     // zero begins
	PreferedMaximumLength uint32     // in bytes
	Anomalies             []wire.Anomaly
}

// ParseEnumerateRequest parses the stub of a request.
func ParseEnumerateRequest(stub []byte) (EnumerateRequest, error) {
	r := ndr.NewReader("SamrEnumerate request", stub)
	x := EnumerateRequest{
		Handle: r.Handle("Handle"), EnumerationContext: r.U32("EnumerationContext"),
		PreferedMaximumLength: r.U32("PreferedMaximumLength"),
	}
	if err := r.Err(); err != nil {
		return EnumerateRequest{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x EnumerateRequest) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrEnumerate request", b)
	w.Handle(x.Handle)
	w.U32(x.EnumerationContext)
	w.U32(x.PreferedMaximumLength)
	return w.Result()
}

// An EnumerateUsersRequest is the input of SamrEnumerateUsersInDomain as described in [MS-SAMR] 3.1.5.2.5.
type EnumerateUsersRequest struct {
	Handle                ndr.Handle
	EnumerationContext    uint32             // zero begins
	UserAccountControl    UserAccountControl // only accounts with any of these; zero is all
	PreferedMaximumLength uint32             // in bytes
	Anomalies             []wire.Anomaly
}

// ParseEnumerateUsersRequest parses the stub of a request.
func ParseEnumerateUsersRequest(stub []byte) (EnumerateUsersRequest, error) {
	r := ndr.NewReader("SamrEnumerateUsersInDomain request", stub)
	x := EnumerateUsersRequest{
		Handle: r.Handle("DomainHandle"), EnumerationContext: r.U32("EnumerationContext"),
		UserAccountControl: UserAccountControl(r.U32("UserAccountControl")), PreferedMaximumLength: r.U32("PreferedMaximumLength"),
	}
	if err := r.Err(); err != nil {
		return EnumerateUsersRequest{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x EnumerateUsersRequest) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrEnumerateUsersInDomain request", b)
	w.Handle(x.Handle)
	w.U32(x.EnumerationContext)
	w.U32(uint32(x.UserAccountControl))
	w.U32(x.PreferedMaximumLength)
	return w.Result()
}

// An EnumerateResponse is the output of all calls that enumerate. STATUS_MORE_ENTRIES is an ordinary result: ask again with
// EnumerationContext.
type EnumerateResponse struct {
	EnumerationContext uint32
	NoBuffer           bool    // a null pointer stands in place of the list
	Entries            []Entry // nil where there are none
	CountReturned      uint32
	Result             dtyp.NTStatus
	Anomalies          []wire.Anomaly
}

// An Entry is a SAMPR_RID_ENUMERATION as described in [MS-SAMR] 2.2.7.5.
type Entry struct {
	RelativeID uint32 // of domains 0
	Name       ndr.Text
}

// ParseEnumerateResponse parses the stub of a response.
func ParseEnumerateResponse(stub []byte) (EnumerateResponse, error) {
	r := ndr.NewReader("SamrEnumerate response", stub)
	x := EnumerateResponse{EnumerationContext: r.U32("EnumerationContext")}
	if x.NoBuffer = !r.Pointer("Buffer"); !x.NoBuffer {
		count := r.Len32("EntriesRead")
		if r.Pointer("Buffer") {
			x.Entries = readEntries(&r, count)
		}
	}
	x.CountReturned = r.U32("CountReturned")
	x.Result = dtyp.NTStatus(r.U32("return value"))
	if err := r.Err(); err != nil {
		return EnumerateResponse{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

func readEntries(r *ndr.Reader, count int) []Entry {
	r.Count("Buffer", count)
	var list []Entry
	var heads []ndr.StringHeader
	for i := 0; i < count && !r.Failed(); i++ {
		list = append(list, Entry{RelativeID: r.U32("RelativeId")})
		heads = append(heads, r.UnicodeString("Name"))
	}
	for i := range list {
		list[i].Name = r.UnicodeText("Name", heads[i])
	}
	return list
}

// AppendBinary appends the stub.
func (x EnumerateResponse) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrEnumerate response", b)
	w.U32(x.EnumerationContext)
	w.Pointer(!x.NoBuffer)
	if !x.NoBuffer {
		w.Len32("EntriesRead", len(x.Entries))
		w.Pointer(len(x.Entries) > 0)
		x.appendEntries(&w)
	}
	w.U32(x.CountReturned)
	w.U32(uint32(x.Result))
	return w.Result()
}

func (x EnumerateResponse) appendEntries(w *ndr.Writer) {
	if len(x.Entries) == 0 {
		return
	}
	w.Len32("Buffer", len(x.Entries))
	for _, e := range x.Entries {
		w.U32(e.RelativeID)
		w.UnicodeString("Name", e.Name)
	}
	for _, e := range x.Entries {
		w.UnicodeText("Name", e.Name)
	}
}
