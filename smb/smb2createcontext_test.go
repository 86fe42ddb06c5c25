package smb

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
)

// contexts2 are two contexts: one of 32 bytes with data, and one with a name only.
const contexts2 = "20000000 1000 0400 0102 1800 08000000 4d784163 00000000 6162636465666768" +
	"00000000 1000 0400 0000 0000 00000000 51466964"

func TestSMB2CreateContexts(t *testing.T) {
	for range SMB2CreateContexts(nil) {
		t.Fatal("an empty list has no context")
	}
	var got []SMB2CreateContext
	for c, err := range SMB2CreateContexts(unhex(t, contexts2)) {
		require.NoError(t, err)
		got = append(got, c)
	}
	require.Equal(t, []SMB2CreateContext{
		{Reserved: 0x0201, Name: []byte("MxAc"), Data: []byte("abcdefgh")}, {Name: []byte("QFid")},
	}, got)
	for c := range SMB2CreateContexts(unhex(t, contexts2)) {
		require.Equal(t, "MxAc", string(c.Name))
		break
	}
}

func TestSMB2CreateContextsHostile(t *testing.T) {
	for _, c := range []struct {
		name   string
		at     int
		with   []byte
		before int
		field  string
		want   error
	}{
		{"names itself", 32, []byte{0, 0, 0, 0}, 2, "", nil},
		{"a bare one", 0, unhex(t, "10000000 0000 0000 0000 0000 00000000 10000000 0000 0000 0000 0000 00000000"), 3, "", nil},
		{"next inside itself", 0, []byte{8}, 0, "Next", wire.ErrFormat},
		{"next at the end", 0, []byte{52}, 0, "Next", wire.ErrOffset},
		{"next beyond the end", 0, []byte{0xFF, 0xFF, 0xFF, 0xFF}, 0, "Next", wire.ErrOffset},
		{"name over the next", 4, []byte{0x1D, 0}, 0, "Name", wire.ErrOffset},
		{"data over the next", 12, []byte{0xFF, 0xFF, 0xFF, 0xFF}, 0, "Data", wire.ErrOffset},
		{"data of the last over the end", 44, []byte{1}, 2, "", nil},
		{"name of the last over the end", 38, []byte{5}, 1, "Name", wire.ErrOffset},
		{"next just too near", 0, []byte{15}, 0, "Next", wire.ErrFormat},
		{"next cut", 0, []byte{48}, 1, "NameOffset", wire.ErrTruncated},
	} {
		count, last := 0, error(nil)
		for context, err := range SMB2CreateContexts(patched(unhex(t, contexts2), c.at, c.with...)) {
			require.NoError(t, last, "nothing follows an error")
			if last = err; err != nil {
				require.Zero(t, context)
				continue
			}
			count++
		}
		require.Equal(t, c.before, count, c.name)
		require.ErrorIs(t, last, c.want, c.name)
		var e *wire.ParseError
		if errors.As(last, &e) {
			require.Equal(t, c.field, e.Field, c.name)
		}
	}
}

// However the list is made, it ends, and what it gives lies inside it.
func FuzzSMB2CreateContexts(f *testing.F) {
	f.Add(unhex(f, contexts2))
	f.Fuzz(func(t *testing.T, list []byte) {
		count := 0
		for c, err := range SMB2CreateContexts(list) {
			var e *wire.ParseError
			require.True(t, err == nil || errors.As(err, &e))
			require.LessOrEqual(t, len(c.Name)+len(c.Data), 2*len(list))
			count++
		}
		require.LessOrEqual(t, count, len(list)/smb2CreateContextSize+1)
	})
}
