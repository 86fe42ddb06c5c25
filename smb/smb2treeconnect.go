package smb

import (
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	smb2TreeConnectRequestSize  = 9  // StructureSize of [MS-SMB2] 2.2.9
	smb2TreeConnectResponseSize = 16 // StructureSize of [MS-SMB2] 2.2.10
)

// SMB2TreeConnectFlags are the flags of a TREE_CONNECT request of dialect 3.1.1, [MS-SMB2] 2.2.9; older dialects have a
// reserved field there.
type SMB2TreeConnectFlags uint16

// The bits of [MS-SMB2] 2.2.9.
const (
	TreeConnectClusterReconnect SMB2TreeConnectFlags = 0x0001
	TreeConnectRedirectToOwner  SMB2TreeConnectFlags = 0x0002
	TreeConnectExtension        SMB2TreeConnectFlags = 0x0004
)

var smb2TreeConnectFlagNames = []wire.FlagName{
	{Bit: 0x0001, Token: "SMB2_TREE_CONNECT_FLAG_CLUSTER_RECONNECT"},
	{Bit: 0x0002, Token: "SMB2_TREE_CONNECT_FLAG_REDIRECT_TO_OWNER"},
	{Bit: 0x0004, Token: "SMB2_TREE_CONNECT_FLAG_EXTENSION_PRESENT"},
}

// String prints the flags as "A|B|0x40".
func (f SMB2TreeConnectFlags) String() string {
	return wire.FlagString(uint64(f), smb2TreeConnectFlagNames)
}

// An SMB2TreeConnectRequest is an SMB2 TREE_CONNECT Request as described in [MS-SMB2] 2.2.9.
type SMB2TreeConnectRequest struct {
	Header SMB2Header
	Flags  SMB2TreeConnectFlags
	// Extension is what lies between the fixed part and the path, and Contexts what lies behind the path, where Flags
	// has TreeConnectExtension ([MS-SMB2] 2.2.9.1): raw, with the offsets in it as they are.
	Extension []byte
	Path      []byte // UTF-16 as `\\server\share`; all slices alias the message
	Contexts  []byte
	Anomalies []wire.Anomaly
}

// PathText decodes the path.
func (r SMB2TreeConnectRequest) PathText() string { return wire.DecodeUTF16(r.Path) }

// ParseSMB2TreeConnectRequest parses a tree connect request.
func ParseSMB2TreeConnectRequest(msg []byte) (SMB2TreeConnectRequest, error) {
	c := wire.NewCursor("SMB2 TREE_CONNECT Request", msg)
	r := SMB2TreeConnectRequest{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2TreeConnect, false)
	size := c.Len16("StructureSize")
	r.Flags = SMB2TreeConnectFlags(c.U16("Flags/Reserved"))
	offset := c.Len16("PathOffset")
	length := c.Len16("PathLength")
	if err := c.Err(); err != nil {
		return SMB2TreeConnectRequest{}, err
	}
	checkSMB2Size(&c, size, smb2TreeConnectRequestSize)
	parts := newSMB2Parts(&c)
	if r.Flags&TreeConnectExtension != 0 {
		r.Extension = parts.next("Extension", parts.end, max(0, offset-parts.end), 1)
	}
	r.Path = parts.next("PathName", offset, length, 1)
	if r.Flags&TreeConnectExtension != 0 {
		r.Contexts = parts.next("TreeConnectContexts", parts.end, len(msg)-parts.end, 1)
	}
	parts.finish()
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message with the path right behind the fixed part, or the extension.
func (r SMB2TreeConnectRequest) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 TREE_CONNECT Request", b)
	extension, contexts := r.Extension, r.Contexts
	if r.Flags&TreeConnectExtension == 0 {
		extension, contexts = nil, nil
	}
	a.Append(r.Header)
	a.U16(smb2TreeConnectRequestSize)
	a.U16(uint16(r.Flags))
	a.Len16("PathOffset", a.Offset()+4+len(extension))
	a.Len16("PathLength", len(r.Path))
	a.Bytes(extension)
	a.Bytes(r.Path)
	a.Bytes(contexts)
	return a.Result()
}

// An SMB2TreeConnectResponse is an SMB2 TREE_CONNECT Response as described in [MS-SMB2] 2.2.10. Header.TreeID is the
// tree.
type SMB2TreeConnectResponse struct {
	Header        SMB2Header
	ShareType     SMB2ShareType
	Reserved      uint8
	ShareFlags    SMB2ShareFlags
	Capabilities  SMB2ShareCapabilities
	MaximalAccess AccessMask // of this user, by the share's own list; the files' lists may grant less
	Anomalies     []wire.Anomaly
}

// ParseSMB2TreeConnectResponse parses a tree connect response; a response that reports a failure is an ErrErrorResponse
// error.
func ParseSMB2TreeConnectResponse(msg []byte) (SMB2TreeConnectResponse, error) {
	c := wire.NewCursor("SMB2 TREE_CONNECT Response", msg)
	r := SMB2TreeConnectResponse{Header: ReadSMB2Header(&c)}
	r.Header.ExpectSMB2(&c, SMB2TreeConnect, true)
	size := c.Len16("StructureSize")
	r.ShareType = SMB2ShareType(c.U8("ShareType"))
	r.Reserved = c.U8("Reserved")
	r.ShareFlags = SMB2ShareFlags(c.U32("ShareFlags"))
	r.Capabilities = SMB2ShareCapabilities(c.U32("Capabilities"))
	r.MaximalAccess = AccessMask(c.U32("MaximalAccess"))
	if err := c.Err(); err != nil {
		return SMB2TreeConnectResponse{}, err
	}
	checkSMB2Size(&c, size, smb2TreeConnectResponseSize)
	c.NoteTrailing(c.Offset())
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the message.
func (r SMB2TreeConnectResponse) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2 TREE_CONNECT Response", b)
	a.Append(r.Header)
	a.U16(smb2TreeConnectResponseSize)
	a.U8(uint8(r.ShareType))
	a.U8(r.Reserved)
	a.U32(uint32(r.ShareFlags))
	a.U32(uint32(r.Capabilities))
	a.U32(uint32(r.MaximalAccess))
	return a.Result()
}
