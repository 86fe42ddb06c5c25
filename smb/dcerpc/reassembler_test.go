package dcerpc

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const (
	first  = PFCFirstFrag
	middle = PFCFlags(0)
	last   = PFCLastFrag
)

// answer builds a response of call 7 in context 3.
func answer(t testing.TB, flags PFCFlags, stub string, change ...func(*Response)) []byte {
	r := Response{Header: Header{Flags: flags, CallID: 7}, AllocHint: 0xFFFFFFFF, ContextID: 3, Stub: []byte(stub)}
	for _, f := range change {
		f(&r)
	}
	return built(t, r)
}

func built(t testing.TB, m wiretest.Message) []byte {
	b, err := m.AppendBinary(nil)
	require.NoError(t, err)
	return b
}

func TestReassembler(t *testing.T) {
	otherCall := func(r *Response) { r.Header.CallID = 8 }
	otherContext := func(r *Response) { r.ContextID = 0 }
	call := Request{Header: Header{Flags: PFCWhole, CallID: 7}, ContextID: 3}
	laterCall := Request{Header: Header{Flags: last, CallID: 7}, ContextID: 3}
	fault := Fault{Header: Header{Flags: PFCWhole, CallID: 7}, Status: FaultAccessDenied}
	strayFault := Fault{Header: Header{Flags: PFCWhole, CallID: 8}, Status: FaultAccessDenied}
	denied := &FaultError{Status: FaultAccessDenied}
	sealed := func(r *Response) { r.Auth = Auth{Pad: []byte("pad"), Type: 10, Level: 5, Value: []byte("signature")} }
	for _, c := range []struct {
		name string
		pdus [][]byte
		free bool // without Answers
		want string
		err  error // of the last PDU
	}{
		{"one", [][]byte{answer(t, PFCWhole, "abc")}, false, "abc", nil},
		{"an empty one", [][]byte{answer(t, PFCWhole, "")}, false, "", nil},
		{"three", [][]byte{answer(t, first, "ab"), answer(t, middle, "c"), answer(t, last, "de")}, false, "abcde", nil},
		{"an empty last one", [][]byte{answer(t, first, "ab"), answer(t, last, "")}, false, "ab", nil},
		{"an empty middle one", [][]byte{answer(t, first, ""), answer(t, middle, ""), answer(t, last, "a")}, false, "a", nil},
		{"signed", [][]byte{answer(t, first, "ab", sealed), answer(t, last, "cd", sealed)}, false, "abcd", nil},
		{"another flag", [][]byte{answer(t, PFCWhole|PFCPendingCancel|PFCConcMpx, "ab")}, false, "ab", nil},
		{"read along", [][]byte{answer(t, first, "ab", otherCall), answer(t, last, "cd", otherCall)}, true, "abcd", nil},
		{"fault", [][]byte{built(t, fault)}, false, "", denied},
		{"fault, read along", [][]byte{built(t, fault)}, true, "", denied},
		{"fault after a fragment", [][]byte{answer(t, first, "ab"), built(t, fault)}, false, "", denied},

		{"the first one lost", [][]byte{answer(t, middle, "c")}, false, "", ErrFragments},
		{"all but the last one lost", [][]byte{answer(t, last, "c")}, false, "", ErrFragments},
		{"the first one twice", [][]byte{answer(t, first, "ab"), answer(t, first, "ab")}, false, "", ErrFragments},
		{"another answer in the middle", [][]byte{answer(t, first, "ab"), answer(t, PFCWhole, "ab")}, false, "", ErrFragments},
		{"the last one twice", [][]byte{answer(t, PFCWhole, "ab"), answer(t, last, "ab")}, false, "", ErrFragments},
		{"out of order", [][]byte{answer(t, last, "de"), answer(t, first, "ab")}, false, "", ErrFragments},
		{"another call", [][]byte{answer(t, PFCWhole, "ab", otherCall)}, false, "", ErrFragments},
		{"another call later", [][]byte{answer(t, first, "ab"), answer(t, last, "ab", otherCall)}, true, "", ErrFragments},
		{"another context", [][]byte{answer(t, PFCWhole, "ab", otherContext)}, false, "", ErrFragments},
		{"another context later", [][]byte{answer(t, first, "ab"), answer(t, last, "ab", otherContext)}, true, "", ErrFragments},
		{"a request as an answer", [][]byte{built(t, call)}, false, "", ErrFragments},
		{"a request among responses", [][]byte{answer(t, first, "ab"), built(t, laterCall)}, true, "", ErrFragments},
		{"fault of another call", [][]byte{built(t, strayFault)}, false, "", ErrFragments},
		{"fault of another call later", [][]byte{answer(t, first, "ab"), built(t, strayFault)}, true, "", ErrFragments},
		{"two in one", [][]byte{append(answer(t, first, "ab"), answer(t, last, "cd")...)}, false, "", ErrFragments},
		{"half of one", [][]byte{answer(t, PFCWhole, "abcdef")[:26]}, false, "", wire.ErrTruncated},
		{"no PDU", [][]byte{[]byte("\xFESMB")}, false, "", ErrNotPDU},
		{"nothing", [][]byte{nil}, false, "", wire.ErrTruncated},
		{"big-endian", [][]byte{patched(answer(t, PFCWhole, ""), 4, 0)}, false, "", ErrDataRepresentation},
		{"a bind_ack", [][]byte{built(t, BindAck{Header: Header{Flags: PFCWhole, CallID: 7}})}, false, "", ErrPDUType},
		{"a shutdown", [][]byte{wiretest.Hex(t, shutdown)}, false, "", ErrPDUType},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r Reassembler
			if !c.free {
				r.Answers = &call
			}
			var done bool
			var err error
			for i, pdu := range c.pdus {
				require.NoError(t, err, "before the last PDU")
				if i > 0 && c.name != "the last one twice" {
					require.False(t, done)
					require.Nil(t, r.Stub())
				}
				if done, err = r.Add(pdu); c.name == "out of order" {
					break
				}
				clear(pdu)
			}
			require.ErrorIs(t, err, c.err)
			require.Equal(t, c.want, string(r.Stub()))
			require.Equal(t, c.err == nil || errors.Is(err, ErrFault) || c.name == "the last one twice", done)
			if c.err == nil {
				return
			}
			again, same := r.Add(answer(t, PFCWhole, "abc"))
			require.Equal(t, done, again)
			require.Equal(t, err, same)
			require.Nil(t, r.Stub())
		})
	}
}

// Fragments of requests have to be of one operation, and have no faults among them.
func TestReassemblerRequests(t *testing.T) {
	call := Request{Header: Header{Flags: first, CallID: 7}, Opnum: 15, Stub: []byte("ab")}
	other := Request{Header: Header{Flags: last, CallID: 7}, Opnum: 16, Stub: []byte("cd")}
	var r Reassembler
	_, err := r.Add(built(t, call))
	require.NoError(t, err)
	_, err = r.Add(built(t, other))
	require.ErrorIs(t, err, ErrFragments)

	r = Reassembler{}
	_, err = r.Add(built(t, call))
	require.NoError(t, err)
	_, err = r.Add(built(t, Fault{Header: Header{CallID: 7}}))
	require.ErrorIs(t, err, ErrFragments)
	require.NotErrorIs(t, err, ErrFault)
}

func TestReassemblerTooLarge(t *testing.T) {
	stub := string(counted(4096))
	for _, c := range []struct {
		limit, fits int // fragments of 4096 bytes
	}{{4096, 1}, {4097, 1}, {4095, 0}, {3 * 4096, 3}, {0, 256}, {-1, 256}} {
		r := Reassembler{MaxStub: c.limit}
		flags := first
		for range c.fits {
			_, err := r.Add(answer(t, flags, stub))
			require.NoError(t, err)
			flags = middle
		}
		done, err := r.Add(answer(t, flags, stub))
		require.ErrorIs(t, err, ErrTooLarge)
		require.False(t, done)
		require.Nil(t, r.Stub())
		require.Nil(t, r.stub, "memory is kept")
	}
}

// A server that never ends its answer is cut off.
func TestReassemblerEndless(t *testing.T) {
	for _, c := range []struct {
		stub string
		fits int
		says string
	}{
		{"a", MaxFragments, "more than 4096"},
		{"", maxEmptyFragments, "more than 8 empty ones"},
	} {
		var r Reassembler
		flags := first
		for range c.fits {
			done, err := r.Add(answer(t, flags, c.stub))
			require.NoError(t, err)
			require.False(t, done)
			flags = middle
		}
		_, err := r.Add(answer(t, flags, c.stub))
		require.ErrorIs(t, err, ErrFragments)
		require.ErrorContains(t, err, c.says)
	}
}

// The oddities of all PDUs are kept, up to a bound.
func TestReassemblerAnomalies(t *testing.T) {
	odd := func(r *Response) { r.Header.DRep = DataRep{0x11} }
	var r Reassembler
	_, err := r.Add(answer(t, first, "a", odd))
	require.NoError(t, err)
	require.Equal(t, []string{"packed_drep: 11 00 00 00, should be 10 00 00 00"}, wiretest.Odd(r.Anomalies()))
	for range 100 {
		_, err := r.Add(answer(t, middle, "a", odd))
		require.NoError(t, err)
	}
	require.Len(t, r.Anomalies(), 32)
}

// Whatever a pipe gives: the reassembler keeps to its bound, its errors are final, and a stub comes only with the
// end.
func FuzzReassembler(f *testing.F) {
	for _, s := range responses() {
		f.Add(wiretest.Hex(f, s), false)
	}
	for _, s := range requests() {
		f.Add(wiretest.Hex(f, s), false)
	}
	f.Add(wiretest.Hex(f, faults()["Windows"]), true)
	f.Add(append(answer(f, first, "ab"), answer(f, last, "cd")...), true)
	f.Add(append(answer(f, first, string(counted(200))), answer(f, last, string(counted(200)))...), true)
	call := Request{Header: Header{CallID: 7}, ContextID: 3}
	f.Fuzz(func(t *testing.T, data []byte, answers bool) {
		const limit = 256
		r := Reassembler{MaxStub: limit}
		if answers {
			r.Answers = &call
		}
		var ended error
		total := 0
		for {
			pdu, rest, err := Next(data)
			if err != nil {
				pdu = data // the reassembler gets what is no PDU as well
			}
			done, addErr := r.Add(pdu)
			if ended != nil {
				require.Equal(t, ended, addErr)
			}
			ended = addErr
			total += len(pdu)
			require.LessOrEqual(t, len(r.stub), min(limit, total))
			require.LessOrEqual(t, cap(r.stub), 4*limit)
			require.LessOrEqual(t, len(r.anomalies), maxNoted)
			if !done || addErr != nil {
				require.Nil(t, r.Stub())
			}
			if err != nil {
				return
			}
			data = rest
		}
	})
}
