package srvsvc

import (
	"iter"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/wire"
)

// A Share is a SHARE_INFO_1 as described in [MS-SRVS] 2.2.4.23. Its texts alias the stub, and are nil where the
// server sent a null pointer.
type Share struct {
	Netname ndr.Text
	Type    ShareType
	Remark  ndr.Text
}

// shareSize is the size of a SHARE_INFO_1 without its texts, in bytes.
const shareSize = 12

// Shares are the entries of a SHARE_INFO_1_CONTAINER ([MS-SRVS] 2.2.4.33), which stay in the stub and are decoded one
// at a time. The parser went over all of them, so that a walk cannot fail. The zero value is a null pointer to
// entries, which clients send.
type Shares struct {
	stub   []byte
	at     int // of the first SHARE_INFO_1 in stub, a multiple of four
	count  int
	exists bool
}

// MakeShares returns shares to be sent. A text of an odd number of bytes is an ErrFormat error.
func MakeShares(list ...Share) (Shares, error) {
	w := ndr.NewWriter("SHARE_INFO_1", []byte{})
	for _, s := range list {
		writeShareHeader(&w, s)
	}
	for _, s := range list {
		writeShareTexts(&w, s)
	}
	stub, err := w.Result()
	if err != nil {
		return Shares{}, err
	}
	return Shares{stub: stub, count: len(list), exists: true}, nil
}

// IsNull tells whether there is a null pointer in place of the entries. Servers give one with refusals, and some of
// them when there is no share.
func (s Shares) IsNull() bool { return !s.exists }

// Count returns the number of entries.
func (s Shares) Count() int { return s.count }

// All yields the entries in the server's order.
func (s Shares) All() iter.Seq[Share] {
	return func(yield func(Share) bool) {
		headers := ndr.NewReader("SHARE_INFO_1", s.stub)
		headers.Seek("Buffer", s.at)
		texts := headers
		texts.Seek("Buffer", s.at+shareSize*s.count)
		for range s.count {
			if !yield(readShare(&headers, &texts)) {
				return
			}
		}
	}
}

// readShares reads the array of a container that should have want entries. All structures stand before all texts
// ([C706] 14.3.12.3), hence two readers.
func readShares(r *ndr.Reader, stub []byte, want int) Shares {
	at := r.Offset()
	count := r.Len32("Buffer")
	if r.Failed() {
		return Shares{}
	}
	if count != want {
		r.Note("Buffer", at, "maximum count %d of an array of %d", count, want)
	}
	if count < 0 || count > r.Remaining()/shareSize {
		r.Fail("Buffer", wire.ErrTruncated)
		return Shares{}
	}
	s := Shares{at: r.Offset(), count: count, exists: true}
	headers := *r // never notes anything
	r.Bytes("Buffer", shareSize*count)
	for range count {
		readShare(&headers, r)
		if r.Failed() {
			return Shares{}
		}
	}
	s.stub = stub[:r.Offset():r.Offset()]
	return s
}

func readShare(headers, texts *ndr.Reader) Share {
	var s Share
	name := headers.Pointer("Netname")
	s.Type = ShareType(headers.U32("Type"))
	remark := headers.Pointer("Remark")
	s.Netname = readText(texts, "Netname", name)
	s.Remark = readText(texts, "Remark", remark)
	return s
}

func writeShares(w *ndr.Writer, s Shares) {
	w.Len32("Buffer", s.count)
	for share := range s.All() {
		writeShareHeader(w, share)
	}
	for share := range s.All() {
		writeShareTexts(w, share)
	}
}

func writeShareHeader(w *ndr.Writer, s Share) {
	w.Pointer(s.Netname != nil)
	w.U32(uint32(s.Type))
	w.Pointer(s.Remark != nil)
}

func writeShareTexts(w *ndr.Writer, s Share) {
	writeText(w, "Netname", s.Netname)
	writeText(w, "Remark", s.Remark)
}
