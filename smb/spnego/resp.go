package spnego

import (
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/smbscope/smbscope/smb/wire"
)

const tagResp = tagContext + 1

// A NegState is how far a negotiation has come as described in RFC 4178 4.2.2.
type NegState uint8

// The states of RFC 4178 4.2.2.
const (
	AcceptCompleted  NegState = 0x00
	AcceptIncomplete NegState = 0x01
	Reject           NegState = 0x02
	RequestMIC       NegState = 0x03
)

// String prints the specification's token.
func (s NegState) String() string {
	switch s {
	case AcceptCompleted:
		return "accept-completed"
	case AcceptIncomplete:
		return "accept-incomplete"
	case Reject:
		return "reject"
	case RequestMIC:
		return "request-mic"
	}
	return fmt.Sprintf("NegState(0x%02X)", uint8(s))
}

// A NegTokenResp is every token after the first, of both sides, as described in RFC 4178 4.2.2.
type NegTokenResp struct {
	NegState      *NegState // nil where it is absent, as in a client's tokens
	SupportedMech OID       // "" where it is absent
	ResponseToken []byte
	MechListMIC   []byte // Windows 2000 repeats ResponseToken here
	// Framed tells that the token came in a GSS-API header, which only a first token should have.
	Framed    bool
	Unknown   [][]byte // elements that are not among the fields above
	Anomalies []wire.Anomaly
}

// ParseNegTokenResp parses a token with or without a GSS-API header. Bytes that are not BER or another kind of token
// are wire.ErrFormat errors; wire.ErrTruncated says that the blob ends before its sequence does.
func ParseNegTokenResp(blob []byte) (NegTokenResp, error) {
	c := wire.NewCursor("NegTokenResp", blob)
	sequence, framed, err := readToken(&c, "NegTokenResp", tagResp)
	if err != nil {
		return NegTokenResp{}, err
	}
	r := NegTokenResp{Framed: framed}
	if framed {
		c.Note("NegotiationToken", 0, "GSS-API header around a NegTokenResp")
	}
	r.Unknown = readFields(&c, "NegTokenResp", sequence, func(number int, e element) bool {
		switch number {
		case 0:
			return readNegState(&c, e, &r.NegState)
		case 1:
			return readMech(&c, e, &r.SupportedMech)
		case 2:
			return readBytes(&c, "responseToken", e, tagOctetString, &r.ResponseToken)
		case 3:
			return readBytes(&c, "mechListMIC", e, tagOctetString, &r.MechListMIC)
		}
		return false
	})
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the token. An OID that is none is a wire.ErrFormat error.
func (r NegTokenResp) AppendBinary(b []byte) ([]byte, error) {
	return build(b, "NegTokenResp", r.Framed, tagResp, func(out *cryptobyte.Builder) {
		if r.NegState != nil {
			addBytes(out, 0, tagEnumerated, []byte{byte(*r.NegState)})
		}
		if r.SupportedMech != "" {
			addField(out, 1, func(out *cryptobyte.Builder) { addOID(out, r.SupportedMech) })
		}
		addBytes(out, 2, asn1.OCTET_STRING, r.ResponseToken)
		addBytes(out, 3, asn1.OCTET_STRING, r.MechListMIC)
		addUnknown(out, r.Unknown)
	})
}

func readNegState(c *wire.Cursor, field element, dst **NegState) bool {
	e, ok := readInner(c, "negState", field, tagEnumerated)
	if !ok || len(e.body) != 1 {
		return false
	}
	state := NegState(e.body[0])
	if state > RequestMIC {
		c.Note("negState", e.start, "unknown value %d", state)
	}
	*dst = &state
	return true
}

func readMech(c *wire.Cursor, field element, dst *OID) bool {
	e, ok := readInner(c, "supportedMech", field, tagOID)
	if !ok {
		return false
	}
	*dst = decodeOID(e.body)
	if !dst.Valid() {
		c.Note("supportedMech", e.at, "not a valid object identifier")
	}
	return true
}
