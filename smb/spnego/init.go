package spnego

import (
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/smbscope/smbscope/smb/wire"
)

const tagInit = tagContext + 0

// maxMechanisms bounds the list of mechanisms.
const maxMechanisms = 64

// A NegTokenInit is the first token of a client, and of servers that send no hints, as described in RFC 4178 4.2.1.
type NegTokenInit struct {
	MechTypes   []OID  // in wire order, the preferred first, at most 64
	ReqFlags    []byte // the content of the BIT STRING, which begins with the number of unused bits
	MechToken   []byte // of the first mechanism
	MechListMIC []byte
	// Bare tells that the token came without the GSS-API header of RFC 2743 3.1, which a first token has.
	Bare      bool
	Unknown   [][]byte // elements that are not among the fields above
	Anomalies []wire.Anomaly
}

// ParseNegTokenInit parses a token with or without its GSS-API header. Bytes that are not BER, another kind of token
// or a NegTokenInit2 are wire.ErrFormat errors; wire.ErrTruncated says that the blob ends before its sequence does.
func ParseNegTokenInit(blob []byte) (NegTokenInit, error) {
	f, err := parseInit("NegTokenInit", blob)
	if err == nil && f.second {
		err = &wire.ParseError{Message: "NegTokenInit", Field: "mechListMIC", Offset: f.thirdAt, Err: wire.ErrFormat}
	}
	if err != nil {
		return NegTokenInit{}, err
	}
	return f.first(), nil
}

// AppendBinary appends the token. An OID that is none is a wire.ErrFormat error.
func (t NegTokenInit) AppendBinary(b []byte) ([]byte, error) {
	return build(b, "NegTokenInit", !t.Bare, tagInit, func(out *cryptobyte.Builder) {
		addInit(out, t.MechTypes, t.ReqFlags, t.MechToken)
		addBytes(out, 3, tagOctetString, t.MechListMIC)
		addUnknown(out, t.Unknown)
	})
}

// initFields holds what NegTokenInit and NegTokenInit2 have in common, and what tells one from the other: field [3] is
// mechListMIC in one and negHints in the other, and only the other has a field [4].
type initFields struct {
	mechTypes []OID
	reqFlags  []byte
	mechToken []byte
	hints     *NegHints
	mic       []byte
	bare      bool
	second    bool // a NegTokenInit2 and nothing else
	thirdMIC  bool // a NegTokenInit and nothing else
	thirdAt   int  // of the field that decided
	unknown   [][]byte
	anomalies []wire.Anomaly
}

func parseInit(message string, blob []byte) (initFields, error) {
	c := wire.NewCursor(message, blob)
	sequence, framed, err := readToken(&c, message, tagInit)
	if err != nil {
		return initFields{}, err
	}
	f := initFields{bare: !framed}
	var third, fourth *element
	f.unknown = readFields(&c, message, sequence, func(number int, e element) bool {
		switch number {
		case 0:
			return readMechTypes(&c, e, &f.mechTypes)
		case 1:
			return readBytes(&c, "reqFlags", e, tagBitString, &f.reqFlags)
		case 2:
			return readBytes(&c, "mechToken", e, tagOctetString, &f.mechToken)
		case 3:
			third = &e
			return true
		case 4:
			fourth = &e
			return true
		}
		return false
	})
	f.readLast(&c, third, fourth)
	f.anomalies = c.Anomalies()
	return f, nil
}

// readLast reads the fields [3] and [4], whose types depend on each other.
func (f *initFields) readLast(c *wire.Cursor, third, fourth *element) {
	hinted := third != nil && len(third.body) > 0 && third.body[0] == tagSequence
	f.second = hinted || fourth != nil
	keep := func(e *element) { // before the others: bytes that do not end as they say have to stay the last
		f.unknown = append([][]byte{c.At("element", e.at, e.end-e.at)}, f.unknown...)
	}
	if third != nil {
		f.thirdAt = third.at
		switch {
		case f.second:
			if h, ok := readNegHints(c, *third); ok {
				f.hints = &h
			} else {
				keep(third)
			}
		case readBytes(c, "mechListMIC", *third, tagOctetString, &f.mic):
			f.thirdMIC = true
		default:
			keep(third)
		}
	}
	if fourth != nil {
		if third == nil {
			f.thirdAt = fourth.at
		}
		if !readBytes(c, "mechListMIC", *fourth, tagOctetString, &f.mic) {
			keep(fourth)
		}
	}
}

func (f initFields) first() NegTokenInit {
	return NegTokenInit{
		MechTypes: f.mechTypes, ReqFlags: f.reqFlags, MechToken: f.mechToken, MechListMIC: f.mic,
		Bare: f.bare, Unknown: f.unknown, Anomalies: f.anomalies,
	}
}

// readMechTypes reads the MechTypeList of RFC 4178 4.2.1. What is no OBJECT IDENTIFIER in it is noted and left out.
func readMechTypes(c *wire.Cursor, field element, dst *[]OID) bool {
	sequence, ok := readInner(c, "mechTypes", field, tagSequence)
	if !ok {
		return false
	}
	oids := []OID{}
	in := within(c, "mechTypes", sequence)
	for in.Remaining() > 0 {
		at := in.Offset()
		e := readElement(&in, "mechTypes")
		if in.Failed() || len(oids) == maxMechanisms {
			c.Note("mechTypes", at, "%d bytes of the list are not read", sequence.end-at)
			break
		}
		if e.tag != tagOID {
			c.Note("mechTypes", at, "element with tag 0x%02x in the list: % x", e.tag, e.body[:min(len(e.body), 32)])
			continue
		}
		oid := decodeOID(e.body)
		if !oid.Valid() {
			c.Note("mechTypes", at, "not a valid object identifier")
		}
		oids = append(oids, oid)
	}
	adopt(c, &in)
	*dst = oids
	return true
}

func addInit(out *cryptobyte.Builder, mechTypes []OID, reqFlags, mechToken []byte) {
	if mechTypes != nil {
		addField(out, 0, func(out *cryptobyte.Builder) {
			out.AddASN1(asn1.SEQUENCE, func(out *cryptobyte.Builder) {
				for _, oid := range mechTypes {
					addOID(out, oid)
				}
			})
		})
	}
	addBytes(out, 1, tagBitString, reqFlags)
	addBytes(out, 2, tagOctetString, mechToken)
}
