package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/wire"
)

// A view is how reports are shown.
type view struct {
	width   int // of the terminal, in columns; 0 is any
	colour  bool
	verbose bool
	guest   bool // whether an invented account was asked for
	marks   *marks
}

// marks are what the text of one report has that needs a word.
type marks struct{ open, unknown bool }

const (
	unknown = "?"     // stands where an answer is not known. It must not look like a no
	openYes = "yes !" // what is open to somebody without an account
	indent  = "  "
	maxText = 60  // characters of a stranger's text in a table; -json has all of it
	maxFact = 200 // and in a line of its own
)

// The shades: the parameters of an SGR sequence.
const (
	bold   = "1"
	alarm  = "1;31" // bold red
	notice = "33"   // yellow
)

func (v view) on(s, shade string) string {
	if !v.colour || s == "" {
		return s
	}
	return "\x1b[" + shade + "m" + s + "\x1b[0m"
}

// clean makes a stranger's text safe and short.
func clean(s string) string { return cut(s, maxText) }

func cut(s string, most int) string {
	n := 0
	for i := range s { // escapes are never shorter, and what is cut off need not be escaped
		if n++; n > most+1 {
			s = s[:i]
			break
		}
	}
	s = wire.EscapeText(s)
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most-1]) + "…"
	}
	return s
}

// write prints what one server tells.
func (v view) write(w io.Writer, r *fingerprint.Report, further bool) error {
	var out strings.Builder
	if further {
		out.WriteString("\n")
	}
	v.marks = &marks{}
	out.WriteString(v.on(wire.EscapeText(r.Target), bold) + gap + headline(r) + "\n")
	if n := r.NullSession; r.Outcome == report.OutcomeSMB {
		if n == nil {
			n = &report.NullSession{}
		}
		v.granted(&out, r, n)
		if read(n) {
			v.told(&out, n)
		}
		v.legend(&out)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// headline tells who the server says it is, or why it says nothing.
func headline(r *fingerprint.Report) string {
	if r.Outcome != report.OutcomeSMB {
		return cut(strings.TrimSuffix(string(r.Outcome)+": "+r.Reason, ": "), maxFact)
	}
	var parts []string
	add := func(format, s string) {
		if s != "" {
			parts = append(parts, fmt.Sprintf(format, clean(s)))
		}
	}
	if r.NTLM != nil {
		add("%s", r.NTLM.NetBIOSComputer)
		add("domain %s", r.NTLM.DNSDomain)
	}
	add("SMB %s", r.PreferredDialect)
	if r.PreferredDialect == "" {
		add("%s", string(r.Outcome))
	}
	if r.Reason != "" {
		parts = append(parts, cut(r.Reason, maxFact))
	}
	return strings.Join(parts, " · ")
}

// read tells whether anything was read.
func read(n *report.NullSession) bool {
	return len(n.Calls) > 0 || len(n.Pipes) > 0 || len(n.Shares) > 0
}

// granted tells which session there is, and how complete what follows is.
func (v view) granted(out *strings.Builder, r *fingerprint.Report, n *report.NullSession) {
	var f facts
	f.add("null session", v.answer(n.Session, "a logon without an account is accepted", "a logon without an account is refused",
		"no logon came to an answer"))
	if n.Session == report.Yes {
		f.add("IPC$", v.risk(n.IPC, "named pipes may be reached in it", "it opens no named pipe", "it was not connected"))
		f.add("guest", v.answer(n.Guest, "the server calls the session a guest's", "the server does not call the session a guest's",
			"the server does not say whether the session is a guest's"))
	}
	if v.guest || n.UnknownUserMapsToGuest != "" {
		f.add("unknown user", v.risk(n.UnknownUserMapsToGuest, "an account that does not exist is let in",
			"an account that does not exist is refused", "no account could be tried"))
	}
	if read(n) {
		f.add("told", told(n))
	}
	if refused := failures(n); refused > 0 {
		s := fmt.Sprintf("%d of %d calls and pipes", refused, len(n.Calls)+len(n.Pipes))
		if !v.verbose {
			s += "; -v shows each"
		}
		f.add("refused", s)
	}
	switch partial := cut(n.Partial, maxFact); {
	case partial == "":
	case read(n):
		f.add("incomplete", v.on("yes", notice)+": "+partial+"; what is missing below may be there")
	default:
		f.add("told", "nothing: "+partial)
	}
	v.facts(out, f)
	if v.verbose || n.Session != report.Yes {
		v.attempts(out, r, n)
	}
}

// told counts what was learnt.
func told(n *report.NullSession) string {
	var parts []string
	for _, list := range []struct {
		status, name string
		n            int
	}{
		{n.SharesStatus, "share", len(n.Shares)}, {n.UsersStatus, "user", len(n.Users)},
		{n.GroupsStatus, "group", len(n.Groups)}, {n.EndpointsStatus, "endpoint", len(n.Endpoints)},
	} {
		if list.n > 0 || succeeded(list.status) { // none of what was not told is not none
			parts = append(parts, count(list.n, list.name))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "no list")
	}
	if p := n.PasswordPolicy; p != nil && p.MinLength != nil {
		parts = append(parts, "the password policy")
	}
	return strings.Join(parts, ", ")
}

// failures counts the calls that were refused or came to no answer, and the pipes that were not opened.
func failures(n *report.NullSession) int {
	failed := 0
	for _, c := range n.Calls {
		if !succeeded(c.Status) && c.Pipe != "" { // that no share has a random name is as it should be
			failed++
		}
	}
	for _, p := range n.Pipes {
		if p.Open != report.Yes {
			failed++
		}
	}
	return failed
}

// succeeded tells whether a status is one of success, or says only that some of what was asked for is not there.
func succeeded(status string) bool {
	return slices.Contains([]string{
		"STATUS_SUCCESS", "ERROR_SUCCESS", "ERROR_MORE_DATA", "STATUS_MORE_ENTRIES", "STATUS_SOME_NOT_MAPPED", "STATUS_NONE_MAPPED",
		"STATUS_NO_MORE_ENTRIES",
	}, status)
}

// told prints everything that was read.
func (v view) told(out *strings.Builder, n *report.NullSession) {
	v.server(out, n.ServerInfo)
	v.domain(out, n.Domain)
	v.policy(out, n.PasswordPolicy)
	v.shares(out, n)
	v.users(out, n)
	v.groups(out, n)
	v.pipes(out, n)
	v.endpoints(out, n)
	v.calls(out, n)
}

func (v view) legend(out *strings.Builder) {
	var legends []string
	if v.marks.open {
		legends = append(legends, "! is open to somebody without an account")
	}
	if v.marks.unknown {
		legends = append(legends, `? is not known, which is no "no"`)
	}
	if len(legends) > 0 {
		out.WriteString("\n" + v.paragraph(indent, indent, strings.Join(legends, " · ")))
	}
}

func (v view) heading(out *strings.Builder, s string) {
	out.WriteString("\n" + indent + v.on(s, bold) + "\n")
}

// paragraph wraps text into lines: the first with one indentation, the others with another of the same width or less.
func (v view) paragraph(first, rest, s string) string {
	room := v.width - max(len(first), len(rest))
	if room > 20 {
		s = text.WrapSoft(s, room)
	}
	var out strings.Builder
	for l := range strings.SplitSeq(s, "\n") {
		out.WriteString(first + strings.TrimRight(l, " ") + "\n")
		first = rest
	}
	return out.String()
}

// facts are names, each with what there is to say.
type facts []struct{ name, text string }

// add adds one, unless there is nothing to say.
func (f *facts) add(name, text string) {
	if text != "" {
		*f = append(*f, struct{ name, text string }{name, text})
	}
}

// answer is an answer with what it means.
func (v view) answer(a report.Answer, yes, no, open string) string {
	switch a {
	case report.Yes:
		return "yes: " + yes
	case report.No:
		return "no: " + no
	}
	return v.short(a) + " " + open
}

// risk is an answer of which a yes is a risk.
func (v view) risk(a report.Answer, yes, no, open string) string {
	if a == report.Yes {
		return v.on(v.open(a), alarm) + " " + yes
	}
	return v.answer(a, yes, no, open)
}

// open shows an answer of which a yes is a risk.
func (v view) open(a report.Answer) string {
	if a == report.Yes {
		v.marks.open = true
		return openYes
	}
	return v.short(a)
}

// short shows an answer.
func (v view) short(a report.Answer) string {
	switch a {
	case report.Yes:
		return "yes"
	case report.No:
		return "no"
	}
	v.marks.unknown = true
	return unknown
}

// facts prints names in one column and what there is to say in another.
func (v view) facts(out *strings.Builder, f facts) {
	const width = 16
	for _, one := range f {
		head := indent + indent + fmt.Sprintf("%-*s", width, one.name)
		out.WriteString(v.paragraph(head, strings.Repeat(" ", len(head)), one.text))
	}
}
