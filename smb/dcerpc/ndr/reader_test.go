package ndr_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// A count that an int of 32 bits cannot hold must not look like an empty list. What this guards shows with GOARCH=386
// alone; with 64 bits the counts are what they are.
func TestCountsOfAllSizes(t *testing.T) {
	for _, stub := range []string{"00000080", "ffffffff", "ffffff7f"} {
		r := ndr.NewReader("call", wiretest.Hex(t, stub))
		require.GreaterOrEqual(t, r.Len32("count"), math.MaxInt32, stub)
		require.NoError(t, r.Err())
	}
	r := ndr.NewReader("call", wiretest.Hex(t, "ff 000000 05000000"))
	r.U8("before")
	require.Equal(t, 5, r.Len32("count"))
	require.Zero(t, r.Len32("behind the end"))
	require.ErrorIs(t, r.Err(), wire.ErrTruncated)
}

// A SID that ends too early is truncated, as any other value is; one with more than fifteen sub-authorities is malformed
// even where its bytes are all there.
func TestSIDKinds(t *testing.T) {
	whole := wiretest.Hex(t, "05000000 01 05 000000000005 15000000 01000000 02000000 03000000 f4010000")
	for n := range whole {
		r := ndr.NewReader("call", whole[:n])
		require.Equal(t, dtyp.SID{}, r.SID("Sid"))
		require.ErrorIs(t, r.Err(), wire.ErrTruncated, n)
	}
	r := ndr.NewReader("call", whole)
	require.Equal(t, "S-1-5-21-1-2-3-500", r.SID("Sid").String())
	r.End()
	require.NoError(t, r.Err())
	require.Empty(t, r.Anomalies())

	many := append(wiretest.Hex(t, "10000000 01 10 000000000005"), make([]byte, 64)...)
	r = ndr.NewReader("call", many)
	r.SID("Sid")
	require.ErrorIs(t, r.Err(), wire.ErrFormat)

	many[0], many[5] = 15, 15
	r = ndr.NewReader("call", many)
	require.Len(t, r.SID("Sid").SubAuthority, 15)
	require.NoError(t, r.Err())

	none := ndr.NewReader("call", wiretest.Hex(t, "00000000 01 00 000000000005"))
	require.Equal(t, "S-1-5", none.SID("Sid").String())
	require.NoError(t, none.Err())

	w := ndr.NewWriter("call", []byte("before"))
	w.SID("Sid", dtyp.SID{SubAuthority: make([]uint32, 16)})
	b, err := w.Result()
	require.ErrorIs(t, err, wire.ErrTooLong)
	require.Equal(t, "before", string(b))
}

// What stands between two texts of odd length, and behind the first failure, changes nothing.
func TestTextsInARow(t *testing.T) {
	stub := wiretest.Hex(t, `0600 0800 00000200 0000 0200 00000000 0200 0200 01000000
		04000000 00000000 03000000 6100 3dd8 8ade ffff
		01000000 00000000 01000000 0ddc`)
	r := ndr.NewReader("call", stub)
	first, second, third := r.UnicodeString("first"), r.UnicodeString("second"), r.UnicodeString("third")
	require.Equal(t, ndr.StringHeader{Length: 6, MaximumLength: 8, Referent: true}, first)
	require.Equal(t, "a\U0001F68A", r.UnicodeText("first", first).String())
	require.Nil(t, r.UnicodeText("second", second))
	require.Equal(t, `\uDC0D`, r.UnicodeText("third", third).String())
	r.End()
	require.NoError(t, r.Err())
	require.Empty(t, r.Anomalies())

	r.U32("more")
	require.ErrorIs(t, r.Err(), wire.ErrTruncated)
	require.Nil(t, r.UnicodeText("first", first))
	require.Nil(t, r.String("text"))
	require.Equal(t, dtyp.SID{}, r.SID("Sid"))
	require.True(t, r.Handle("handle").IsZero())
	require.False(t, r.Pointer("pointer"))
	require.Empty(t, r.Anomalies())
}

// The counts of one text of three 16-bit characters, wrong in each way.
func TestTextCounts(t *testing.T) {
	for name, c := range map[string]struct {
		counts string
		text   string
		odd    []string
		err    error
	}{
		"right":               {"03000000 00000000 03000000", "abc", nil, nil},
		"room for more":       {"ffffffff 00000000 03000000", "abc", nil, nil},
		"room for less":       {"02000000 00000000 03000000", "abc", []string{"Name: maximum count 2, offset 0, actual count 3"}, nil},
		"an offset":           {"03000000 01000000 03000000", "abc", []string{"Name: maximum count 3, offset 1, actual count 3"}, nil},
		"less than said":      {"03000000 00000000 02000000", "ab", []string{"Name: length 6 of a text of 4 bytes"}, nil},
		"more than there is":  {"04000000 00000000 04000000", "", nil, wire.ErrTruncated},
		"2^31":                {"00000080 00000000 00000080", "", nil, wire.ErrTruncated},
		"2^31 + 3 as product": {"03000080 00000000 03000080", "", nil, wire.ErrTruncated},
		"all ones":            {"ffffffff 00000000 ffffffff", "", nil, wire.ErrTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			r := ndr.NewReader("call", wiretest.Hex(t, "0600 0600 00000200"+c.counts+"6100 6200 6300"))
			text := r.UnicodeText("Name", r.UnicodeString("Name"))
			if c.err != nil {
				require.ErrorIs(t, r.Err(), c.err)
				require.Nil(t, text)
				return
			}
			require.NoError(t, r.Err())
			require.Equal(t, c.text, text.String())
			require.Equal(t, c.odd, wiretest.Odd(r.Anomalies()))
		})
	}
}
