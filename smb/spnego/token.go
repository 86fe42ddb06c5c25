package spnego

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/wire"
)

// A Form tells what a security blob is.
type Form uint8

// The forms of a security blob. All but FormNegTokenResp occur as a server's first.
const (
	FormUnparsed      Form = iota // none of those below; the error of Parse tells why
	FormEmpty                     // no bytes: a server that leaves the first word to the client
	FormNegTokenInit              // RFC 4178 4.2.1
	FormNegTokenInit2             // [MS-SPNG] 2.2.1
	FormNegTokenResp              // RFC 4178 4.2.2
	FormRawNTLMSSP                // an NTLMSSP message without SPNEGO around it
)

// formNames are the tokens in the order of the values.
var formNames = [...]string{"unparsed", "empty", "NegTokenInit", "NegTokenInit2", "NegTokenResp", "raw-ntlmssp"}

// String prints the token that reports use.
func (f Form) String() string {
	if int(f) < len(formNames) {
		return formNames[f]
	}
	return fmt.Sprintf("Form(0x%02X)", uint8(f))
}

// MarshalText writes the token of a known form.
func (f Form) MarshalText() ([]byte, error) {
	if int(f) >= len(formNames) {
		return nil, fmt.Errorf("%v: %w", f, wire.ErrFormat)
	}
	return []byte(f.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (f *Form) UnmarshalText(text []byte) error {
	for i, name := range formNames {
		if name == string(text) {
			*f = Form(i)
			return nil
		}
	}
	return fmt.Errorf("form %q: %w", wire.EscapeText(string(text)), wire.ErrFormat)
}

// A Token is a security blob of either side. Only the field that belongs to its form is set.
type Token struct {
	Form    Form
	Init    NegTokenInit
	Init2   NegTokenInit2
	Resp    NegTokenResp
	NTLMSSP []byte // of FormRawNTLMSSP, the whole blob
}

// Parse tells what blob is and parses it. Every blob gives a form; a blob of FormUnparsed comes with the error that
// says why. An empty one is a form and not an error.
func Parse(blob []byte) (Token, error) {
	const signature = "NTLMSSP\x00" // of [MS-NLMP] 2.2.1; this package does not read further
	if len(blob) == 0 {
		return Token{Form: FormEmpty}, nil
	}
	if len(blob) >= len(signature) && string(blob[:len(signature)]) == signature {
		return Token{Form: FormRawNTLMSSP, NTLMSSP: blob}, nil
	}
	if isResp(blob) {
		r, err := ParseNegTokenResp(blob)
		if err != nil {
			return Token{}, err
		}
		return Token{Form: FormNegTokenResp, Resp: r}, nil
	}
	f, err := parseInit("NegotiationToken", blob)
	switch {
	case err != nil:
		return Token{}, err
	case f.second:
		return Token{Form: FormNegTokenInit2, Init2: f.hinted()}, nil
	}
	return Token{Form: FormNegTokenInit, Init: f.first()}, nil
}

// isResp tells whether the choice in blob is that of a NegTokenResp, with or without a GSS-API header.
func isResp(blob []byte) bool {
	c := wire.NewCursor("NegotiationToken", blob)
	e := readElement(&c, "NegotiationToken")
	if e.tag == tagGSSAPI {
		in := within(&c, "NegotiationToken", e)
		readElement(&in, "thisMech")
		e = readElement(&in, "NegotiationToken")
	}
	return e.tag == tagResp
}

// AppendBinary appends the blob. There is none of FormUnparsed: that is a wire.ErrFormat error.
func (t Token) AppendBinary(b []byte) ([]byte, error) {
	switch t.Form {
	case FormEmpty:
		return b, nil
	case FormNegTokenInit:
		return t.Init.AppendBinary(b)
	case FormNegTokenInit2:
		return t.Init2.AppendBinary(b)
	case FormNegTokenResp:
		return t.Resp.AppendBinary(b)
	case FormRawNTLMSSP:
		return append(b, t.NTLMSSP...), nil
	}
	return b, &wire.ParseError{Message: "NegotiationToken", Field: "Form", Err: wire.ErrFormat}
}

// Mechanisms returns the mechanisms that the blob lists, in wire order.
func (t Token) Mechanisms() []OID {
	if t.Form == FormNegTokenInit2 {
		return t.Init2.MechTypes
	}
	return t.Init.MechTypes
}

// Lists tells whether the mechanism is among those listed.
func (t Token) Lists(mech OID) bool {
	for _, oid := range t.Mechanisms() {
		if oid == mech {
			return true
		}
	}
	return false
}

// Hint returns the hints of a NegTokenInit2, and false where there are none.
func (t Token) Hint() (NegHints, bool) {
	if t.Init2.NegHints == nil {
		return NegHints{}, false
	}
	return *t.Init2.NegHints, true
}

// Inner returns the message of the mechanism that the blob carries, whatever its form: the NTLMSSP message of a
// challenge, for example. Without one it returns nil.
func (t Token) Inner() []byte {
	switch t.Form {
	case FormNegTokenInit:
		return t.Init.MechToken
	case FormNegTokenInit2:
		return t.Init2.MechToken
	case FormNegTokenResp:
		return t.Resp.ResponseToken
	}
	return t.NTLMSSP
}

// Anomalies returns what the parser of the form noted.
func (t Token) Anomalies() []wire.Anomaly {
	switch t.Form {
	case FormNegTokenInit:
		return t.Init.Anomalies
	case FormNegTokenInit2:
		return t.Init2.Anomalies
	}
	return t.Resp.Anomalies
}
