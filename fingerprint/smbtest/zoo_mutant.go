package smbtest

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"sync/atomic"

	"github.com/smbscope/smbscope/smb"
)

// mutants is how many servers of each kind of mutation there are.
const mutants = 8

// hostileMutants are servers that change genuine answers at random.
func hostileMutants(seed uint64) []Hostile {
	var list []Hostile
	kinds := []struct {
		name, does string
		pipes      bool
		handle     func(net.Conn)
	}{
		{"server", "a genuine server", false, genuineServer().Handle},
		{"lanman", "a server with LANMAN 2.1 alone", false, genuineOld{lanman: true}.Handle},
		{"pipes", "a genuine server with pipes", true, servePipes},
		{"pipes-smb1", "a genuine server of SMB1 with pipes", true, servePipesSMB1},
	}
	for i, kind := range kinds {
		for n := range mutants {
			s := mix(seed, uint64(i), uint64(n))
			list = append(list, Hostile{
				Name: fmt.Sprintf("%s-%d", kind.name, n), Pipes: kind.pipes, Handle: mutated(s, n, kind.handle),
				Does: fmt.Sprintf("changes answers of %s at random, up to %d places of a message", kind.does, 1<<n),
			})
		}
	}
	return named("mutants", list...)
}

// mix makes a seed of several numbers.
func mix(numbers ...uint64) uint64 {
	h := fnv.New64a()
	for _, n := range numbers {
		_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, n))
	}
	return h.Sum64()
}

// mutated changes up to 2^most places of each answer, and seldom cuts it off, lengthens it or drops it. What it does
// follows from the seed, the request and the number of the answer on its connection.
func mutated(seed uint64, most int, handle func(net.Conn)) func(net.Conn) {
	return func(conn net.Conn) {
		var n uint64
		changes(handle, func(request, message []byte) []byte {
			h := fnv.New64a()
			_, _ = h.Write(request)
			n++
			return mutate(rand.New(rand.NewPCG(mix(seed, n), h.Sum64())), most, message)
		})(conn)
	}
}

// mutate returns a changed message; seldom nil, which ends the connection.
func mutate(r *rand.Rand, most int, m []byte) []byte {
	if r.IntN(3) == 0 { // or hardly any server would be met twice
		return m
	}
	for range 1 + r.IntN(1<<most) {
		at := r.IntN(len(m))
		if r.IntN(4) > 0 { // most of what follows the header can still be read behind an intact one
			at = min(headerSize(m), len(m)-1) + r.IntN(len(m)-min(headerSize(m), len(m)-1))
		}
		switch r.IntN(6) {
		case 0:
			m[at] ^= 1 << r.IntN(8)
		case 1:
			m[at] = byte(r.Uint32())
		case 2:
			m[at] = []byte{0, 1, 0x7F, 0x80, 0xFE, 0xFF}[r.IntN(6)]
		case 3: // a number of two or four bytes
			size := min(2+2*r.IntN(2), len(m)-at)
			for i := range size {
				m[at+i] = 0xFF * byte(r.IntN(2))
			}
		case 4: // a part of the message over another
			part := m[r.IntN(len(m)):]
			copy(m[at:], part[:min(len(part), r.IntN(16))])
		default:
			m[at]++
		}
	}
	switch r.IntN(24) {
	case 0:
		return m[:1+r.IntN(len(m))]
	case 1:
		return append(m, make([]byte, r.IntN(64))...)
	case 2:
		return nil
	}
	return m
}

// hostileIdentities are servers that are not one server.
func hostileIdentities(seed uint64) []Hostile {
	all := Personalities()
	turns := func(next func(n uint64) int) func(net.Conn) {
		var connections atomic.Uint64
		return func(conn net.Conn) {
			p := all[next(connections.Add(1)-1)%len(all)]
			p.Now = genuineServer().Now
			p.Handle(conn)
		}
	}
	return named("identities",
		Hostile{
			Name: "in-turn", Does: "is another personality with each connection, in their order",
			Handle: turns(func(n uint64) int { return int(n % uint64(len(all))) }),
		},
		Hostile{
			Name: "drawn", Does: "is another personality with each connection, drawn from the seed and the connection's number",
			Handle: turns(func(n uint64) int { return int(mix(seed, n) % uint64(len(all))) }),
		},
		Hostile{
			Name: "two-guids", Does: "is one personality with another ServerGuid in each answer",
			Handle: changes(genuineServer().Handle, func(request, m []byte) []byte {
				const guidAt = 72 // [MS-SMB2] 2.2.4
				if h, err := smb.ParseSMB2Header(m); err == nil && h.Command == smb.SMB2Negotiate && len(m) > guidAt+8 {
					h := fnv.New64a()
					_, _ = h.Write(request)
					binary.LittleEndian.PutUint64(m[guidAt:], h.Sum64())
				}
				return m
			}),
		},
	)
}
