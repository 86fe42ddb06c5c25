package nullsession

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dcerpc/samr"
	"github.com/smbscope/smbscope/smb/dtyp"
)

const (
	maxDomains  = 8 // a server has two: its own and Builtin
	displayPage = 256

	kindGroup = "group"
	kindAlias = "alias"

	builtin = "Builtin"
)

// accounts asks the security account manager for the domains that it has, and in each for users, groups, aliases and the
// rules for passwords.
func (g *reading) accounts() {
	p := g.pipe(samr.PipeName)
	if p == nil {
		return
	}
	defer p.close()
	server, err := g.samServer(p)
	if err != nil {
		g.null.UsersStatus, g.null.GroupsStatus = word(err), word(err)
		return
	}
	for _, name := range g.samDomains(p, server) {
		if g.ctx.Err() != nil {
			break
		}
		g.samDomain(p, server, name)
	}
	p.release("SamrCloseHandle", samr.OpCloseHandle, samr.CloseHandleRequest{Handle: server})
}

// samServer opens the server object, with the oldest call that is worth asking where the newest is not there.
func (g *reading) samServer(p *pipe) (ndr.Handle, error) {
	const access = samr.ServerConnect | samr.ServerEnumerateDomains | samr.ServerLookupDomain
	const windowsXP = 3
	stub, err := p.ask("SamrConnect5", samr.OpConnect5, samr.Connect5Request{
		ServerName: g.serverName(), DesiredAccess: access, Revision: samr.Revision{Revision: windowsXP},
	})
	var r samr.Connect5Response
	if err == nil {
		r, err = samr.ParseConnect5Response(stub)
	}
	if err == nil {
		err = failure(r.Result)
	}
	g.note(p.name, "SamrConnect5", word(err))
	if err == nil || !p.alive() {
		return r.Handle, err
	}
	return g.handle(p, "SamrConnect2", samr.OpConnect2, samr.Connect2Request{ServerName: g.serverName(), DesiredAccess: access})
}

// serverName is what the server is called in calls. Most do not look at it; impacket's ends without an answer where it is
// missing.
func (g *reading) serverName() ndr.Text { return ndr.MakeText(`\\` + g.session.Server()) }

// samDomains lists the domains: the server's own or the one that it controls, and Builtin.
func (g *reading) samDomains(p *pipe, server ndr.Handle) []string {
	var names []string
	status := g.enumerate(p, "SamrEnumerateDomainsInSamServer", samr.OpEnumerateDomains, server, func(e samr.Entry) bool {
		names = append(names, e.Name.String())
		return len(names) < maxDomains
	})
	if len(names) == 0 {
		g.null.UsersStatus, g.null.GroupsStatus = status, status
	}
	return names
}

// samDomain reads one domain.
func (g *reading) samDomain(p *pipe, server ndr.Handle, name string) {
	stub, err := p.ask("SamrLookupDomainInSamServer", samr.OpLookupDomain, samr.LookupDomainRequest{
		ServerHandle: server, Name: ndr.MakeText(name),
	})
	var r samr.LookupDomainResponse
	if err == nil {
		r, err = samr.ParseLookupDomainResponse(stub)
	}
	if err == nil {
		err = failure(r.Result)
	}
	g.note(p.name, "SamrLookupDomainInSamServer "+name, word(err))
	if err != nil || r.DomainID == nil {
		return
	}
	domain, err := g.samOpen(p, server, *r.DomainID)
	if err != nil {
		if g.null.UsersStatus == "" {
			g.null.UsersStatus, g.null.GroupsStatus = word(err), word(err)
		}
		return
	}
	own := !strings.EqualFold(name, builtin)
	if own {
		g.samUsers(p, domain, name)
		g.display(p, domain, name)
		g.passwords(p, domain, name)
	}
	g.samGroups(p, domain, name, own)
	p.release("SamrCloseHandle", samr.OpCloseHandle, samr.CloseHandleRequest{Handle: domain})
}

// samOpen opens a domain for all that is read of it, or, where that is too much, for its lists alone.
func (g *reading) samOpen(p *pipe, server ndr.Handle, id dtyp.SID) (domain ndr.Handle, err error) {
	const lists = samr.DomainListAccounts | samr.DomainLookup
	for _, access := range []uint32{lists | samr.DomainReadPasswordParameters | samr.DomainReadOtherParameters, lists} {
		domain, err = g.handle(p, "SamrOpenDomain", samr.OpOpenDomain, samr.OpenDomainRequest{
			ServerHandle: server, DesiredAccess: access, DomainID: id,
		})
		if err == nil || !denied(err) {
			return domain, err
		}
	}
	return domain, err
}

func (g *reading) samUsers(p *pipe, domain ndr.Handle, name string) {
	const call = "SamrEnumerateUsersInDomain"
	g.null.UsersStatus = g.enumerate(p, call, samr.OpEnumerateUsers, domain, func(e samr.Entry) bool {
		g.addUser(report.User{RID: e.RelativeID, Name: e.Name.String(), Domain: name, Sources: []string{call}})
		return !g.users.cut
	})
}

func (g *reading) samGroups(p *pipe, domain ndr.Handle, name string, own bool) {
	kinds := []struct {
		call  string
		opnum uint16
		kind  string
	}{
		{"SamrEnumerateGroupsInDomain", samr.OpEnumerateGroups, kindGroup},
		{"SamrEnumerateAliasesInDomain", samr.OpEnumerateAliases, kindAlias},
	}
	for _, k := range kinds {
		if k.kind == kindGroup && !own {
			continue // Builtin has aliases alone
		}
		status := g.enumerate(p, k.call, k.opnum, domain, func(e samr.Entry) bool {
			g.addGroup(report.Group{RID: e.RelativeID, Name: e.Name.String(), Domain: name, Kind: k.kind, Sources: []string{k.call}})
			return !g.groups.cut
		})
		if g.null.GroupsStatus == "" || status == "STATUS_SUCCESS" {
			g.null.GroupsStatus = status
		}
	}
}

// enumerate walks a list of the security account manager page by page until take has enough, and returns the status of
// the last page.
func (g *reading) enumerate(p *pipe, call string, opnum uint16, handle ndr.Handle, take func(samr.Entry) bool) string {
	place, count, status := uint32(0), 0, ""
	for {
		var in request = samr.EnumerateRequest{Handle: handle, EnumerationContext: place, PreferedMaximumLength: pageSize}
		if opnum == samr.OpEnumerateUsers {
			in = samr.EnumerateUsersRequest{Handle: handle, EnumerationContext: place, PreferedMaximumLength: pageSize}
		}
		stub, err := p.ask(call, opnum, in)
		var r samr.EnumerateResponse
		if err == nil {
			r, err = samr.ParseEnumerateResponse(stub)
		}
		status = told(r.Result, err)
		enough := false
		for _, e := range r.Entries {
			count++
			if enough = !take(e); enough {
				break
			}
		}
		more := err == nil && r.Result == dtyp.StatusMoreEntries && len(r.Entries) > 0 && r.EnumerationContext != place
		if enough || more && count >= g.options.maxEntries() {
			g.partial(cutOff)
		}
		if !more || enough || count >= g.options.maxEntries() || g.ctx.Err() != nil {
			break
		}
		place = r.EnumerationContext
	}
	g.counted(p.name, call, status, count)
	return status
}

// display asks for what the lists leave out: names of people, comments, kinds of account.
func (g *reading) display(p *pipe, domain ndr.Handle, name string) {
	const call = "SamrQueryDisplayInformation"
	index, status := 0, ""
	for {
		stub, err := p.ask(call, samr.OpQueryDisplayInformation, samr.DisplayRequest{
			Handle: domain, Class: samr.DisplayUser, Index: uint32(index), EntryCount: displayPage, PreferedMaximumLength: pageSize,
		})
		var r samr.DisplayResponse
		if err == nil {
			r, err = samr.ParseDisplayResponse(stub)
		}
		status = told(r.Result, err)
		for _, u := range r.Users {
			g.addUser(report.User{
				RID: u.RID, Name: u.AccountName.String(), FullName: u.FullName.String(), Comment: u.AdminComment.String(),
				Domain: name, Flags: u.AccountControl.Tokens(), Sources: []string{call},
			})
		}
		index += len(r.Users)
		more := err == nil && r.Result == dtyp.StatusMoreEntries && len(r.Users) > 0
		if more && index >= g.options.maxEntries() {
			g.partial(cutOff)
		}
		if !more || g.users.cut || index >= g.options.maxEntries() || g.ctx.Err() != nil {
			break
		}
	}
	g.counted(p.name, call, status, index)
}

// passwords asks for the rules for passwords and for lockout.
func (g *reading) passwords(p *pipe, domain ndr.Handle, name string) {
	policy := &report.PasswordPolicy{Domain: name}
	g.null.PasswordPolicy = policy
	for _, class := range []samr.DomainClass{samr.DomainPassword, samr.DomainLockout} {
		const call = "SamrQueryInformationDomain"
		stub, err := p.ask(call, samr.OpQueryInformationDomain, samr.DomainInfoRequest{Handle: domain, Class: class})
		var r samr.DomainInfoResponse
		if err == nil {
			r, err = samr.ParseDomainInfoResponse(stub)
		}
		if err == nil {
			err = failure(r.Result)
		}
		status := word(err)
		g.note(p.name, fmt.Sprintf("%s %d", call, class), status)
		if class == samr.DomainPassword {
			policy.Status = status
		} else {
			policy.LockStatus = status
		}
		if err != nil {
			continue
		}
		rule(policy, r)
	}
}

func rule(policy *report.PasswordPolicy, r samr.DomainInfoResponse) {
	if i := r.Password; i != nil {
		length, history := int(i.MinPasswordLength), int(i.PasswordHistoryLength)
		policy.MinLength, policy.History, policy.Properties = &length, &history, i.PasswordProperties.Tokens()
		policy.MaxAge, policy.MinAge = seconds(i.MaxPasswordAge), seconds(i.MinPasswordAge)
	}
	if i := r.Lockout; i != nil {
		threshold := int(i.LockoutThreshold)
		policy.Threshold, policy.Lockout, policy.Window = &threshold, seconds(i.LockoutDuration), seconds(i.LockoutObservationWindow)
	}
}

// seconds returns a time span as the report has it. Samba 4.17 sends 2^32-1 seconds for an age that its policy has as -1,
// which is never (pdbedit -P "maximum password age").
func seconds(d samr.Delta) *int64 {
	s := report.Never
	if span, ok := d.Duration(); ok && span/time.Second != math.MaxUint32 {
		s = int64(span / time.Second)
	}
	return &s
}
