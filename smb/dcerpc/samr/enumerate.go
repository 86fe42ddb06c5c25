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
		x.Entries = readEntries(&r)
	}
	at := r.Offset()
	x.CountReturned = r.U32("CountReturned")
	if uint64(x.CountReturned) != uint64(len(x.Entries)) && !r.Failed() {
		r.Note("CountReturned", at, "%d, with %d entries", x.CountReturned, len(x.Entries))
	}
	x.Result = dtyp.NTStatus(r.U32("return value"))
	if err := r.Err(); err != nil {
		return EnumerateResponse{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// readArray reads the number of entries, the pointer to them and the count of the array behind it, which holds entries of
// size bytes without their texts. The array's own count decides ([C706] 14.3.3.2): the entries are there, whatever the
// number beside the pointer says. More of them than there are bytes is an ErrTruncated failure, before anything is read.
func readArray(r *ndr.Reader, size int) int {
	r.Align(4)
	at := r.Offset()
	entries := r.Len32("EntriesRead")
	exists := r.Pointer("Buffer")
	if !exists {
		if entries != 0 && !r.Failed() {
			r.Note("EntriesRead", at, "%d entries, and a null pointer to them", entries)
		}
		return 0
	}
	at = r.Offset()
	count := r.Len32("Buffer")
	if count != entries && !r.Failed() {
		r.Note("Buffer", at, "maximum count %d of an array of %d", count, entries)
	}
	if count < 0 || count > r.Remaining()/size {
		r.Fail("Buffer", wire.ErrTruncated)
		return 0
	}
	return count
}

const entrySize = 12 // of a SAMPR_RID_ENUMERATION without its name, in bytes

func readEntries(r *ndr.Reader) []Entry {
	var list []Entry
	var heads []ndr.StringHeader
	for range readArray(r, entrySize) {
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
