package ndr

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// In front of a result, an arm that cannot be read is nothing or a null pointer, and anything else stops the reader.
func TestUnknownArm(t *testing.T) {
	for _, c := range []struct {
		name, stub string
		result     uint32
		want       error
	}{
		{"nothing", "7c000000", 0x7C, nil},
		{"null pointer", "00000000 7c000000", 0x7C, nil},
		{"content", "00000200 7c000000", 0, wire.ErrFormat},
		{"more content", "00000200 01000000 02000000 00000000", 0, wire.ErrFormat},
		{"too little", "7c0000", 0, wire.ErrTruncated},
		{"empty", "", 0, wire.ErrTruncated},
	} {
		r := NewReader("call", wiretest.Hex(t, c.stub))
		r.UnknownArm("arm")
		require.Equal(t, c.result, r.U32("Result"), c.name)
		if c.want == nil {
			require.NoError(t, r.Err(), c.name)
			continue
		}
		require.ErrorIs(t, r.Err(), c.want, c.name)
	}
}
