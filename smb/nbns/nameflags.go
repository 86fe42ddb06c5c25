package nbns

import (
	"fmt"
	"strings"

	"github.com/smbscope/smbscope/smb/wire"
)

// NameFlags are the NAME_FLAGS of a name in a status as described in RFC 1002 4.2.18.
type NameFlags uint16

// The single bits of RFC 1002 4.2.18. Between the first two lies the owner node type.
const (
	NameGroup      NameFlags = 0x8000 // G: the name of a group, else of this host alone
	NameDeregister NameFlags = 0x1000 // DRG: the name is being given up
	NameConflict   NameFlags = 0x0800 // CNF: somebody else has it too
	NameActive     NameFlags = 0x0400 // ACT: always set for a name that is in use
	NamePermanent  NameFlags = 0x0200 // PRM: the node's permanent name
)

const (
	nodeTypeMask  NameFlags = 0x6000
	nodeTypeShift int       = 13
)

// A NodeType is the owner node type of a name, ONT, as described in RFC 1002 4.2.18 and, for H, [MS-NBTE].
type NodeType uint8

// The node types: how a host claims and finds names.
const (
	NodeB NodeType = 0 // by broadcast
	NodeP NodeType = 1 // by asking a name server
	NodeM NodeType = 2 // by broadcast, then by asking
	NodeH NodeType = 3 // by asking, then by broadcast; reserved in RFC 1002
)

// String prints the letter of the type.
func (n NodeType) String() string {
	if n > NodeH {
		return fmt.Sprintf("NodeType(0x%02X)", uint8(n))
	}
	return "BPMH"[n : n+1]
}

// Has tells whether all of the given bits are set.
func (f NameFlags) Has(bits NameFlags) bool { return f&bits == bits }

// NodeType returns the owner node type.
func (f NameFlags) NodeType() NodeType { return NodeType(f & nodeTypeMask >> nodeTypeShift) }

// nameFlagNames returns RFC 1002's tokens. A function, so that no package variable can change.
func nameFlagNames() []wire.FlagName {
	return []wire.FlagName{
		{Bit: uint64(NameGroup), Token: "G"},
		{Bit: uint64(NameDeregister), Token: "DRG"},
		{Bit: uint64(NameConflict), Token: "CNF"},
		{Bit: uint64(NameActive), Token: "ACT"},
		{Bit: uint64(NamePermanent), Token: "PRM"},
	}
}

// String prints the node type and RFC 1002's tokens: "B|G|ACT|0x40".
func (f NameFlags) String() string { return strings.Join(f.Tokens(), "|") }

// Tokens returns the letter of the node type, RFC 1002's token of each bit that is set, and after them the reserved
// bits in hex.
func (f NameFlags) Tokens() []string {
	return append([]string{f.NodeType().String()}, wire.FlagTokens(uint64(f&^nodeTypeMask), nameFlagNames())...)
}
