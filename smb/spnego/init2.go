package spnego

import (
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/smbscope/smbscope/smb/wire"
)

// A NegTokenInit2 is the first token of a server that speaks first, as described in [MS-SPNG] 2.2.1. It differs from
// NegTokenInit in that NegHints takes the place of MechListMIC, which moves on by one.
type NegTokenInit2 struct {
	MechTypes   []OID  // in wire order, the preferred first, at most 64
	ReqFlags    []byte // the content of the BIT STRING, which begins with the number of unused bits
	MechToken   []byte // of the first mechanism; Windows 7 and later may send a NEGOEX message
	NegHints    *NegHints
	MechListMIC []byte
	// Bare tells that the token came without the GSS-API header of RFC 2743 3.1, which a first token has.
	Bare      bool
	Unknown   [][]byte // elements that are not among the fields above
	Anomalies []wire.Anomaly
}

// ParseNegTokenInit2 parses a token with or without its GSS-API header. A token with neither hints nor MIC is the
// same in both notations and is taken. Bytes that are not BER, another kind of token or a NegTokenInit with its MIC
// are wire.ErrFormat errors; wire.ErrTruncated says that the blob ends before its sequence does.
func ParseNegTokenInit2(blob []byte) (NegTokenInit2, error) {
	f, err := parseInit("NegTokenInit2", blob)
	if err == nil && f.thirdMIC {
		err = &wire.ParseError{Message: "NegTokenInit2", Field: "negHints", Offset: f.thirdAt, Err: wire.ErrFormat}
	}
	if err != nil {
		return NegTokenInit2{}, err
	}
	return f.hinted(), nil
}

// AppendBinary appends the token. An OID that is none is a wire.ErrFormat error.
func (t NegTokenInit2) AppendBinary(b []byte) ([]byte, error) {
	return build(b, "NegTokenInit2", !t.Bare, tagInit, func(out *cryptobyte.Builder) {
		addInit(out, t.MechTypes, t.ReqFlags, t.MechToken)
		if t.NegHints != nil {
			addField(out, 3, func(out *cryptobyte.Builder) { out.AddASN1(asn1.SEQUENCE, t.NegHints.add) })
		}
		addBytes(out, 4, tagOctetString, t.MechListMIC)
		addUnknown(out, t.Unknown)
	})
}

func (f initFields) hinted() NegTokenInit2 {
	return NegTokenInit2{
		MechTypes: f.mechTypes, ReqFlags: f.reqFlags, MechToken: f.mechToken, NegHints: f.hints, MechListMIC: f.mic,
		Bare: f.bare, Unknown: f.unknown, Anomalies: f.anomalies,
	}
}
