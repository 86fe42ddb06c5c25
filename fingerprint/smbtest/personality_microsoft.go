package smbtest

import (
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// The sources of the values of Windows.
const (
	sourceSMB2 = "[MS-SMB2] Appendix A: highest dialects <1>, <10> to <13>; sizes <274> to <285>; start time <221>, <286>; " +
		"algorithms <14> to <18>, <92> to <98>, <135> to <139>, <282>"
	sourceNLMP     = "[MS-NLMP] 2.2.2.10 and Appendix B <31>, <32>"
	sourceSMB      = "[MS-SMB] Appendix A <28>, <29>"
	sourceCaptures = "public captures of Windows 7, 10 (1607 to 22H2), Server 2016, 2019 and 2022: the order and the form of " +
		"mechanisms, AV pairs and contexts, capabilities, credits"
	sourceSMB1    = "MicrosoftDocs/windowsserverdocs, smbv1-not-installed-by-default-in-windows.md"
	sourceSigning = "MicrosoftDocs/windowsserverdocs, smb-signing.md (2024-10-25)"
	sourceNull    = "Microsoft, SMB and Null Sessions: Why Your Pen Test is Probably Wrong (2020-02-21): Windows 10 1903 and " +
		"Server 2019 refuse nobody, domain controllers serve netlogon, samr and lsarpc to it"
)

// A windowsRow is one release of Windows.
type windowsRow struct {
	id, product  string
	client       bool // an edition for desktops
	major, minor uint8
	build        uint16 // that NTLM tells
	highest      smb.Dialect
	size         uint32 // from 2.1 on, in bytes
	smb1         bool   // in the installation as it comes
	nativeOS     string // with smb1; NativeLanMan is the product with lanMan behind it
	lanMan       string
	native       string // the product in both
	startTime    bool
	nobody       bool // members and workgroups take the logon of nobody
	signs        bool // signing is required of everybody, not of domain controllers alone
	eight        windowsAlgorithms
}

// The generations of Windows by what they take with 3.1.1.
type windowsAlgorithms int

const (
	algorithmsNone windowsAlgorithms = iota // no 3.1.1
	algorithms1607                          // AES-128
	algorithms1903                          // and compression
	algorithms2004                          // in chains
	algorithms2022                          // and AES-256, signing, transforms of RDMA
	algorithms24H2                          // and LZ4, notifications
)

const (
	oneMiB   = 1 << 20
	eightMiB = 8 << 20
)

// windowsRows are the releases, the oldest first. The builds are those that NTLM tells: 22H2 has that of 2004, whose
// binaries it shares (byt3bl33d3r/CrackMapExec issue 693, and a public capture with 19045 in NativeOS beside 19041).
func windowsRows() []windowsRow {
	return []windowsRow{
		{
			id: "windows-7", product: "Windows 7 SP1", client: true, major: 6, minor: 1, build: 7601, highest: smb.DialectSMB210,
			size: oneMiB, smb1: true, native: "Windows 7 Ultimate", nativeOS: " 7601 Service Pack 1", lanMan: " 6.1",
			startTime: true, nobody: true,
		},
		{
			id: "windows-8.1", product: "Windows 8.1", client: true, major: 6, minor: 3, build: 9600,
			highest: smb.DialectSMB302, size: eightMiB, smb1: true, native: "Windows 8.1 Pro", nativeOS: " 9600", lanMan: " 6.3",
			startTime: true, nobody: true,
		},
		{
			id: "windows-server-2012-r2", product: "Windows Server 2012 R2", major: 6, minor: 3, build: 9600,
			highest: smb.DialectSMB302, size: eightMiB, smb1: true,
			native: "Windows Server 2012 R2 Standard", nativeOS: " 9600", lanMan: " 6.3",
			startTime: true, nobody: true,
		},
		{
			id: "windows-10-1607", product: "Windows 10 1607", client: true, major: 10, build: 14393, highest: smb.DialectSMB311,
			size: eightMiB, smb1: true, native: "Windows 10 Pro", nativeOS: " 14393", lanMan: " 6.3",
			startTime: true, nobody: true,
			eight: algorithms1607,
		},
		{
			// The documents contradict each other on its SMB1; captures of it have it.
			id: "windows-server-2016", product: "Windows Server 2016", major: 10, build: 14393, highest: smb.DialectSMB311,
			size: eightMiB, smb1: true, native: "Windows Server 2016 Standard", nativeOS: " 14393", lanMan: " 6.3",
			startTime: true, nobody: true,
			eight: algorithms1607,
		},
		{
			id: "windows-10-1809", product: "Windows 10 1809", client: true, major: 10, build: 17763, highest: smb.DialectSMB311,
			size: eightMiB, eight: algorithms1607,
		},
		{
			id: "windows-server-2019", product: "Windows Server 2019", major: 10, build: 17763, highest: smb.DialectSMB311,
			size: eightMiB, eight: algorithms1607,
		},
		{
			id: "windows-10-1903", product: "Windows 10 1903", client: true, major: 10, build: 18362, highest: smb.DialectSMB311,
			size: eightMiB, eight: algorithms1903,
		},
		{
			id: "windows-10-22h2", product: "Windows 10 22H2", client: true, major: 10, build: 19041, highest: smb.DialectSMB311,
			size: eightMiB, eight: algorithms2004,
		},
		{
			id: "windows-server-2022", product: "Windows Server 2022", major: 10, build: 20348, highest: smb.DialectSMB311,
			size: eightMiB, eight: algorithms2022,
		},
		{
			// Professional, Enterprise and Education; Home requires no signing.
			id: "windows-11-24h2", product: "Windows 11 24H2", client: true, major: 10, build: 26100, highest: smb.DialectSMB311,
			size: eightMiB, signs: true, eight: algorithms24H2,
		},
		{
			id: "windows-server-2025", product: "Windows Server 2025", major: 10, build: 26100, highest: smb.DialectSMB311,
			size: eightMiB, eight: algorithms24H2,
		},
	}
}

// windowsPersonalities returns each release in each role that it can have.
func windowsPersonalities() []Personality {
	var list []Personality
	for _, row := range windowsRows() {
		list = append(list, row.personality(RoleMember), row.personality(RoleWorkgroup))
		if !row.client {
			list = append(list, row.personality(RoleDomainController))
		}
	}
	return list
}

func (row windowsRow) personality(role PersonalityRole) Personality {
	p := Personality{
		Name: "synthetic-" + row.id + "-" + string(role), Product: row.product, Role: role,
		Sources:         []string{sourceSMB2, sourceNLMP, sourceCaptures, sourceSMB1, sourceSigning, sourceNull},
		Version:         windowsVersion(row.major, row.minor, row.build),
		SigningRequired: row.signs || role == RoleDomainController,
		Encrypts30:      row.highest >= smb.DialectSMB300,
		SMB1:            row.smb1, StartTime: row.startTime, NullSession: row.nobody || role == RoleDomainController,
		smb2: windowsSMB2(row.size), logon: windowsLogon(role),
	}
	for _, d := range smb.Dialects() {
		if d <= row.highest {
			p.Dialects = append(p.Dialects, d)
		}
	}
	p.takeNames(role, row.client)
	row.algorithms(&p)
	if row.smb1 {
		p.Sources = append(p.Sources, sourceSMB)
		p.NativeOS, p.NativeLanMan = row.native+row.nativeOS, row.native+row.lanMan
		// The low byte is 0xFC from Windows 7 on. CAP_DFS is what captures of domain controllers have beside it.
		p.old = personalitySMB1{caps: 0x0001E3FC, maxMpx: 50, maxBuffer: 4356}
		if !row.client {
			p.old.maxBuffer = 16644
		}
		if role == RoleDomainController {
			p.old.caps = 0x0001F3FC
		}
	}
	return p
}

// windowsVersion is a version as Windows sends it.
func windowsVersion(major, minor uint8, build uint16) *ntlmssp.Version {
	return &ntlmssp.Version{
		ProductMajorVersion: major, ProductMinorVersion: minor, ProductBuild: build,
		NTLMRevisionCurrent: ntlmssp.NTLMRevisionW2K3,
	}
}

// algorithms fills in what a release takes with 3.1.1.
func (row windowsRow) algorithms(p *Personality) {
	if row.eight >= algorithms1607 {
		p.Ciphers = []negotiate.Cipher{negotiate.CipherAES128GCM, negotiate.CipherAES128CCM}
	}
	if row.eight >= algorithms1903 {
		p.Compression = []negotiate.CompressionAlgorithm{
			negotiate.CompressionLZ77, negotiate.CompressionLZ77Huffman, negotiate.CompressionLZNT1,
		}
	}
	if row.eight >= algorithms2004 {
		p.Compression = append(p.Compression, negotiate.CompressionPatternV1)
	}
	if row.eight >= algorithms2022 {
		p.Ciphers = append(p.Ciphers, negotiate.CipherAES256GCM, negotiate.CipherAES256CCM)
		p.Signing = negotiate.SigningAlgorithms()
		p.RDMA = []negotiate.RDMATransformID{negotiate.RDMATransformEncryption, negotiate.RDMATransformSigning}
	}
	if row.eight >= algorithms24H2 {
		p.Compression = append(p.Compression, negotiate.CompressionLZ4)
		p.smb2.asked11 |= smb.CapNotifications
	}
}

// takeNames gives it names of its role. Outside a domain Windows tells its one name in all pairs.
func (p *Personality) takeNames(role PersonalityRole, client bool) {
	p.Computer = "SYNTHETIC-SRV"
	switch {
	case role == RoleDomainController:
		p.Computer = "SYNTHETIC-DC"
	case client:
		p.Computer = "SYNTHETIC-PC"
	}
	p.Domain, p.DNSComputer, p.DNSDomain = p.Computer, p.Computer, p.Computer
	if role == RoleWorkgroup {
		return
	}
	p.Domain, p.DNSDomain = syntheticDomain, syntheticDNSDomain
	p.DNSComputer = p.Computer + "." + syntheticDNSDomain
}

const (
	syntheticDomain    = "SYNTHETIC"
	syntheticDNSDomain = "synthetic.example"
)

// windowsSMB2 is what all releases have in common. Capabilities are those of [MS-SMB2] 3.3.5.4: captures have DFS, leasing
// and large MTU for clients that ask for none of them.
func windowsSMB2(size uint32) personalitySMB2 {
	return personalitySMB2{
		caps202: smb.CapDFS, caps: smb.CapDFS | smb.CapLeasing | smb.CapLargeMTU,
		asked:   smb.CapMultiChannel | smb.CapDirectoryLeasing,
		size202: 65536, transact: size, other: size, maximalAccess: personalityShare,
		contexts: []negotiate.ContextType{
			negotiate.ContextPreauthIntegrity, negotiate.ContextEncryption, negotiate.ContextCompression,
			negotiate.ContextRDMATransform, negotiate.ContextSigning,
		},
	}
}

// windowsPairs is the order of AV pairs in 190 captures; MsvAvDnsTreeName is there in a domain alone.
func windowsPairs() []ntlmssp.AVID {
	return []ntlmssp.AVID{
		ntlmssp.AVNbDomainName, ntlmssp.AVNbComputerName, ntlmssp.AVDNSDomainName, ntlmssp.AVDNSComputerName,
		ntlmssp.AVDNSTreeName, ntlmssp.AVTimestamp,
	}
}

// windowsLogon lists the mechanisms of Windows 7 and later: 130 captures have these two lists and these two forms.
func windowsLogon(role PersonalityRole) personalityLogon {
	l := personalityLogon{pairs: windowsPairs(), flags: windowsFlags}
	if role == RoleWorkgroup {
		l.mechanisms, l.negoEx = []spnego.OID{spnego.OIDNEGOEX, spnego.OIDNTLMSSP}, true
		return l
	}
	l.mechanisms = []spnego.OID{spnego.OIDNEGOEX, spnego.OIDMSKRB5, spnego.OIDKRB5, spnego.OIDKRB5U2U, spnego.OIDNTLMSSP}
	l.hint = true
	return l
}
