package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// SMB1Capabilities are what an SMB1 client or server can do, [MS-CIFS] 2.2.4.52.2 and [MS-SMB] 2.2.4.5.2.1.
type SMB1Capabilities uint32

// The bits that decide how messages are read.
const (
	SMB1CapUnicode          SMB1Capabilities = 0x00000004
	SMB1CapNTSMBs           SMB1Capabilities = 0x00000010
	SMB1CapStatus32         SMB1Capabilities = 0x00000040
	SMB1CapExtendedSecurity SMB1Capabilities = 0x80000000
)

var smb1CapabilityNames = []wire.FlagName{
	{Bit: 0x00000001, Token: "CAP_RAW_MODE"},
	{Bit: 0x00000002, Token: "CAP_MPX_MODE"},
	{Bit: 0x00000004, Token: "CAP_UNICODE"},
	{Bit: 0x00000008, Token: "CAP_LARGE_FILES"},
	{Bit: 0x00000010, Token: "CAP_NT_SMBS"},
	{Bit: 0x00000020, Token: "CAP_RPC_REMOTE_APIS"},
	{Bit: 0x00000040, Token: "CAP_STATUS32"},
	{Bit: 0x00000080, Token: "CAP_LEVEL_II_OPLOCKS"},
	{Bit: 0x00000100, Token: "CAP_LOCK_AND_READ"},
	{Bit: 0x00000200, Token: "CAP_NT_FIND"},
	{Bit: 0x00001000, Token: "CAP_DFS"},
	{Bit: 0x00002000, Token: "CAP_INFOLEVEL_PASSTHRU"},
	{Bit: 0x00004000, Token: "CAP_LARGE_READX"},
	{Bit: 0x00008000, Token: "CAP_LARGE_WRITEX"},
	{Bit: 0x00010000, Token: "CAP_LWIO"},
	{Bit: 0x00800000, Token: "CAP_UNIX"},
	{Bit: 0x02000000, Token: "CAP_COMPRESSED_DATA"},
	{Bit: 0x20000000, Token: "CAP_DYNAMIC_REAUTH"},
	{Bit: 0x40000000, Token: "CAP_PERSISTENT_HANDLES"},
	{Bit: 0x80000000, Token: "CAP_EXTENDED_SECURITY"},
}

// String prints the bits as "A|B|0x40".
func (c SMB1Capabilities) String() string { return wire.FlagString(uint64(c), smb1CapabilityNames) }

// Tokens returns the specification's token of each bit.
func (c SMB1Capabilities) Tokens() []string {
	return wire.FlagTokens(uint64(c), smb1CapabilityNames)
}

// The forms of an SMB1 session setup request, told apart by WordCount.
const (
	SetupWordsLANMAN   = 10 // before NT LM 0.12: one password, [MS-CIFS] 2.2.4.53.1 (LAN Manager form)
	SetupWordsExtended = 12 // NT LM 0.12 with extended security: a security blob, [MS-SMB] 2.2.4.6.1
	SetupWordsNT       = 13 // NT LM 0.12 without: two passwords, [MS-CIFS] 2.2.4.53.1
)

// An SMB1SessionSetupRequest is an SMB_COM_SESSION_SETUP_ANDX request in any of its three forms. Fields that the form
// does not have stay zero, and are not sent. All slices alias the message; strings are without their terminators, in
// the encoding that Header.Text reads; nil means that the string is not there.
type SMB1SessionSetupRequest struct {
	Header        SMB1Header
	WordCount     int // SetupWordsLANMAN, SetupWordsExtended or SetupWordsNT
	AndXCommand   SMB1Command
	AndXReserved  uint8
	AndXOffset    uint16 // as it was sent where AndXCommand names no command; else AppendBinary fills it in
	MaxBufferSize uint16 // bytes
	MaxMpxCount   uint16
	VcNumber      uint16 // 0 asks the server to drop the client's other connections
	SessionKey    uint32 // as the negotiate response had it
	Reserved      uint32
	Capabilities  SMB1Capabilities // forms of 12 and 13 words
	SecurityBlob  []byte           // form of 12 words
	OEMPassword   []byte           // forms of 10 and 13 words
	NTPassword    []byte           // form of 13 words: UnicodePassword
	AccountName   []byte           // forms of 10 and 13 words
	PrimaryDomain []byte           // forms of 10 and 13 words; some clients of the third send it last
	NativeOS      []byte
	NativeLanMan  []byte
	AndX          []byte // the block of the next command, where AndXCommand names one
	Anomalies     []wire.Anomaly
}

// ParseSMB1SessionSetupRequest parses a session setup request. A WordCount of another form is a wire.ErrFormat error.
func ParseSMB1SessionSetupRequest(msg []byte) (SMB1SessionSetupRequest, error) {
	c := wire.NewCursor("SMB_COM_SESSION_SETUP_ANDX request", msg)
	r := SMB1SessionSetupRequest{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, SMB1SessionSetupAndX, false)
	r.WordCount = r.Header.ReadWordCount(&c)
	switch r.WordCount {
	case SetupWordsLANMAN, SetupWordsExtended, SetupWordsNT:
	default:
		c.Fail("WordCount", wire.ErrFormat)
	}
	link := readAndX(&c)
	r.AndXCommand, r.AndXReserved, r.AndXOffset = link.command, link.reserved, link.unused()
	r.MaxBufferSize = c.U16("MaxBufferSize")
	r.MaxMpxCount = c.U16("MaxMpxCount")
	r.VcNumber = c.U16("VcNumber")
	r.SessionKey = c.U32("SessionKey")
	var blob, oem, nt int
	switch r.WordCount {
	case SetupWordsLANMAN:
		oem = c.Len16("PasswordLength")
	case SetupWordsExtended:
		blob = c.Len16("SecurityBlobLength")
	case SetupWordsNT:
		oem = c.Len16("OEMPasswordLen")
		nt = c.Len16("UnicodePasswordLen")
	}
	r.Reserved = c.U32("Reserved")
	if r.WordCount != SetupWordsLANMAN {
		r.Capabilities = SMB1Capabilities(c.U32("Capabilities"))
	}
	data := ReadSMB1Bytes(&c)
	if err := c.Err(); err != nil {
		return SMB1SessionSetupRequest{}, err
	}
	start := c.Offset() - len(data)
	r.SecurityBlob = within(&c, "SecurityBlob", start, blob)
	r.OEMPassword = within(&c, "OEMPassword", start, oem)
	r.NTPassword = within(&c, "UnicodePassword", start+oem, nt)

	s := smb1Strings{c: &c, data: data, offset: start, unicode: r.Header.Unicode()}
	s.skip(blob + oem + nt)
	s.align()
	if r.WordCount != SetupWordsExtended {
		r.AccountName = s.next("AccountName")
		r.PrimaryDomain = s.next("PrimaryDomain")
	}
	r.NativeOS = s.next("NativeOS")
	r.NativeLanMan = s.next("NativeLanMan")
	if r.WordCount == SetupWordsExtended {
		r.PrimaryDomain = s.next("PrimaryDomain")
	}
	s.finish()
	r.AndX = link.chained(&c)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// within returns a part of the message's data, of which the cursor stands at the end.
func within(c *wire.Cursor, field string, offset, length int) []byte {
	if end := c.Offset(); offset+length > end {
		c.Note(field, offset, "%d bytes, but %d are left", length, max(0, end-offset))
		return nil
	}
	return c.At(field, offset, length)
}

// AppendBinary appends the message in the form of its WordCount; another WordCount is a wire.ErrFormat error.
func (r SMB1SessionSetupRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB_COM_SESSION_SETUP_ANDX request", b)
	a.Append(r.Header)
	params := func() {
		a.U16(r.MaxBufferSize)
		a.U16(r.MaxMpxCount)
		a.U16(r.VcNumber)
		a.U32(r.SessionKey)
		switch r.WordCount {
		case SetupWordsLANMAN:
			a.Len16("PasswordLength", len(r.OEMPassword))
		case SetupWordsExtended:
			a.Len16("SecurityBlobLength", len(r.SecurityBlob))
		case SetupWordsNT:
			a.Len16("OEMPasswordLen", len(r.OEMPassword))
			a.Len16("UnicodePasswordLen", len(r.NTPassword))
		default:
			a.Fail("WordCount", wire.ErrFormat)
		}
		a.U32(r.Reserved)
		if r.WordCount != SetupWordsLANMAN {
			a.U32(uint32(r.Capabilities))
		}
	}
	data := func() {
		if r.WordCount == SetupWordsExtended {
			a.Bytes(r.SecurityBlob)
			appendSMB1Strings(&a, r.Header.Unicode(), r.NativeOS, r.NativeLanMan, r.PrimaryDomain)
			return
		}
		a.Bytes(r.OEMPassword)
		if r.WordCount == SetupWordsNT {
			a.Bytes(r.NTPassword)
		}
		appendSMB1Strings(&a, r.Header.Unicode(), r.AccountName, r.PrimaryDomain, r.NativeOS, r.NativeLanMan)
	}
	link := andX{command: r.AndXCommand, reserved: r.AndXReserved, offset: int(r.AndXOffset)}
	smb1Body(&a, r.WordCount, link, params, data, r.AndX)
	return a.Result()
}
