package ntlmssp

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// maxAVPairs bounds the list: the specification knows ten kinds, and 64 KiB of TargetInfo could name 16384.
const maxAVPairs = 64

// maxOddPairs bounds what is noted about single pairs, so that a hostile list leaves room for other anomalies.
const maxOddPairs = 8

// An AVID tells what an AV pair holds as described in [MS-NLMP] 2.2.2.1.
type AVID uint16

// The kinds of AV pair of [MS-NLMP] 2.2.2.1.
const (
	AVEOL             AVID = 0x0000
	AVNbComputerName  AVID = 0x0001
	AVNbDomainName    AVID = 0x0002
	AVDNSComputerName AVID = 0x0003
	AVDNSDomainName   AVID = 0x0004
	AVDNSTreeName     AVID = 0x0005
	AVFlags           AVID = 0x0006
	AVTimestamp       AVID = 0x0007
	AVSingleHost      AVID = 0x0008
	AVTargetName      AVID = 0x0009
	AVChannelBindings AVID = 0x000A
)

// String prints the specification's token.
func (id AVID) String() string {
	switch id {
	case AVEOL:
		return "MsvAvEOL"
	case AVNbComputerName:
		return "MsvAvNbComputerName"
	case AVNbDomainName:
		return "MsvAvNbDomainName"
	case AVDNSComputerName:
		return "MsvAvDnsComputerName"
	case AVDNSDomainName:
		return "MsvAvDnsDomainName"
	case AVDNSTreeName:
		return "MsvAvDnsTreeName"
	case AVFlags:
		return "MsvAvFlags"
	case AVTimestamp:
		return "MsvAvTimestamp"
	case AVSingleHost:
		return "MsvAvSingleHost"
	case AVTargetName:
		return "MsvAvTargetName"
	case AVChannelBindings:
		return "MsvAvChannelBindings"
	}
	return fmt.Sprintf("AvId(0x%04X)", uint16(id))
}

// IsText tells whether the value of a pair of this kind is a name.
func (id AVID) IsText() bool {
	return id >= AVNbComputerName && id <= AVDNSTreeName || id == AVTargetName
}

// AVFlagSet is the value of MsvAvFlags as described in [MS-NLMP] 2.2.2.1, which gives no tokens.
type AVFlagSet uint32

// The bits of MsvAvFlags.
const (
	AVFlagConstrained  AVFlagSet = 0x00000001 // account authentication is constrained
	AVFlagMIC          AVFlagSet = 0x00000002 // the authenticate message has a MIC
	AVFlagUntrustedSPN AVFlagSet = 0x00000004 // the client's target name comes from an untrusted source
)

// An AVPair is an AV_PAIR as described in [MS-NLMP] 2.2.2.1.
type AVPair struct {
	ID    AVID
	Value []byte
}

// TextPair returns a pair whose value is a name.
func TextPair(id AVID, text string) AVPair { return AVPair{ID: id, Value: wire.AppendUTF16(nil, text)} }

// TimestampPair returns a MsvAvTimestamp.
func TimestampPair(t dtyp.Filetime) AVPair {
	a := wire.NewAppender("AV_PAIR", nil)
	a.U64(uint64(t))
	value, _ := a.Result() // eight bytes always fit
	return AVPair{ID: AVTimestamp, Value: value}
}

// Text decodes the value as UTF-16, which names in AV pairs are whatever character set was negotiated.
func (p AVPair) Text() string { return wire.DecodeUTF16(p.Value) }

// Timestamp returns the value of a MsvAvTimestamp, in 100 ns since 1601; false for any other pair or size.
func (p AVPair) Timestamp() (dtyp.Filetime, bool) {
	if p.ID != AVTimestamp || len(p.Value) != 8 {
		return 0, false
	}
	c := wire.NewCursor("AV_PAIR", p.Value)
	return dtyp.Filetime(c.U64("Value")), true
}

// Flags returns the value of a MsvAvFlags; false for any other pair or size.
func (p AVPair) Flags() (AVFlagSet, bool) {
	if p.ID != AVFlags || len(p.Value) != 4 {
		return 0, false
	}
	c := wire.NewCursor("AV_PAIR", p.Value)
	return AVFlagSet(c.U32("Value")), true
}

// oddity tells what is wrong with the pair itself, or "".
func (p AVPair) oddity() string {
	n := len(p.Value)
	switch {
	case p.ID > AVChannelBindings:
		return "unknown"
	case p.ID.IsText() && n%2 != 0:
		return fmt.Sprintf("%d bytes of UTF-16", n)
	case p.ID.IsText() && hasZero(p.Value):
		return "a zero in the text" // Samba 4.4: MsvAvDnsDomainName of one zero where there is no domain
	case p.ID == AVFlags && n != 4, p.ID == AVTimestamp && n != 8, p.ID == AVChannelBindings && n != 16:
		return fmt.Sprintf("%d bytes", n)
	}
	return ""
}

// hasZero tells whether one of the UTF-16 units in b is zero.
func hasZero(b []byte) bool {
	for ; len(b) >= 2; b = b[2:] {
		if b[0]|b[1] == 0 {
			return true
		}
	}
	return false
}

// readAVPairs reads the pairs of info, which lies at offset base of the cursor's message, up to MsvAvEOL, to the end,
// or to the first pair that does not fit.
func readAVPairs(c *wire.Cursor, base int, info []byte) []AVPair {
	var pairs []AVPair
	noted := 0
	av := wire.NewCursor("AV_PAIR", info)
	for {
		at := base + av.Offset()
		if av.Remaining() == 0 {
			c.Note("TargetInfo", at, "ends without MsvAvEOL")
			return pairs
		}
		p := AVPair{ID: AVID(av.U16("AvId"))}
		length := av.Len16("AvLen")
		p.Value = av.Bytes("Value", length)
		switch {
		case av.Failed():
			c.Note("TargetInfo", at, "%v with %d bytes does not fit", p.ID, length)
			return pairs
		case p.ID == AVEOL:
			if length > 0 {
				c.Note("TargetInfo", at, "MsvAvEOL with %d bytes", length)
			}
			if n := av.Remaining(); n > 0 {
				c.Note("TargetInfo", base+av.Offset(), "%d bytes after MsvAvEOL", n)
			}
			return pairs
		case len(pairs) == maxAVPairs:
			c.Note("TargetInfo", at, "more than %d pairs", maxAVPairs)
			return pairs
		}
		odd := p.oddity()
		if _, again := findAV(pairs, p.ID); again && odd == "" {
			odd = "again"
		}
		if odd != "" && noted < maxOddPairs {
			c.Note("TargetInfo", at, "%v: %s", p.ID, odd)
			noted++
		}
		pairs = append(pairs, p)
	}
}

func appendAVPairs(b []byte, pairs []AVPair) ([]byte, error) {
	a := wire.NewAppender("AV_PAIR", b)
	for _, p := range pairs {
		a.U16(uint16(p.ID))
		a.Len16("AvLen", len(p.Value))
		a.Bytes(p.Value)
	}
	a.U16(uint16(AVEOL))
	a.U16(0)
	return a.Result()
}

func findAV(pairs []AVPair, id AVID) (AVPair, bool) {
	for _, p := range pairs {
		if p.ID == id {
			return p, true
		}
	}
	return AVPair{}, false
}
