package srvsvc

import "github.com/smbscope/smbscope/smb/wire"

// A ServerType is the set of roles and services that a server announces, as described in [MS-SRVS] 2.2.2.7. It is
// what the software says of itself: Samba 4.17.12 has SV_TYPE_NT and SV_TYPE_SERVER_NT beside SV_TYPE_XENIX_SERVER.
type ServerType uint32

// The bits of [MS-SRVS] 2.2.2.7.
const (
	ServerWorkstation      ServerType = 0x00000001
	ServerServer           ServerType = 0x00000002
	ServerSQL              ServerType = 0x00000004
	ServerDomainController ServerType = 0x00000008
	ServerBackupController ServerType = 0x00000010
	ServerTimeSource       ServerType = 0x00000020
	ServerAFP              ServerType = 0x00000040
	ServerNovell           ServerType = 0x00000080
	ServerDomainMember     ServerType = 0x00000100
	ServerPrintQueue       ServerType = 0x00000200
	ServerDialIn           ServerType = 0x00000400
	ServerXenix            ServerType = 0x00000800
	ServerNT               ServerType = 0x00001000
	ServerWFW              ServerType = 0x00002000
	ServerMFPN             ServerType = 0x00004000
	ServerNTServer         ServerType = 0x00008000
	ServerPotentialBrowser ServerType = 0x00010000
	ServerBackupBrowser    ServerType = 0x00020000
	ServerMasterBrowser    ServerType = 0x00040000
	ServerDomainMaster     ServerType = 0x00080000
	ServerWindows          ServerType = 0x00400000
	ServerDFS              ServerType = 0x00800000
	ServerClusterNT        ServerType = 0x01000000
	ServerTerminal         ServerType = 0x02000000
	ServerClusterVSNT      ServerType = 0x04000000
	ServerDCE              ServerType = 0x10000000
	ServerAlternateXport   ServerType = 0x20000000
	ServerLocalListOnly    ServerType = 0x40000000
	ServerDomainEnum       ServerType = 0x80000000
)

var serverTypes = []wire.FlagName{
	{Bit: 0x00000001, Token: "SV_TYPE_WORKSTATION"},
	{Bit: 0x00000002, Token: "SV_TYPE_SERVER"},
	{Bit: 0x00000004, Token: "SV_TYPE_SQLSERVER"},
	{Bit: 0x00000008, Token: "SV_TYPE_DOMAIN_CTRL"},
	{Bit: 0x00000010, Token: "SV_TYPE_DOMAIN_BAKCTRL"},
	{Bit: 0x00000020, Token: "SV_TYPE_TIME_SOURCE"},
	{Bit: 0x00000040, Token: "SV_TYPE_AFP"},
	{Bit: 0x00000080, Token: "SV_TYPE_NOVELL"},
	{Bit: 0x00000100, Token: "SV_TYPE_DOMAIN_MEMBER"},
	{Bit: 0x00000200, Token: "SV_TYPE_PRINTQ_SERVER"},
	{Bit: 0x00000400, Token: "SV_TYPE_DIALIN_SERVER"},
	{Bit: 0x00000800, Token: "SV_TYPE_XENIX_SERVER"},
	{Bit: 0x00001000, Token: "SV_TYPE_NT"},
	{Bit: 0x00002000, Token: "SV_TYPE_WFW"},
	{Bit: 0x00004000, Token: "SV_TYPE_SERVER_MFPN"},
	{Bit: 0x00008000, Token: "SV_TYPE_SERVER_NT"},
	{Bit: 0x00010000, Token: "SV_TYPE_POTENTIAL_BROWSER"},
	{Bit: 0x00020000, Token: "SV_TYPE_BACKUP_BROWSER"},
	{Bit: 0x00040000, Token: "SV_TYPE_MASTER_BROWSER"},
	{Bit: 0x00080000, Token: "SV_TYPE_DOMAIN_MASTER"},
	{Bit: 0x00400000, Token: "SV_TYPE_WINDOWS"},
	{Bit: 0x00800000, Token: "SV_TYPE_DFS"},
	{Bit: 0x01000000, Token: "SV_TYPE_CLUSTER_NT"},
	{Bit: 0x02000000, Token: "SV_TYPE_TERMINALSERVER"},
	{Bit: 0x04000000, Token: "SV_TYPE_CLUSTER_VS_NT"},
	{Bit: 0x10000000, Token: "SV_TYPE_DCE"},
	{Bit: 0x20000000, Token: "SV_TYPE_ALTERNATE_XPORT"},
	{Bit: 0x40000000, Token: "SV_TYPE_LOCAL_LIST_ONLY"},
	{Bit: 0x80000000, Token: "SV_TYPE_DOMAIN_ENUM"},
}

// String prints the bits as "A|B|0x100000", and zero as "0".
func (t ServerType) String() string { return wire.FlagString(uint64(t), serverTypes) }

// Tokens returns the specification's token of each bit.
func (t ServerType) Tokens() []string { return wire.FlagTokens(uint64(t), serverTypes) }

// MarshalText writes what String prints.
func (t ServerType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText writes. Errors match ErrText.
func (t *ServerType) UnmarshalText(text []byte) error {
	return unmarshal(text, t, func(token string) (ServerType, bool) {
		bit, ok := flag(token, serverTypes)
		return ServerType(bit), ok
	})
}
