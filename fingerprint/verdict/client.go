package verdict

import (
	"encoding/hex"
	"slices"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
	"github.com/smbscope/smbscope/smb/wire"
)

// client reads what the other end of a captured connection says of itself. A server may have been captured with several
// clients: the report tells of the one whose connection its Capture names, which is the first. A scan is no client that
// anybody wants to know of.
func (v *verdict) client(dialogues []*dialogue.Dialogue) {
	if len(dialogues) == 0 || dialogues[0].Capture == nil {
		return
	}
	c := &report.Client{Address: dialogues[0].Client}
	v.report.Client = c
	negotiated := false
	var logon clientLogon
	for _, q := range v.asked {
		switch {
		case q.dialogue != dialogues[0]:
		case q.smb2Asked != nil && !negotiated:
			clientOffer(c, q.smb2Asked)
			negotiated = true
		case q.smb1Asked != nil && c.SMB1Dialects == nil:
			for _, d := range q.smb1Asked.Dialects {
				c.SMB1Dialects = append(c.SMB1Dialects, wire.DecodeOEM([]byte(d)))
			}
		case q.setup:
			logon.add(q.securityBlob())
		}
	}
	c.NTLM = logon.report()
}

// clientOffer takes over what an SMB2 negotiate request offers.
func clientOffer(c *report.Client, r *negotiate.SMB2Request) {
	for _, d := range r.Dialects {
		c.Dialects = append(c.Dialects, d.String())
	}
	c.SecurityMode, c.Capabilities = r.SecurityMode.Tokens(), r.Capabilities.Tokens()
	for _, ctx := range r.Contexts {
		c.Contexts = append(c.Contexts, report.Context{Type: ctx.Type.String(), Data: hex.EncodeToString(ctx.Data)})
	}
	// A client of 2.0.2 alone sends zeros, and they are no GUID ([MS-SMB2] 2.2.3).
	later := slices.ContainsFunc(r.Dialects, func(d smb.Dialect) bool { return d > smb.DialectSMB202 })
	if later || !r.ClientGUID.IsZero() {
		c.GUID = r.ClientGUID.String()
	}
}

// securityBlob returns the security buffer of a session setup request; nil where it has none.
func (q *question) securityBlob() []byte {
	if r, err := smb.ParseSMB2SessionSetupRequest(q.request); err == nil {
		return r.SecurityBuffer
	}
	if r, err := smb.ParseSMB1SessionSetupRequest(q.request); err == nil && r.WordCount == smb.SetupWordsExtended {
		return r.SecurityBlob
	}
	return nil
}

// A clientLogon collects the NTLM messages of a client: the first of type 1, and of type 3 the first that names a user,
// since clients log on as nobody as well.
type clientLogon struct {
	negotiate    *ntlmssp.Negotiate
	authenticate *ntlmssp.Authenticate
}

func (l *clientLogon) add(blob []byte) {
	token, _ := spnego.Parse(blob) // what cannot be read holds no message
	message := token.Inner()
	if m, err := ntlmssp.ParseNegotiate(message); err == nil && l.negotiate == nil {
		l.negotiate = &m
	}
	if m, err := ntlmssp.ParseAuthenticate(message); err == nil {
		if l.authenticate == nil || len(l.authenticate.UserName) == 0 && len(m.UserName) > 0 {
			l.authenticate = &m
		}
	}
}

// report returns what the messages tell; nil where there was none. Of what both tell, it is the second that counts: it
// is about the one who logs on, and the first about the machine.
func (l *clientLogon) report() *report.ClientNTLM {
	if l.negotiate == nil && l.authenticate == nil {
		return nil
	}
	n := &report.ClientNTLM{}
	var version *ntlmssp.Version
	if m := l.negotiate; m != nil {
		n.Flags, version = m.Flags.Tokens(), sentVersion(m.Version, m.Flags)
		n.Domain, n.Workstation = wire.DecodeOEM(m.DomainName), wire.DecodeOEM(m.Workstation)
	}
	if m := l.authenticate; m != nil {
		n.User = m.Flags.Text(m.UserName)
		if len(m.DomainName) > 0 {
			n.Domain = m.Flags.Text(m.DomainName)
		}
		if len(m.Workstation) > 0 {
			n.Workstation = m.Flags.Text(m.Workstation)
		}
		if version == nil {
			version = sentVersion(m.Version, m.Flags)
		}
	}
	if version != nil {
		n.Version = versionOf(*version)
	}
	return n
}

// sentVersion leaves out the zeros that stand in the version's place where none is sent ([MS-NLMP] 2.2.1.1).
func sentVersion(v *ntlmssp.Version, flags ntlmssp.Flags) *ntlmssp.Version {
	if v != nil && *v == (ntlmssp.Version{}) && !flags.Has(ntlmssp.FlagNegotiateVersion) {
		return nil
	}
	return v
}

func versionOf(v ntlmssp.Version) *report.NTLMVersion {
	return &report.NTLMVersion{
		Major: v.ProductMajorVersion, Minor: v.ProductMinorVersion, Build: v.ProductBuild, Revision: v.NTLMRevisionCurrent,
	}
}
