package smb

import (
	"iter"

	"github.com/smbscope/smbscope/smb/wire"
)

// smb2CreateContextSize is the size of the fixed part of [MS-SMB2] 2.2.13.2.
const smb2CreateContextSize = 16

// An SMB2CreateContext is an SMB2_CREATE_CONTEXT as described in [MS-SMB2] 2.2.13.2. Both slices alias the message.
type SMB2CreateContext struct {
	Reserved uint16
	Name     []byte // four ASCII letters such as "MxAc", or 16 bytes of a GUID
	Data     []byte
}

// SMB2CreateContexts reads the list in CreateContexts of a create message. It ends after the first error, which is a
// *wire.ParseError whose offset counts from the start of the list: a context that is cut, that has a name or data beyond
// its end (wire.ErrOffset), or that names itself or a place within itself as the next one (wire.ErrFormat).
func SMB2CreateContexts(list []byte) iter.Seq2[SMB2CreateContext, error] {
	return func(yield func(SMB2CreateContext, error) bool) {
		for start, more := 0, len(list) > 0; more; {
			context, next, err := readSMB2CreateContext(list, start)
			if !yield(context, err) || err != nil {
				return
			}
			start, more = start+next, next != 0
		}
	}
}

// readSMB2CreateContext reads the context at start, which is inside the list, and returns how far the next one is from
// it, or zero for the last.
func readSMB2CreateContext(list []byte, start int) (SMB2CreateContext, int, error) {
	c := wire.NewCursor("SMB2_CREATE_CONTEXT", list)
	c.Seek("Next", start)
	next := c.Len32("Next")
	nameOffset := c.Len16("NameOffset")
	nameLength := c.Len16("NameLength")
	context := SMB2CreateContext{Reserved: c.U16("Reserved")}
	dataOffset := c.Len16("DataOffset")
	dataLength := c.Len32("DataLength")
	end := len(list) - start
	switch {
	case c.Failed():
	case next < 0 || next >= end:
		c.Fail("Next", wire.ErrOffset)
	case next != 0 && next < smb2CreateContextSize:
		c.Fail("Next", wire.ErrFormat)
	case next != 0:
		end = next
	}
	context.Name = contextPart(&c, "Name", start, end, nameOffset, nameLength)
	context.Data = contextPart(&c, "Data", start, end, dataOffset, dataLength)
	if err := c.Err(); err != nil {
		return SMB2CreateContext{}, 0, err
	}
	return context, next, nil
}

// contextPart reads a part of the context that begins at start and is end bytes long.
func contextPart(c *wire.Cursor, field string, start, end, offset, length int) []byte {
	if length < 0 || length != 0 && length > end-offset {
		c.Fail(field, wire.ErrOffset)
	}
	return c.At(field, start+offset, length)
}
