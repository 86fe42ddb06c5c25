package ntlmssp

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/wire"
)

const versionSize = 8

// NTLMRevisionW2K3 is the only value of NTLMRevisionCurrent that [MS-NLMP] 2.2.2.10 knows, NTLMSSP_REVISION_W2K3.
const NTLMRevisionW2K3 = 0x0F

// A Version is a VERSION structure as described in [MS-NLMP] 2.2.2.10. It is there for debugging only: Samba says 6.1
// build 0 in every release from 3.6 on, impacket 255.255.65535, and macOS puts the revision into the first reserved
// byte, so that no field of it proves a product alone.
type Version struct {
	ProductMajorVersion uint8
	ProductMinorVersion uint8
	ProductBuild        uint16
	Reserved            [3]byte
	NTLMRevisionCurrent uint8
}

// String prints the version with the build: "10.0.19041".
func (v Version) String() string {
	return fmt.Sprintf("%d.%d.%d", v.ProductMajorVersion, v.ProductMinorVersion, v.ProductBuild)
}

// readVersion reads the Version field if it lies before the payload at start, and notes a flag that disagrees. Zeros
// without the flag are what the specification asks for.
func readVersion(c *wire.Cursor, start int, flags Flags) *Version {
	at := c.Offset()
	if start-at < versionSize {
		if flags.Has(FlagNegotiateVersion) {
			c.Note("Version", at, "absent, but NTLMSSP_NEGOTIATE_VERSION is set")
		}
		return nil
	}
	var v Version
	v.ProductMajorVersion = c.U8("ProductMajorVersion")
	v.ProductMinorVersion = c.U8("ProductMinorVersion")
	v.ProductBuild = c.U16("ProductBuild")
	c.Copy("Reserved", v.Reserved[:])
	v.NTLMRevisionCurrent = c.U8("NTLMRevisionCurrent")
	if v != (Version{}) && !flags.Has(FlagNegotiateVersion) {
		c.Note("Version", at, "%s, but NTLMSSP_NEGOTIATE_VERSION is not set", v)
	}
	if v.Reserved != [3]byte{} {
		c.Note("Version", at+4, "reserved bytes % x", v.Reserved)
	}
	return &v
}

func appendVersion(a *wire.Appender, v *Version) {
	if v == nil {
		return
	}
	a.U8(v.ProductMajorVersion)
	a.U8(v.ProductMinorVersion)
	a.U16(v.ProductBuild)
	a.Bytes(v.Reserved[:])
	a.U8(v.NTLMRevisionCurrent)
}
