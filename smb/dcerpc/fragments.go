package dcerpc

import (
	"iter"
	"math"

	"github.com/smbscope/smbscope/smb/wire"
)

const (
	requestSize   = HeaderSize + 8 // without object and stub
	objectSize    = 16
	fragmentAlign = 8 // the largest alignment of NDR
)

// Fragments yields the PDUs of a request whose stub may be too large for one: each of at most maxFrag bytes, which is
// the MaxRecvFrag of the server's BindAck, or MaxFragment where maxFrag is 0 or less. They differ in their flags, in
// their part of the stub and in AllocHint, which is the bytes of stub from there on. All but the last have a multiple
// of 8 bytes of stub, as NDR is aligned. Each PDU is a slice of its own.
//
// A maxFrag without room for 8 bytes of stub is a wire.ErrTooLong error, and so is a stub of 4 GiB. A request with an
// auth verifier is a wire.ErrFormat error, because every fragment needs its own.
func Fragments(r Request, maxFrag int) iter.Seq2[[]byte, error] {
	if maxFrag <= 0 {
		maxFrag = MaxFragment
	}
	room := min(maxFrag, math.MaxUint16) - requestSize
	if r.Header.Flags&PFCObjectUUID != 0 {
		room -= objectSize
	}
	room -= max(room, 0) % fragmentAlign
	return func(yield func([]byte, error) bool) {
		if err := splittable(r, room); err != nil {
			yield(nil, err)
			return
		}
		next := r // a copy: the sequence can be read again
		next.Header.Flags = r.Header.Flags&^PFCLastFrag | PFCFirstFrag
		for left := r.Stub; ; {
			n := min(room, len(left))
			next.AllocHint, next.Stub, left = uint32(len(left)), left[:n], left[n:]
			if len(left) == 0 {
				next.Header.Flags |= PFCLastFrag
			}
			pdu, err := next.AppendBinary(nil)
			if !yield(pdu, err) || err != nil || len(left) == 0 {
				return
			}
			next.Header.Flags &^= PFCFirstFrag
		}
	}
}

// splittable tells what keeps a request from being split into stubs of room bytes.
func splittable(r Request, room int) error {
	a := wire.NewAppender("request", nil)
	switch {
	case len(r.Auth.Value) > 0:
		a.Fail("auth_verifier", wire.ErrFormat)
	case room < fragmentAlign:
		a.Fail("frag_length", wire.ErrTooLong)
	case int64(len(r.Stub)) > math.MaxUint32:
		a.Fail("alloc_hint", wire.ErrTooLong)
	}
	_, err := a.Result()
	return err
}
