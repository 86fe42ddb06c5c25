package smbtest

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

// Meaning tells what a request asks, without what is random or bound to a connection: the dialects of a negotiation in
// their order and its contexts with their algorithms; the kind of NTLM message in a session setup; the share of a tree
// connect, the name of what is opened, the kind and number of a call over a pipe; else the command.
// Requests of the same meaning are answered alike.
func Meaning(request []byte) string {
	if r, err := negotiate.ParseSMB2Request(request); err == nil {
		return smb2Meaning(r)
	}
	if r, err := negotiate.ParseSMB1Request(request); err == nil {
		extended := r.Header.Flags2&smb.SMB1Flags2ExtendedSecurity != 0
		return fmt.Sprintf("SMB1 negotiate %q extended security %t", r.Dialects, extended)
	}
	if r, err := smb.ParseSMB2SessionSetupRequest(request); err == nil {
		return "SMB2 session setup " + ntlmMeaning(r.SecurityBuffer)
	}
	if r, err := smb.ParseSMB1SessionSetupRequest(request); err == nil {
		return fmt.Sprintf("SMB1 session setup of %d words %s", r.WordCount, ntlmMeaning(r.SecurityBlob))
	}
	if h, err := smb.ParseSMB2Header(request); err == nil {
		return "SMB2 " + h.Command.String() + smb2Object(request)
	}
	if h, err := smb.ParseSMB1Header(request); err == nil {
		return "SMB1 " + h.Command.String() + smb1Object(request)
	}
	return "unreadable"
}

func smb2Meaning(r negotiate.SMB2Request) string {
	var s strings.Builder
	fmt.Fprintf(&s, "SMB2 negotiate %v capabilities %v", r.Dialects, r.Capabilities)
	for _, c := range r.Contexts {
		fmt.Fprintf(&s, " %v", c.Type)
		switch c.Type {
		case negotiate.ContextPreauthIntegrity:
			if p, err := negotiate.ParsePreauthIntegrity(c.Data); err == nil {
				fmt.Fprintf(&s, " %v", p.HashAlgorithms) // the salt is random
			}
		case negotiate.ContextNetname: // the name is the client's word for the server
		default:
			fmt.Fprintf(&s, " %x", c.Data)
		}
	}
	return s.String()
}

// ntlmMeaning finds the NTLM message in a security blob, however it is wrapped.
func ntlmMeaning(blob []byte) string {
	if i := bytes.Index(blob, []byte("NTLMSSP\x00")); i >= 0 {
		if t, ok := ntlmssp.TypeOf(blob[i:]); ok {
			return t.String()
		}
	}
	return "without NTLM"
}
