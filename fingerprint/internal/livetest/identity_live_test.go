//go:build linux

package livetest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// TestStackOfSamba holds that the stack fingerprint of a real smbd is the same after a restart, under another name and
// with other shares, and that its implementation part is the same with another configuration.
func TestStackOfSamba(t *testing.T) {
	requireLive(t)
	one := scan(t, startSamba(t, sambaConfig{Name: "FIRST"}).Target(), fingerprint.LevelFull)
	two := scan(t, startSamba(t, sambaConfig{Name: "OTHER-NAME", Shares: map[string]string{"more": "path = %folder"}}).Target(), fingerprint.LevelFull)
	require.Equal(t, one.Stack, two.Stack)
	require.NotEqual(t, one.NTLM.NetBIOSComputer, two.NTLM.NetBIOSComputer)
	for _, global := range [][]string{
		{"server signing = mandatory"}, {"server smb encrypt = off"}, {"server max protocol = SMB2_10"}, {"server min protocol = NT1"},
	} {
		other := scan(t, startSamba(t, sambaConfig{Name: "SET-UP", Global: global}).Target(), fingerprint.LevelQuick)
		require.Equal(t, strings.Split(one.Stack.Hash, "_")[2], strings.Split(other.Stack.Hash, "_")[2], global)
	}
}

// TestIdentityOfServers names the real servers of all setups, and states a version only where one was sent.
func TestIdentityOfServers(t *testing.T) {
	requireLive(t)
	for _, s := range setups() {
		t.Run(s.name, func(t *testing.T) {
			r := scan(t, startSetup(t, s.name).Target(), fingerprint.LevelStandard)
			require.Equal(t, "Samba", r.Identity.Product)
			require.Equal(t, report.RoleWorkgroup, r.Identity.Role)
			require.Empty(t, r.Identity.Contradictions)
			sent := strings.TrimPrefix(r.SMB1.NativeLANManager, "Samba ")
			require.Equal(t, sent, r.Identity.Version)
			require.Equal(t, r.SMB1.Supported == report.Yes, sent != "")
			for _, f := range r.Findings {
				require.False(t, strings.HasPrefix(f.ID, "samba-cve-") && sent == "", "a hole follows from a version that was read: %s", f.ID)
			}
		})
	}
	r := scan(t, startImpacket(t).Target(), fingerprint.LevelStandard)
	require.Equal(t, "Impacket smbserver", r.Identity.Product)
	require.Empty(t, r.Identity.Version)
}
