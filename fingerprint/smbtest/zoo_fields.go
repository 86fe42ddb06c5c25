package smbtest

import (
	"encoding/binary"
	"fmt"
	"net"
)

// A wireField is one field of a message that says how long or how many something is, or where: a place in the bytes of one
// packet, which begins with its four bytes of framing.
type wireField struct {
	name  string // of the message and the field, as the codec has them
	at    int
	width int // 1 to 8 bytes
	big   bool
}

// get and set read and write the field.
func (f wireField) get(packet []byte) (v uint64) {
	for i := range f.width {
		v = v<<8 | uint64(packet[f.place(i)])
	}
	return v
}

func (f wireField) set(packet []byte, v uint64) {
	for i := f.width - 1; i >= 0; i-- {
		packet[f.place(i)] = byte(v)
		v >>= 8
	}
}

// place is where the i-th byte of the number is, from the most significant on.
func (f wireField) place(i int) int {
	if f.big {
		return f.at + i
	}
	return f.at + f.width - 1 - i
}

// most is the largest value of the field.
func (f wireField) most() uint64 { return 1<<(8*f.width) - 1 }

// A fieldValue is what hostile servers put into a field.
type fieldValue struct {
	name string
	of   func(f wireField, packet []byte) uint64
}

var fieldValues = [...]fieldValue{
	{"0", func(wireField, []byte) uint64 { return 0 }},
	{"1", func(wireField, []byte) uint64 { return 1 }},
	{"max-1", func(f wireField, _ []byte) uint64 { return f.most() - 1 }},
	{"max", func(f wireField, _ []byte) uint64 { return f.most() }},
	// One more than there are bytes in the message: as a length, a count or an offset, it is past the end.
	{"past-end", func(f wireField, packet []byte) uint64 { return min(f.most(), uint64(len(packet))-3) }},
}

// fieldServers are the genuine servers whose fields are changed, each with the requests that make it send all that it can.
func fieldServers() []fieldServer {
	genuine, lanman, core := genuineServer(), genuineOld{lanman: true}, genuineOld{}
	pipes := func(s *PipeServer) func() func([]byte) []byte {
		return func() func([]byte) []byte {
			c := &pipeConn{server: s, trees: map[uint32]*PipeShare{}, files: map[uint16]*pipeFile{}}
			return func(request []byte) []byte {
				reply, _ := c.serve(request)
				return reply
			}
		}
	}
	genuineAnswers := func() func([]byte) []byte { return (&personalityConn{p: genuine}).answer }
	old := genuinePipes()
	old.Dialects = old.Dialects[:0:0]
	return []fieldServer{
		{handle: genuine.Handle, answers: genuineAnswers, talks: genuineTalks()},
		{handle: lanman.Handle, answers: func() func([]byte) []byte { return lanman.answer }, talks: negotiations1()},
		{handle: core.Handle, answers: func() func([]byte) []byte { return core.answer }, talks: negotiations1()},
		{handle: servePipes, answers: pipes(genuinePipes()), talks: [][][]byte{pipeTalk2()}, pipes: true},
		{handle: servePipesSMB1, answers: pipes(old), talks: [][][]byte{pipeTalk1()}, pipes: true},
	}
}

// A fieldServer is a genuine server, what answers as it does without a connection, and what it is asked.
type fieldServer struct {
	handle  func(net.Conn)
	answers func() func(request []byte) []byte // for a connection
	talks   [][][]byte                         // the requests of each connection
	pipes   bool
}

// packets are what the server sends, with the framing.
func (s fieldServer) packets() (list [][]byte) {
	for _, talk := range s.talks {
		answer := s.answers()
		for _, request := range talk {
			if m := answer(request); m != nil {
				list = append(list, framedMessage(m))
			}
		}
	}
	return list
}

// hostileFields are servers that answer as a genuine one does, but for one field of one message. Which there are is read
// from what the genuine ones send.
func hostileFields() []Hostile {
	var list []Hostile
	seen := map[string]bool{}
	for _, s := range fieldServers() {
		for _, packet := range s.packets() {
			for _, f := range fieldsOf(packet) {
				for _, v := range fieldValues {
					name := f.name + "=" + v.name
					if seen[name] || s.repeats(v, f, packet) {
						continue
					}
					seen[name] = true
					list = append(list, Hostile{
						Name: name, Pipes: s.pipes, Handle: withField(s.handle, f.name, v),
						Does: fmt.Sprintf("answers as a genuine server but for one field, %s, in which it puts %s", f.name, v.name),
					})
				}
			}
		}
	}
	return named("fields", list...)
}

// repeats tells whether a value is the genuine one, or that of a row of fieldValues before it.
func (fieldServer) repeats(v fieldValue, f wireField, packet []byte) bool {
	value := v.of(f, packet)
	for _, other := range fieldValues {
		if other.name == v.name {
			break
		}
		if other.of(f, packet) == value {
			return true
		}
	}
	return f.get(packet) == value
}

// withField serves as a handler does, but for a value in a field wherever it occurs.
func withField(handle func(net.Conn), name string, v fieldValue) func(net.Conn) {
	return rewrites(handle, func(conn net.Conn, _, packet []byte) error {
		packet = append([]byte{}, packet...)
		for _, f := range fieldsOf(packet) {
			if f.name == name {
				f.set(packet, v.of(f, packet))
				break
			}
		}
		_, err := conn.Write(packet)
		return err
	})
}

// A fieldWalk collects the fields of one packet.
type fieldWalk struct {
	packet []byte
	list   []wireField
}

// add notes a field at a place of the packet; one that is not in it is left out.
func (w *fieldWalk) add(name string, at, width int) {
	if at >= 0 && at+width <= len(w.packet) {
		w.list = append(w.list, wireField{name: name, at: at, width: width})
	}
}

func (w *fieldWalk) addBig(name string, at, width int) {
	if at >= 0 && at+width <= len(w.packet) {
		w.list = append(w.list, wireField{name: name, at: at, width: width, big: true})
	}
}

// number reads a little-endian number of the packet; 0 where there is none.
func (w *fieldWalk) number(at, width int) int {
	if at < 0 || at+width > len(w.packet) {
		return 0
	}
	switch width {
	case 1:
		return int(w.packet[at])
	case 2:
		return int(binary.LittleEndian.Uint16(w.packet[at:]))
	}
	return int(binary.LittleEndian.Uint32(w.packet[at:]) & 0x7FFFFFFF)
}

// part tells whether a part lies in the packet.
func (w *fieldWalk) part(at, size int) bool { return at >= 0 && size > 0 && size <= len(w.packet)-at }
