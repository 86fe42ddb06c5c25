package nbns

import (
	"fmt"
	"math"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

const statusMessage = "NODE STATUS RESPONSE"

// The sizes in bytes of RFC 1002 4.2.18: a NODE_NAME entry, UNIT_ID, and STATISTICS with UNIT_ID.
const (
	entrySize      = 18
	unitSize       = 6
	statisticsSize = 46
)

// A Status is a NODE STATUS RESPONSE as described in RFC 1002 4.2.18: the names that a host has, and who it is on its
// network.
type Status struct {
	TransactionID uint16      // of the request
	Flags         HeaderFlags // FlagResponse and FlagAuthoritative from every server seen
	Name          smb.NetBIOSName
	TTL           uint32 // in seconds; always 0
	Names         []NameEntry
	// Unit is UNIT_ID, the MAC address of the network card; Samba 4.17 sends zeros.
	Unit [unitSize]byte
	// Statistics is what follows UNIT_ID, 40 bytes in RFC 1002. Hosts of today send zeros.
	Statistics []byte
	Anomalies  []wire.Anomaly
}

// A NameEntry is one NODE_NAME of a status as described in RFC 1002 4.2.18.
type NameEntry struct {
	Name  smb.NetBIOSName
	Flags NameFlags
}

// ParseStatus parses a response. Less than the 56 bytes before RDATA are a wire.ErrTruncated error; a request, another
// operation and another record type are smb.ErrCommand; an RCODE of failure is ErrNegative, and TransactionID and Flags
// are then set; a packet with a question or without an answer, and a record name that is not encoded as RFC 1001 14.1
// says, are wire.ErrFormat errors. RDATA that is shorter than it should be is an anomaly: names and statistics are read
// as far as they are there.
func ParseStatus(msg []byte) (Status, error) {
	c := wire.NewCursor(statusMessage, msg)
	h := readHeader(&c)
	s := Status{TransactionID: h.id, Flags: h.flags}
	switch {
	case c.Failed():
	case !h.flags.Has(FlagResponse), h.flags.Opcode() != 0:
		c.Fail("OPCODE", smb.ErrCommand)
	case h.flags.RCode() != RCodeNone:
		c.Fail("RCODE", fmt.Errorf("%w: %v", ErrNegative, h.flags.RCode()))
		return s, c.Err()
	case h.counts[0] != 0:
		c.Fail("QDCOUNT", wire.ErrFormat) // a question stands before the record
	case h.counts[1] == 0:
		c.Fail("ANCOUNT", wire.ErrFormat)
	}
	s.Name = smb.ReadEncodedName(&c, "RR_NAME")
	if t := readU16(&c, "RR_TYPE"); t != typeNBSTAT {
		c.Fail("RR_TYPE", smb.ErrCommand)
	}
	classAt := c.Offset()
	class := readU16(&c, "RR_CLASS")
	s.TTL = readU32(&c, "TTL")
	lengthAt := c.Offset()
	length := int(readU16(&c, "RDLENGTH"))
	if err := c.Err(); err != nil {
		return Status{}, err
	}
	h.noteCounts(&c, [4]uint16{0, 1, 0, 0})
	if class != classIN {
		c.Note("RR_CLASS", classAt, "%d, should be %d", class, classIN)
	}
	if n := c.Remaining(); length > n {
		c.Note("RDLENGTH", lengthAt, "%d bytes are announced and %d are there", length, n)
		length = n
	}
	start := c.Offset()
	s.readData(&c, start, c.At("RDATA", start, length))
	c.NoteTrailing(start + length)
	s.Anomalies = c.Anomalies()
	return s, nil
}

// readData reads RDATA, which lies at offset base of the cursor's message, as far as it is there.
func (s *Status) readData(c *wire.Cursor, base int, data []byte) {
	if len(data) == 0 {
		c.Note("NUM_NAMES", base, "absent")
		return
	}
	d := wire.NewCursor(statusMessage, data)
	count := d.Len8("NUM_NAMES")
	for len(s.Names) < count && d.Remaining() >= entrySize {
		var e NameEntry
		d.Copy("NETBIOS FORMAT NAME", e.Name[:])
		e.Flags = NameFlags(readU16(&d, "NAME_FLAGS"))
		s.Names = append(s.Names, e)
	}
	if n := len(s.Names); n < count {
		c.Note("NODE_NAME", base+d.Offset(), "%d names are announced and %d are there", count, n)
		return // what follows is a part of a name
	}
	if n := d.Remaining(); n != statisticsSize {
		c.Note("STATISTICS", base+d.Offset(), "%d bytes, should be %d", n, statisticsSize)
	}
	rest := d.Rest()
	copy(s.Unit[:], rest) // as far as it is there
	if len(rest) > unitSize {
		s.Statistics = rest[unitSize:]
	}
}

// AppendBinary appends the response, with the flags as they are but for FlagResponse, which is always set, and the
// operation, which is 0. More names than 255, or more bytes than RDLENGTH can tell, are a wire.ErrTooLong error.
func (s Status) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender(statusMessage, b)
	const kept = 0x07FF // all but R and OPCODE
	header{id: s.TransactionID, flags: s.Flags&kept | FlagResponse, counts: [4]uint16{0, 1, 0, 0}}.append(&a)
	smb.AppendEncodedName(&a, s.Name)
	appendU16(&a, typeNBSTAT)
	appendU16(&a, classIN)
	appendU32(&a, s.TTL)
	length := 1 + entrySize*len(s.Names) + unitSize + len(s.Statistics)
	if length > math.MaxUint16 {
		a.Fail("RDLENGTH", wire.ErrTooLong)
	}
	appendU16(&a, uint16(length))
	a.Len8("NUM_NAMES", len(s.Names))
	for _, e := range s.Names {
		a.Bytes(e.Name[:])
		appendU16(&a, uint16(e.Flags))
	}
	a.Bytes(s.Unit[:])
	a.Bytes(s.Statistics)
	return a.Result()
}

// FileServerName returns the name to call in a session request: the host's own name with suffix 0x20, an active one if
// there is any. A group's name is nobody's. The boolean is false where the host has none.
func (s Status) FileServerName() (smb.NetBIOSName, bool) {
	var found smb.NetBIOSName
	ok := false
	for _, e := range s.Names {
		switch {
		case e.Name[15] != smb.SuffixFileServer, e.Flags.Has(NameGroup):
		case e.Flags.Has(NameActive):
			return e.Name, true
		case !ok:
			found, ok = e.Name, true
		}
	}
	return found, ok
}
