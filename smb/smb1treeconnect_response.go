package smb

import (
	"strings"

	"github.com/smbscope/smbscope/smb/wire"
)

// The forms of an SMB1 tree connect response, told apart by WordCount.
const (
	TreeConnectWordsOld      = 2 // before NT LM 0.12: no OptionalSupport
	TreeConnectWords         = 3 // [MS-CIFS] 2.2.4.55.2
	TreeConnectWordsExtended = 7 // with maximal access rights, [MS-SMB] 2.2.4.7.2
)

// SMB1OptionalSupport tells what an SMB1 share can do, [MS-CIFS] 2.2.4.55.2 and [MS-SMB] 2.2.4.7.2.
type SMB1OptionalSupport uint16

// The bits of [MS-CIFS] 2.2.4.55.2 and [MS-SMB] 2.2.4.7.2. Those of SMB1ShareCSCMask are a number: how clients may
// cache the share for times without the server.
const (
	SMB1SupportSearchBits  SMB1OptionalSupport = 0x0001
	SMB1ShareIsInDFS       SMB1OptionalSupport = 0x0002
	SMB1ShareCSCMask       SMB1OptionalSupport = 0x000C
	SMB1UniqueFileName     SMB1OptionalSupport = 0x0010
	SMB1ExtendedSignatures SMB1OptionalSupport = 0x0020
)

var smb1OptionalSupportNames = []wire.FlagName{
	{Bit: 0x0001, Token: "SMB_SUPPORT_SEARCH_BITS"},
	{Bit: 0x0002, Token: "SMB_SHARE_IS_IN_DFS"},
	{Bit: 0x0010, Token: "SMB_UNIQUE_FILE_NAME"},
	{Bit: 0x0020, Token: "SMB_EXTENDED_SIGNATURES"},
}

// Tokens returns the specification's token of each bit, and of the caching mode where it is not manual, which is zero.
func (s SMB1OptionalSupport) Tokens() []string {
	tokens := wire.FlagTokens(uint64(s&^SMB1ShareCSCMask), smb1OptionalSupportNames)
	switch s & SMB1ShareCSCMask {
	case 0x0004:
		tokens = append(tokens, "CSC_CACHE_AUTO_REINT")
	case 0x0008:
		tokens = append(tokens, "CSC_CACHE_VDO")
	case 0x000C:
		tokens = append(tokens, "CSC_CACHE_NONE")
	}
	return tokens
}

// String prints the tokens as "A|B|0x40".
func (s SMB1OptionalSupport) String() string {
	if s == 0 {
		return "0"
	}
	return strings.Join(s.Tokens(), "|")
}

// An SMB1TreeConnectResponse is an SMB_COM_TREE_CONNECT_ANDX response in any of its three forms; Header.TID is the tree.
// Fields that the form does not have stay zero, and are not sent. All slices alias the message; strings are without
// their terminators, nil where they are not there.
type SMB1TreeConnectResponse struct {
	Header                        SMB1Header
	WordCount                     int // TreeConnectWordsOld, TreeConnectWords or TreeConnectWordsExtended
	AndXCommand                   SMB1Command
	AndXReserved                  uint8
	AndXOffset                    uint16              // as it was sent where AndXCommand names no command
	OptionalSupport               SMB1OptionalSupport // forms of 3 and 7 words
	MaximalShareAccessRights      AccessMask          // form of 7 words: of the user who asks
	GuestMaximalShareAccessRights AccessMask          // form of 7 words
	Service                       []byte              // in the OEM code page whatever Flags2 has
	Pad                           []byte              // before NativeFileSystem, as in SMB1TreeConnectRequest
	NativeFileSystem              []byte              // in the encoding that Header.Text reads
	AndX                          []byte              // the block of the next command, where AndXCommand names one
	Anomalies                     []wire.Anomaly
}

// ParseSMB1TreeConnectResponse parses a tree connect response; one that reports a failure without any parameters is an
// ErrErrorResponse error, and a WordCount of no form a wire.ErrFormat error.
func ParseSMB1TreeConnectResponse(msg []byte) (SMB1TreeConnectResponse, error) {
	c := wire.NewCursor("SMB_COM_TREE_CONNECT_ANDX response", msg)
	r := SMB1TreeConnectResponse{Header: ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, SMB1TreeConnectAndX, true)
	r.WordCount = r.Header.expectWords(&c, TreeConnectWordsOld, TreeConnectWords, TreeConnectWordsExtended)
	link := readAndX(&c)
	r.AndXCommand, r.AndXReserved, r.AndXOffset = link.command, link.reserved, link.unused()
	if r.WordCount >= TreeConnectWords {
		r.OptionalSupport = SMB1OptionalSupport(c.U16("OptionalSupport"))
	}
	if r.WordCount == TreeConnectWordsExtended {
		r.MaximalShareAccessRights = AccessMask(c.U32("MaximalShareAccessRights"))
		r.GuestMaximalShareAccessRights = AccessMask(c.U32("GuestMaximalShareAccessRights"))
	}
	data := ReadSMB1Bytes(&c)
	if err := c.Err(); err != nil {
		return SMB1TreeConnectResponse{}, err
	}
	s := smb1Strings{c: &c, data: data, offset: c.Offset() - len(data)}
	r.Service = s.terminated("Service")
	s.unicode = r.Header.Unicode()
	r.Pad, r.NativeFileSystem = s.padded("NativeFileSystem")
	s.finish()
	r.AndX = link.chained(&c)
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message in the form of its WordCount; another WordCount is a wire.ErrFormat error. A nil
// Service before a NativeFileSystem is sent as an empty one.
func (r SMB1TreeConnectResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB_COM_TREE_CONNECT_ANDX response", b)
	a.Append(r.Header)
	params := func() {
		switch r.WordCount {
		case TreeConnectWordsOld:
		case TreeConnectWords:
			a.U16(uint16(r.OptionalSupport))
		case TreeConnectWordsExtended:
			a.U16(uint16(r.OptionalSupport))
			a.U32(uint32(r.MaximalShareAccessRights))
			a.U32(uint32(r.GuestMaximalShareAccessRights))
		default:
			a.Fail("WordCount", wire.ErrFormat)
		}
	}
	data := func() {
		if r.Service == nil && r.NativeFileSystem != nil {
			r.Service = []byte{}
		}
		appendSMB1Text(&a, false, nil, r.Service)
		appendSMB1Text(&a, r.Header.Unicode(), r.Pad, r.NativeFileSystem)
	}
	link := andX{command: r.AndXCommand, reserved: r.AndXReserved, offset: int(r.AndXOffset)}
	smb1Body(&a, r.WordCount, link, params, data, r.AndX)
	return a.Result()
}
