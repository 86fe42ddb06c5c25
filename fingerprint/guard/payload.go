package guard

import (
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

// checkPayload checks what a response carries against what was asked for. The form was checked before.
func checkPayload(h smb.SMB2Header, msg []byte, f form, asked request) *RefusedError {
	if len(f.parts) == 0 {
		return nil
	}
	last := f.parts[len(f.parts)-1]
	c := wire.NewCursor("", msg)
	data := c.At(last.name, last.offset(&c), last.length(&c))
	count := len(data)
	if h.Command == smb.SMB2Write {
		count = at32(4)(&c)
	}
	// Clients copy what comes into the room they have, or move on by what was written.
	if asked.most >= 0 && count > asked.most {
		return refuse(ErrMalformed, "%d bytes in answer to a %v of %d", count, h.Command, asked.most)
	}
	if count < 0 {
		return refuse(ErrMalformed, "Count does not fit")
	}
	switch {
	case h.Command == smb.SMB2Create:
		for _, err := range smb.SMB2CreateContexts(data) {
			if err != nil {
				return malformed("", err)
			}
		}
	case h.Command == smb.SMB2QueryDirectory:
		return checkListing(data, asked.class)
	case h.Command == smb.SMB2Ioctl && asked.fsctl == smb.FSCTLSrvRequestResumeKey:
		return checkResumeKey(data)
	}
	return nil
}

// A listing is how an entry of a directory listing is laid out: the bytes of its fixed part, and where in it the length
// of the name is, which follows.
type listing struct{ fixed, name int }

// listingOf returns the layout of an information class of [MS-FSCC] 2.4.
func listingOf(class uint8) (listing, bool) {
	switch class {
	case 0x01: // FileDirectoryInformation, 2.4.10
		return listing{64, 60}, true
	case 0x02: // FileFullDirectoryInformation, 2.4.14
		return listing{68, 60}, true
	case 0x03: // FileBothDirectoryInformation, 2.4.8
		return listing{94, 60}, true
	case 0x0C: // FileNamesInformation, 2.4.26
		return listing{12, 8}, true
	case 0x25: // FileIdBothDirectoryInformation, 2.4.17
		return listing{104, 60}, true
	case 0x26: // FileIdFullDirectoryInformation, 2.4.18
		return listing{80, 60}, true
	}
	return listing{}, false
}

// checkListing wants a chain of whole entries, each behind the end of the one before.
func checkListing(data []byte, class uint8) *RefusedError {
	l, known := listingOf(class)
	if !known {
		return nil
	}
	for start := 0; ; {
		entry := wire.NewCursor("directory entry", data[start:])
		next := entry.Len32("NextEntryOffset")
		entry.Seek("FileNameLength", l.name)
		length := entry.Len32("FileNameLength")
		entry.Seek("FileName", l.fixed)
		entry.Bytes("FileName", length)
		if err := entry.Err(); err != nil {
			return malformed("", err)
		}
		if next == 0 {
			return nil
		}
		if next < entry.Offset() || next >= len(data)-start {
			return refuse(ErrMalformed, "NextEntryOffset %d of an entry of %d bytes", next, entry.Offset())
		}
		start += next
	}
}

// checkResumeKey wants the 24 bytes of the key and a context that fits, [MS-SMB2] 2.2.32.3.
func checkResumeKey(data []byte) *RefusedError {
	c := wire.NewCursor("SRV_REQUEST_RESUME_KEY", data)
	c.Bytes("ResumeKey", 24)
	c.Bytes("Context", c.Len32("ContextLength"))
	if err := c.Err(); err != nil {
		return malformed("", err)
	}
	return nil
}
