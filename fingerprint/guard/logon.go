package guard

import (
	"slices"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
	"github.com/smbscope/smbscope/smb/wire"
)

// A logon is what a client has said about itself in the session setups of one session.
type logon struct {
	named bool         // it logs on with a user's name
	wraps bool         // it speaks SPNEGO
	first bool         // its last token was the first one, so that the answer to it names the mechanism
	mechs []spnego.OID // that it offers
}

// request returns the logon after a session setup request.
func (l logon) request(msg []byte) logon {
	r, err := smb.ParseSMB2SessionSetupRequest(msg)
	if err != nil {
		return l
	}
	return l.token(r.SecurityBuffer)
}

// token returns the logon after a token of the client. One that is no NTLM message is taken for that of a mechanism that
// knows no anonymous users, as Kerberos is.
func (l logon) token(blob []byte) logon {
	t, err := spnego.Parse(blob)
	if err != nil {
		return logon{named: true}
	}
	l.first = false
	switch t.Form {
	case spnego.FormNegTokenInit, spnego.FormNegTokenInit2:
		l = logon{wraps: true, first: true, mechs: t.Mechanisms()}
	case spnego.FormNegTokenResp:
		l.wraps = true
	case spnego.FormRawNTLMSSP:
		l.wraps = false
	}
	inner := t.Inner()
	switch kind, ok := ntlmssp.TypeOf(inner); {
	case len(inner) == 0:
	case ok && kind == ntlmssp.TypeNegotiate:
		l.named = false
	case ok && kind == ntlmssp.TypeAuthenticate:
		a, err := ntlmssp.ParseAuthenticate(inner)
		l.named = err != nil || !a.IsAnonymous()
	default:
		l.named = true
	}
	return l
}

// sessionSetup checks the answer to a session setup of SMB2 that is no error response.
func (l *ledger) sessionSetup(h smb.SMB2Header, msg []byte, asked logon) *RefusedError {
	r, err := smb.ParseSMB2SessionSetupResponse(msg)
	if err != nil {
		return malformed("", err)
	}
	more := h.Status == dtyp.StatusMoreProcessingRequired
	const other = smb.SessionIsGuest | smb.SessionIsNull
	switch {
	case more && r.SessionFlags != 0:
		// Flags tell of a session that stands, [MS-SMB2] 3.3.5.5.3; clients that believe them earlier make no keys.
		return refuse(ErrGuest, "%v before the logon is over", r.SessionFlags)
	case r.SessionFlags&other != 0 && asked.named && !l.options.AllowGuest:
		return refuse(ErrGuest, "%v", r.SessionFlags)
	case r.SessionFlags&smb.SessionEncryptData != 0:
		if refusal := l.transforms(l.nego.encryption, "encryption"); refusal != nil {
			return refusal
		}
	}
	if more {
		// The client's next token comes under this id.
		if _, known := l.sessions[h.SessionID]; !known && len(l.sessions) < maxSessions {
			l.sessions[h.SessionID] = asked
		}
	} else {
		l.set = true
	}
	return checkToken(r.SecurityBuffer, asked, more)
}

// checkToken checks the token of a server in answer to one of the client, after which more follow or not.
func checkToken(blob []byte, asked logon, more bool) *RefusedError {
	t, err := spnego.Parse(blob)
	if err != nil {
		return malformed("", err)
	}
	if t.Form == spnego.FormNegTokenResp {
		switch mech := t.Resp.SupportedMech; {
		case len(t.Resp.Unknown) > 0:
			return refuse(ErrMalformed, "elements of the NegTokenResp that cannot be read")
		case mech == "" && asked.first && more:
			// RFC 4178 4.2.2 wants it in every first answer; Windows leaves it out where Kerberos is done at once.
			return refuse(ErrMalformed, "the first NegTokenResp names no mechanism")
		case mech != "" && asked.wraps && asked.first && !slices.Contains(asked.mechs, mech):
			return refuse(ErrDialect, "mechanism %s", wire.EscapeText(string(mech)))
		}
	}
	return checkChallenge(t.Inner())
}

// checkBlob checks what a negotiate response offers: a token that is there can be read.
func checkBlob(blob []byte) *RefusedError {
	if _, err := spnego.Parse(blob); err != nil {
		return malformed("", err)
	}
	return nil
}

// checkChallenge checks an NTLM message of the server. Only a challenge has a place there; other tokens are of other
// mechanisms.
func checkChallenge(msg []byte) *RefusedError {
	if !ntlmssp.IsMessage(msg) {
		return nil
	}
	ch, err := ntlmssp.ParseChallenge(msg)
	if err != nil {
		return malformed("", err)
	}
	c := wire.NewCursor("CHALLENGE_MESSAGE", msg)
	for _, field := range []struct {
		name string
		at   int
		got  []byte
	}{{"TargetName", 12, ch.TargetName}, {"TargetInfo", 40, ch.TargetInfo}} {
		c.Seek(field.name, field.at)
		length, most, offset := c.Len16(field.name), c.Len16(field.name), c.Len32(field.name)
		switch {
		case c.Failed() && len(field.got) == 0:
			c = wire.NewCursor("CHALLENGE_MESSAGE", msg) // a short form, without the field
		case length > 0 && len(msg) < 48:
			// Clients read all of the fixed part; what lies in it is no payload.
			return refuse(ErrMalformed, "CHALLENGE_MESSAGE of %d bytes with a %s", len(msg), field.name)
		case len(c.At(field.name, offset, length)) != length || most < length:
			return refuse(ErrMalformed, "%s of %d bytes at offset %d in %d bytes", field.name, length, offset, len(msg))
		}
	}
	if !ch.Flags.Has(ntlmssp.FlagNegotiateTargetInfo) && len(ch.TargetInfo) == 0 {
		return nil
	}
	return checkAVPairs(ch.TargetInfo)
}

// checkAVPairs wants every pair inside the list, the sizes that the specification fixes, and MsvAvEOL at the end
// ([MS-NLMP] 2.2.2.1).
func checkAVPairs(info []byte) *RefusedError {
	c := wire.NewCursor("AV_PAIR", info)
	for {
		id, length := ntlmssp.AVID(c.U16("AvId")), c.Len16("AvLen")
		value := c.Bytes("Value", length)
		if err := c.Err(); err != nil {
			return malformed("TargetInfo", err)
		}
		size := map[ntlmssp.AVID]int{ntlmssp.AVEOL: 0, ntlmssp.AVFlags: 4, ntlmssp.AVTimestamp: 8}
		if want, fixed := size[id]; fixed && len(value) != want {
			return refuse(ErrMalformed, "%v of %d bytes", id, length)
		}
		if id == ntlmssp.AVEOL {
			return nil
		}
	}
}
