package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// checkSMB2Size notes a StructureSize other than the specification's.
func checkSMB2Size(c *wire.Cursor, size, want int) {
	if size != want {
		c.Note("StructureSize", SMB2HeaderSize, "%d, should be %d", size, want)
	}
}

// smb2Parts reads the variable parts of a message in the order in which a builder writes them, and notes what is odd
// about their places: gaps, overlaps, padding that is not zero, and bytes behind the last part.
type smb2Parts struct {
	c     *wire.Cursor
	end   int // of the fixed part, or of the last part read
	empty bool
}

// newSMB2Parts begins at the cursor, which stands behind the fixed part.
func newSMB2Parts(c *wire.Cursor) smb2Parts {
	return smb2Parts{c: c, end: c.Offset(), empty: true}
}

// next returns the part of length bytes at offset, which should begin at the next multiple of align. Where an empty part
// claims to be is not looked at.
func (p *smb2Parts) next(field string, offset, length, align int) []byte {
	part := p.c.At(field, offset, length)
	if length != 0 {
		p.empty = false
	}
	if part == nil {
		return nil
	}
	if want := aligned(p.end, align); offset != want {
		p.c.Note(field, offset, "at offset %d, should be at %d", offset, want)
	} else {
		p.padding(offset)
	}
	p.end = max(p.end, offset+length)
	return part
}

// padding notes bytes other than zero between the last part and offset.
func (p *smb2Parts) padding(offset int) {
	for _, b := range p.c.At("Padding", p.end, offset-p.end) {
		if b != 0 {
			p.c.Note("Padding", p.end, "not zero")
			return
		}
	}
}

// finish notes what is left behind the last part.
func (p *smb2Parts) finish() { p.c.NoteTrailing(p.end) }

// finishPadded is finish for requests whose Buffer is at least one byte long: where nothing else is in it, it has up to
// limit bytes of zeros.
func (p *smb2Parts) finishPadded(limit int) {
	if !p.empty {
		p.finish()
		return
	}
	// The cursor stands at the end of the fixed part.
	count := min(limit, p.c.Remaining())
	if count == 0 {
		p.c.Note("Buffer", p.end, "missing, should be a byte at least")
		return
	}
	p.padding(p.end + count)
	p.c.NoteTrailing(p.end + count)
}

func aligned(n, align int) int { return (n + align - 1) / align * align }
