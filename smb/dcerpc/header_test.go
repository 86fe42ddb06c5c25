package dcerpc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// patched returns a copy of msg with other bytes at an offset.
func patched(msg []byte, offset int, b ...byte) []byte {
	out := append([]byte{}, msg...)
	copy(out[offset:], b)
	return out
}

const shutdown = "05 00 11 03 10000000 1000 0000 04030201"

func TestHeader(t *testing.T) {
	msg := wiretest.Hex(t, shutdown)
	h := wiretest.RoundTrip(t, ParseHeader, msg)
	require.Equal(t, Header{Type: PDUShutdown, Flags: PFCWhole, DRep: DataRep{0x10}, FragLength: 16, CallID: 0x01020304}, h)
	wiretest.Prefixes(t, ParseHeader, msg)
	wiretest.RoundTrip(t, ParseHeader, wiretest.Hex(t, "05 01 55 ff 11020304 ffff feff 04030201"))
	wiretest.Allocs(t, 0, func() {
		if _, err := ParseHeader(msg); err != nil {
			t.Fail()
		}
	})

	// The zero data representation builds a little-endian header.
	got, err := Header{Type: PDUShutdown, Flags: PFCWhole, FragLength: 16, CallID: 0x01020304}.AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, msg, got)
	for _, h := range []Header{{FragLength: 1 << 16}, {AuthLength: 1 << 16}, {FragLength: -1}} {
		_, err := h.AppendBinary(nil)
		require.ErrorIs(t, err, wire.ErrTooLong)
	}
	_, err = Header{DRep: DataRep{0, 1}}.AppendBinary(nil)
	require.ErrorIs(t, err, ErrDataRepresentation)
}

func TestHeaderErrors(t *testing.T) {
	for _, c := range []struct {
		name, msg string
		want      error
		is        bool // what IsPDU says
	}{
		{"empty", "", wire.ErrTruncated, false},
		{"one byte of another protocol", "ff", ErrNotPDU, false},
		{"connectionless", "04 00 00 00 10000000 1000 0000 04030201", ErrNotPDU, false},
		{"SMB2", "fe534d42 40000000 00000000 00000000", ErrNotPDU, false},
		{"big-endian", "05 00 02 03 00000000 0018 0000 00000001", ErrDataRepresentation, true},
		{"big-endian, known early", "05 00 02 03 00", wire.ErrTruncated, false},
		{"big-endian, known early", "05 00 02 03 00000000", ErrDataRepresentation, false},
		{"no byte order", "05 00 02 03 20000000 1000 0000 01000000", ErrDataRepresentation, false},
		{"shorter than its header", "05 00 02 03 10000000 0f00 0000 01000000", wire.ErrFormat, false},
		{"big-endian and shorter", "05 00 02 03 00000000 000f 0000 00000001", ErrDataRepresentation, false},
		{"unknown type", "05 00 15 03 10000000 1000 0000 01000000", nil, false},
		{"minor version 2", "05 02 02 03 10000000 1000 0000 01000000", nil, false},
		{"minor version 1", "05 01 02 03 10000000 1000 0000 01000000", nil, true},
		{"the rest is to come", "05 00 14 03 10000000 ffff 0000 01000000", nil, true},
	} {
		msg := wiretest.Hex(t, c.msg)
		h, err := ParseHeader(msg)
		require.ErrorIs(t, err, c.want, c.name)
		if c.want != nil {
			require.Zero(t, h, c.name)
		}
		require.Equal(t, c.is, IsPDU(msg), c.name)
	}
}

// What all PDUs have in common is tested with the smallest of them.
func TestOpenPDU(t *testing.T) {
	whole := wiretest.Hex(t, requests()["no stub"])
	for name, c := range map[string]struct {
		msg  []byte
		want error
	}{
		"another type":       {patched(whole, 2, byte(PDUResponse)), ErrPDUType},
		"connectionless":     {patched(whole, 0, 4), ErrNotPDU},
		"big-endian":         {patched(whole, 4, 0), ErrDataRepresentation},
		"one byte too long":  {patched(whole, 8, 25), wire.ErrTruncated},
		"far too long":       {patched(whole, 8, 0xFF, 0xFF), wire.ErrTruncated},
		"ends in its body":   {patched(whole, 8, 23), wire.ErrTruncated},
		"ends in its header": {patched(whole, 8, 15), wire.ErrFormat},
	} {
		r, err := ParseRequest(c.msg)
		require.ErrorIs(t, err, c.want, name)
		require.Zero(t, r, name)
	}
	r, err := ParseRequest(append(whole, 1, 2, 3))
	require.NoError(t, err)
	require.Nil(t, r.Stub)
	require.Equal(t, []string{"trailing bytes: 3 bytes follow the message"}, wiretest.Odd(r.Anomalies))
	r, err = ParseRequest(patched(whole, 4, 0x11, 2, 3, 4))
	require.NoError(t, err)
	require.Equal(t, []string{"packed_drep: 11 02 03 04, should be 10 00 00 00"}, wiretest.Odd(r.Anomalies))
	wiretest.RoundTrip(t, ParseRequest, patched(whole, 4, 0x11, 2, 3, 4))
}

func FuzzParseHeader(f *testing.F) {
	f.Add(wiretest.Hex(f, shutdown))
	f.Add(wiretest.Hex(f, "05 00 02 03 00000000 0018 0000 00000001"))
	f.Fuzz(func(t *testing.T, data []byte) {
		wiretest.Stable(t, ParseHeader, data)
		if _, err := ParseHeader(data); err != nil && IsPDU(data) {
			require.ErrorIs(t, err, ErrDataRepresentation)
		}
	})
}
