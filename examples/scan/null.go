package main

import (
	"fmt"
	"strings"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/wire"
)

// nullCell shows whether nobody gets a session, and IPC$ in it; nothing where that was not asked.
func nullCell(r *fingerprint.Report) cell {
	if r.NullSession == nil || r.NullSession.Session == "" {
		return nil
	}
	n := r.NullSession
	if n.Session != report.Yes {
		return answerCell(n.Session)
	}
	switch n.IPC {
	case report.Yes:
		return cell{risky("yes, IPC$")}
	case report.No:
		return cell{{text: "yes, no IPC$"}} // nothing is open in it
	}
	return cell{{text: "yes, IPC$" + unknown}}
}

// guestCell shows whether an account that does not exist is let in; nothing where that was not asked.
func guestCell(r *fingerprint.Report) cell {
	if r.NullSession == nil || r.NullSession.UnknownUserMapsToGuest == "" {
		return nil
	}
	if a := r.NullSession.UnknownUserMapsToGuest; a != report.Yes {
		return answerCell(a)
	}
	return cell{risky("yes")}
}

// nullSession prints each logon without an account and what came of it.
func (v view) nullSession(out *strings.Builder, r *fingerprint.Report) {
	n := r.NullSession
	if n == nil {
		return
	}
	v.heading(out, "null session")
	const width = 20
	for _, a := range []struct {
		name   string
		answer report.Answer
		text   string
	}{
		{"session", n.Session, "a logon without an account is accepted"},
		{"IPC$", n.IPC, "it may be connected in such a session"},
		{"guest", n.Guest, "the server calls such a session a guest's"},
		{"unknown user", n.UnknownUserMapsToGuest, "an account that does not exist is let in"},
	} {
		if a.answer != "" {
			v.entry(out, width, a.name, fmt.Sprintf("%-7s  %s", clean(string(a.answer)), a.text))
		}
	}
	for _, a := range n.Attempts {
		head := clean(a.Dialect)
		if len(r.Transports) > 1 {
			head += " " + transportName(r, a.Transport)
		}
		v.entry(out, width, head, attemptText(a))
	}
}

func attemptText(a report.SessionAttempt) string {
	parts := []string{wire.EscapeText(string(a.Identity)) + " → " + joined(string(a.Result), a.Status)}
	if a.SessionFlags != nil {
		parts = append(parts, flags(a.SessionFlags, "SMB2_SESSION_FLAG_"))
	}
	if a.SMB1Action != nil {
		parts = append(parts, flags(a.SMB1Action, "SMB_SETUP_"))
	}
	if a.IPCStatus != "" {
		parts = append(parts, "IPC$ "+wire.EscapeText(a.IPCStatus))
	}
	return strings.Join(parts, " · ")
}
