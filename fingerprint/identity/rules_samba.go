package identity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

const (
	sourceSamba      = "Samba 3.0 to 4.24, source3/smbd/smb2_negprot.c, smb1_negprot.c, smb1_sesssetup.c and auth/ntlmssp"
	sourceSambaNTVFS = "Samba 4.3.0pre1, source4 ntvfs file server, in captures"
)

// capUnix is the token of the CIFS extensions for UNIX.
const capUnix = "CAP_UNIX"

// sambaManager cuts the version out of the LAN manager string of Samba, such as "Samba 4.17.12-Debian".
func sambaManager(t *traits) (version string, ok bool) {
	_, manager := t.native()
	version, ok = strings.CutPrefix(manager, "Samba ")
	if !ok {
		return "", false
	}
	return version, true
}

// sambaVersion is the version that a Samba has sent; empty where what it sent is none.
func sambaVersion(t *traits) string {
	version, _ := sambaManager(t)
	if version == "" || version[0] < '0' || version[0] > '9' {
		return ""
	}
	return version
}

func sambaRules() []rule {
	return []rule{
		{
			stack: stackSamba, weight: 7, source: sourceSamba, example: "samba-4.17.12-nt1",
			sees: func(t *traits) string {
				version, ok := sambaManager(t)
				if !ok {
					return ""
				}
				return "its LAN manager string names Samba " + quoted(version)
			},
		},
		{
			stack: stackSamba, weight: 4, source: sourceSamba, example: "samba-4.17.12-default",
			sees: func(t *traits) string {
				if t.guid != guidName {
					return ""
				}
				return fmt.Sprintf("its GUID is the host name %s, as Samba makes it", quoted(t.report.ServerGUIDText))
			},
		},
		{
			stack: stackSamba, weight: 1.4, source: sourceSamba, example: "samba-4.17.12-default",
			sees: when("its NTLM version is 6.1 build 0, which Samba sends and no Windows", func(t *traits) bool {
				return t.isVersion(6, 1, 0)
			}),
		},
		{
			stack: stackSamba, weight: 1.5, source: sourceSamba, example: "samba-4.17.12-default",
			sees: when("it lists NTLMSSP alone, with the hint that Windows leaves out there", func(t *traits) bool {
				return t.lists("NTLMSSP") && t.hint() == ignoredHint
			}),
		},
		{
			stack: stackSamba, weight: 1.5, source: sourceSamba, example: "samba-4.17.12-domain-controller",
			sees: when("it lists MS-KRB5, KRB5 and NTLMSSP, as Samba does in a domain", func(t *traits) bool {
				return t.lists("MS-KRB5", "KRB5", "NTLMSSP") && t.hint() == ignoredHint
			}),
		},
		{
			stack: stackSamba, weight: 1, source: sourceSamba, example: "samba-4.17.12-default",
			sees: when("it refuses SMB1 with DialectIndex 0xFFFF, where Windows drops the connection", (*traits).declines),
		},
		{
			stack: stackSamba, weight: 2, source: sourceSamba, example: "samba-4.17.12-nt1-only",
			sees: when("its SMB1 capabilities have CAP_UNIX", func(t *traits) bool {
				return t.report.SMB1 != nil && slices.Contains(t.report.SMB1.Capabilities, capUnix)
			}),
		},
		{
			stack: stackSamba, weight: 1, source: sourceSamba, example: `{"posix_extensions":"yes"}`,
			sees: when("it takes the POSIX extensions up", func(t *traits) bool { return t.report.POSIXExtensions == report.Yes }),
		},
		{
			stack: stackSamba, weight: 1.5, source: "sightings of negotiate.Behaviours", example: "samba-4.17.12-behaviour",
			sees: when("it takes two preauthentication contexts and drops a first message with number 1, as Samba does", func(t *traits) bool {
				return t.probe("behaviour-two-preauth").Result == report.ResultSupported &&
					t.probe("behaviour-message-id-1").Result == report.ResultClosed
			}),
		},
		{
			stack: stackSamba, weight: 0.5, source: sourceSamba, example: "samba-4.17.12-default",
			sees: when("it tells no start of its service", func(t *traits) bool { return t.start() == startNone }),
		},
		{
			stack: stackSamba, weight: 0.5, source: sourceSamba, example: "samba-4.17.12-default",
			sees: when("the attributes of its challenge come in the order of Samba since 4.2.10, which is that of Windows",
				func(t *traits) bool {
					return t.orders(ntlmssp.AVNbDomainName, ntlmssp.AVNbComputerName, ntlmssp.AVDNSDomainName,
						ntlmssp.AVDNSComputerName, ntlmssp.AVTimestamp)
				}),
		},
		{
			stack: stackSamba, weight: 1, source: sourceSamba + "; \"Unix\" until 4.1", example: "ajbanjara-Wireshark__Obsolete_Packets.pcap#0",
			sees: when(`its native OS is "Unix"`, func(t *traits) bool {
				system, _ := t.native()
				return system == "Unix"
			}),
		},
		{
			stack: stackSamba, weight: 3.5, source: sourceSambaNTVFS, example: "odedshimon-BruteShark__Kerberos_-_v5_UDP.pcap#8",
			sees: when("its GUID is zero, its dialect 2.0.2 without any capability, and it tells its start: Samba's source4 server",
				func(t *traits) bool {
					return t.guid == guidZero && t.best == smb.DialectSMB202.String() && t.capabilities(t.best) && t.start() != startNone &&
						t.mentions("KRB5")
				}),
		},
		{
			stack: stackSamba, weight: -3, source: sourceSamba + ": there is no code for compression",
			example: `{"compression":{"supported":"yes"}}`,
			sees:    when("it compresses, which Samba cannot", func(t *traits) bool { return t.compression() == report.Yes }),
		},
		{
			stack: stackSamba, weight: -4, source: sourceSamba, example: `{"spnego":{"form":"NegTokenInit","mechanisms":[{"oid":"1.3.6.1.4.1.311.2.2.30","name":"NEGOEX"}]}}`,
			sees: when("it lists NEGOEX, which Samba does not know", func(t *traits) bool { return t.mentions("NEGOEX") }),
		},
	}
}

// A line is a range of Samba's versions that answers in the same way.
type line struct {
	release string
	source  string
	example string // as a rule's
	fits    func(*traits) bool
}

// sambaLines are told apart at 3.1.1, newest first: each is what the first of its versions brought, so that the first
// that fits is the oldest that it can be. A setting can hide any of it, so that none is ever a version.
func sambaLines() []line {
	const source = "Samba's source3/smbd/smb2_negprot.c and param/loadparm.c at the tags of the first versions"
	return []line{
		{"4.23 or later", source, `{"negotiated":[{"dialect":"3.1.1","transport":0}],"posix_extensions":"yes"}`, func(t *traits) bool {
			return t.report.POSIXExtensions == report.Yes
		}},
		{"4.22 or later", source, `{"negotiated":[{"dialect":"3.1.1","transport":0,"capabilities":["SMB2_GLOBAL_CAP_DIRECTORY_LEASING"]}]}`, func(t *traits) bool {
			return t.capability(smb.CapDirectoryLeasing.Tokens()[0])
		}},
		{"4.15 or later", source, "samba-4.17.12-default", func(t *traits) bool {
			_, signing := t.context(negotiate.ContextSigning)
			return signing || t.cipher("AES-256-GCM") == report.Yes || t.cipher("AES-256-CCM") == report.Yes
		}},
		{"4.3 or later", source, "zeek-zeek__20-fids-no-close.pcap#0", func(t *traits) bool {
			return t.best == smb.DialectSMB311.String()
		}},
		{"4.2 or later", source, "cisco-mercury__emix.pcap#10", func(t *traits) bool {
			row, ok := t.above202()
			return ok && row.MaxReadSize == 8<<20
		}},
	}
}

// sambaLine says from which version on the server may be; empty where nothing tells.
func sambaLine(t *traits) string {
	for _, l := range sambaLines() {
		if l.fits(t) {
			return l.release
		}
	}
	return ""
}
