package identity

import (
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

const (
	sourceKSMBD      = "ksmbd's smb2pdu.c, auth.c and smb2ops.c, and ksmbd.conf's manual page"
	sourceMacCapture = "a capture of one Mac, OISF-suricata-verify__smb-length-5786.pcap"
	sourceIllumos    = "illumos-gate's smbsrv/smb2_negotiate.c and smbd_ntlmssp.c"
	sourceLikewise   = "likewise-open's srvsvc/server, which OneFS was made of"
	sourceSMBLibrary = "SMBLibrary's SMBLibrary/Server"
	sourceLibsmb2    = "libsmb2's lib/libsmb2.c and lib/ntlmssp.c of 2026"
	sourceFUSET      = "macos-fuse-t/go-smb2's server and internal/ntlm"
	sourceNode       = "node-smb-server's lib/smb2/cmd/negotiate.js and lib/common.js"
	sourceRecog      = "recog's smb_native_os.xml and smb_native_lm.xml"
)

// allEqualNames tells whether the first four attributes of a challenge hold one name.
func allEqualNames(t *traits) bool {
	n := t.report.NTLM
	return t.challenged() && n.NetBIOSComputer != "" && n.NetBIOSComputer == n.NetBIOSDomain && n.NetBIOSComputer == n.DNSComputer &&
		n.NetBIOSComputer == n.DNSDomain
}

var plainOrder = [...]ntlmssp.AVID{ntlmssp.AVNbComputerName, ntlmssp.AVNbDomainName, ntlmssp.AVDNSComputerName, ntlmssp.AVDNSDomainName}

func systemRules() []rule {
	return []rule{
		{
			stack: stackKSMBD, weight: 3, source: sourceKSMBD,
			example: `{"ntlm":{"challenge":"yes","netbios_computer":"KSMBD SERVER","netbios_domain":"KSMBD SERVER","dns_computer":"KSMBD SERVER","dns_domain":"KSMBD SERVER","av_pairs":[{"id":1},{"id":2},{"id":3},{"id":4}]}}`,
			sees: when("its challenge has no version, no time, and one name four times", func(t *traits) bool {
				return t.hasNoVersion() && t.orders(plainOrder[:]...) && allEqualNames(t)
			}),
		},
		{
			stack: stackKSMBD, weight: 2.5, source: sourceKSMBD, example: `{"spnego":{"form":"NegTokenInit2","hint":"not_defined_in_RFC4178@please_ignore","mechanisms":[{"oid":"1.2.840.113554.1.2.2","name":"KRB5"},{"oid":"1.2.840.48018.1.2.2","name":"MS-KRB5"},{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]}}`,
			sees: when("it lists KRB5 before MS-KRB5", func(t *traits) bool { return t.lists("KRB5", "MS-KRB5", "NTLMSSP") }),
		},
		{
			stack: stackKSMBD, weight: 1.4, source: sourceKSMBD, example: `{"server_guid":"00000000-0000-0000-0000-000000000000","negotiated":[{"dialect":"3.1.1","transport":0}],"transports":[{"transport":"direct-tcp","outcome":"smb"}]}`,
			sees: when("its GUID is zero and it takes SMB2 above 2.0.2", func(t *traits) bool {
				_, above := t.above202()
				return t.guid == guidZero && above
			}),
		},
		{
			stack: stackKSMBD, weight: 1.4, source: sourceKSMBD, example: `{"transports":[{"transport":"direct-tcp","outcome":"smb"}],"negotiated":[{"dialect":"3.1.1","transport":0,"max_transact_size":1048576,"max_read_size":4194304,"max_write_size":4194304}]}`,
			sees: when("it transacts 1 MiB and reads and writes 4 MiB", func(t *traits) bool { return t.sizes(1<<20, 4<<20, 4<<20) }),
		},
		{
			stack: stackKSMBD, weight: 4, source: sourceKSMBD, example: `{"smb1":{"native_os":"Unix","native_lan_manager":"ksmbd"}}`,
			sees: when("its LAN manager string is ksmbd", func(t *traits) bool {
				_, manager := t.native()
				return manager == "ksmbd"
			}),
		},
		{
			stack: stackKSMBD, weight: 3, source: "sightings of negotiate.Behaviours",
			example: `{"probes":[{"id":"behaviour-no-contexts","result":"refused","status":"STATUS_INSUFFICIENT_RESOURCES"}]}`,
			sees: when("it refuses 3.1.1 without contexts with STATUS_INSUFFICIENT_RESOURCES", func(t *traits) bool {
				return t.probe("behaviour-no-contexts").Status == dtyp.StatusInsufficientResources.String()
			}),
		},
		{
			stack: stackMacOS, weight: 4, source: sourceMacCapture, example: "OISF-suricata-verify__smb-length-5786.pcap#0",
			sees: when("it lists Heimdal's mechanisms with the one for local KDCs", func(t *traits) bool { return t.mentions("APPLE-LKDC") }),
		},
		{
			stack: stackMacOS, weight: 1.4, source: sourceMacCapture, example: "OISF-suricata-verify__smb-length-5786.pcap#0",
			sees: when("all of its maximum sizes are 4 MiB", func(t *traits) bool { return t.sizes(4<<20, 4<<20, 4<<20) }),
		},
		{
			stack: stackMacOS, weight: 1.5, source: sourceMacCapture, example: `{"ntlm":{"challenge":"yes","version":{"major":6,"minor":1,"build":7600,"revision":15},"dns_domain":"local","av_pairs":[{"id":1},{"id":2},{"id":3},{"id":4},{"id":7}]}}`,
			sees: when("its NTLM version is 6.1 build 7600 with the attributes in another order than Windows", func(t *traits) bool {
				return t.isVersion(6, 1, 7600) && t.orders(append(plainOrder[:len(plainOrder):len(plainOrder)], ntlmssp.AVTimestamp)...)
			}),
		},
		{
			stack: stackMacOSX, weight: 16, source: sourceRecog, example: `{"smb1":{"native_os":"Unix","native_lan_manager":"Samba 3.0.28a-apple"}}`,
			sees: when("its Samba is Apple's", func(t *traits) bool {
				return strings.HasSuffix(sambaVersion(t), "-apple")
			}),
		},
		{
			stack: stackIllumos, weight: 2.5, source: sourceIllumos, example: `{"transports":[{"transport":"direct-tcp","outcome":"smb"}],"server_start_time":"2026-01-01T00:00:00Z","system_time":"2026-11-24T00:00:00Z","system_time_source":"smb2","negotiated":[{"dialect":"3.0","transport":0}],"ntlm":{"challenge":"yes","av_pairs":[{"id":1},{"id":2},{"id":3},{"id":4}]}}`,
			sees: when("its challenge has no version and no time, and it tells when it started", func(t *traits) bool {
				return t.hasNoVersion() && t.orders(plainOrder[:]...) && t.start() == startSet
			}),
		},
		{
			stack: stackIllumos, weight: 1.5, source: sourceIllumos, example: `{"transports":[{"transport":"direct-tcp","outcome":"smb"}],"negotiated":[{"dialect":"3.0","transport":0,"max_transact_size":65536,"max_read_size":65536,"max_write_size":65536,"capabilities":["SMB2_GLOBAL_CAP_DFS","SMB2_GLOBAL_CAP_LEASING","SMB2_GLOBAL_CAP_LARGE_MTU"]}]}`,
			sees: when("all of its maximum sizes are 64 KiB above 2.0.2, and yet it can more than one credit a request", func(t *traits) bool {
				return t.sizes(64<<10, 64<<10, 64<<10) && t.capability(smb.CapLargeMTU.Tokens()[0])
			}),
		},
		{
			stack: stackLikewise, weight: 4, source: sourceLikewise, example: `{"null_session":{"server_info":{"status":"STATUS_SUCCESS","comment":"Likewise CIFS"}}}`,
			sees: when("it describes itself as Likewise CIFS", func(t *traits) bool {
				n := t.report.NullSession
				return n != nil && n.ServerInfo != nil && n.ServerInfo.Comment == "Likewise CIFS"
			}),
		},
		{
			stack: stackSMBLibrary, weight: 6, source: sourceSMBLibrary, example: `{"transports":[{"transport":"direct-tcp","outcome":"smb"}],"negotiated":[{"dialect":"2.1","transport":0}],"ntlm":{"challenge":"yes","version":{"major":5,"minor":2,"build":3790,"revision":15}}}`,
			sees: when("its NTLM version is 5.2 build 3790 though it speaks SMB2, which no such Windows does", func(t *traits) bool {
				return t.isVersion(5, 2, 3790) && t.best != ""
			}),
		},
		{
			stack: stackSMBLibrary, weight: 1, source: sourceSMBLibrary, example: `{"transports":[{"transport":"direct-tcp","outcome":"smb"}],"negotiated":[{"dialect":"2.1","transport":0,"capabilities":["SMB2_GLOBAL_CAP_LARGE_MTU"],"max_transact_size":1048576,"max_read_size":1048576,"max_write_size":1048576}]}`,
			sees: when("its sizes are 1 MiB and its one capability is LARGE_MTU", func(t *traits) bool {
				return t.sizes(1<<20, 1<<20, 1<<20) && t.capabilities(t.best, smb.CapLargeMTU.Tokens()...)
			}),
		},
		{
			stack: stackLibsmb2, weight: 5, source: sourceLibsmb2, example: `{"ntlm":{"challenge":"yes","server_challenge":"0102030405060708"}}`,
			sees: when("its NTLM challenge is the constant 0102030405060708", func(t *traits) bool {
				return t.challenged() && t.report.NTLM.ServerChallenge == "0102030405060708"
			}),
		},
		{
			stack: stackLibsmb2, weight: 1.5, source: sourceLibsmb2, example: `{"ntlm":{"challenge":"yes","version":{"major":6,"minor":1,"build":0,"revision":15},"flags":["NTLMSSP_NEGOTIATE_UNICODE","NTLM_NEGOTIATE_OEM"]}}`,
			sees: when("its NTLM version is 6.1 build 0, and it takes UNICODE and OEM at once", func(t *traits) bool {
				return t.isVersion(6, 1, 0) && t.flag("NTLMSSP_NEGOTIATE_UNICODE") && t.flag("NTLM_NEGOTIATE_OEM")
			}),
		},
		{
			stack: stackFUSET, weight: 4, source: sourceFUSET, example: `{"ntlm":{"challenge":"yes","av_pairs":[{"id":7},{"id":3},{"id":4},{"id":1},{"id":2}]}}`,
			sees: when("the attributes of its challenge begin with the time", func(t *traits) bool {
				return t.orders(ntlmssp.AVTimestamp, ntlmssp.AVDNSComputerName, ntlmssp.AVDNSDomainName, ntlmssp.AVNbComputerName, ntlmssp.AVNbDomainName)
			}),
		},
		{
			stack: stackNode, weight: 6, source: sourceNode, example: `{"smb1":{"native_os":"Darwin 15.6.0","native_lan_manager":"node-smb-server"}}`,
			sees: when("its LAN manager string is node-smb-server", func(t *traits) bool {
				_, manager := t.native()
				return manager == "node-smb-server"
			}),
		},
		{
			stack: stackNode, weight: 3, source: sourceNode, example: `{"transports":[{"transport":"direct-tcp","outcome":"smb"}],"spnego":{"form":"empty"},"negotiated":[{"dialect":"2.0.2","transport":0,"security_mode":[]}]}`,
			sees: when("it cannot sign, which every SMB2 server must, and lists no mechanism", func(t *traits) bool {
				row, ok := t.top()
				return ok && len(row.SecurityMode) == 0 && t.report.SPNEGO != nil && t.report.SPNEGO.Form == "empty"
			}),
		},
		{
			stack: stackJFileServer, weight: 6, source: "jfileserver's EnterpriseSMBAuthenticator.java and LanManProtocolHandler.java", example: `{"smb1":{"native_os":"Java","native_lan_manager":"Java File Server 4.0.5"}}`,
			sees: when("its LAN manager string is that of the Java File Server", func(t *traits) bool {
				_, manager := t.native()
				return strings.HasPrefix(manager, "Java File Server")
			}),
		},
		{
			stack: stackKSMBD, weight: -3, source: sourceKSMBD + ": it knows no GMAC", example: "samba-4.17.12-default",
			sees: when("it signs with AES-GMAC, which ksmbd cannot", func(t *traits) bool { return t.signs("AES-GMAC") == report.Yes }),
		},
		{
			stack: stackKSMBD, weight: 0.5, source: sourceKSMBD, example: `{"transports":[{"transport":"direct-tcp","outcome":"smb"}],"negotiated":[{"dialect":"3.1.1","transport":0,"contexts":[{"type":"SMB2_PREAUTH_INTEGRITY_CAPABILITIES","data":""},{"type":"SMB2_ENCRYPTION_CAPABILITIES","data":""},{"type":"SMB2_POSIX_EXTENSIONS_AVAILABLE","data":""},{"type":"SMB2_SIGNING_CAPABILITIES","data":""}]}]}`,
			sees: when("its POSIX context comes before the one for signing", func(t *traits) bool {
				order := t.contexts()
				posix, signing := slices.Index(order, negotiate.ContextPOSIX.String()), slices.Index(order, negotiate.ContextSigning.String())
				return posix >= 0 && signing > posix
			}),
		},
	}
}
