package identity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

const (
	sourceMSSMB2   = "[MS-SMB2] Appendix A"
	sourceMSSMB    = "[MS-SMB] Appendix A <28> (MaxBufferSize), and captures"
	sourceMSNLMP   = "[MS-NLMP] 2.2.2.10 and Appendix B"
	sourceMSSPNG   = "[MS-SPNG] Appendix A, and 130 captured servers"
	sourceCaptures = "captures of others"
)

// The revision that Windows has sent since XP SP2, [MS-NLMP] 2.2.2.10.
const ntlmRevision = 15

// windowsVersion is the version of Windows that the NTLM challenge names, unless it is a known lie. Other servers send
// real builds of Windows too, which is for the other rules to tell.
func windowsVersion(t *traits) (report.NTLMVersion, bool) {
	v := t.version()
	return v, v.Revision == ntlmRevision && v.Major >= 5 && v.Major <= 10 && v.Build > 0 && !liesAboutVersion(t)
}

// isKnownBuild tells whether Microsoft has released a build.
func isKnownBuild(v report.NTLMVersion) bool {
	return len(ReleasesOf(int(v.Major), int(v.Minor), int(v.Build))) > 0
}

func windowsRules() []rule {
	return []rule{
		{
			stack: stackWindows, weight: 3.5, source: sourceMSNLMP, example: "OISF-suricata-verify__dcerpc-bind-no-frag-flag.pcap#0",
			sees: func(t *traits) string {
				v, ok := windowsVersion(t)
				if !ok || !isKnownBuild(v) {
					return ""
				}
				return fmt.Sprintf("its NTLM version is %d.%d build %d, a build of Windows", v.Major, v.Minor, v.Build)
			},
		},
		{
			stack: stackWindows, weight: 1, source: sourceMSNLMP, example: `{"ntlm":{"challenge":"yes","version":{"major":10,"minor":0,"build":31000,"revision":15}}}`,
			sees: func(t *traits) string {
				v, ok := windowsVersion(t)
				if !ok || isKnownBuild(v) {
					return ""
				}
				return fmt.Sprintf("its NTLM version is %d.%d build %d, which is no build that is known here", v.Major, v.Minor, v.Build)
			},
		},
		{
			stack: stackWindows, weight: 3, source: sourceMSSPNG, example: "OTRF-Security-Datasets__NEWYORK.pcap#0",
			sees: when("it lists NEGOEX, MS-KRB5, KRB5, U2U and NTLMSSP, as Windows in a domain does", func(t *traits) bool {
				return t.lists("NEGOEX", "MS-KRB5", "KRB5", "KRB5-U2U", "NTLMSSP")
			}),
		},
		{
			stack: stackWindows, weight: 3, source: sourceMSSPNG, example: "OISF-suricata-verify__smb2-delete.pcap#1",
			sees: when("it lists NEGOEX and NTLMSSP without a hint, as Windows in a workgroup does", func(t *traits) bool {
				return t.lists("NEGOEX", "NTLMSSP") && t.hint() == ""
			}),
		},
		{
			stack: stackWindows, weight: 2, source: sourceMSSPNG + "; Vista and 2008 know no NEGOEX", example: "ajbanjara-Wireshark__dof-short-capture.pcap#0",
			sees: when("it lists MS-KRB5, KRB5, U2U and NTLMSSP, as Windows Vista and Server 2008 do", func(t *traits) bool {
				return t.lists("MS-KRB5", "KRB5", "KRB5-U2U", "NTLMSSP") && rank(t.best) <= rank(smb.DialectSMB202.String()) && !lacksNEGOEX(t)
			}),
		},
		{
			stack: stackWindows, weight: 5, source: sourceMSSMB, example: "OISF-suricata-verify__smb-eicar-file.pcap#0",
			sees: func(t *traits) string {
				system, manager := t.native()
				if !windowsManager(manager) {
					return ""
				}
				if !t.named {
					return ""
				}
				return "its native OS is " + quoted(system)
			},
		},
		{
			stack: stackWindows, weight: 1.4, source: sourceMSSMB, example: "ajbanjara-Wireshark__packet_capture.pcap#0",
			sees: when("its SMB1 capabilities and buffer size are those of Windows", windowsNumbers),
		},
		{
			stack: stackWindows, weight: 0.5, source: sourceMSNLMP, example: "OISF-suricata-verify__dcerpc-bind-no-frag-flag.pcap#0",
			sees: when("the attributes of its challenge come in the order of Windows", func(t *traits) bool {
				return t.orders(ntlmssp.AVNbDomainName, ntlmssp.AVNbComputerName, ntlmssp.AVDNSDomainName, ntlmssp.AVDNSComputerName,
					ntlmssp.AVTimestamp)
			}),
		},
		{
			stack: stackWindows, weight: 1.4, source: sourceMSSMB2 + " <14>, <136>", example: "OTRF-Security-Datasets__covenant_sharpsc_query_dcerpc_smb_svcctl_2020-08-06012009.pcap#3",
			sees: when("it compresses", func(t *traits) bool { return t.compression() == report.Yes }),
		},
		{
			stack: stackWindows, weight: 1, source: sourceMSSMB2, example: `{"dialects":{"NT LM 0.12":"no"},"evidence":{"/dialects/NT LM 0.12":[{"result":"closed"}]}}`,
			sees: when("it drops a connection that offers SMB1 alone", (*traits).closes),
		},
		{
			stack: stackWindows, weight: 0.5, source: sourceMSSMB2 + " <274> to <285>", example: "401trg-detections__20171220_smb_mimikatz_copy.pcap#0",
			sees: when("its maximum sizes are those of Windows", func(t *traits) bool {
				return t.sizes(1<<20, 1<<20, 1<<20) || t.sizes(8<<20, 8<<20, 8<<20)
			}),
		},
		{
			stack: stackWindows, weight: -4, source: sourceSamba, example: "samba-4.17.12-default",
			sees: when("its GUID is a name, where Windows draws one", func(t *traits) bool { return t.guid == guidName }),
		},
		{
			stack: stackWindows, weight: -3, source: sourceMSSMB2, example: "impacket-0.10.0-smb2",
			sees: when("its GUID is sixteen printable bytes or zero, where Windows draws one", func(t *traits) bool {
				return t.guid == guidPrintable || t.guid == guidZero
			}),
		},
		{
			stack: stackWindows, weight: -6, source: sourceMSSPNG, example: `{"negotiated":[{"dialect":"2.1","transport":0}],"ntlm":{"challenge":"yes","version":{"major":6,"minor":3,"build":9600,"revision":15}},"spnego":{"form":"NegTokenInit2","mechanisms":[{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]}}`,
			sees: when("it does not list NEGOEX, as every Windows of its version does", lacksNEGOEX),
		},
		{
			stack: stackWindows, weight: -6, source: sourceMSSMB2, example: `{"negotiated":[{"dialect":"3.1.1","transport":0}],"ntlm":{"challenge":"yes","version":{"major":6,"minor":3,"build":9600,"revision":15}}}`,
			sees: when("it takes a dialect that is newer than the Windows of its version", outdoesVersion),
		},
		{
			stack: stackWindows, weight: -5, source: sourceMSSMB2 + ", " + sourceMSSPNG, example: "samba-4.17.12-default",
			sees: when("no release of Windows answers like this", noReleaseFits),
		},
		{
			stack: stackWindows, weight: -2, source: sourceMSSMB2, example: "impacket-0.10.0-smb2",
			sees: when("it says that it started the very moment it was asked", func(t *traits) bool { return t.start() == startNow }),
		},
		{
			stack: stackWindows, weight: -3, source: sourceMSSMB,
			example: `{"smb1":{"native_os":"Windows Server 2003 3790 Service Pack 2","native_lan_manager":"Windows Server 2003 5.2"},"ntlm":{"challenge":"yes","version":{"major":6,"minor":3,"build":9600,"revision":15}}}`,
			sees:    when("its native OS names another build than its NTLM version", namesTwoBuilds),
		},
		{
			stack: stackWindows9x, weight: 3, source: sourceMSSMB, example: `{"smb1":{"native_os":"Windows for Workgroups 3.11"}}`,
			sees: func(t *traits) string {
				system, _ := t.native()
				switch system {
				case "Windows for Workgroups 3.11", "Windows 4.0", "Windows 95", "Windows 98", "Windows ME":
					return "its native OS is " + quoted(system)
				}
				return ""
			},
		},
	}
}

// windowsManager tells whether a LAN manager string can be one of Windows: it is none of those that others send.
func windowsManager(manager string) bool {
	return manager == "" || strings.HasPrefix(manager, "Windows ") || strings.HasPrefix(manager, "NT LAN Manager ")
}

// windowsNumbers tells whether SMB1's numbers are those of Windows 2000 and later: MaxBufferSize is 16644 on servers and
// 4356 on clients, where only Samba says 16644 too, but with CAP_UNIX.
func windowsNumbers(t *traits) bool {
	s := t.report.SMB1
	if s == nil || s.MaxBufferSize == nil || s.MaxRawSize == nil || s.MaxMpx == nil {
		return false
	}
	return (*s.MaxBufferSize == maxBufferServer || *s.MaxBufferSize == maxBufferClient) && *s.MaxRawSize == 65536 &&
		(*s.MaxMpx == 50 || *s.MaxMpx == 10) && !slices.Contains(s.Capabilities, capUnix) &&
		slices.Contains(s.Capabilities, "CAP_INFOLEVEL_PASSTHRU")
}

// The two values of MaxBufferSize, [MS-SMB] Appendix A <28>.
const (
	maxBufferServer = 16644
	maxBufferClient = 4356
)

// lacksNEGOEX tells whether a server calls itself Windows 7 or later and does not list what all of them do.
func lacksNEGOEX(t *traits) bool {
	v, ok := windowsVersion(t)
	return ok && v.Build >= 7600 && t.best != "" && len(t.mechanisms) > 0 && !t.mentions("NEGOEX")
}

// namesTwoBuilds tells whether the native OS and the NTLM challenge name two releases, and not a parent and its enablement
// package. A build that is not known, such as a preview's, may be anything.
func namesTwoBuilds(t *traits) bool {
	v, ok := windowsVersion(t)
	if !ok || !t.named || !isKnownBuild(v) {
		return false
	}
	releases := ReleasesOf(int(v.Major), int(v.Minor), int(v.Build))
	product := func(r Release) bool { return r.Product == t.nativeOS.Product }
	if t.nativeOS.Product != "" && !slices.ContainsFunc(releases, product) {
		return slices.ContainsFunc(buildReleases[:], product)
	}
	return t.nativeOS.Build != int(v.Build) && slices.ContainsFunc(buildReleases[:], func(r Release) bool { return r.Build == t.nativeOS.Build }) &&
		!sameParent(int(v.Major), int(v.Minor), int(v.Build), t.nativeOS.Build)
}

// outdoesVersion tells whether a server takes a dialect that the Windows that it calls itself does not have.
func outdoesVersion(t *traits) bool {
	v, ok := windowsVersion(t)
	if !ok || t.best == "" {
		return false
	}
	return rank(t.best) > rank(MaxDialectOf(int(v.Major), int(v.Minor)))
}

// rank orders SMB2 dialects; what is none of them is below them all.
func rank(dialect string) int {
	return slices.IndexFunc(smb.Dialects(), func(d smb.Dialect) bool { return d.String() == dialect })
}
