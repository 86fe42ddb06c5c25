package smb_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb"
)

// The question is a context of its own without data, and an answer counts where the server could work it out.
func TestMaximalAccess(t *testing.T) {
	for c, err := range smb.SMB2CreateContexts(smb.SMB2QueryMaximalAccess()) {
		require.NoError(t, err)
		require.Equal(t, "MxAc", string(c.Name))
		require.Empty(t, c.Data)
	}
	answer := func(name string, data ...byte) []byte {
		head := []byte{0, 0, 0, 0, 16, 0, 4, 0, 0, 0, 24, 0, byte(len(data)), 0, 0, 0}
		return append(append(append(head, name...), 0, 0, 0, 0), data...)
	}
	tests := map[string]struct {
		contexts []byte
		access   smb.AccessMask
		ok       bool
	}{
		"none":      {nil, 0, false},
		"granted":   {answer("MxAc", 0, 0, 0, 0, 0xA9, 0, 0x12, 0), 0x001200A9, true},
		"not known": {answer("MxAc", 0x22, 0, 0, 0xC0, 0xFF, 0, 0, 0), 0xFF, false},
		"another":   {answer("QFid", 0, 0, 0, 0, 0xA9, 0, 0x12, 0), 0, false},
		"cut":       {answer("MxAc", 0, 0, 0, 0, 0xA9), 0, false},
		"garbage":   {[]byte{1, 2, 3}, 0, false},
	}
	for name, tt := range tests {
		access, ok := smb.SMB2CreateResponse{CreateContexts: tt.contexts}.MaximalAccess()
		require.Equal(t, tt.ok, ok, name)
		if ok {
			require.Equal(t, tt.access, access, name)
		}
	}
}
