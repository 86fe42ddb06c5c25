package guard

import (
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A form is the body of a response that is no error response: StructureSize, the bytes of the fixed part, and where it
// tells about its variable parts. All offsets here count from the body.
type form struct {
	structure, fixed int
	parts            []place
}

// A place is where a body has the offset and the length of a variable part.
type place struct {
	name           string
	offset, length func(*wire.Cursor) int
}

func at8(at int) func(*wire.Cursor) int {
	return func(c *wire.Cursor) int { c.Seek("", smb.SMB2HeaderSize+at); return c.Len8("") }
}

func at16(at int) func(*wire.Cursor) int {
	return func(c *wire.Cursor) int { c.Seek("", smb.SMB2HeaderSize+at); return c.Len16("") }
}

func at32(at int) func(*wire.Cursor) int {
	return func(c *wire.Cursor) int { c.Seek("", smb.SMB2HeaderSize+at); return c.Len32("") }
}

// formOf returns the form of a command's response; false for a command that is not known.
func formOf(command smb.SMB2Command) (form, bool) {
	output := []place{{"OutputBuffer", at16(2), at32(4)}}
	switch command {
	case smb.SMB2Negotiate: // [MS-SMB2] 2.2.4
		return form{65, 64, []place{{"SecurityBuffer", at16(56), at16(58)}}}, true
	case smb.SMB2SessionSetup: // 2.2.6
		return form{9, 8, []place{{"SecurityBuffer", at16(4), at16(6)}}}, true
	case smb.SMB2TreeConnect: // 2.2.10
		return form{16, 16, nil}, true
	case smb.SMB2Logoff, smb.SMB2TreeDisconnect, smb.SMB2Flush, smb.SMB2Lock, smb.SMB2Echo: // 2.2.8, 12, 18, 27, 29
		return form{4, 4, nil}, true
	case smb.SMB2Create: // 2.2.14
		return form{89, 88, []place{{"CreateContexts", at32(80), at32(84)}}}, true
	case smb.SMB2Close: // 2.2.16
		return form{60, 60, nil}, true
	case smb.SMB2Read: // 2.2.20
		return form{17, 16, []place{{"Data", at8(2), at32(4)}}}, true
	case smb.SMB2Write: // 2.2.22
		return form{17, 16, []place{{"WriteChannelInfo", at16(12), at16(14)}}}, true
	case smb.SMB2Ioctl: // 2.2.32
		return form{49, 48, []place{{"Input", at32(24), at32(28)}, {"Output", at32(32), at32(36)}}}, true
	case smb.SMB2QueryDirectory, smb.SMB2ChangeNotify, smb.SMB2QueryInfo: // 2.2.34, 36, 38
		return form{9, 8, output}, true
	case smb.SMB2SetInfo: // 2.2.40
		return form{2, 2, nil}, true
	}
	return form{}, false
}

// check wants the fixed part whole and every variable part behind it and inside the message.
func (f form) check(msg []byte) *RefusedError {
	if refusal := checkSizes(msg, map[int]int{f.structure: f.fixed}); refusal != nil {
		return refusal
	}
	for _, p := range f.parts {
		c := wire.NewCursor("", msg)
		offset, length := p.offset(&c), p.length(&c)
		if length == 0 {
			continue
		}
		if offset < smb.SMB2HeaderSize+f.fixed || c.At(p.name, offset, length) == nil {
			return refuse(ErrMalformed, "%s of %d bytes at offset %d in %d bytes", p.name, length, offset, len(msg))
		}
	}
	return nil
}

// checkSizes wants one of some StructureSizes, and the bytes of the fixed part that belongs to it.
func checkSizes(msg []byte, fixed map[int]int) *RefusedError {
	c := wire.NewCursor("SMB2 body", msg)
	c.Seek("StructureSize", smb.SMB2HeaderSize)
	structure := c.Len16("StructureSize")
	if err := c.Err(); err != nil {
		return malformed("", err)
	}
	size, known := fixed[structure]
	if !known || len(msg) < smb.SMB2HeaderSize+size {
		return refuse(ErrMalformed, "StructureSize %d in a body of %d bytes", structure, len(msg)-smb.SMB2HeaderSize)
	}
	return nil
}

const errorStructure = 9 // StructureSize of an error response, [MS-SMB2] 2.2.2

// checkErrorBody checks the body of an error response and the error contexts in it.
func checkErrorBody(msg []byte) *RefusedError {
	const fixed, contextHeader = 8, 8 // [MS-SMB2] 2.2.2, 2.2.2.1
	if refusal := checkSizes(msg, map[int]int{errorStructure: fixed}); refusal != nil {
		return refusal
	}
	r, err := smb.ParseSMB2ErrorResponse(msg)
	if err != nil {
		return malformed("", err)
	}
	c := wire.NewCursor("", msg)
	if count := at32(4)(&c); count != len(r.ErrorData) {
		return refuse(ErrMalformed, "ByteCount %d in a message of %d bytes", count, len(msg))
	}
	data := wire.NewCursor("SMB2 ERROR Context", r.ErrorData)
	for n := range int(r.ErrorContextCount) {
		if n > 0 {
			data.Seek("ErrorContextData", (data.Offset()+contextHeader-1)/contextHeader*contextHeader)
		}
		length := data.Len32("ErrorDataLength")
		data.U32("ErrorId")
		data.Bytes("ErrorContextData", length)
	}
	if err := data.Err(); err != nil {
		return malformed("", err)
	}
	return nil
}

// body checks the body of an answer that ends its request.
func (l *ledger) body(h smb.SMB2Header, msg []byte, asked request) *RefusedError {
	f, known := formOf(h.Command)
	switch {
	case h.Command == smb.SMB2OplockBreak && h.Status == dtyp.StatusSuccess: // [MS-SMB2] 2.2.25
		return checkSizes(msg, map[int]int{24: 24, 36: 36})
	case !known && h.Status == dtyp.StatusSuccess:
		return refuse(ErrMalformed, "the form of %v is not known", h.Command)
	}
	if carriesError(h) {
		return checkFailure(msg, f)
	}
	if refusal := f.check(msg); refusal != nil {
		return refusal
	}
	switch h.Command {
	case smb.SMB2Negotiate:
		return l.nego.choose(msg, asked.multi)
	case smb.SMB2SessionSetup:
		return l.sessionSetup(h, msg, asked.logon)
	case smb.SMB2TreeConnect:
		r, err := smb.ParseSMB2TreeConnectResponse(msg)
		if err != nil {
			return malformed("", err)
		}
		if r.ShareFlags&smb.SMB2ShareEncryptData != 0 {
			return l.transforms(l.nego.encryption, "encryption")
		}
	}
	return checkPayload(h, msg, f, asked)
}

// carriesError tells whether a response reports a failure and not what was asked for, by its status ([MS-SMB2] 3.3.4.4).
// For a QUERY_INFO that overflows both bodies have the same StructureSize, and its own is the stricter.
func carriesError(h smb.SMB2Header) bool {
	switch h.Status {
	case dtyp.StatusSuccess:
		return false
	case dtyp.StatusMoreProcessingRequired:
		return h.Command != smb.SMB2SessionSetup
	case dtyp.StatusBufferOverflow:
		return h.Command != smb.SMB2QueryInfo
	}
	// STATUS_NOTIFY_ENUM_DIR and STATUS_NOTIFY_CLEANUP: the files that changed were too many to name, or are gone.
	return h.Command != smb.SMB2ChangeNotify || h.Status.Severity() != dtyp.SeveritySuccess
}

// checkFailure checks the body of a response that reports a failure: an error response, or the command's own body. The
// specification has that for reads and calls that overflow; Windows 7 does it for a STATUS_PIPE_DISCONNECTED too.
func checkFailure(msg []byte, f form) *RefusedError {
	c := wire.NewCursor("", msg)
	c.Seek("", smb.SMB2HeaderSize)
	if own := c.Len16("StructureSize"); f.structure != 0 && own == f.structure && own != errorStructure {
		return f.check(msg)
	}
	return checkErrorBody(msg)
}
