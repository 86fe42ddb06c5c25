//go:build linux

package livetest

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
)

// A flow is one direction of one TCP connection.
type flow struct {
	from, to netip.AddrPort
	first    uint32 // sequence number of the first byte
	packets  []packet
}

// flows takes the packets apart by connection and direction, in the order in which each is first seen. A SYN with
// another sequence number begins a new connection between the same ports.
func flows(packets []packet) []*flow {
	type ends struct{ from, to netip.AddrPort }
	var all []*flow
	current := map[ends]*flow{}
	for _, p := range packets {
		key := ends{p.from, p.to}
		f := current[key]
		if f == nil || p.flags&tcpSYN != 0 && f.first != p.seq+1 {
			f = &flow{from: p.from, to: p.to, first: p.seq}
			if p.flags&tcpSYN != 0 {
				f.first++
			}
			current[key], all = f, append(all, f)
		}
		f.packets = append(f.packets, p)
	}
	return all
}

// A piece is what a flow carried without a gap.
type piece struct {
	data    []byte
	packets []int // for each byte, the number of the packet that brought it
	begins  []int // where segments begin in data
}

// pieces puts the flow's bytes together. What comes twice is taken as it came first.
func (f *flow) pieces() []piece {
	type segment struct {
		at int // in the stream; below zero for a packet from before the first that was captured
		packet
	}
	var segments []segment
	for _, p := range f.packets {
		if len(p.payload) > 0 && p.flags&tcpSYN == 0 {
			segments = append(segments, segment{int(int32(p.seq - f.first)), p})
		}
	}
	slices.SortStableFunc(segments, func(a, b segment) int { return cmp.Compare(a.at, b.at) })
	var all []piece
	end := 0
	for i, s := range segments {
		if i == 0 || s.at > end {
			all = append(all, piece{})
			end = s.at
		}
		if s.at+len(s.payload) <= end {
			continue
		}
		p := &all[len(all)-1]
		fresh := s.payload[end-s.at:]
		p.begins = append(p.begins, len(p.data))
		p.data = append(p.data, fresh...)
		p.packets = append(p.packets, slices.Repeat([]int{s.number}, len(fresh))...)
		end = s.at + len(s.payload)
	}
	return all
}

// A frame is a message of the session service, with its four bytes of header.
type frame struct {
	data      []byte
	packet    int  // number of the packet that completes it
	behindGap bool // part of the flow before it was not captured
}

// frames cuts the flow into frames by their lengths. Behind a gap, and where the beginning was not captured, it goes on
// at the next segment that begins with a frame of SMB.
func (f *flow) frames() []frame {
	var list []frame
	for n, p := range f.pieces() {
		at := 0
		for at+4 <= len(p.data) {
			size := 4 + int(binary.BigEndian.Uint32(p.data[at:])&0xFFFFFF)
			known := isFrame(p.data[at:])
			if !known || at+size > len(p.data) {
				next := slices.IndexFunc(p.begins, func(begin int) bool { return begin > at && isFrame(p.data[begin:]) })
				if known || next < 0 {
					break // not whole, or nothing more to find
				}
				at = p.begins[next]
				continue
			}
			list = append(list, frame{data: p.data[at : at+size : at+size], packet: slices.Max(p.packets[at : at+size]), behindGap: n > 0})
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

// A message is a negotiation or a session setup, from the protocol identifier on.
type message struct {
	data      []byte
	packet    int
	behindGap bool
}

// messages returns the negotiations and session setups of the flow, of either version, both ways.
func (f *flow) messages() []message {
	var list []message
	for _, frame := range f.frames() {
		if frame.data[0] != 0 {
			continue
		}
		for _, data := range compound(frame.data[4:]) {
			if asksOrAnswers(data) {
				list = append(list, message{data: data, packet: frame.packet, behindGap: frame.behindGap})
			}
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

func asksOrAnswers(data []byte) bool {
	switch {
	case len(data) >= 32 && string(data[:4]) == "\xFFSMB":
		return data[4] == 0x72 || data[4] == 0x73
	case len(data) >= 64 && string(data[:4]) == "\xFESMB":
		return binary.LittleEndian.Uint16(data[12:]) <= 1
	}
	return false
}
