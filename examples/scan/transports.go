package main

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/wire"
)

// transportName is short: the port, where that is known.
func transportName(r *fingerprint.Report, index int) string {
	if index < 0 || index >= len(r.Transports) {
		return fmt.Sprintf("transport %d", index)
	}
	t := r.Transports[index]
	if _, port, err := net.SplitHostPort(t.Address); err == nil {
		return "port " + clean(port)
	}
	if t.Port != 0 {
		return fmt.Sprintf("port %d", t.Port)
	}
	return clean(t.Transport)
}

// negotiatedOver lists the transports over which an SMB2 dialect was taken.
func negotiatedOver(r *fingerprint.Report) []int {
	var list []int
	for _, n := range r.Negotiated {
		if !slices.Contains(list, n.Transport) {
			list = append(list, n.Transport)
		}
	}
	return list
}

// transportLine tells what became of each transport, where there are several or one tells more than the row.
func (v view) transportLine(r *fingerprint.Report) string {
	if v.verbose || len(r.Transports) == 0 || len(r.Transports) == 1 && r.Transports[0].CalledName == "" {
		return ""
	}
	var parts []string
	for i, t := range r.Transports {
		_, body := transportText(r, t)
		parts = append(parts, transportName(r, i)+" "+body)
	}
	return v.paragraph("  ", strings.Join(parts, " · "))
}

// transports prints the same, one a line.
func (v view) transports(out *strings.Builder, r *fingerprint.Report) {
	if len(r.Transports) == 0 {
		return
	}
	v.heading(out, "transports")
	width := 0
	for _, t := range r.Transports {
		head, _ := transportText(r, t)
		width = max(width, utf8.RuneCountInString(head))
	}
	for _, t := range r.Transports {
		head, body := transportText(r, t)
		out.WriteString(v.paragraph("    ", fmt.Sprintf("%-*s  %s", width, head, body)))
	}
}

// transportText tells of one transport, and that it takes SMB1 where the one that speaks for the server does not.
func transportText(r *fingerprint.Report, t report.Transport) (head, body string) {
	address := clean(t.Address)
	if address == "" && t.Port != 0 {
		address = fmt.Sprintf("port %d", t.Port) // only a proxy knows the address
	}
	head = strings.TrimSpace(clean(t.Transport) + " " + address)
	body = clean(string(t.Outcome))
	if t.CalledName != "" {
		body += ", called " + clean(t.CalledName)
	}
	if t.SMB1 != nil && t.SMB1.Supported == report.Yes && (r.SMB1 == nil || r.SMB1.Supported != report.Yes) {
		body += ", SMB1" + riskMark
	}
	return head, body
}

// netBIOS prints what the server's name service tells.
func (v view) netBIOS(out *strings.Builder, r *fingerprint.Report) {
	if r.NetBIOS == nil {
		return
	}
	v.heading(out, "name service")
	for _, n := range r.NetBIOS.Names {
		flags := "(no flags)"
		if len(n.Flags) > 0 {
			flags = wire.EscapeText(strings.Join(n.Flags, " "))
		}
		v.entry(out, 20, fmt.Sprintf("%s<%s>", clean(n.Name), wire.EscapeText(n.Suffix)), flags)
	}
	if r.NetBIOS.MAC != "" {
		v.entry(out, 20, "hardware address", wire.EscapeText(r.NetBIOS.MAC))
	}
}
