package verdict

import (
	"bytes"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

// describe says in a few words what a request behind the session setup asks.
func describe(request []byte) string {
	if h, err := smb.ParseSMB2Header(request); err == nil {
		text := "SMB2 " + h.Command.String()
		if r, err := smb.ParseSMB2TreeConnectRequest(request); err == nil {
			return text + " " + wire.EscapeText(r.PathText())
		}
		if r, err := smb.ParseSMB2CreateRequest(request); err == nil {
			return text + " " + named(r.NameText())
		}
		return text
	}
	if h, err := smb.ParseSMB1Header(request); err == nil {
		text := h.Command.String()
		if r, err := smb.ParseSMB1TreeConnectRequest(request); err == nil {
			return text + " " + wire.EscapeText(h.Text(r.Path))
		}
		if r, err := smb.ParseSMB1NTCreateRequest(request); err == nil {
			return text + " " + named(h.Text(r.FileName))
		}
		if r, err := smb.ParseSMB1TransactionRequest(request); err == nil && bytes.Equal(r.Setup, smb.SMB1PeekNMPipe(0)) {
			return text + " TRANS_PEEK_NMPIPE of FID 0"
		}
		if r, err := smb.ParseSMB1Transaction2Request(request); err == nil && bytes.Equal(r.Setup, smb.SMB1Trans2Setup(smb.SMB1Trans2SessionSetup)) {
			return text + " TRANS2_SESSION_SETUP"
		}
		return text
	}
	return "an SMB message"
}

func named(name string) string {
	if name == "" || name == `\` {
		return "of the share's root"
	}
	return wire.EscapeText(name)
}
