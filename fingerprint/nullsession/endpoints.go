package nullsession

import (
	"fmt"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/smb/dcerpc/epm"
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/wire"
)

// endpoints asks the endpoint mapper which interfaces are registered. None of them is called.
func (g *reading) endpoints() {
	p := g.pipe(epm.PipeName)
	if p == nil {
		return
	}
	defer p.close()
	const call = "ept_lookup"
	var place ndr.Handle
	count, status := 0, ""
	for {
		stub, err := p.ask(call, epm.OpLookup, epm.LookupRequest{EntryHandle: place, MaxEntries: epm.MaxEntries})
		var r epm.LookupResponse
		if err == nil {
			r, err = epm.ParseLookupResponse(stub)
		}
		status = mapped(r.Status, err)
		for _, e := range r.Entries {
			if count == g.options.maxEntries() {
				g.partial(cutOff)
				break
			}
			g.endpoint(e)
			count++
		}
		if err != nil || r.Status != 0 || len(r.Entries) == 0 || r.EntryHandle.IsZero() ||
			count >= g.options.maxEntries() || g.ctx.Err() != nil {
			break
		}
		place = r.EntryHandle
	}
	g.null.EndpointsStatus = status
	g.counted(p.name, call, status, count)
}

// mapped is the status of a lookup: that there are no more entries is none to complain of.
func mapped(status uint32, err error) string {
	switch {
	case err != nil:
		return word(err)
	case status == 0, status == epm.StatusNotRegistered:
		return word(nil)
	}
	return fmt.Sprintf("0x%08X", status)
}

func (g *reading) endpoint(e epm.Entry) {
	t, err := epm.ParseTower(e.Tower)
	if err != nil {
		return
	}
	id := dcerpc.SyntaxID{UUID: t.Interface, Major: t.Major, Minor: t.Minor}.String()
	g.null.Endpoints = append(g.null.Endpoints, report.Endpoint{
		UUID: id, Name: interfaceName(id), Protocol: t.Protocol, Endpoint: t.Endpoint, Annotation: wire.DecodeOEM(e.Annotation),
	})
}

// interfaceName returns the name of an interface that Pipes knows; empty for others.
func interfaceName(id string) string {
	for _, p := range Pipes() {
		for _, i := range p.Interfaces {
			if i.syntax().String() == id {
				return i.Name
			}
		}
	}
	return ""
}
