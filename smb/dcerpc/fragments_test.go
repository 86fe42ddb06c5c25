package dcerpc

import (
	"bytes"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// counted returns n bytes that differ from their neighbours.
func counted(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8)
	}
	return b
}

// pdus collects PDUs that are built without an error.
func pdus(t testing.TB, seq iter.Seq2[[]byte, error]) [][]byte {
	var out [][]byte
	for pdu, err := range seq {
		require.NoError(t, err)
		out = append(out, pdu)
	}
	return out
}

func TestFragments(t *testing.T) {
	for _, c := range []struct {
		name      string
		stub, max int
		flags     PFCFlags
		sizes     []int // of the stubs
	}{
		{"nothing", 0, 0, 0, []int{0}},
		{"one byte", 1, 0, 0, []int{1}},
		{"exactly one PDU", 4256, 0, 0, []int{4256}},
		{"one byte more", 4257, 0, 0, []int{4256, 1}},
		{"the negative default", 4257, -1, 0, []int{4256, 1}},
		{"with an object", 4256, 0, PFCObjectUUID, []int{4240, 16}},
		{"an odd limit", 20, 24 + 15, 0, []int{8, 8, 4}},
		{"the last one is full", 24, 24 + 8, 0, []int{8, 8, 8}},
		{"the largest PDU there is", 70000, 1 << 20, 0, []int{65504, 4496}},
		{"flags of the caller", 9, 32, PFCConcMpx | PFCLastFrag, []int{8, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			stub := counted(c.stub)
			object := dtyp.GUID{1, 2, 3}
			call := Request{
				Header: Header{CallID: 7, Flags: c.flags}, AllocHint: 1, ContextID: 3, Opnum: 15, Object: object, Stub: stub,
			}
			var sizes []int
			var got []byte
			reader := Reassembler{}
			all := pdus(t, Fragments(call, c.max))
			for i, pdu := range all {
				r, err := ParseRequest(pdu)
				require.NoError(t, err)
				require.Nil(t, r.Anomalies)
				require.Equal(t, i == 0, r.Header.Flags&PFCFirstFrag != 0)
				require.Equal(t, i == len(all)-1, r.Header.Flags&PFCLastFrag != 0)
				require.Equal(t, c.flags&^PFCWhole, r.Header.Flags&^PFCWhole)
				require.Equal(t, uint32(c.stub-len(got)), r.AllocHint)
				require.Equal(t, []any{uint32(7), uint16(3), uint16(15)}, []any{r.Header.CallID, r.ContextID, r.Opnum})
				if c.flags&PFCObjectUUID != 0 {
					require.Equal(t, object, r.Object)
				}
				sizes = append(sizes, len(r.Stub))
				got = append(got, r.Stub...)
				done, err := reader.Add(pdu)
				require.NoError(t, err)
				require.Equal(t, i == len(all)-1, done)
			}
			require.Equal(t, c.sizes, sizes)
			require.True(t, bytes.Equal(stub, got))
			require.True(t, bytes.Equal(stub, reader.Stub()))
		})
	}
}

func TestFragmentsErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		call Request
		max  int
		want error
	}{
		{"no room", Request{}, 31, wire.ErrTooLong},
		{"no room at all", Request{}, 1, wire.ErrTooLong},
		{"no room beside the object", Request{Header: Header{Flags: PFCObjectUUID}}, 47, wire.ErrTooLong},
		{"a verifier", Request{Auth: Auth{Value: []byte{1}}}, 0, wire.ErrFormat},
		{"big-endian", Request{Header: Header{DRep: DataRep{0, 1}}, Stub: counted(9000)}, 0, ErrDataRepresentation},
	} {
		n := 0
		for pdu, err := range Fragments(c.call, c.max) {
			n++
			require.ErrorIs(t, err, c.want, c.name)
			require.Empty(t, pdu, c.name)
		}
		require.Equal(t, 1, n, c.name)
	}
}

// The sequence ends when the caller breaks, gives the same PDUs again, and leaves the caller's stub alone.
func TestFragmentsAgain(t *testing.T) {
	stub := counted(100)
	seq := Fragments(Request{Stub: stub}, 32)
	for range seq {
		break
	}
	first := pdus(t, seq)
	require.Len(t, first, 13)
	require.Equal(t, first, pdus(t, seq))
	clear(first[0])
	require.Equal(t, counted(100), stub)
}
