package truth

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
)

// A Flow is one direction of one TCP connection.
type Flow struct {
	From, To netip.AddrPort
	First    uint32 // sequence number of the first byte
	Packets  []Packet
}

// Flows takes the packets apart by connection and direction, in the order in which each is first seen. A SYN with
// another sequence number begins a new connection between the same ports.
func Flows(packets []Packet) []*Flow {
	type ends struct{ from, to netip.AddrPort }
	var all []*Flow
	current := map[ends]*Flow{}
	for _, p := range packets {
		key := ends{p.From, p.To}
		f := current[key]
		if f == nil || f.beginsAnother(p) {
			f = &Flow{From: p.From, To: p.To, First: p.Seq}
			if p.Flags&TCPSYN != 0 {
				f.First++
			}
			current[key], all = f, append(all, f)
		}
		f.Packets = append(f.Packets, p)
	}
	return all
}

func (f *Flow) beginsAnother(p Packet) bool { return p.Flags&TCPSYN != 0 && f.First != p.Seq+1 }

// A Connection is both directions of a TCP connection; one of them is nil where nothing of it was captured.
type Connection struct{ Flows [2]*Flow }

// Connections pairs the directions of Flows, in the order in which each connection is first seen, which is that of
// tshark's tcp.stream.
func Connections(packets []Packet) []*Connection {
	type ends struct{ from, to netip.AddrPort }
	var all []*Connection
	current := map[ends]*Connection{}
	for _, f := range Flows(packets) {
		back := ends{f.To, f.From}
		if c := current[back]; c != nil && c.Flows[1] == nil {
			c.Flows[1] = f
			continue
		}
		c := &Connection{Flows: [2]*Flow{f}}
		current[ends{f.From, f.To}], all = c, append(all, c)
	}
	return all
}

// from returns the direction that an end point sends.
func (c *Connection) from(end string) *Flow {
	for _, f := range c.Flows {
		if f != nil && f.From.String() == end {
			return f
		}
	}
	return nil
}

// A Piece is what a flow carried without a gap.
type Piece struct {
	Data    []byte
	packets []int // for each byte, the index of the packet that brought it
	begins  []int // where segments begin in Data
}

// Pieces puts the flow's bytes together. What comes twice is taken as it came first.
func (f *Flow) Pieces() []Piece {
	type segment struct {
		at, index int // in the stream, below zero for a packet from before the first that was captured; in Packets
		payload   []byte
	}
	var segments []segment
	for i, p := range f.Packets {
		if len(p.Payload) > 0 && p.Flags&TCPSYN == 0 {
			segments = append(segments, segment{int(int32(p.Seq - f.First)), i, p.Payload})
		}
	}
	slices.SortStableFunc(segments, func(a, b segment) int { return cmp.Compare(a.at, b.at) })
	var all []Piece
	end := 0
	for i, s := range segments {
		if i == 0 || s.at > end {
			all = append(all, Piece{})
			end = s.at
		}
		if s.at+len(s.payload) <= end {
			continue
		}
		p := &all[len(all)-1]
		fresh := s.payload[end-s.at:]
		p.begins = append(p.begins, len(p.Data))
		p.Data = append(p.Data, fresh...)
		p.packets = append(p.packets, slices.Repeat([]int{s.index}, len(fresh))...)
		end = s.at + len(s.payload)
	}
	return all
}

// A Frame is a message of the session service, with its four bytes of header.
type Frame struct {
	Data      []byte
	Packet    Packet // the packet that completes it
	BehindGap bool   // part of the flow before it was not captured
}

// Frames cuts the flow into frames by their lengths. Behind a gap, and where the beginning was not captured, it goes on
// at the next segment that begins with a frame of SMB.
func (f *Flow) Frames() []Frame {
	var list []Frame
	for n, p := range f.Pieces() {
		at := 0
		for at+4 <= len(p.Data) {
			size := 4 + int(binary.BigEndian.Uint32(p.Data[at:])&0xFFFFFF)
			known := isFrame(p.Data[at:])
			if !known || at+size > len(p.Data) {
				next := slices.IndexFunc(p.begins, func(begin int) bool { return begin > at && isFrame(p.Data[begin:]) })
				if known || next < 0 {
					break // not whole, or nothing more to find
				}
				at = p.begins[next]
				continue
			}
			last := f.Packets[slices.Max(p.packets[at:at+size])]
			list = append(list, Frame{Data: p.Data[at : at+size : at+size], Packet: last, BehindGap: n > 0})
			at += size
		}
	}
	return list
}

// isFrame tells whether b begins with a frame that the session service has: a message of SMB, or a packet of RFC 1002.
func isFrame(b []byte) bool {
	switch {
	case len(b) < 4:
		return false
	case b[0] >= 0x81 && b[0] <= 0x85:
		return b[1] == 0
	}
	return b[0] == 0 && len(b) >= 8 && b[4] >= 0xFC && string(b[5:8]) == "SMB"
}

// A Message is an SMB message, from the protocol identifier on.
type Message struct {
	Data      []byte
	Packet    Packet
	BehindGap bool
}

// Messages returns the flow's SMB messages, the parts of a chain each by itself.
func (f *Flow) Messages() []Message {
	var list []Message
	for _, frame := range f.Frames() {
		if frame.Data[0] != 0 {
			continue
		}
		for _, data := range compound(frame.Data[4:]) {
			list = append(list, Message{Data: data, Packet: frame.Packet, BehindGap: frame.BehindGap})
		}
	}
	return list
}

// compound takes a chain of SMB2 messages apart.
func compound(data []byte) [][]byte {
	var list [][]byte
	for len(data) >= 64 && data[0] == 0xFE {
		next := int(binary.LittleEndian.Uint32(data[20:]))
		if next < 64 || next > len(data) {
			break
		}
		list = append(list, data[:next:next])
		data = data[next:]
	}
	return append(list, data)
}

// Logon tells whether a message is a negotiation or a session setup, of either version and direction.
func Logon(data []byte) bool {
	switch {
	case len(data) >= 32 && string(data[:4]) == "\xFFSMB":
		return data[4] == 0x72 || data[4] == 0x73
	case len(data) >= 64 && string(data[:4]) == "\xFESMB":
		return binary.LittleEndian.Uint16(data[12:]) <= 1
	}
	return false
}

// treeConnect is Logon for tree connects.
func treeConnect(data []byte) bool {
	switch {
	case len(data) >= 32 && string(data[:4]) == "\xFFSMB":
		return data[4] == 0x75
	case len(data) >= 64 && string(data[:4]) == "\xFESMB":
		return binary.LittleEndian.Uint16(data[12:]) == 3
	}
	return false
}
