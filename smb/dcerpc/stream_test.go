package dcerpc

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func TestNext(t *testing.T) {
	one := wiretest.Hex(t, responses()["context 1"])
	two := wiretest.Hex(t, faults()["Windows"])
	both := append(append([]byte{}, one...), two...)

	pdu, rest, err := Next(both)
	require.NoError(t, err)
	require.Equal(t, one, pdu)
	require.Equal(t, two, rest)
	require.Equal(t, len(pdu), cap(pdu), "appending would overwrite the next PDU")
	pdu, rest, err = Next(rest)
	require.NoError(t, err)
	require.Equal(t, two, pdu)
	require.Empty(t, rest)

	for n := range one {
		pdu, rest, err := Next(both[:n])
		require.ErrorIs(t, err, wire.ErrTruncated)
		require.Nil(t, pdu)
		require.Equal(t, both[:n], rest)
	}
}

// What cannot be a PDU is told before the rest of it is waited for.
func TestNextErrors(t *testing.T) {
	for _, c := range []struct {
		msg  string
		want error
	}{
		{"fe", ErrNotPDU},
		{"05 00 02 03 00", wire.ErrTruncated},
		{"05 00 02 03 00000000", ErrDataRepresentation},
		{"05 00 02 03 10000000 0f", wire.ErrTruncated},
		{"05 00 02 03 10000000 0f00", wire.ErrFormat},
		{"05 00 02 03 10000000 0000 0000 00000000", wire.ErrFormat},
	} {
		b := wiretest.Hex(t, c.msg)
		pdu, rest, err := Next(b)
		require.ErrorIs(t, err, c.want, c.msg)
		require.Nil(t, pdu)
		require.Equal(t, b, rest)
	}
}

// However the bytes of a stream are split, the same PDUs come out, and no PDU is empty.
func FuzzNext(f *testing.F) {
	for _, s := range responses() {
		f.Add(wiretest.Hex(f, s), uint8(7))
	}
	f.Add(wiretest.Hex(f, responses()["context 1"]+faults()["Windows"]), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, step uint8) {
		whole, wholeErr := split(t, data, len(data))
		parts, partsErr := split(t, data, int(step)+1)
		require.Equal(t, whole, parts)
		require.Equal(t, errors.Is(wholeErr, wire.ErrTruncated), errors.Is(partsErr, wire.ErrTruncated))
	})
}

// split gives data to Next in steps of n bytes.
func split(t *testing.T, data []byte, n int) (out [][]byte, err error) {
	var b []byte
	for first := true; first || len(data) > 0; first = false {
		n := min(n, len(data))
		b, data = append(b, data[:n]...), data[n:]
		for {
			var pdu []byte
			if pdu, b, err = Next(b); err != nil {
				break
			}
			require.GreaterOrEqual(t, len(pdu), HeaderSize)
			out = append(out, append([]byte{}, pdu...))
		}
		if !errors.Is(err, wire.ErrTruncated) {
			return out, err
		}
		require.Less(t, len(b), 1<<16)
	}
	return out, err
}
