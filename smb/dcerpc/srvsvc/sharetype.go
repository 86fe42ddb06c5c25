package srvsvc

import "github.com/smbscope/smbscope/smb/wire"

// A ShareType tells what a share is: one kind, and flags, as described in [MS-SRVS] 2.2.2.4. The numbers differ from
// those of a tree connect ([MS-SMB2] 2.2.10).
type ShareType uint32

// ShareKindMask covers the kind. [MS-SRVS] does not say where the kind ends; its flags begin at 0x02000000, and
// lmshare.h of the Windows SDK has 0x000000FF as STYPE_MASK.
const ShareKindMask ShareType = 0x000000FF

// The kinds and flags of [MS-SRVS] 2.2.2.4.
const (
	ShareDiskTree    ShareType = 0x00000000
	SharePrintQueue  ShareType = 0x00000001
	ShareDevice      ShareType = 0x00000002
	ShareIPC         ShareType = 0x00000003
	ShareClusterFS   ShareType = 0x02000000
	ShareClusterSOFS ShareType = 0x04000000
	ShareClusterDFS  ShareType = 0x08000000
	ShareTemporary   ShareType = 0x40000000
	ShareSpecial     ShareType = 0x80000000
)

var shareKinds = [...]string{"STYPE_DISKTREE", "STYPE_PRINTQ", "STYPE_DEVICE", "STYPE_IPC"}

var shareFlags = []wire.FlagName{
	{Bit: 0x02000000, Token: "STYPE_CLUSTER_FS"},
	{Bit: 0x04000000, Token: "STYPE_CLUSTER_SOFS"},
	{Bit: 0x08000000, Token: "STYPE_CLUSTER_DFS"},
	{Bit: 0x40000000, Token: "STYPE_TEMPORARY"},
	{Bit: 0x80000000, Token: "STYPE_SPECIAL"},
}

// Kind returns the type without its flags.
func (t ShareType) Kind() ShareType { return t & ShareKindMask }

// String prints the kind and after it the flags: "STYPE_DISKTREE|STYPE_SPECIAL|0x100".
func (t ShareType) String() string {
	kind := ""
	if k := t.Kind(); int(k) < len(shareKinds) {
		kind = shareKinds[k]
	} else {
		kind = hex(uint32(k))
	}
	if flags := t &^ ShareKindMask; flags != 0 {
		return kind + "|" + wire.FlagString(uint64(flags), shareFlags)
	}
	return kind
}

// MarshalText writes what String prints.
func (t ShareType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText writes. Errors match ErrText.
func (t *ShareType) UnmarshalText(text []byte) error {
	return unmarshal(text, t, func(token string) (ShareType, bool) {
		for kind, name := range shareKinds {
			if name == token {
				return ShareType(kind), true
			}
		}
		bit, ok := flag(token, shareFlags)
		return ShareType(bit), ok
	})
}
