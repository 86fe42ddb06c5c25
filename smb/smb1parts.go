package smb

import (
	"math"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// The word count of a message that has an AndX link and nothing else.
const smb1AndXWords = 2

// HasMoreData tells whether the status is STATUS_BUFFER_OVERFLOW or its DOS form ERRDOS/ERRmoredata ([MS-CIFS] 2.2.2.4):
// the response carries data like one of success, and the rest of what was asked for waits to be read.
func (h SMB1Header) HasMoreData() bool {
	if h.Flags2&SMB1Flags2NTStatus != 0 {
		return h.Status == dtyp.StatusBufferOverflow
	}
	const moreData = 234
	return uint8(h.Status) == dtyp.DOSClassDOS && h.Status>>16 == moreData
}

// expectWords reads WordCount, and fails the cursor with wire.ErrFormat unless it is one of those in want.
func (h SMB1Header) expectWords(c *wire.Cursor, want ...int) int {
	words := h.ReadWordCount(c)
	for _, w := range want {
		if w == words {
			return words
		}
	}
	c.Fail("WordCount", wire.ErrFormat)
	return words
}

// smb1Parts reads the parts of a message's data that its parameters name by offset and length. It keeps the bytes
// between them, because clients and servers pad in different ways and all of them are right.
type smb1Parts struct {
	c          *wire.Cursor
	start      int // of the data in the message
	next       int // where the next part may begin
	end        int // of the data, as ByteCount has it
	overlooked bool
}

// readSMB1Parts reads ByteCount; the cursor is left behind the data.
func readSMB1Parts(c *wire.Cursor) smb1Parts {
	data := ReadSMB1Bytes(c)
	start := c.Offset() - len(data)
	return smb1Parts{c: c, start: start, next: start, end: c.Offset()}
}

// part returns the length bytes at offset and the padding before them: nil if it is the usual one, zeros up to a multiple
// of align.
func (p *smb1Parts) part(field string, offset, length, align int) (pad, part []byte) {
	part = p.c.At(field, offset, length)
	if part == nil {
		p.overlooked = p.overlooked || length != 0
		return nil, nil
	}
	end := offset + length
	p.wrapped(end)
	switch {
	case offset < p.next:
		p.c.Note(field, offset, "begins at %d, where what is before it ends at %d", offset, p.next)
	case end > p.end:
		p.c.Note(field, offset, "ends at %d, where the data ends at %d", end, p.end)
	}
	if offset >= p.next {
		pad = smb1Padding(p.c, p.next, offset, align)
	}
	p.next = max(p.next, end)
	return pad, part
}

// wrapped takes a ByteCount that is right but for the bits that do not fit its 16, as large reads and writes have it:
// DataLength has 17 bits and more by DataLengthHigh ([MS-SMB] 2.2.4.2.2), ByteCount has no such companion.
func (p *smb1Parts) wrapped(end int) {
	if n := end - p.start; n > math.MaxUint16 && n&math.MaxUint16 == p.end-p.start {
		p.end = end
	}
}

// smb1Padding returns the bytes of the message from begin to end; nil where they are zeros up to a multiple of align.
func smb1Padding(c *wire.Cursor, begin, end, align int) []byte {
	pad := c.At("Pad", begin, end-begin)
	usual := len(pad) == (align-begin%align)%align
	for _, b := range pad {
		usual = usual && b == 0
	}
	switch {
	case usual:
		return nil
	case pad == nil:
		return []byte{}
	}
	return pad
}

// finish notes data behind the last part, and leaves the cursor behind all data.
func (p *smb1Parts) finish() {
	// After a part out of bounds, what is left is that part's: one note is enough.
	if p.next < p.end && !p.overlooked {
		p.c.Note("Bytes", p.next, "%d bytes follow the last part", p.end-p.next)
	}
	p.c.Seek("Bytes", max(p.next, p.end))
}

// unusedOffset returns an offset as it was sent where there is nothing at it; AppendBinary computes the others.
func unusedOffset(part []byte, offset int) uint16 {
	if part != nil {
		return 0
	}
	return uint16(offset)
}

// appendSMB1Part appends the padding and the part, and writes the offset of the part at its place; a part that is empty
// has neither.
func appendSMB1Part(a *wire.Appender, field string, at int, pad []byte, align int, part []byte) {
	if len(part) == 0 {
		return
	}
	appendSMB1Padding(a, pad, align)
	a.Patch16(field, at, a.Offset())
	a.Bytes(part)
}

func appendSMB1Padding(a *wire.Appender, pad []byte, align int) {
	if pad == nil {
		a.Pad(align)
		return
	}
	a.Bytes(pad)
}

// padding skips the byte that brings UTF-16 strings to an even offset, and returns it; nil where it is the usual one, or
// where none is due. Some clients send none: then the first character, an ASCII one, begins right here. A single byte
// is no padding, because nothing follows it.
func (s *smb1Strings) padding() []byte {
	if !s.unicode || s.offset%2 == 0 || len(s.data) < 2 {
		return nil
	}
	if s.data[0] != 0 && s.data[1] == 0 {
		return []byte{}
	}
	pad := s.data[:1:1]
	s.skip(1)
	if pad[0] == 0 {
		return nil
	}
	return pad
}

// padded is terminated for a string behind padding. Padding other than zero is kept only before a string that is not
// empty: before one that is, nobody could tell it from a character.
func (s *smb1Strings) padded(field string) (pad, text []byte) {
	begin := s.offset
	pad = s.padding()
	text = s.terminated(field)
	if len(pad) > 0 && len(text) == 0 {
		s.c.Note("Pad", begin, "0x%02x", pad[0])
		pad = nil
	}
	return pad, text
}

// terminated is next for strings that have to end with a terminator; one that does not is noted.
func (s *smb1Strings) terminated(field string) []byte {
	width, begin := 1, s.offset
	if s.unicode {
		width = 2
	}
	text := s.next(field)
	if text != nil && s.offset-begin != len(text)+width {
		s.c.Note(field, begin, "no terminator")
	}
	return text
}

// appendSMB1Text appends a string with its terminator, and before it the padding where it is UTF-16; nil is left out.
func appendSMB1Text(a *wire.Appender, unicode bool, pad, text []byte) {
	if text == nil {
		return
	}
	a.Bytes(pad)
	if pad == nil && unicode {
		a.Pad(2)
	}
	a.Bytes(text)
	a.U8(0)
	if unicode {
		a.U8(0)
	}
}

// smb1Plain appends parameters without an AndX link, then the data, and fills in the counts.
func smb1Plain(a *wire.Appender, words int, params, data func()) {
	a.Len8("WordCount", words)
	params()
	count := a.Offset()
	a.U16(0)
	data()
	a.Patch16("ByteCount", count, a.Offset()-count-2)
}

// smb1LargeBody is smb1Body for messages whose data may be larger than ByteCount can tell.
func smb1LargeBody(a *wire.Appender, words int, link andX, params, data func(), chain []byte) {
	a.U8(uint8(words))
	a.U8(uint8(link.command))
	a.U8(link.reserved)
	at := a.Offset()
	a.Len16("AndXOffset", link.offset)
	params()
	count := a.Offset()
	a.U16(0)
	data()
	a.Patch16("ByteCount", count, (a.Offset()-count-2)&math.MaxUint16)
	if link.command != SMB1NoFurtherCommand {
		a.Patch16("AndXOffset", at, a.Offset())
		a.Bytes(chain)
	}
}

// readSMB1DataLength joins the halves of a data length. Before large reads and writes the upper one was reserved, so that
// one that cannot be true is noted and not used.
func readSMB1DataLength(c *wire.Cursor, low, high int) int {
	if size := c.Offset() + c.Remaining(); high > size>>16 {
		c.Note("DataLengthHigh", c.Offset(), "%d, in a message of %d bytes", high, size)
		return low
	}
	return high<<16 | low
}
