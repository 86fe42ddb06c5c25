package lsarpc

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	// MaxSIDs is how many identifiers one request may have, [MS-LSAT] 2.2.18.
	MaxSIDs = 20480
	// LookupWksta is LsapLookupWksta, the level at which a server looks everywhere it can, [MS-LSAT] 2.2.16.
	LookupWksta uint16 = 1
	// ClientRevision is what clients since Windows 2000 say, [MS-LSAT] 3.1.4.9.
	ClientRevision uint32 = 2
)

// A SIDNameUse tells what an identifier stands for, a SID_NAME_USE of [MS-LSAT] 2.2.13.
type SIDNameUse uint16

// The uses of [MS-LSAT] 2.2.13.
const (
	SIDTypeUser           SIDNameUse = 1
	SIDTypeGroup          SIDNameUse = 2
	SIDTypeDomain         SIDNameUse = 3
	SIDTypeAlias          SIDNameUse = 4
	SIDTypeWellKnownGroup SIDNameUse = 5
	SIDTypeDeletedAccount SIDNameUse = 6
	SIDTypeInvalid        SIDNameUse = 7
	SIDTypeUnknown        SIDNameUse = 8
	SIDTypeComputer       SIDNameUse = 9
	SIDTypeLabel          SIDNameUse = 10
)

var sidNameUses = [...]string{
	"SidTypeUser", "SidTypeGroup", "SidTypeDomain", "SidTypeAlias", "SidTypeWellKnownGroup", "SidTypeDeletedAccount",
	"SidTypeInvalid", "SidTypeUnknown", "SidTypeComputer", "SidTypeLabel",
}

// String prints the specification's token.
func (u SIDNameUse) String() string {
	if u >= 1 && int(u) <= len(sidNameUses) {
		return sidNameUses[u-1]
	}
	return fmt.Sprintf("SIDNameUse(%d)", uint16(u))
}

// A LookupSids2Request is the input of LsarLookupSids2 as described in [MS-LSAT] 3.1.4.10. The list of names that it has
// as well is empty.
type LookupSids2Request struct {
	Handle        ndr.Handle
	SIDs          []dtyp.SID
	Level         uint16 // LookupWksta
	MappedCount   uint32 // ignored
	LookupOptions uint32
	Revision      uint32 // ClientRevision
	Anomalies     []wire.Anomaly
}

// ParseLookupSids2Request parses the stub of a request. A null pointer in place of a SID, or names that come with it, are
// an ErrFormat error.
func ParseLookupSids2Request(stub []byte) (LookupSids2Request, error) {
	r := ndr.NewReader("LsarLookupSids2 request", stub)
	x := LookupSids2Request{Handle: r.Handle("PolicyHandle")}
	count := r.Len32("Entries")
	if r.Pointer("SidInfo") {
		r.Count("SidInfo", count)
		x.SIDs = readSIDs(&r, count)
	}
	if names := r.Len32("Entries"); r.Pointer("Names") || names != 0 {
		r.Fail("TranslatedNames", wire.ErrFormat)
	}
	x.Level = r.U16("LookupLevel")
	x.MappedCount = r.U32("MappedCount")
	x.LookupOptions = r.U32("LookupOptions")
	x.Revision = r.U32("ClientRevision")
	if err := r.Err(); err != nil {
		return LookupSids2Request{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

func readSIDs(r *ndr.Reader, count int) []dtyp.SID {
	var sids []dtyp.SID
	for i := 0; i < count && !r.Failed(); i++ {
		if !r.Pointer("Sid") {
			r.Fail("Sid", wire.ErrFormat)
		}
		if i >= MaxSIDs {
			r.Fail("Entries", wire.ErrFormat)
		}
	}
	for i := 0; i < count && !r.Failed(); i++ {
		sids = append(sids, r.SID("Sid"))
	}
	return sids
}

// AppendBinary appends the stub.
func (x LookupSids2Request) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("LsarLookupSids2 request", b)
	w.Handle(x.Handle)
	w.Len32("Entries", len(x.SIDs))
	w.Pointer(len(x.SIDs) > 0)
	if len(x.SIDs) > 0 {
		w.Len32("SidInfo", len(x.SIDs))
		for range x.SIDs {
			w.Pointer(true)
		}
		for _, s := range x.SIDs {
			w.SID("Sid", s)
		}
	}
	w.U32(0)
	w.Pointer(false)
	w.U16(x.Level)
	w.U32(x.MappedCount)
	w.U32(x.LookupOptions)
	w.U32(x.Revision)
	return w.Result()
}

// A LookupSids2Response is the output of LsarLookupSids2. STATUS_SOME_NOT_MAPPED and STATUS_NONE_MAPPED are ordinary
// results: the others are there.
type LookupSids2Response struct {
	Domains     []ReferencedDomain
	MaxEntries  uint32 // of Domains; ignored
	NoDomains   bool   // a null pointer stands in place of the list
	Names       []TranslatedName
	MappedCount uint32
	Result      dtyp.NTStatus
	Anomalies   []wire.Anomaly
}

// A ReferencedDomain is a domain that names are in, an LSAPR_TRUST_INFORMATION of [MS-LSAT] 2.2.11.
type ReferencedDomain struct {
	Name ndr.Text
	SID  *dtyp.SID
}

// A TranslatedName is what an identifier stands for, an LSAPR_TRANSLATED_NAME_EX of [MS-LSAT] 2.2.21, in the order of the
// identifiers that were asked for.
type TranslatedName struct {
	Use         SIDNameUse
	Name        ndr.Text
	DomainIndex int32 // into Domains; -1 for none
	Flags       uint32
}

// ParseLookupSids2Response parses the stub of a response.
func ParseLookupSids2Response(stub []byte) (LookupSids2Response, error) {
	r := ndr.NewReader("LsarLookupSids2 response", stub)
	var x LookupSids2Response
	if x.NoDomains = !r.Pointer("ReferencedDomains"); !x.NoDomains {
		count := r.Len32("Entries")
		list := r.Pointer("Domains")
		x.MaxEntries = r.U32("MaxEntries")
		if list {
			x.Domains = readDomains(&r, count)
		}
	}
	count := r.Len32("Entries")
	if r.Pointer("Names") {
		x.Names = readNames(&r, count)
	}
	x.MappedCount = r.U32("MappedCount")
	x.Result = dtyp.NTStatus(r.U32("return value"))
	if err := r.Err(); err != nil {
		return LookupSids2Response{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

func readDomains(r *ndr.Reader, count int) []ReferencedDomain {
	r.Count("Domains", count)
	type head struct {
		name ndr.StringHeader
		sid  bool
	}
	var heads []head
	for i := 0; i < count && !r.Failed(); i++ {
		heads = append(heads, head{r.UnicodeString("Name"), r.Pointer("Sid")})
	}
	var list []ReferencedDomain
	for _, h := range heads {
		if r.Failed() {
			break
		}
		list = append(list, ReferencedDomain{Name: r.UnicodeText("Name", h.name), SID: readSID(r, h.sid)})
	}
	return list
}

func readNames(r *ndr.Reader, count int) []TranslatedName {
	r.Count("Names", count)
	var list []TranslatedName
	var heads []ndr.StringHeader
	for i := 0; i < count && !r.Failed(); i++ {
		r.Align(4)
		n := TranslatedName{Use: SIDNameUse(r.U16("Use"))}
		heads = append(heads, r.UnicodeString("Name"))
		n.DomainIndex = int32(r.U32("DomainIndex"))
		n.Flags = r.U32("Flags")
		list = append(list, n)
	}
	for i := range list {
		list[i].Name = r.UnicodeText("Name", heads[i])
	}
	return list
}

// AppendBinary appends the stub.
func (x LookupSids2Response) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("LsarLookupSids2 response", b)
	w.Pointer(!x.NoDomains)
	if !x.NoDomains {
		w.Len32("Entries", len(x.Domains))
		w.Pointer(len(x.Domains) > 0)
		w.U32(x.MaxEntries)
		x.appendDomains(&w)
	}
	w.Len32("Entries", len(x.Names))
	w.Pointer(len(x.Names) > 0)
	x.appendNames(&w)
	w.U32(x.MappedCount)
	w.U32(uint32(x.Result))
	return w.Result()
}

func (x LookupSids2Response) appendDomains(w *ndr.Writer) {
	if len(x.Domains) == 0 {
		return
	}
	w.Len32("Domains", len(x.Domains))
	for _, d := range x.Domains {
		w.UnicodeString("Name", d.Name)
		w.Pointer(d.SID != nil)
	}
	for _, d := range x.Domains {
		w.UnicodeText("Name", d.Name)
		if d.SID != nil {
			w.SID("Sid", *d.SID)
		}
	}
}

func (x LookupSids2Response) appendNames(w *ndr.Writer) {
	if len(x.Names) == 0 {
		return
	}
	w.Len32("Names", len(x.Names))
	for _, n := range x.Names {
		w.Pad(4)
		w.U16(uint16(n.Use))
		w.UnicodeString("Name", n.Name)
		w.U32(uint32(n.DomainIndex))
		w.U32(n.Flags)
	}
	for _, n := range x.Names {
		w.UnicodeText("Name", n.Name)
	}
}
