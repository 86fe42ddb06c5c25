package smbtest

import (
	"fmt"
	"strings"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc"
)

// smb2Object tells what a request behind the session setup is about; empty where the command says it all.
func smb2Object(request []byte) string {
	if r, err := smb.ParseSMB2TreeConnectRequest(request); err == nil {
		return shareMeaning(r.PathText())
	}
	if r, err := smb.ParseSMB2CreateRequest(request); err == nil {
		return " " + r.NameText()
	}
	if r, err := smb.ParseSMB2IoctlRequest(request); err == nil {
		return callMeaning(r.Input)
	}
	return ""
}

func smb1Object(request []byte) string {
	if r, err := smb.ParseSMB1TreeConnectRequest(request); err == nil {
		return shareMeaning(r.Header.Text(r.Path))
	}
	if r, err := smb.ParseSMB1NTCreateRequest(request); err == nil {
		return " " + r.Header.Text(r.FileName)
	}
	if r, err := smb.ParseSMB1TransactionRequest(request); err == nil {
		return callMeaning(r.Data)
	}
	return ""
}

// randomShare begins the names of shares that a scan makes up, whose rest is random.
const randomShare = "smbscope-"

// shareMeaning leaves out the server's name, which is the client's word for it.
func shareMeaning(path string) string {
	share := path[strings.LastIndexByte(path, '\\')+1:]
	if strings.HasPrefix(share, randomShare) {
		share = randomShare
	}
	return " " + share
}

// callMeaning tells what a PDU asks.
func callMeaning(pdu []byte) string {
	if r, err := dcerpc.ParseRequest(pdu); err == nil {
		return fmt.Sprintf(" call %d", r.Opnum)
	}
	if r, err := dcerpc.ParseBind(pdu); err == nil && len(r.Contexts) > 0 {
		return fmt.Sprintf(" bind %v", r.Contexts[0].AbstractSyntax)
	}
	return ""
}
