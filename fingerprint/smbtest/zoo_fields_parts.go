package smbtest

import (
	"bytes"
	"fmt"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb/dcerpc"
)

// The bounds of a walk through a message, which may be a hostile one.
const (
	walkContexts = 16
	walkElements = 24
	walkDepth    = 8
	walkPairs    = 16
	walkWords    = 32
)

// contextFields are the fields in the data of a negotiate context, [MS-SMB2] 2.2.4.1.
var contextFields = map[negotiate.ContextType]fieldRows{
	negotiate.ContextPreauthIntegrity: {
		"SMB2_PREAUTH_INTEGRITY_CAPABILITIES", []fieldRow{{"HashAlgorithmCount", 0, 2}, {"SaltLength", 2, 2}},
	},
	negotiate.ContextEncryption:    {"SMB2_ENCRYPTION_CAPABILITIES", []fieldRow{{"CipherCount", 0, 2}}},
	negotiate.ContextCompression:   {"SMB2_COMPRESSION_CAPABILITIES", []fieldRow{{"CompressionAlgorithmCount", 0, 2}}},
	negotiate.ContextSigning:       {"SMB2_SIGNING_CAPABILITIES", []fieldRow{{"SigningAlgorithmCount", 0, 2}}},
	negotiate.ContextRDMATransform: {"SMB2_RDMA_TRANSFORM_CAPABILITIES", []fieldRow{{"TransformCount", 0, 2}}},
	negotiate.ContextPOSIX:         {"SMB2_POSIX_EXTENSIONS_AVAILABLE", nil},
}

// negotiateContexts are the contexts of an answer with 3.1.1, [MS-SMB2] 2.2.4.1.
func (w *fieldWalk) negotiateContexts(at, count int) {
	const head = 8
	for range min(count, walkContexts) {
		if !w.part(at, head) {
			return
		}
		rows, size := contextFields[negotiate.ContextType(w.number(at, 2))], w.number(at+2, 2)
		w.add(rows.name+"/DataLength", at+2, 2)
		for _, f := range rows.fields {
			w.add(rows.name+"/"+f.name, at+head+f.at, f.width)
		}
		at += head + size
		at += -(at - base) & 7
	}
}

// createContext is the first context of an open, [MS-SMB2] 2.2.14.2.
func (w *fieldWalk) createContext(at, size int) {
	if !w.part(at, size) {
		return
	}
	for _, f := range []fieldRow{{"Next", 0, 4}, {"NameOffset", 4, 2}, {"NameLength", 6, 2}, {"DataOffset", 10, 2}, {"DataLength", 12, 4}} {
		w.add("SMB2_CREATE_CONTEXT/"+f.name, at+f.at, f.width)
	}
}

// token is a token of GSS-API: the lengths of its elements, and the NTLM challenge in it. They are named after the message.
func (w *fieldWalk) token(message string, at, size int) {
	if !w.part(at, size) {
		return
	}
	n := 0
	w.elements(message, at, at+size, 0, &n)
	if i := bytes.Index(w.packet[at:at+size], []byte("NTLMSSP\x00\x02")); i >= 0 {
		w.challenge(at+i, at+size)
	}
}

// elements are the elements between two places, numbered in their order.
func (w *fieldWalk) elements(message string, at, end, depth int, n *int) {
	for at+2 <= end && *n < walkElements && depth < walkDepth {
		tag, lengthAt, width, size := w.packet[at], at+1, 1, int(w.packet[at+1])
		if size > 0x80 && size <= 0x84 {
			width, lengthAt = size-0x80, at+2
			size = 0
			for i := range width {
				if lengthAt+i < end {
					size = size<<8 | int(w.packet[lengthAt+i])
				}
			}
		}
		start := lengthAt + width
		if size > end-start {
			return
		}
		w.addBig(fmt.Sprintf("%s/length of element %d of the token", message, *n), lengthAt, width)
		*n++
		if tag&0x20 != 0 {
			w.elements(message, start, start+size, depth+1, n)
		}
		at = start + size
	}
}

// challenge is a CHALLENGE_MESSAGE, [MS-NLMP] 2.2.1.2.
func (w *fieldWalk) challenge(at, end int) {
	const name = "CHALLENGE_MESSAGE"
	for _, f := range []fieldRow{{"TargetName", targetNameAt, 0}, {"TargetInfo", targetInfoAt, 0}} {
		w.add(name+"/"+f.name+"Len", at+f.at, 2)
		w.add(name+"/"+f.name+"MaxLen", at+f.at+2, 2)
		w.add(name+"/"+f.name+"BufferOffset", at+f.at+4, 4)
	}
	pair, last := at+w.number(at+targetInfoAt+4, 4), at+w.number(at+targetInfoAt+4, 4)+w.number(at+targetInfoAt, 2)
	for i := range walkPairs {
		if pair+4 > min(last, end) {
			return
		}
		w.add(fmt.Sprintf("AV_PAIR %d/AvLen", i), pair+2, 2)
		pair += 4 + w.number(pair+2, 2)
	}
}

// pdu is a PDU of RPC, [C706] 12.6: what a pipe gives. What begins with no header of one is left out.
func (w *fieldWalk) pdu(at, size int) {
	if !w.part(at, size) || !dcerpc.IsPDU(w.packet[at:at+size]) {
		return
	}
	h, err := dcerpc.ParseHeader(w.packet[at : at+size])
	if err != nil {
		return
	}
	name := "RPC " + h.Type.String()
	w.add(name+"/frag_length", at+fragLengthAt, 2)
	w.add(name+"/auth_length", at+fragLengthAt+2, 2)
	switch h.Type {
	case dcerpc.PDUBindAck:
		w.add(name+"/max_xmit_frag", at+16, 2)
		w.add(name+"/max_recv_frag", at+18, 2)
		w.add(name+"/sec_addr length", at+24, 2)
		results := 26 + w.number(at+24, 2)
		w.add(name+"/n_results", at+results+(-results&3), 1)
	case dcerpc.PDUResponse:
		w.add(name+"/alloc_hint", at+16, 4)
		if h.Flags&dcerpc.PFCFirstFrag == 0 {
			return
		}
		// The stub of the list of shares has no other numbers than counts, offsets and pointers up to here.
		for i := range walkWords {
			if place := at + 24 + 4*i; place+4 <= at+size {
				w.add(fmt.Sprintf("%s/number %d of the stub", name, i), place, 4)
			}
		}
	}
}
