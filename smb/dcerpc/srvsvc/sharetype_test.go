package srvsvc

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestShareTypeText(t *testing.T) {
	for v, want := range map[ShareType]string{
		0: "STYPE_DISKTREE", 1: "STYPE_PRINTQ", 2: "STYPE_DEVICE", 3: "STYPE_IPC", 4: "0x4", 0xFF: "0xff",
		ShareDiskTree | ShareSpecial:             "STYPE_DISKTREE|STYPE_SPECIAL",
		ShareIPC | ShareSpecial | ShareTemporary: "STYPE_IPC|STYPE_TEMPORARY|STYPE_SPECIAL",
		SharePrintQueue | ShareClusterFS | 0x100: "STYPE_PRINTQ|STYPE_CLUSTER_FS|0x100",
		ShareDevice | ShareClusterSOFS:           "STYPE_DEVICE|STYPE_CLUSTER_SOFS",
		ShareClusterDFS | 0x20000007:             "0x7|STYPE_CLUSTER_DFS|0x20000000",
	} {
		require.Equal(t, want, v.String())
		text, err := v.MarshalText()
		require.NoError(t, err)
		var back ShareType
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, v, back)
	}
	require.Equal(t, ShareIPC, (ShareIPC | ShareSpecial | 0x100).Kind())
	for v, want := range map[ShareType]uint32{
		ShareClusterFS: 0x02000000, ShareClusterSOFS: 0x04000000, ShareClusterDFS: 0x08000000,
		ShareTemporary: 0x40000000, ShareSpecial: 0x80000000,
	} {
		require.EqualValues(t, want, v)
	}
}

// One value has one text.
func TestNoShareType(t *testing.T) {
	for _, text := range []string{
		"", "0", "STYPE_SPECIAL", "STYPE_SPECIAL|STYPE_DISKTREE", "STYPE_DISKTREE|", "STYPE_DISKTREE|STYPE_DISKTREE",
		"STYPE_NONE", "0x3", "STYPE_IPC|0x80000000", "STYPE_DEVICE|STYPE_PRINTQ", "0x100000004", "stype_ipc", "-1",
	} {
		v := ShareType(7)
		require.ErrorIs(t, v.UnmarshalText([]byte(text)), ErrText, text)
		require.EqualValues(t, 7, v)
	}
}
