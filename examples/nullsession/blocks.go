package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
)

func (v view) server(out *strings.Builder, s *report.ServerInfo) {
	if s == nil {
		return
	}
	v.heading(out, "server"+ended(s.Status))
	var f facts
	f.add("name", clean(s.Name))
	if s.Computer != s.Name {
		f.add("computer", clean(s.Computer))
	}
	f.add("group", clean(s.LANGroup))
	f.add("comment", cut(s.Comment, maxFact))
	version := clean(s.Version)
	if s.PlatformID != nil {
		version = strings.TrimPrefix(fmt.Sprintf("%s, platform %d", version, *s.PlatformID), ", ")
	}
	f.add("version", version)
	f.add("type", tokens(s.Type, "SV_TYPE_"))
	switch {
	case s.Users == nil:
	case *s.Users == 1<<32-1:
		f.add("users", "any number may be logged on")
	default:
		f.add("users", fmt.Sprintf("at most %d may be logged on", *s.Users))
	}
	f.add("user path", clean(s.UserPath))
	v.facts(out, f)
}

func (v view) domain(out *strings.Builder, d *report.Domain) {
	if d == nil {
		return
	}
	v.heading(out, "domain"+ended(d.Status))
	var f facts
	name := clean(d.Name)
	if d.Name != "" && d.SID == "" && d.Status == "STATUS_SUCCESS" {
		name += ", without a SID, as a workgroup is"
	}
	f.add("name", name)
	f.add("SID", clean(d.SID))
	f.add("DNS", cut(d.DNS, maxFact))
	f.add("forest", cut(d.Forest, maxFact))
	f.add("GUID", clean(d.GUID))
	f.add("own accounts", clean(d.AccountName))
	f.add("their SID", clean(d.AccountSID))
	v.facts(out, f)
}

func (v view) shares(out *strings.Builder, n *report.NullSession) {
	v.heading(out, listed("shares", len(n.Shares), n.SharesStatus))
	g := v.newGrid("NAME", "TYPE", "READ", "WRITE", "BASIS", "COMMENT", "STATUS")
	var rights facts
	for _, s := range n.Shares {
		status := ""
		if v.verbose || !s.Read.Known() || !s.Write.Known() {
			status = cut(s.Status, maxFact)
		}
		if v.verbose && len(s.MaximalAccess) > 0 {
			rights.add("rights to", clean(s.Name)+": "+tokens(s.MaximalAccess, "FILE_"))
		}
		g.add(clean(s.Name), clean(strings.ReplaceAll(s.Type, "STYPE_", "")), v.open(s.Read), v.open(s.Write),
			clean(string(s.AccessBasis)), clean(s.Comment), status)
	}
	v.grid(out, g)
	v.facts(out, rights)
}

func (v view) users(out *strings.Builder, n *report.NullSession) {
	v.heading(out, listed("users", len(n.Users), n.UsersStatus))
	g := v.newGrid("RID", "NAME", "FULL NAME", "FLAGS", "COMMENT", "DOMAIN", "TOLD BY")
	g.right[0] = true
	for _, u := range n.Users {
		by := ""
		if v.verbose {
			by = tokens(u.Sources, "")
		}
		g.add(strconv.FormatUint(uint64(u.RID), 10), clean(u.Name), clean(u.FullName), tokens(u.Flags, "USER_"), clean(u.Comment),
			clean(u.Domain), by)
	}
	v.grid(out, g)
}

func (v view) groups(out *strings.Builder, n *report.NullSession) {
	v.heading(out, listed("groups", len(n.Groups), n.GroupsStatus))
	g := v.newGrid("RID", "NAME", "KIND", "DOMAIN", "TOLD BY")
	g.right[0] = true
	for _, e := range n.Groups {
		by := ""
		if v.verbose {
			by = tokens(e.Sources, "")
		}
		g.add(strconv.FormatUint(uint64(e.RID), 10), clean(e.Name), clean(e.Kind), clean(e.Domain), by)
	}
	v.grid(out, g)
}

// pipes prints which pipes were opened and which interfaces bound there.
func (v view) pipes(out *strings.Builder, n *report.NullSession) {
	if len(n.Pipes) == 0 {
		return
	}
	v.heading(out, "pipes")
	g := v.newGrid("PIPE", "OPEN", "INTERFACE", "BOUND", "STATUS", "UUID")
	for _, p := range n.Pipes {
		if len(p.Interfaces) == 0 {
			g.add(clean(p.Name), v.short(p.Open), "", "", clean(p.Status), "")
		}
		for _, i := range p.Interfaces {
			g.add(clean(p.Name), v.short(p.Open), clean(i.Name), v.short(i.Bound), clean(i.Status), v.id(i.UUID))
		}
	}
	v.grid(out, g)
}

// id shows an identifier where there is room for it.
func (v view) id(uuid string) string {
	if v.verbose {
		return clean(uuid)
	}
	return ""
}

// ofInterest are the interfaces over which a server can be made to log on elsewhere.
func ofInterest() []string { return []string{"spoolss", "efsrpc", "fsrvp", "netdfs"} }

// endpoints prints those of interest, or all of them.
func (v view) endpoints(out *strings.Builder, n *report.NullSession) {
	if n.EndpointsStatus == "" && len(n.Endpoints) == 0 {
		return
	}
	v.heading(out, listed("registered endpoints", len(n.Endpoints), n.EndpointsStatus))
	g := v.newGrid("INTERFACE", "PROTOCOL", "ENDPOINT", "ANNOTATION", "UUID")
	found := map[string]bool{}
	for _, e := range n.Endpoints {
		special := slices.Contains(ofInterest(), e.Name)
		if special {
			found[e.Name] = true
		}
		if special || v.verbose {
			g.add(clean(e.Name), clean(e.Protocol), clean(e.Endpoint), clean(e.Annotation), v.id(e.UUID))
		}
	}
	v.grid(out, g)
	var there, missing []string
	for _, name := range ofInterest() {
		if found[name] {
			there = append(there, name)
		} else {
			missing = append(missing, name)
		}
	}
	if len(there) > 0 {
		out.WriteString(v.paragraph(indent+indent, indent+indent, "servers can be made to log on elsewhere over "+
			strings.Join(there, ", ")+"; that was not tried"))
	}
	if len(missing) > 0 && succeeded(n.EndpointsStatus) {
		out.WriteString(v.paragraph(indent+indent, indent+indent, "not listed: "+strings.Join(missing, ", ")))
	}
}

// attempts prints each logon.
func (v view) attempts(out *strings.Builder, r *fingerprint.Report, n *report.NullSession) {
	if len(n.Attempts) == 0 {
		return
	}
	v.heading(out, "logons")
	g := v.newGrid("DIALECT", "OVER", "AS", "RESULT", "STATUS", "FLAGS", "IPC$")
	for _, a := range n.Attempts {
		over := ""
		if len(r.Transports) > 1 && a.Transport >= 0 && a.Transport < len(r.Transports) {
			over = clean(r.Transports[a.Transport].Address)
		}
		flags := append(tokenList(a.SessionFlags, "SMB2_SESSION_FLAG_"), tokenList(a.SMB1Action, "SMB_SETUP_")...)
		g.add(clean(a.Dialect), over, clean(string(a.Identity)), clean(string(a.Result)), clean(a.Status), clean(strings.Join(flags, " ")),
			clean(a.IPCStatus))
	}
	v.grid(out, g)
}

// calls prints what was asked, in order.
func (v view) calls(out *strings.Builder, n *report.NullSession) {
	if !v.verbose || len(n.Calls) == 0 {
		return
	}
	v.heading(out, "calls")
	g := v.newGrid("PIPE", "CALL", "STATUS", "COUNT")
	g.right[3] = true
	for _, c := range n.Calls {
		entries := ""
		if c.Count != nil {
			entries = strconv.Itoa(*c.Count)
		}
		g.add(clean(c.Pipe), clean(c.Call), clean(c.Status), entries)
	}
	v.grid(out, g)
}

// pipeList prints the pipes that can be opened.
func (v view) pipeList(w io.Writer) error {
	var out strings.Builder
	for _, p := range nullsession.Pipes() {
		when := map[nullsession.When]string{
			nullsession.WhenReading: "always", nullsession.WhenAudited: "with -pipe-audit", nullsession.WhenNamed: "only with -pipe " + p.Name,
		}[p.When]
		head := fmt.Sprintf("%-11s", p.Name)
		out.WriteString(v.paragraph(v.on(head, bold)+gap, strings.Repeat(" ", len(head+gap)), when+": "+p.Effect))
		if v.verbose {
			for _, i := range p.Interfaces {
				fmt.Fprintf(&out, "%*s%s v%d.%d\n", len(head+gap), "", i.UUID, i.Major, i.Minor)
			}
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// listed is the heading of a list: how long it is, and how it ended where not well.
func listed(title string, n int, status string) string {
	switch {
	case status == "" && n == 0:
		return title + " · not asked"
	case n == 0 && succeeded(status):
		return title + " · none"
	case n == 0:
		return title + ended(status)
	}
	return fmt.Sprintf("%s (%d)%s", title, n, ended(status))
}

// ended tells how a call ended, where that was not well.
func ended(status string) string {
	if status == "" || succeeded(status) {
		return ""
	}
	return " · " + clean(status)
}

func tokens(list []string, prefix string) string {
	return cut(strings.Join(tokenList(list, prefix), " "), maxFact)
}

func tokenList(list []string, prefix string) []string {
	var names []string
	for _, t := range list {
		names = append(names, strings.TrimPrefix(cut(t, maxFact), prefix))
	}
	return names
}
