package smbtest

import (
	"bytes"
	"encoding/binary"
	"net"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// hostilePipes are servers that let nobody in and whose pipes do not answer as RPC does, once in SMB2 and once in SMB1.
func hostilePipes() []Hostile {
	var list []Hostile
	row := func(name, does string, change func(s *PipeServer)) {
		for _, old := range []bool{false, true} {
			protocol, dialects := "smb2", smb.Dialects()
			if old {
				protocol, dialects = "smb1", []smb.Dialect{}
			}
			list = append(list, Hostile{
				Name: protocol + "-" + name, Does: "over " + protocol + ", " + does, Pipes: true, Handle: func(conn net.Conn) {
					s := genuinePipes()
					s.Dialects = dialects
					change(s)
					s.Handle(conn)
				},
			})
		}
	}
	row("genuine", "answers every call with the same list of two shares", func(*PipeServer) {})
	raw := func(name, does string, pdus func(q dcerpc.Request) [][]byte) {
		row(name, does, func(s *PipeServer) {
			s.Call = func(_ string, q dcerpc.Request) PipeAnswer { return PipeAnswer{Raw: pdus(q), Endless: true} }
		})
	}
	raw("fragments-without-end", "answers each call with fragments of which none is the last", func(q dcerpc.Request) [][]byte {
		return [][]byte{fragment(q, dcerpc.PFCFirstFrag, 1000), fragment(q, 0, 1000)}
	})
	raw("fragments-empty", "answers each call with empty fragments of which none is the last", func(q dcerpc.Request) [][]byte {
		return [][]byte{fragment(q, dcerpc.PFCFirstFrag, 0), fragment(q, 0, 0)}
	})
	raw("fragments-all-first", "answers each call with first fragments without end", func(q dcerpc.Request) [][]byte {
		return [][]byte{fragment(q, dcerpc.PFCFirstFrag, 100)}
	})
	raw("fragments-none-first", "answers each call with fragments of which none is the first", func(q dcerpc.Request) [][]byte {
		return [][]byte{fragment(q, 0, 100), fragment(q, dcerpc.PFCLastFrag, 100)}
	})
	raw("other-call", "answers other calls than those it was asked", func(q dcerpc.Request) [][]byte {
		q.Header.CallID += 7
		return [][]byte{fragment(q, dcerpc.PFCFirstFrag|dcerpc.PFCLastFrag, 100)}
	})
	raw("reads-empty", "gives nothing to read, again and again", func(dcerpc.Request) [][]byte { return [][]byte{{}} })
	raw("byte-by-byte", "gives a header of RPC one byte at a time, and then zeros", func(q dcerpc.Request) [][]byte {
		var list [][]byte
		for _, b := range fragment(q, dcerpc.PFCFirstFrag, 1)[:dcerpc.HeaderSize] {
			list = append(list, []byte{b})
		}
		return append(list, []byte{0})
	})
	raw("no-rpc", "answers each call with what is no RPC", func(dcerpc.Request) [][]byte { return [][]byte{bytes.Repeat([]byte("owned"), 100)} })
	raw("fragment-of-no-length", "answers each call with a fragment that says that it has no length", func(q dcerpc.Request) [][]byte {
		pdu := fragment(q, dcerpc.PFCFirstFrag|dcerpc.PFCLastFrag, 100)
		binary.LittleEndian.PutUint16(pdu[fragLengthAt:], 0)
		return [][]byte{pdu}
	})
	raw("big-endian", "answers each call in the other order of bytes", func(q dcerpc.Request) [][]byte {
		pdu := fragment(q, dcerpc.PFCFirstFrag|dcerpc.PFCLastFrag, 100)
		pdu[4] = 0
		return [][]byte{pdu}
	})
	row("binds-without-end", "answers each bind with fragments of which none is the last", func(s *PipeServer) {
		s.Bind = func(_ string, b dcerpc.Bind) PipeAnswer {
			q := dcerpc.Request{Header: b.Header}
			return PipeAnswer{Raw: [][]byte{fragment(q, dcerpc.PFCFirstFrag, 100), fragment(q, 0, 100)}, Endless: true}
		}
	})
	row("list-without-end", "says of each list that more follows, and gives the same again", func(s *PipeServer) {
		stub := hexBytes(genuineShares)
		binary.LittleEndian.PutUint32(stub[len(stub)-4:], uint32(dtyp.Win32MoreData))
		s.Call = func(string, dcerpc.Request) PipeAnswer { return PipeAnswer{Stub: stub} }
	})
	row("list-huge", "gives a list of a million shares of which two are there", func(s *PipeServer) {
		stub := hexBytes(genuineShares)
		for _, at := range []int{12, 20} { // EntriesRead and the maximum count of the array
			binary.LittleEndian.PutUint32(stub[at:], 1_000_000)
		}
		s.Call = func(string, dcerpc.Request) PipeAnswer { return PipeAnswer{Stub: stub} }
	})
	row("zeros", "answers each call with 64 KiB of zeros", func(s *PipeServer) {
		s.Call = func(string, dcerpc.Request) PipeAnswer { return PipeAnswer{Stub: make([]byte, 64<<10)} }
	})
	row("largest", "answers each call with 20 MiB in fragments", func(s *PipeServer) {
		s.FragmentSize = 0
		s.Call = func(_ string, q dcerpc.Request) PipeAnswer {
			return PipeAnswer{Raw: [][]byte{fragment(q, dcerpc.PFCFirstFrag, defaultFragment), fragment(q, 0, defaultFragment)}, Endless: true}
		}
	})
	row("faults", "answers each call with a fault that does not exist", func(s *PipeServer) {
		s.Call = func(string, dcerpc.Request) PipeAnswer { return PipeAnswer{Fault: 0xDEADBEEF} }
	})
	row("silent-at-call", "never answers a call", func(s *PipeServer) {
		s.Step = func(r PipeRequest) PipeAction { return PipeAction{Silent: r.Step == StepCall} }
	})
	row("resets-at-call", "resets the connection at each call", func(s *PipeServer) {
		s.Step = func(r PipeRequest) PipeAction { return PipeAction{Reset: r.Step == StepCall} }
	})
	row("silent-at-close", "never answers the close of a pipe", func(s *PipeServer) {
		s.Step = func(r PipeRequest) PipeAction { return PipeAction{Silent: r.Step == StepClose} }
	})
	row("refuses-reads", "refuses to read from a pipe", func(s *PipeServer) {
		s.Step = func(r PipeRequest) PipeAction {
			if r.Step == StepRead {
				return PipeAction{Status: dtyp.StatusAccessDenied}
			}
			return PipeAction{}
		}
	})
	return named("pipes", list...)
}

// fragLengthAt is the place of frag_length in a PDU ([C706] 12.6.3.1).
const fragLengthAt = 8

// fragment is a response of so many bytes of zeros.
func fragment(q dcerpc.Request, flags dcerpc.PFCFlags, size int) []byte {
	return built(dcerpc.Response{
		Header: dcerpc.Header{CallID: q.Header.CallID, Flags: flags}, ContextID: q.ContextID, AllocHint: 1<<32 - 1, Stub: make([]byte, size),
	})
}
