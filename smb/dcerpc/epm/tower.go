package epm

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// Protocol identifiers of floors, [C706] appendix I and [MS-RPCE] 2.2.1.2.5.
const (
	floorUUID     = 0x0D
	floorTCP      = 0x07
	floorUDP      = 0x08
	floorIP       = 0x09
	floorRPCCL    = 0x0A
	floorRPCCO    = 0x0B
	floorRPCLocal = 0x0C
	floorPipe     = 0x0F
	floorLPC      = 0x10
	floorNetBIOS  = 0x11
	floorHTTP     = 0x1F
)

const maxFloors = 16

// A Floor is one layer of a tower, both of whose halves alias the octets.
type Floor struct {
	Left, Right []byte
}

// A Tower tells how an interface is reached: a protocol tower of [C706] appendix L.
type Tower struct {
	Interface    dtyp.GUID
	Major, Minor uint16 // of the interface
	Protocol     string // the protocol sequence, such as ncacn_np; the numbers of the floors in hex where it is not known
	Endpoint     string // a pipe, a port, or the name of a local endpoint
	Host         string // an address or a name, where the tower has one
	Floors       []Floor
	Anomalies    []wire.Anomaly
}

// ParseTower parses the octets of a tower. One without an interface in its first floor is an ErrFormat error.
func ParseTower(octets []byte) (Tower, error) {
	c := wire.NewCursor("tower", octets)
	count := c.Len16("floors")
	var t Tower
	for i := 0; i < count && !c.Failed(); i++ {
		if i == maxFloors {
			c.Fail("floors", wire.ErrFormat)
		}
		left := c.Bytes("left", c.Len16("left"))
		right := c.Bytes("right", c.Len16("right"))
		t.Floors = append(t.Floors, Floor{Left: left, Right: right})
	}
	if !c.Failed() && !t.readInterface() {
		c.Fail("floor 1", wire.ErrFormat)
	}
	if err := c.Err(); err != nil {
		return Tower{}, err
	}
	t.readTransport()
	c.NoteTrailing(c.Offset())
	t.Anomalies = c.Anomalies()
	return t, nil
}

func (t *Tower) readInterface() bool {
	const left, right = 1 + 16 + 2, 2
	if len(t.Floors) == 0 || len(t.Floors[0].Left) != left || len(t.Floors[0].Right) != right || t.Floors[0].Left[0] != floorUUID {
		return false
	}
	f := t.Floors[0]
	copy(t.Interface[:], f.Left[1:])
	t.Major, t.Minor = binary.LittleEndian.Uint16(f.Left[17:]), binary.LittleEndian.Uint16(f.Right)
	return true
}

// readTransport reads the floors from the third on: the second is the transfer syntax.
func (t *Tower) readTransport() {
	var kinds []byte
	for _, f := range t.Floors[min(2, len(t.Floors)):] {
		if len(f.Left) == 0 {
			continue
		}
		kinds = append(kinds, f.Left[0])
		switch f.Left[0] {
		case floorTCP, floorUDP, floorHTTP:
			if len(f.Right) == 2 {
				t.Endpoint = strconv.Itoa(int(binary.BigEndian.Uint16(f.Right)))
			}
		case floorIP:
			if len(f.Right) == 4 {
				t.Host = fmt.Sprintf("%d.%d.%d.%d", f.Right[0], f.Right[1], f.Right[2], f.Right[3])
			}
		case floorPipe, floorLPC:
			t.Endpoint = text(f.Right)
		case floorNetBIOS:
			t.Host = text(f.Right)
		}
	}
	t.Protocol = sequence(kinds)
}

func text(b []byte) string { return wire.DecodeOEM([]byte(strings.TrimRight(string(b), "\x00"))) }

// sequence names the protocol sequence of some floors.
func sequence(kinds []byte) string {
	switch string(kinds) {
	case string([]byte{floorRPCCO, floorPipe, floorNetBIOS}), string([]byte{floorRPCCO, floorPipe}):
		return "ncacn_np"
	case string([]byte{floorRPCCO, floorTCP, floorIP}):
		return "ncacn_ip_tcp"
	case string([]byte{floorRPCCL, floorUDP, floorIP}):
		return "ncadg_ip_udp"
	case string([]byte{floorRPCCO, floorHTTP, floorIP}):
		return "ncacn_http"
	case string([]byte{floorRPCLocal, floorLPC}):
		return "ncalrpc"
	}
	return fmt.Sprintf("%x", kinds)
}

// AppendBinary appends the octets of the floors.
func (t Tower) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("tower", b)
	a.Len16("floors", len(t.Floors))
	for _, f := range t.Floors {
		a.Len16("left", len(f.Left))
		a.Bytes(f.Left)
		a.Len16("right", len(f.Right))
		a.Bytes(f.Right)
	}
	return a.Result()
}
