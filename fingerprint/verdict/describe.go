package verdict

import (
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
