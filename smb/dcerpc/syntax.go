package dcerpc

import (
	"encoding/binary"
	"fmt"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A SyntaxID names an interface or a transfer syntax with its version, the p_syntax_id_t of [C706] 12.6.3.1.
type SyntaxID struct {
	UUID         dtyp.GUID
	Major, Minor uint16 // if_version: the major version in its low half
}

const syntaxIDSize = 20

// NDR returns the transfer syntax that every implementation speaks, [C706] 14 and Appendix I:
// 8a885d04-1ceb-11c9-9fe8-08002b104860 v2.0.
func NDR() SyntaxID {
	return SyntaxID{UUID: dtyp.GUID{
		0x04, 0x5D, 0x88, 0x8A, 0xEB, 0x1C, 0xC9, 0x11, 0x9F, 0xE8, 0x08, 0x00, 0x2B, 0x10, 0x48, 0x60,
	}, Major: 2}
}

// NDR64 returns the transfer syntax of [MS-RPCE] 2.2.5: 71710533-beba-4937-8319-b5dbef9ccc36 v1.0.
func NDR64() SyntaxID {
	return SyntaxID{UUID: dtyp.GUID{
		0x33, 0x05, 0x71, 0x71, 0xBA, 0xBE, 0x37, 0x49, 0x83, 0x19, 0xB5, 0xDB, 0xEF, 0x9C, 0xCC, 0x36,
	}, Major: 1}
}

// BindTimeFeatures are what a client asks for through a transfer syntax that is none, [MS-RPCE] 2.2.2.14 and
// 3.3.1.5.3. The server answers with ResultNegotiateAck and its own bits in place of the reason.
type BindTimeFeatures uint64

// The bits of [MS-RPCE] 2.2.2.14.
const (
	FeatureSecurityContextMultiplexing BindTimeFeatures = 0x01
	FeatureKeepConnectionOnOrphan      BindTimeFeatures = 0x02
)

var bindTimeFeatureNames = []wire.FlagName{
	{Bit: 0x01, Token: "SecurityContextMultiplexingSupported"},
	{Bit: 0x02, Token: "KeepConnectionOnOrphanSupported"},
}

// String prints the bits as "A|B|0x40".
func (f BindTimeFeatures) String() string { return wire.FlagString(uint64(f), bindTimeFeatureNames) }

// Tokens returns the specification's token of each bit.
func (f BindTimeFeatures) Tokens() []string {
	return wire.FlagTokens(uint64(f), bindTimeFeatureNames)
}

// bindTimePrefix is 6cb71c2c-9812-4540, the half of the UUID that marks a bitmask in the other half.
func bindTimePrefix() [8]byte { return [8]byte{0x2C, 0x1C, 0xB7, 0x6C, 0x12, 0x98, 0x40, 0x45} }

// Syntax returns the transfer syntax that carries the features: 6cb71c2c-9812-4540-0300-000000000000 v1.0 for both
// bits.
func (f BindTimeFeatures) Syntax() SyntaxID {
	prefix := bindTimePrefix()
	s := SyntaxID{Major: 1}
	copy(s.UUID[:8], prefix[:])
	binary.LittleEndian.PutUint64(s.UUID[8:], uint64(f))
	return s
}

// BindTimeFeatures returns the features that a transfer syntax carries, and whether it is such a one.
func (s SyntaxID) BindTimeFeatures() (BindTimeFeatures, bool) {
	if [8]byte(s.UUID[:8]) != bindTimePrefix() || s.Major != 1 || s.Minor != 0 {
		return 0, false
	}
	return BindTimeFeatures(binary.LittleEndian.Uint64(s.UUID[8:])), true
}

// String prints "8a885d04-1ceb-11c9-9fe8-08002b104860 v2.0".
func (s SyntaxID) String() string { return fmt.Sprintf("%v v%d.%d", s.UUID, s.Major, s.Minor) }

func readSyntaxID(c *wire.Cursor, field string) SyntaxID {
	var s SyntaxID
	c.Copy(field, s.UUID[:])
	s.Major = c.U16(field)
	s.Minor = c.U16(field)
	return s
}

func (s SyntaxID) append(a *wire.Appender) {
	a.Bytes(s.UUID[:])
	a.U16(s.Major)
	a.U16(s.Minor)
}
