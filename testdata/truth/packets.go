package truth

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"testing"
	"time"
)

// What is here reads packets and puts TCP streams together without any code of the library and without tshark, so that
// all three can be held against each other. It is for captures that are known, not for hostile ones.

// A Packet is a TCP segment in a capture file.
type Packet struct {
	Number   int // in the file, from 1
	At       time.Time
	From, To netip.AddrPort
	Seq      uint32
	Flags    uint8
	Payload  []byte
}

// Flags of a TCP segment.
const (
	TCPFIN = 0x01
	TCPSYN = 0x02
	TCPRST = 0x04
	TCPACK = 0x10
)

func (p Packet) String() string { return fmt.Sprintf("packet %d, %v to %v", p.Number, p.From, p.To) }

// ReadPackets returns the TCP segments of a classic pcap file in its order. What is no TCP, or is in a tunnel, is left
// out.
func ReadPackets(t testing.TB, file string) []Packet {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) < 24 {
		t.Fatalf("%s is no capture", file)
	}
	var order binary.ByteOrder = binary.LittleEndian
	tick := time.Microsecond
	switch magic := binary.LittleEndian.Uint32(b); magic {
	case 0xA1B2C3D4:
	case 0xA1B23C4D:
		tick = time.Nanosecond
	case 0xD4C3B2A1:
		order = binary.BigEndian
	default:
		t.Fatalf("%s is no classic pcap file: magic %#x", file, magic)
	}
	link := order.Uint32(b[20:])
	var packets []Packet
	parts := fragments{}
	for n, rest := 1, b[24:]; len(rest) >= 16; n++ {
		size := int(order.Uint32(rest[8:]))
		if size > len(rest)-16 {
			break // cut off in the last packet
		}
		at := time.Unix(int64(order.Uint32(rest)), 0).Add(time.Duration(order.Uint32(rest[4:])) * tick)
		if p, ok := parseTCP(parts, ipOf(link, rest[16:16+size])); ok {
			p.Number, p.At = n, at
			packets = append(packets, p)
		}
		rest = rest[16+size:]
	}
	return packets
}

// ipOf returns the IP packet in a packet of the link layer, whose numbers are those of tcpdump.org/linktypes.html, or nil.
func ipOf(link uint32, b []byte) []byte {
	skip := func(n int) []byte { return b[min(n, len(b)):] }
	switch link {
	case 0: // loopback of BSD: the address family
		return skip(4)
	case 1: // Ethernet
		at := 12
		for len(b) >= at+2 && (b[at] == 0x81 && b[at+1] == 0 || b[at] == 0x88 && b[at+1] == 0xA8) {
			at += 4 // a VLAN
		}
		return skip(at + 2)
	case 101: // IP
		return b
	case 113: // Linux cooked
		return skip(16)
	}
	return nil
}

// fragments are the parts of IPv4 packets that wait for the rest, by addresses, protocol and identification.
type fragments map[string]map[int][]byte

// join takes a fragment and returns the whole packet's payload once it is there.
func (f fragments) join(ip, payload []byte) []byte {
	const more = 0x2000
	field := int(binary.BigEndian.Uint16(ip[6:]))
	offset := field & 0x1FFF * 8
	if field&more == 0 && offset == 0 {
		return payload
	}
	key := string(ip[4:6]) + string(ip[9]) + string(ip[12:20])
	if f[key] == nil {
		f[key] = map[int][]byte{}
	}
	f[key][offset] = payload
	if field&more == 0 {
		f[key][-1] = make([]byte, offset+len(payload)) // the last one tells the size
	}
	var whole []byte
	for {
		part, ok := f[key][len(whole)]
		if !ok || len(part) == 0 {
			break
		}
		whole = append(whole, part...)
	}
	if end, ok := f[key][-1]; !ok || len(whole) < len(end) {
		return nil
	}
	delete(f, key)
	return whole
}

func parseTCP(parts fragments, b []byte) (Packet, bool) {
	var p Packet
	var src, dst netip.Addr
	var segment []byte
	switch {
	case len(b) >= 20 && b[0]>>4 == 4 && b[9] == 6:
		header, total := int(b[0]&0x0F)*4, int(binary.BigEndian.Uint16(b[2:]))
		if total == 0 || total > len(b) {
			total = len(b) // segmentation was left to the network card, or the packet is cut
		}
		if header > total {
			return p, false
		}
		src, dst = netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:]))
		segment = parts.join(b, b[header:total])
	case len(b) >= 40 && b[0]>>4 == 6 && b[6] == 6: // without extension headers
		src, dst = netip.AddrFrom16([16]byte(b[8:])), netip.AddrFrom16([16]byte(b[24:]))
		segment = b[40:min(len(b), 40+int(binary.BigEndian.Uint16(b[4:])))]
	}
	if len(segment) < 20 || int(segment[12]>>4)*4 > len(segment) {
		return p, false
	}
	p.From = netip.AddrPortFrom(src, binary.BigEndian.Uint16(segment))
	p.To = netip.AddrPortFrom(dst, binary.BigEndian.Uint16(segment[2:]))
	p.Seq = binary.BigEndian.Uint32(segment[4:])
	p.Flags = segment[13]
	p.Payload = segment[int(segment[12]>>4)*4:]
	return p, true
}
