package srvsvc

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestServerTypeText(t *testing.T) {
	seen := map[string]bool{}
	for bit := range 32 {
		v := ServerType(1) << bit
		text, err := v.MarshalText()
		require.NoError(t, err)
		require.False(t, seen[string(text)], string(text))
		seen[string(text)] = true
		var back ServerType
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, v, back)
	}
	for v, want := range map[ServerType]string{
		0: "0",
		ServerWorkstation | ServerServer | ServerDomainController: "SV_TYPE_WORKSTATION|SV_TYPE_SERVER|SV_TYPE_DOMAIN_CTRL",
		0x00809A03: "SV_TYPE_WORKSTATION|SV_TYPE_SERVER|SV_TYPE_PRINTQ_SERVER|SV_TYPE_XENIX_SERVER|SV_TYPE_NT|" +
			"SV_TYPE_SERVER_NT|SV_TYPE_DFS",
		0x88300000: "SV_TYPE_DOMAIN_ENUM|0x100000|0x200000|0x8000000",
	} {
		require.Equal(t, want, v.String())
		var back ServerType
		require.NoError(t, back.UnmarshalText([]byte(want)))
		require.Equal(t, v, back)
	}
	require.Equal(t, []string{"SV_TYPE_NT", "SV_TYPE_TERMINALSERVER"}, (ServerNT | ServerTerminal).Tokens())
	for _, text := range []string{"", "SV_TYPE_NONE", "0x8", "SV_TYPE_NT|SV_TYPE_SERVER", "SV_TYPE_NT|0"} {
		v := ServerType(7)
		require.ErrorIs(t, v.UnmarshalText([]byte(text)), ErrText, text)
		require.EqualValues(t, 7, v)
	}
}

// The constants and the table say the same.
func TestServerTypeConstants(t *testing.T) {
	for v, want := range map[ServerType]string{
		ServerWorkstation: "SV_TYPE_WORKSTATION", ServerServer: "SV_TYPE_SERVER", ServerSQL: "SV_TYPE_SQLSERVER",
		ServerDomainController: "SV_TYPE_DOMAIN_CTRL", ServerBackupController: "SV_TYPE_DOMAIN_BAKCTRL",
		ServerTimeSource: "SV_TYPE_TIME_SOURCE", ServerAFP: "SV_TYPE_AFP", ServerNovell: "SV_TYPE_NOVELL",
		ServerDomainMember: "SV_TYPE_DOMAIN_MEMBER", ServerPrintQueue: "SV_TYPE_PRINTQ_SERVER",
		ServerDialIn: "SV_TYPE_DIALIN_SERVER", ServerXenix: "SV_TYPE_XENIX_SERVER", ServerNT: "SV_TYPE_NT",
		ServerWFW: "SV_TYPE_WFW", ServerMFPN: "SV_TYPE_SERVER_MFPN", ServerNTServer: "SV_TYPE_SERVER_NT",
		ServerPotentialBrowser: "SV_TYPE_POTENTIAL_BROWSER", ServerBackupBrowser: "SV_TYPE_BACKUP_BROWSER",
		ServerMasterBrowser: "SV_TYPE_MASTER_BROWSER", ServerDomainMaster: "SV_TYPE_DOMAIN_MASTER",
		ServerWindows: "SV_TYPE_WINDOWS", ServerDFS: "SV_TYPE_DFS", ServerClusterNT: "SV_TYPE_CLUSTER_NT",
		ServerTerminal: "SV_TYPE_TERMINALSERVER", ServerClusterVSNT: "SV_TYPE_CLUSTER_VS_NT", ServerDCE: "SV_TYPE_DCE",
		ServerAlternateXport: "SV_TYPE_ALTERNATE_XPORT", ServerLocalListOnly: "SV_TYPE_LOCAL_LIST_ONLY",
		ServerDomainEnum: "SV_TYPE_DOMAIN_ENUM",
	} {
		require.Equal(t, want, v.String())
	}
}
