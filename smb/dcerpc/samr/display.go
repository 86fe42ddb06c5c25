package samr

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// DisplayUser is DomainDisplayUser, the class of ordinary accounts, [MS-SAMR] 2.2.8.12.
const DisplayUser uint16 = 1

// A DisplayRequest is the input of SamrQueryDisplayInformation and its successors 2 and 3 as described in [MS-SAMR]
// 3.1.5.3.1 to 3.1.5.3.3.
type DisplayRequest struct {
	Handle                ndr.Handle
	Class                 uint16 // DisplayUser
	Index                 uint32 // of the first account: how many were given so far
	EntryCount            uint32 // at most
	PreferedMaximumLength uint32 // in bytes
	Anomalies             []wire.Anomaly
}

// ParseDisplayRequest parses the stub of a request.
func ParseDisplayRequest(stub []byte) (DisplayRequest, error) {
	r := ndr.NewReader("SamrQueryDisplayInformation request", stub)
	x := DisplayRequest{
		Handle: r.Handle("DomainHandle"), Class: r.U16("DisplayInformationClass"), Index: r.U32("Index"),
		EntryCount: r.U32("EntryCount"), PreferedMaximumLength: r.U32("PreferredMaximumLength"),
	}
	if err := r.Err(); err != nil {
		return DisplayRequest{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x DisplayRequest) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrQueryDisplayInformation request", b)
	w.Handle(x.Handle)
	w.U16(x.Class)
	w.U32(x.Index)
	w.U32(x.EntryCount)
	w.U32(x.PreferedMaximumLength)
	return w.Result()
}

// A DisplayResponse is the output of SamrQueryDisplayInformation and its successors for DisplayUser. STATUS_MORE_ENTRIES
// is an ordinary result: ask again with a higher Index.
type DisplayResponse struct {
	// In bytes, but no measure of the list: Samba 4.17.12 says 32 for each account of this answer, and 32 for each that
	// was asked for.
	TotalAvailable, TotalReturned uint32

	Users     []DisplayedUser
	Result    dtyp.NTStatus
	Anomalies []wire.Anomaly
}

// A DisplayedUser is a SAMPR_DOMAIN_DISPLAY_USER as described in [MS-SAMR] 2.2.8.2.
type DisplayedUser struct {
	Index          uint32
	RID            uint32
	AccountControl UserAccountControl
	AccountName    ndr.Text
	AdminComment   ndr.Text
	FullName       ndr.Text
}

// ParseDisplayResponse parses the stub of a response. Another class than DisplayUser is an ErrFormat error.
func ParseDisplayResponse(stub []byte) (DisplayResponse, error) {
	r := ndr.NewReader("SamrQueryDisplayInformation response", stub)
	x := DisplayResponse{TotalAvailable: r.U32("TotalAvailable"), TotalReturned: r.U32("TotalReturned")}
	if class := r.U16("DisplayInformationClass"); class != DisplayUser {
		r.Fail("DisplayInformationClass", wire.ErrFormat)
	}
	x.Users = readDisplayed(&r)
	x.Result = dtyp.NTStatus(r.U32("return value"))
	if err := r.Err(); err != nil {
		return DisplayResponse{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

const displayedSize = 36 // of a SAMPR_DOMAIN_DISPLAY_USER without its texts, in bytes

func readDisplayed(r *ndr.Reader) []DisplayedUser {
	var list []DisplayedUser
	var heads [][3]ndr.StringHeader
	for range readArray(r, displayedSize) {
		list = append(list, DisplayedUser{
			Index: r.U32("Index"), RID: r.U32("Rid"), AccountControl: UserAccountControl(r.U32("AccountControl")),
		})
		heads = append(heads, [3]ndr.StringHeader{
			r.UnicodeString("AccountName"), r.UnicodeString("AdminComment"), r.UnicodeString("FullName"),
		})
	}
	for i := range list {
		list[i].AccountName = r.UnicodeText("AccountName", heads[i][0])
		list[i].AdminComment = r.UnicodeText("AdminComment", heads[i][1])
		list[i].FullName = r.UnicodeText("FullName", heads[i][2])
	}
	return list
}

// AppendBinary appends the stub.
func (x DisplayResponse) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrQueryDisplayInformation response", b)
	w.U32(x.TotalAvailable)
	w.U32(x.TotalReturned)
	w.U16(DisplayUser)
	w.Len32("EntriesRead", len(x.Users))
	w.Pointer(len(x.Users) > 0)
	if len(x.Users) > 0 {
		w.Len32("Buffer", len(x.Users))
	}
	for _, u := range x.Users {
		w.U32(u.Index)
		w.U32(u.RID)
		w.U32(uint32(u.AccountControl))
		w.UnicodeString("AccountName", u.AccountName)
		w.UnicodeString("AdminComment", u.AdminComment)
		w.UnicodeString("FullName", u.FullName)
	}
	for _, u := range x.Users {
		w.UnicodeText("AccountName", u.AccountName)
		w.UnicodeText("AdminComment", u.AdminComment)
		w.UnicodeText("FullName", u.FullName)
	}
	w.U32(uint32(x.Result))
	return w.Result()
}
