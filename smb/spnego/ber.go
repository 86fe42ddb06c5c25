package spnego

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// The tags that occur, with their class and constructed bits.
const (
	tagBitString     = 0x03
	tagOctetString   = 0x04
	tagOID           = 0x06
	tagEnumerated    = 0x0A
	tagGeneralString = 0x1B
	tagSequence      = 0x30
	tagGSSAPI        = 0x60 // [APPLICATION 0], RFC 2743 3.1
	tagContext       = 0xA0 // [0], constructed; the number is added
)

// maxElements bounds the fields of one sequence: the specifications know five.
const maxElements = 32

// An element is one BER element: tag, length, content.
type element struct {
	tag        uint8
	at         int // of its tag
	start, end int // of its content
	body       []byte
}

// readElement reads the next element. This and not cryptobyte, because that reads DER only and gives no offsets.
func readElement(c *wire.Cursor, field string) element {
	e := element{at: c.Offset(), tag: c.U8(field)}
	if e.tag&0x1F == 0x1F {
		c.Fail(field, wire.ErrFormat) // the tag number follows in further bytes
	}
	length := c.Len8(field)
	switch {
	case length == 0x80:
		c.Fail(field, wire.ErrFormat) // indefinite
	case length > 0x84:
		c.Fail(field, wire.ErrFormat) // more than 32 bits
	case length > 0x80:
		n := length - 0x80
		length = 0
		for range n {
			length = length<<8 | c.Len8(field)
		}
		if !c.Failed() && (length < 0x80 || length>>(8*(n-1)) == 0) {
			c.Note(field, e.at, "length %d written in %d bytes", length, n+1)
		}
	}
	e.start = c.Offset()
	e.body = c.Bytes(field, length)
	e.end = c.Offset()
	return e
}

// expect reads the next element, which has to have the tag; another tag is a wire.ErrFormat failure.
func expect(c *wire.Cursor, field string, tag uint8) element {
	e := readElement(c, field)
	if !c.Failed() && e.tag != tag {
		c.Seek(field, e.at)
		c.Fail(field, wire.ErrFormat)
	}
	return e
}

// within returns a cursor at the content of e that ends with e and counts offsets as c does.
func within(c *wire.Cursor, message string, e element) wire.Cursor {
	in := wire.NewCursor(message, c.At(message, 0, e.end))
	in.Seek(message, e.start)
	return in
}

// adopt gives what was noted inside an element to the cursor around it.
func adopt(c *wire.Cursor, in *wire.Cursor) {
	for _, a := range in.Anomalies() {
		c.Note(a.Field, a.Offset, "%s", a.What)
	}
}

// readToken reads what encloses the fields of a token: the GSS-API header of RFC 2743 3.1 if there is one, the choice
// with the tag want, and the sequence, which it returns.
func readToken(c *wire.Cursor, message string, want uint8) (sequence element, framed bool, err error) {
	choice := readElement(c, "NegotiationToken")
	c.NoteTrailing(c.Offset())
	if err := c.Err(); err != nil {
		return element{}, false, err
	}
	if choice.tag == tagGSSAPI {
		framed = true
		in := within(c, message, choice)
		if mech := expect(&in, "thisMech", tagOID); decodeOID(mech.body) != OIDSPNEGO && !in.Failed() {
			in.Seek("thisMech", mech.at)
			in.Fail("thisMech", wire.ErrFormat)
		}
		choice = readElement(&in, "NegotiationToken")
		in.NoteTrailing(in.Offset())
		adopt(c, &in)
		if err := in.Err(); err != nil {
			return element{}, true, err
		}
	}
	if choice.tag != want {
		c.Seek("NegotiationToken", choice.at)
		c.Fail("NegotiationToken", wire.ErrFormat)
		return element{}, framed, c.Err()
	}
	in := within(c, message, choice)
	sequence = expect(&in, "SEQUENCE", tagSequence)
	in.NoteTrailing(in.Offset())
	adopt(c, &in)
	return sequence, framed, in.Err()
}

// readFields hands the context-tagged elements of a sequence to field, each number once, and returns what field did
// not take. What cannot be read any more is the last of these.
func readFields(c *wire.Cursor, message string, sequence element, field func(number int, e element) bool) [][]byte {
	var unknown [][]byte
	in := within(c, message, sequence)
	seen, last := 0, -1
	for count := 0; in.Remaining() > 0; count++ {
		at := in.Offset()
		e := readElement(&in, "element")
		if in.Failed() || count == maxElements {
			c.Note(message, at, "%d bytes of the sequence are not read", sequence.end-at)
			unknown = append(unknown, c.At(message, at, sequence.end-at))
			break
		}
		number := int(e.tag) - tagContext
		isField := number >= 0 && number < 0x1F
		again := isField && seen&(1<<number) != 0
		if !isField || again || !field(number, e) {
			c.Note(message, at, "element with tag 0x%02x is kept as it is", e.tag)
			unknown = append(unknown, c.At(message, at, e.end-at))
			continue
		}
		seen |= 1 << number
		if number < last {
			c.Note(message, at, "field [%d] after field [%d]", number, last)
		}
		last = number
	}
	adopt(c, &in)
	return unknown
}

// readInner reads the one element that a context-tagged field encloses, and notes why if it does not have the tag.
func readInner(c *wire.Cursor, name string, field element, tag uint8) (element, bool) {
	in := within(c, name, field)
	e := expect(&in, name, tag)
	in.NoteTrailing(in.Offset())
	adopt(c, &in)
	if err := in.Err(); err != nil {
		c.Note(name, field.at, "not an element with tag 0x%02x", tag)
		return element{}, false
	}
	return e, true
}

// readBytes reads a field of a primitive type into *dst, which is never nil afterwards.
func readBytes(c *wire.Cursor, name string, field element, tag uint8, dst *[]byte) bool {
	e, ok := readInner(c, name, field, tag)
	if ok {
		*dst = e.body
	}
	return ok
}
