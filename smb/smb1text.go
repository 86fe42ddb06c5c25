package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// smb1Strings reads the zero-terminated strings that end an SMB1 session setup message, [MS-CIFS] 2.2.1.1. UTF-16
// strings begin at an even offset of the message.
type smb1Strings struct {
	c       *wire.Cursor
	data    []byte
	offset  int // of data in the message
	unicode bool
}

func (s *smb1Strings) skip(n int) {
	n = min(n, len(s.data))
	s.data, s.offset = s.data[n:], s.offset+n
}

// next returns the next string without its terminator: nil when there is none, empty but not nil when it is empty. The
// last string may lack its terminator: Windows 2000 leaves it out.
func (s *smb1Strings) next(field string) []byte {
	width := 1
	if s.unicode {
		width = 2
	}
	if len(s.data) == 0 {
		return nil
	}
	n := 0
	for ; n+width <= len(s.data); n += width {
		if s.data[n] == 0 && s.data[n+width-1] == 0 {
			text := s.data[:n:n]
			s.skip(n + width)
			return text
		}
	}
	text := s.data[:n:n]
	if rest := s.data[n:]; len(rest) == 1 && rest[0] != 0 {
		s.c.Note(field, s.offset+n, "half a character at the end: 0x%02x", rest[0])
	}
	s.skip(len(s.data))
	return text
}

// align moves to an even offset of the message if the strings are UTF-16.
func (s *smb1Strings) align() {
	if s.unicode && s.offset%2 != 0 {
		s.skip(1)
	}
}

// finish notes what is left behind the last string.
func (s *smb1Strings) finish() {
	if len(s.data) > 0 {
		s.c.Note("Bytes", s.offset, "%d bytes follow the last string", len(s.data))
	}
}

// appendSMB1Strings appends strings with their terminators, aligned as next reads them; nil strings at the end are left
// out.
func appendSMB1Strings(a *wire.Appender, unicode bool, texts ...[]byte) {
	for len(texts) > 0 && texts[len(texts)-1] == nil {
		texts = texts[:len(texts)-1]
	}
	if len(texts) > 0 && unicode {
		a.Pad(2)
	}
	for _, text := range texts {
		a.Bytes(text)
		a.U8(0)
		if unicode {
			a.U8(0)
		}
	}
}

// An andX is the link to the next command in the same message, [MS-CIFS] 2.2.3.4.
type andX struct {
	command  SMB1Command
	reserved uint8
	offset   int
}

func readAndX(c *wire.Cursor) andX {
	return andX{command: SMB1Command(c.U8("AndXCommand")), reserved: c.U8("AndXReserved"), offset: c.Len16("AndXOffset")}
}

// andXOffsetAt is the place of AndXOffset: WordCount, AndXCommand and AndXReserved come between it and the header.
const andXOffsetAt = SMB1HeaderSize + 3

// chained returns the block of the next command, which is all from AndXOffset on, and notes trailing bytes where no
// command follows. The cursor stands behind the data of the first command. A block that begins before that is noted
// and kept, because a wrong ByteCount has the same look; one that begins in the header, or behind the message, is not.
func (x andX) chained(c *wire.Cursor) []byte {
	end, size := c.Offset(), c.Offset()+c.Remaining()
	switch {
	case x.command == SMB1NoFurtherCommand:
		c.NoteTrailing(end)
		return nil
	case x.offset > size:
		c.Note("AndXOffset", andXOffsetAt, "%d, in a message of %d bytes", x.offset, size)
		return nil
	case x.offset < end:
		c.Note("AndXOffset", andXOffsetAt, "%d, where the data ends at %d", x.offset, end)
	}
	if x.offset < SMB1HeaderSize {
		return nil
	}
	return c.At("AndXOffset", x.offset, size-x.offset)
}

// unused returns the offset where no command follows: most Windows servers fill it in all the same, Samba does not.
func (x andX) unused() uint16 {
	if x.command != SMB1NoFurtherCommand {
		return 0
	}
	return uint16(x.offset)
}

// smb1Body appends parameters that begin with an AndX link, then the data that data appends, then the chained block,
// and fills in the counts and, where a command follows, the offset.
func smb1Body(a *wire.Appender, words int, link andX, params, data func(), chain []byte) {
	a.U8(uint8(words))
	a.U8(uint8(link.command))
	a.U8(link.reserved)
	at := a.Offset()
	a.Len16("AndXOffset", link.offset)
	params()
	count := a.Offset()
	a.U16(0)
	data()
	a.Patch16("ByteCount", count, a.Offset()-count-2)
	if link.command != SMB1NoFurtherCommand {
		a.Patch16("AndXOffset", at, a.Offset())
		a.Bytes(chain)
	}
}
