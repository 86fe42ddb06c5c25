package lsarpc

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A PolicyClass tells what a query asks for, a POLICY_INFORMATION_CLASS of [MS-LSAD] 2.2.4.1.
type PolicyClass uint16

// The classes that a PolicyResponse can hold.
const (
	PolicyPrimaryDomain PolicyClass = 3  // PolicyPrimaryDomainInformation
	PolicyAccountDomain PolicyClass = 5  // PolicyAccountDomainInformation
	PolicyDNSDomain     PolicyClass = 12 // PolicyDnsDomainInformation; of OpQueryInformationPolicy2 alone
)

// String prints the specification's name.
func (c PolicyClass) String() string {
	switch c {
	case PolicyPrimaryDomain:
		return "PolicyPrimaryDomainInformation"
	case PolicyAccountDomain:
		return "PolicyAccountDomainInformation"
	case PolicyDNSDomain:
		return "PolicyDnsDomainInformation"
	}
	return fmt.Sprintf("PolicyClass(%d)", uint16(c))
}

// A PolicyRequest is the input of LsarQueryInformationPolicy and LsarQueryInformationPolicy2 as described in [MS-LSAD]
// 3.1.4.4.4 and 3.1.4.4.3.
type PolicyRequest struct {
	Handle    ndr.Handle
	Class     PolicyClass
	Anomalies []wire.Anomaly
}

// ParsePolicyRequest parses the stub of a request.
func ParsePolicyRequest(stub []byte) (PolicyRequest, error) {
	r := ndr.NewReader("LsarQueryInformationPolicy request", stub)
	x := PolicyRequest{Handle: r.Handle("PolicyHandle"), Class: PolicyClass(r.U16("InformationClass"))}
	if err := r.Err(); err != nil {
		return PolicyRequest{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x PolicyRequest) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("LsarQueryInformationPolicy request", b)
	w.Handle(x.Handle)
	w.U16(uint16(x.Class))
	return w.Result()
}

// A PolicyResponse is the output of LsarQueryInformationPolicy and LsarQueryInformationPolicy2.
type PolicyResponse struct {
	Information *PolicyInformation // nil is a null pointer, as refusals have
	Result      dtyp.NTStatus
	Anomalies   []wire.Anomaly
}

// A PolicyInformation tells of one domain: an LSAPR_POLICY_PRIMARY_DOM_INFO, LSAPR_POLICY_ACCOUNT_DOM_INFO or
// LSAPR_POLICY_DNS_DOMAIN_INFO as described in [MS-LSAD] 2.2.4.5, 2.2.4.6 and 2.2.4.14.
type PolicyInformation struct {
	Class PolicyClass
	Name  ndr.Text  // NetBIOS name of the domain, or of the workgroup
	SID   *dtyp.SID // nil is a null pointer: a workgroup has none

	// Of PolicyDNSDomain alone.
	DNSDomainName ndr.Text
	DNSForestName ndr.Text
	DomainGUID    dtyp.GUID
}

// ParsePolicyResponse parses the stub of a response. Information of another class is an ErrFormat error.
func ParsePolicyResponse(stub []byte) (PolicyResponse, error) {
	r := ndr.NewReader("LsarQueryInformationPolicy response", stub)
	var x PolicyResponse
	if r.Pointer("PolicyInformation") {
		x.Information = readPolicy(&r)
	}
	x.Result = dtyp.NTStatus(r.U32("return value"))
	if err := r.Err(); err != nil {
		return PolicyResponse{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

func readPolicy(r *ndr.Reader) *PolicyInformation {
	p := &PolicyInformation{Class: PolicyClass(r.U16("InformationClass"))}
	switch p.Class {
	case PolicyPrimaryDomain, PolicyAccountDomain:
		name := r.UnicodeString("Name")
		sid := r.Pointer("Sid")
		p.Name = r.UnicodeText("Name", name)
		p.SID = readSID(r, sid)
	case PolicyDNSDomain:
		name, domain, forest := r.UnicodeString("Name"), r.UnicodeString("DnsDomainName"), r.UnicodeString("DnsForestName")
		r.Align(4)
		r.Copy("DomainGuid", p.DomainGUID[:])
		sid := r.Pointer("Sid")
		p.Name = r.UnicodeText("Name", name)
		p.DNSDomainName = r.UnicodeText("DnsDomainName", domain)
		p.DNSForestName = r.UnicodeText("DnsForestName", forest)
		p.SID = readSID(r, sid)
	default:
		r.Fail("InformationClass", wire.ErrFormat)
	}
	return p
}

func readSID(r *ndr.Reader, referent bool) *dtyp.SID {
	if !referent {
		return nil
	}
	sid := r.SID("Sid")
	return &sid
}

// AppendBinary appends the stub. Information of another class is an ErrFormat error.
func (x PolicyResponse) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("LsarQueryInformationPolicy response", b)
	w.Pointer(x.Information != nil)
	if x.Information != nil {
		x.Information.append(&w)
	}
	w.U32(uint32(x.Result))
	return w.Result()
}

func (p PolicyInformation) append(w *ndr.Writer) {
	w.U16(uint16(p.Class))
	w.UnicodeString("Name", p.Name)
	switch p.Class {
	case PolicyPrimaryDomain, PolicyAccountDomain:
	case PolicyDNSDomain:
		w.UnicodeString("DnsDomainName", p.DNSDomainName)
		w.UnicodeString("DnsForestName", p.DNSForestName)
		w.Bytes(p.DomainGUID[:])
	default:
		w.Fail("InformationClass", wire.ErrFormat)
	}
	w.Pointer(p.SID != nil)
	w.UnicodeText("Name", p.Name)
	if p.Class == PolicyDNSDomain {
		w.UnicodeText("DnsDomainName", p.DNSDomainName)
		w.UnicodeText("DnsForestName", p.DNSForestName)
	}
	if p.SID != nil {
		w.SID("Sid", *p.SID)
	}
}
