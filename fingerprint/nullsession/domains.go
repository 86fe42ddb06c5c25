package nullsession

import (
	"fmt"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/dcerpc/lsarpc"
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
)

const (
	lookupAtOnce = 64 // identifiers that one LsarLookupSids2 asks for
	lookupCall   = "LsarLookupSids2"
)

// domains asks the local security authority which domains the server is in, and which accounts have the identifiers that
// were asked for.
func (g *reading) domains() {
	p := g.pipe(lsarpc.PipeName)
	if p == nil {
		return
	}
	defer p.close()
	g.null.Domain = &report.Domain{}
	policy, err := g.openPolicy(p)
	if err != nil {
		g.null.Domain.Status = word(err)
		return
	}
	account := g.policies(p, policy)
	if account != nil {
		g.lookup(p, policy, *account)
	}
	p.release("LsarClose", lsarpc.OpClose, lsarpc.CloseRequest{Handle: policy})
}

// openPolicy opens the policy object for what reading needs, or, where that is refused, for whatever is granted: Samba's
// domain controller gives nobody but that, and then tells its domains all the same.
func (g *reading) openPolicy(p *pipe) (policy ndr.Handle, err error) {
	for _, access := range []uint32{lsarpc.AccessViewLocalInformation | lsarpc.AccessLookupNames, lsarpc.AccessMaximumAllowed} {
		policy, err = g.handle(p, "LsarOpenPolicy2", lsarpc.OpOpenPolicy2, lsarpc.NewOpenPolicy2(access))
		if err == nil || !denied(err) {
			break
		}
	}
	return policy, err
}

// handle makes a call that gives a handle. LSA and SAM have the same form of answer.
func (g *reading) handle(p *pipe, call string, opnum uint16, in request) (ndr.Handle, error) {
	stub, err := p.ask(call, opnum, in)
	var r lsarpc.HandleResponse
	if err == nil {
		r, err = lsarpc.ParseHandleResponse(stub)
	}
	if err == nil {
		err = failure(r.Result)
	}
	g.note(p.name, call, word(err))
	return r.Handle, err
}

// policies asks what the policy says of domains, and returns the identifier of the one that the server's own accounts are
// in.
func (g *reading) policies(p *pipe, policy ndr.Handle) *dtyp.SID {
	d := g.null.Domain
	var account *dtyp.SID
	for _, q := range []struct {
		call  string
		opnum uint16
		class lsarpc.PolicyClass
	}{
		{"LsarQueryInformationPolicy", lsarpc.OpQueryInformationPolicy, lsarpc.PolicyPrimaryDomain},
		{"LsarQueryInformationPolicy", lsarpc.OpQueryInformationPolicy, lsarpc.PolicyAccountDomain},
		{"LsarQueryInformationPolicy2", lsarpc.OpQueryInformationPolicy2, lsarpc.PolicyDNSDomain},
	} {
		stub, err := p.ask(q.call, q.opnum, lsarpc.PolicyRequest{Handle: policy, Class: q.class})
		var r lsarpc.PolicyResponse
		if err == nil {
			r, err = lsarpc.ParsePolicyResponse(stub)
		}
		if err == nil {
			err = failure(r.Result)
		}
		status := word(err)
		g.note(p.name, fmt.Sprintf("%s %d", q.call, q.class), status)
		if d.Status == "" || err == nil {
			d.Status = status
		}
		if err == nil && r.Information != nil && r.Information.Class == q.class {
			tell(d, *r.Information)
			if q.class == lsarpc.PolicyAccountDomain {
				account = r.Information.SID
			}
		}
	}
	return account
}

func tell(d *report.Domain, from lsarpc.PolicyInformation) {
	sid := ""
	if from.SID != nil {
		sid = from.SID.String()
	}
	switch from.Class {
	case lsarpc.PolicyPrimaryDomain:
		d.Name, d.SID = from.Name.String(), sid
	case lsarpc.PolicyAccountDomain:
		d.AccountName, d.AccountSID = from.Name.String(), sid
	case lsarpc.PolicyDNSDomain:
		d.DNS, d.Forest = from.DNSDomainName.String(), from.DNSForestName.String()
		if from.DomainGUID != (dtyp.GUID{}) {
			d.GUID = from.DomainGUID.String()
		}
		if d.Name == "" {
			d.Name, d.SID = from.Name.String(), sid
		}
	}
}

// lookup asks which accounts of a domain have the identifiers that were asked for.
func (g *reading) lookup(p *pipe, policy ndr.Handle, domain dtyp.SID) {
	rids := g.options.rids()
	count, status := 0, ""
	for len(rids) > 0 && g.ctx.Err() == nil {
		some := rids[:min(len(rids), lookupAtOnce)]
		rids = rids[len(some):]
		request := lsarpc.LookupSids2Request{Handle: policy, Level: lsarpc.LookupWksta, Revision: lsarpc.ClientRevision}
		for _, rid := range some {
			request.SIDs = append(request.SIDs, within(domain, rid))
		}
		stub, err := p.ask(lookupCall, lsarpc.OpLookupSids2, request)
		var r lsarpc.LookupSids2Response
		if err == nil {
			r, err = lsarpc.ParseLookupSids2Response(stub)
		}
		before := count
		for i, n := range r.Names {
			if i < len(some) && g.named(n, some[i], r.Domains) {
				count++
			}
		}
		done := err == nil && listed(r.Result)
		if !done || status == "" || count > before { // the last status is not that of most
			status = told(r.Result, err)
		}
		if !done {
			break
		}
	}
	if status != "" {
		g.counted(p.name, lookupCall, status, count)
	}
}

// listed tells whether a lookup has come to an end, whatever it has found.
func listed(s dtyp.NTStatus) bool {
	return s == dtyp.StatusSuccess || s == dtyp.StatusSomeNotMapped || s == dtyp.StatusNoneMapped
}

func within(domain dtyp.SID, rid uint32) dtyp.SID {
	domain.SubAuthority = append(domain.SubAuthority[:len(domain.SubAuthority):len(domain.SubAuthority)], rid)
	return domain
}

// named puts an account down that a lookup has named, and tells whether it was one.
func (g *reading) named(n lsarpc.TranslatedName, rid uint32, domains []lsarpc.ReferencedDomain) bool {
	domain := ""
	if i := int(n.DomainIndex); i >= 0 && i < len(domains) {
		domain = domains[i].Name.String()
	}
	name, sources := n.Name.String(), []string{lookupCall}
	switch n.Use {
	case lsarpc.SIDTypeUser, lsarpc.SIDTypeComputer:
		g.addUser(report.User{RID: rid, Name: name, Domain: domain, Sources: sources})
	case lsarpc.SIDTypeGroup:
		g.addGroup(report.Group{RID: rid, Name: name, Domain: domain, Kind: kindGroup, Sources: sources})
	case lsarpc.SIDTypeAlias:
		g.addGroup(report.Group{RID: rid, Name: name, Domain: domain, Kind: kindAlias, Sources: sources})
	default:
		return false
	}
	return true
}
