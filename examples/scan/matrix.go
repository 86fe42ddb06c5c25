package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/wire"
)

// dialects prints each dialect with its answer and what the server says of itself in it, newest first.
func (v view) dialects(out *strings.Builder, r *fingerprint.Report) {
	if len(r.Dialects) == 0 {
		return
	}
	v.heading(out, "dialects")
	for _, d := range slices.Backward(smb2Dialects()) {
		v.dialect(out, d, r.Dialects[d], offers(r, d)...)
	}
	newest := newestSMB1(r)
	var rest []rung
	for _, d := range slices.Backward(smb1Dialects()) {
		if d == newest {
			v.dialect(out, d, report.Yes, smb1Offer(r.SMB1)...)
			continue
		}
		rest = append(rest, rung{d, r.Dialects[d]})
	}
	for len(rest) > 0 { // they have nothing but their names to tell
		n := 1
		for n < len(rest) && same(rest[n].answer, rest[0].answer) {
			n++
		}
		var names []string
		for _, g := range rest[:n] {
			names = append(names, g.name)
		}
		v.dialect(out, allSMB1, rest[0].answer, strings.Join(names, ", "))
		rest = rest[n:]
	}
	for _, l := range otherLines(r) {
		v.dialect(out, allSMB1, l.answer, l.name)
	}
}

func (v view) dialect(out *strings.Builder, name string, a report.Answer, bodies ...string) {
	if !a.Known() {
		a = report.Unknown
	}
	head := fmt.Sprintf("%-10s  %-7s", name, a)
	if len(bodies) == 0 {
		bodies = []string{""}
	}
	for _, body := range bodies {
		v.entry(out, 10+2+7, head, body)
		head = ""
	}
}

// offers tells what the server offers in an SMB2 dialect: in one line, or in several where its answers differ. Where they
// do between transports, each line names its own.
func offers(r *fingerprint.Report, dialect string) []string {
	var list []string
	over := map[string][]int{} // the transports over which each was offered
	for _, n := range r.Negotiated {
		if n.Dialect != dialect {
			continue
		}
		s := offer(n)
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
		if !slices.Contains(over[s], n.Transport) {
			over[s] = append(over[s], n.Transport)
		}
	}
	all := negotiatedOver(r)
	for i, s := range list {
		if len(over[s]) == len(all) {
			continue
		}
		var names []string
		for _, t := range over[s] {
			names = append(names, transportName(r, t))
		}
		list[i] = strings.Join(names, ", ") + ": " + s
	}
	return list
}

func offer(n report.Negotiated) string {
	size := fmt.Sprintf("up to %s transact, %s read, %s write", bytesText(n.MaxTransactSize), bytesText(n.MaxReadSize),
		bytesText(n.MaxWriteSize))
	if n.MaxTransactSize == n.MaxReadSize && n.MaxReadSize == n.MaxWriteSize {
		size = "up to " + bytesText(n.MaxReadSize)
	}
	return fmt.Sprintf("%s · signing %s · %s", size, strings.ToLower(flags(n.SecurityMode, "SMB2_NEGOTIATE_SIGNING_")),
		flags(n.Capabilities, "SMB2_GLOBAL_CAP_"))
}

// smb1Offer tells the same of SMB1.
func smb1Offer(s *report.SMB1) []string {
	if s == nil {
		return nil
	}
	var parts []string
	if s.MaxBufferSize != nil {
		parts = append(parts, "up to "+bytesText(*s.MaxBufferSize))
	}
	if s.SecurityLevel != "" {
		parts = append(parts, wire.EscapeText(s.SecurityLevel)+" security")
	}
	if s.ChallengeResponse == report.No {
		parts = append(parts, "plaintext passwords")
	}
	if s.Capabilities != nil {
		parts = append(parts, flags(s.Capabilities, "CAP_"))
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{strings.Join(parts, " · ")}
}

func flags(tokens []string, prefix string) string {
	if len(tokens) == 0 {
		return "(no flags)"
	}
	var names []string
	for _, t := range tokens {
		names = append(names, strings.TrimPrefix(wire.EscapeText(t), prefix))
	}
	return strings.Join(names, " ")
}

// bytesText prints a size in the largest unit that it is a multiple of.
func bytesText(n uint32) string {
	switch {
	case n > 0 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n > 0 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
