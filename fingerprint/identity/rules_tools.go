package identity

import (
	"slices"
	"strings"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

const (
	sourceImpacket  = "impacket's smbserver.py"
	sourceRelay     = "impacket's smbrelayserver.py, and a capture of it"
	sourceResponder = "Responder's packets.py"
	sourceDionaea   = "dionaea's smb/include/smbfields.py and smb.py"
)

const guidOfImpacket = "41414141-4141-4141-4141-414141414141"

// dionaeaGUID is 0bff6538547e6c42a43e12d211971644 on the wire.
const dionaeaGUID = "3865ff0b-7e54-426c-a43e-12d211971644"

func toolRules() []rule {
	return []rule{
		{
			stack: stackImpacket, weight: 4, source: sourceImpacket, example: "impacket-0.10.0-smb2",
			sees: when("its GUID is sixteen times the letter A", func(t *traits) bool { return t.report.ServerGUID == guidOfImpacket }),
		},
		{
			stack: stackImpacket, weight: 4, source: sourceImpacket, example: "impacket-0.10.0-smb2",
			sees: when("its NTLM version is 255.255 build 65535", func(t *traits) bool { return t.isVersion(255, 255, 65535) }),
		},
		{
			stack: stackImpacket, weight: 2, source: sourceImpacket, example: "impacket-0.10.0-smb1",
			sees: when("its NTLM challenge is the constant aaaaaaaaaaaaaaaa", func(t *traits) bool {
				return t.challenged() && t.report.NTLM.ServerChallenge == "aaaaaaaaaaaaaaaa"
			}),
		},
		{
			stack: stackImpacket, weight: 1, source: sourceImpacket, example: "impacket-0.10.0-smb1",
			sees: when("the attributes of its challenge come in its own order", func(t *traits) bool {
				return t.orders(ntlmssp.AVNbComputerName, ntlmssp.AVDNSComputerName, ntlmssp.AVNbDomainName, ntlmssp.AVDNSDomainName, ntlmssp.AVTimestamp)
			}),
		},
		{
			stack: stackImpacket, weight: 1.5, source: sourceImpacket, example: "impacket-0.10.0-smb1",
			sees: when("its SMB1 numbers are those of Impacket", func(t *traits) bool { return t.numbers(1, 64000, 0x80000074) }),
		},
		{
			stack: stackNTLMRelayX, weight: 7, source: sourceRelay, example: `{"transports":[{"transport":"direct-tcp","outcome":"smb"}],"server_guid":"73557367-5573-6857-624d-756458566558","negotiated":[{"dialect":"2.0.2","transport":0}],"spnego":{"form":"NegTokenInit","mechanisms":[{"oid":"1.3.6.1.4.1.311.2.2.30","name":"NEGOEX"},{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]},"anomalies":[]}`,
			sees: when("its GUID is printable, and it takes 2.0.2 alone though it lists NEGOEX, which is newer", func(t *traits) bool {
				return (t.guid == guidPrintable || t.guid == guidName) && t.report.ServerGUID != guidOfImpacket && t.lists("NEGOEX", "NTLMSSP") &&
					t.best == smb.DialectSMB202.String()
			}),
		},
		{
			stack: stackResponder, weight: 5, source: sourceResponder, example: `{"transports":[{"transport":"direct-tcp","outcome":"smb"}],"negotiated":[{"dialect":"2.1","transport":0,"max_transact_size":1048576,"max_read_size":1048576,"max_write_size":1048576}],"ntlm":{"challenge":"yes","version":{"major":6,"minor":3,"build":9600,"revision":15}},"spnego":{"form":"NegTokenInit2","mechanisms":[{"oid":"1.2.840.48018.1.2.2","name":"MS-KRB5"},{"oid":"1.2.840.113554.1.2.2","name":"KRB5"},{"oid":"1.2.840.113554.1.2.2.3","name":"KRB5-U2U"},{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]}}`,
			sees: when("it calls itself Windows 8.1 without that one's mechanisms and with sizes of 1 MiB", func(t *traits) bool {
				return t.isVersion(6, 3, 9600) && lacksNEGOEX(t) && t.sizes(1<<20, 1<<20, 1<<20)
			}),
		},
		{
			stack: stackResponder, weight: 2, source: sourceResponder, example: `{"transports":[{"transport":"direct-tcp","outcome":"smb"}],"negotiated":[{"dialect":"2.1","transport":0}],"server_start_time":"2026-11-24T00:00:00Z","system_time":"2026-11-24T00:00:00Z","system_time_source":"smb2","ntlm":{"challenge":"yes","version":{"major":6,"minor":3,"build":9600,"revision":15}}}`,
			sees: when("it calls itself Windows 8.1 and says that it started the very moment it was asked", func(t *traits) bool {
				return t.isVersion(6, 3, 9600) && t.start() == startNow
			}),
		},
		{
			stack: stackResponder, weight: 3, source: sourceResponder,
			example: `{"smb1":{"native_os":"Windows Server 2003 3790 Service Pack 2","native_lan_manager":"Windows Server 2003 5.2"},"ntlm":{"challenge":"yes","version":{"major":6,"minor":3,"build":9600,"revision":15}}}`,
			sees: when("it calls itself Windows Server 2003 in SMB1 and Windows 8.1 in SMB2", func(t *traits) bool {
				system, _ := t.native()
				return t.isVersion(6, 3, 9600) && strings.HasPrefix(system, "Windows Server 2003 ")
			}),
		},
		{
			stack: stackResponder, weight: 2, source: sourceResponder + ": its Challenge by default", example: `{"ntlm":{"challenge":"yes","server_challenge":"1122334455667788"}}`,
			sees: when("its NTLM challenge is the constant 1122334455667788", func(t *traits) bool {
				return t.challenged() && t.report.NTLM.ServerChallenge == "1122334455667788"
			}),
		},
		{
			stack: stackDionaea, weight: 6, source: sourceDionaea, example: `{"server_guid":"3865ff0b-7e54-426c-a43e-12d211971644"}`,
			sees: when("its GUID is the constant of Dionaea", func(t *traits) bool { return t.report.ServerGUID == dionaeaGUID }),
		},
		{
			stack: stackDionaea, weight: 3, source: sourceDionaea, example: `{"smb1":{"supported":"yes","max_mpx":1,"max_buffer_size":4096,"max_raw_size":65536,"capabilities":["CAP_RAW_MODE","CAP_UNICODE","CAP_LARGE_FILES","CAP_NT_SMBS","CAP_RPC_REMOTE_APIS","CAP_STATUS32","CAP_LEVEL_II_OPLOCKS","CAP_LOCK_AND_READ","CAP_NT_FIND","CAP_INFOLEVEL_PASSTHRU","CAP_LARGE_READX","CAP_LARGE_WRITEX","CAP_EXTENDED_SECURITY"]}}`,
			sees: when("its SMB1 numbers are those of Dionaea", func(t *traits) bool { return t.numbers(1, 4096, 0x8000e3fd) }),
		},
		{
			stack: stackDionaea, weight: 2, source: sourceDionaea, example: `{"smb1":{"server_name":"HOMEUSER-3AF6FE"}}`,
			sees: when("its name is the one that Dionaea has by default", func(t *traits) bool {
				return t.report.SMB1 != nil && slices.Contains([]string{t.report.SMB1.ServerName, t.report.SMB1.PrimaryDomain}, "HOMEUSER-3AF6FE")
			}),
		},
	}
}
