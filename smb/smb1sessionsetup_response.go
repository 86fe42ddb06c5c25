package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// The forms of an SMB1 session setup response, told apart by WordCount.
const (
	SetupAnswerWords         = 3 // [MS-CIFS] 2.2.4.53.2
	SetupAnswerWordsExtended = 4 // with a security blob, [MS-SMB] 2.2.4.6.2
)

// An SMB1Action tells how an SMB1 server took a logon, [MS-CIFS] 2.2.4.53.2.
type SMB1Action uint16

// SMB1ActionGuest says that the user was logged on as guest.
const SMB1ActionGuest SMB1Action = 0x0001

var smb1ActionNames = []wire.FlagName{
	{Bit: 0x0001, Token: "SMB_SETUP_GUEST"},
	{Bit: 0x0002, Token: "SMB_SETUP_USE_LANMAN_KEY"},
}

// String prints the bits as "A|B|0x40".
func (f SMB1Action) String() string { return wire.FlagString(uint64(f), smb1ActionNames) }

// Tokens returns the specification's token of each bit.
func (f SMB1Action) Tokens() []string { return wire.FlagTokens(uint64(f), smb1ActionNames) }

// An SMB1SessionSetupResponse is an SMB_COM_SESSION_SETUP_ANDX response in either of its forms. The status is success
// or, with extended security, STATUS_MORE_PROCESSING_REQUIRED; both carry the server's native strings. All slices alias
// the message; strings are as in SMB1SessionSetupRequest.
type SMB1SessionSetupResponse struct {
	Header        SMB1Header
	WordCount     int // SetupAnswerWords or SetupAnswerWordsExtended
	AndXCommand   SMB1Command
	AndXReserved  uint8
	AndXOffset    uint16 // as it was sent where AndXCommand names no command; else AppendBinary fills it in
	Action        SMB1Action
	SecurityBlob  []byte // form of 4 words
	NativeOS      []byte
	NativeLanMan  []byte
	PrimaryDomain []byte
	AndX          []byte // the block of the next command, where AndXCommand names one
	Anomalies     []wire.Anomaly
}

// ParseSMB1SessionSetupResponse parses a session setup response; one that reports a failure without any parameters is
// an ErrErrorResponse error, and a WordCount of no form a wire.ErrFormat error.
func ParseSMB1SessionSetupResponse(msg []byte) (SMB1SessionSetupResponse, error) {
	c := wire.NewCursor("SMB_COM_SESSION_SETUP_ANDX response", msg)
	r := SMB1SessionSetupResponse{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, SMB1SessionSetupAndX, true)
	r.WordCount = r.Header.ReadWordCount(&c)
	if r.WordCount != SetupAnswerWords && r.WordCount != SetupAnswerWordsExtended {
		c.Fail("WordCount", wire.ErrFormat)
	}
	link := readAndX(&c)
	r.AndXCommand, r.AndXReserved, r.AndXOffset = link.command, link.reserved, link.unused()
	r.Action = SMB1Action(c.U16("Action"))
	blob := 0
	if r.WordCount == SetupAnswerWordsExtended {
		blob = c.Len16("SecurityBlobLength")
	}
	data := ReadSMB1Bytes(&c)
	if err := c.Err(); err != nil {
		return SMB1SessionSetupResponse{}, err
	}
	start := c.Offset() - len(data)
	r.SecurityBlob = within(&c, "SecurityBlob", start, blob)
	s := smb1Strings{c: &c, data: data, offset: start, unicode: r.Header.Unicode()}
	s.skip(blob)
	s.align()
	r.NativeOS = s.next("NativeOS")
	r.NativeLanMan = s.next("NativeLanMan")
	r.PrimaryDomain = s.next("PrimaryDomain")
	s.finish()
	r.AndX = link.chained(&c)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message in the form of its WordCount; another WordCount is a wire.ErrFormat error.
func (r SMB1SessionSetupResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB_COM_SESSION_SETUP_ANDX response", b)
	a.Append(r.Header)
	params := func() {
		a.U16(uint16(r.Action))
		switch r.WordCount {
		case SetupAnswerWords:
		case SetupAnswerWordsExtended:
			a.Len16("SecurityBlobLength", len(r.SecurityBlob))
		default:
			a.Fail("WordCount", wire.ErrFormat)
		}
	}
	data := func() {
		if r.WordCount == SetupAnswerWordsExtended {
			a.Bytes(r.SecurityBlob)
		}
		appendSMB1Strings(&a, r.Header.Unicode(), r.NativeOS, r.NativeLanMan, r.PrimaryDomain)
	}
	link := andX{command: r.AndXCommand, reserved: r.AndXReserved, offset: int(r.AndXOffset)}
	smb1Body(&a, r.WordCount, link, params, data, r.AndX)
	return a.Result()
}
