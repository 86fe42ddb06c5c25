//go:build linux

package livetest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A setup is a way to configure Samba that several tests use.
type setup struct {
	name   string
	host   string   // NetBIOS name, which is also what such a server's GUID spells
	global []string // lines of smb.conf's [global]
	speaks []string // what `smbclient -m` names the dialects that it negotiates
	denies []string // and those that it does not
}

// setups returns all of them. What smb.conf says about them was seen with smbclient of Samba 4.17.12.
func setups() []setup {
	smb2 := []string{"SMB2_02", "SMB2_10", "SMB3_00", "SMB3_02", "SMB3_11"}
	lanman := []string{"LANMAN1", "LANMAN2"}
	return []setup{
		{
			name: "A", host: "LAB-A",
			speaks: smb2, denies: []string{"NT1", "LANMAN2", "LANMAN1"},
		},
		{
			name: "B", host: "LAB-B",
			global: []string{"server min protocol = NT1"},
			speaks: append([]string{"NT1"}, smb2...), denies: lanman,
		},
		{
			name: "F", host: "LAB-F",
			global: []string{
				"server min protocol = LANMAN1",
				"server max protocol = NT1",
				"lanman auth = yes",
				"raw NTLMv2 auth = yes",
			},
			speaks: append([]string{"NT1"}, lanman...), denies: smb2,
		},
	}
}

// startSetup starts the setup of that name on ports 445, 139 and 8445.
func startSetup(t testing.TB, name string) *server {
	t.Helper()
	all := setups()
	i := slices.IndexFunc(all, func(s setup) bool { return s.name == name })
	require.GreaterOrEqual(t, i, 0, "no setup has the name %q", name)
	return startSamba(t, all[i].config())
}

// config returns the setup as a configuration, which a test may add to.
func (s setup) config() sambaConfig {
	return sambaConfig{Name: s.host, Global: s.global, Ports: []int{445, 139, 8445}}
}
