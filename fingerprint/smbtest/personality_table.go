package smbtest

import (
	"slices"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// Personalities returns all of them: Windows from the oldest release on, each as a member of a domain, in a workgroup and,
// where it is a server, as a domain controller; and then the others. Each call returns values of its own.
func Personalities() []Personality {
	return append(windowsPersonalities(),
		windowsXP(RoleMember), windowsXP(RoleWorkgroup), windowsServer2003(), ksmbd(), macOS(), responder(), ntlmRelay())
}

// PersonalityOf returns the personality with a name, and false where there is none.
func PersonalityOf(name string) (Personality, bool) {
	all := Personalities()
	i := slices.IndexFunc(all, func(p Personality) bool { return p.Name == name })
	if i < 0 {
		return Personality{}, false
	}
	return all[i], true
}

// windowsXP is Windows XP Professional with Service Pack 2 or 3, which sends its version ([MS-NLMP] <31>). In a workgroup
// it sends no list of mechanisms.
func windowsXP(role PersonalityRole) Personality {
	p := Personality{
		Name: "synthetic-windows-xp-" + string(role), Product: "Windows XP SP3", Role: role,
		Sources: []string{sourceSMB, sourceNLMP, "[MS-SPNG] <6>", "public captures of 52 sessions of Windows XP"},
		Version: windowsVersion(5, 1, 2600),
		SMB1:    true, NativeOS: "Windows 5.1", NativeLanMan: "Windows 2000 LAN Manager", NullSession: true,
		old: personalitySMB1{caps: 0x0000E3FD, maxMpx: 10, maxBuffer: 4356},
		logon: personalityLogon{
			mechanisms: []spnego.OID{spnego.OIDMSKRB5, spnego.OIDKRB5, spnego.OIDKRB5U2U, spnego.OIDNTLMSSP}, principal: true,
			pairs: windowsPairs()[:5], flags: windowsFlags,
		},
	}
	if role == RoleWorkgroup {
		p.old.emptyBlob = true
		// 15 of 19 challenges from workgroups end in MsvAvFlags: without a domain, guests alone come from the network.
		p.logon.pairs = append(windowsPairs()[:4:4], ntlmssp.AVFlags)
	}
	p.takeNames(role, true)
	return p
}

// windowsServer2003 is Windows Server 2003 R2 with Service Pack 2.
func windowsServer2003() Personality {
	p := Personality{
		Name: "synthetic-windows-server-2003-r2-workgroup", Product: "Windows Server 2003 R2 SP2", Role: RoleWorkgroup,
		Sources: []string{sourceSMB, sourceNLMP, "a public capture of Windows Server 2003 R2 3790 Service Pack 2"},
		Version: windowsVersion(5, 2, 3790),
		SMB1:    true, NullSession: true,
		NativeOS: "Windows Server 2003 R2 3790 Service Pack 2", NativeLanMan: "Windows Server 2003 R2 5.2",
		old:   personalitySMB1{caps: 0x0001F3FD, maxMpx: 50, maxBuffer: 16644, emptyBlob: true},
		logon: personalityLogon{pairs: windowsPairs()[:4], flags: windowsFlags},
	}
	p.takeNames(RoleWorkgroup, false)
	return p
}

// ksmbd is the server in the Linux kernel with the defaults of ksmbd.conf: dialects from 2.1 on, no leases, no
// multichannel, and Kerberos built in. Its refusals of a negotiation all end as STATUS_INSUFFICIENT_RESOURCES.
func ksmbd() Personality {
	return Personality{
		Name: "synthetic-ksmbd", Product: "Linux ksmbd", Role: RoleWorkgroup,
		Sources: []string{
			"torvalds/linux fs/smb/server: smb2ops.c (capabilities and sizes), smb2pdu.c (contexts, refusals), " +
				"smb_common.c (SMB1), auth.c (mechanisms, challenge)",
			"namjaejeon/ksmbd-tools ksmbd.conf.5.in (defaults)",
		},
		Tells:      []string{"ServerGuid: all bytes are zero"},
		Dialects:   []smb.Dialect{smb.DialectSMB210, smb.DialectSMB300, smb.DialectSMB302, smb.DialectSMB311},
		Ciphers:    negotiate.Ciphers(),
		Signing:    []negotiate.SigningAlgorithm{negotiate.SigningAESCMAC, negotiate.SigningHMACSHA256},
		Encrypts30: true,
		Computer:   "SYNTHETIC-LINUX", Domain: "SYNTHETIC-LINUX", DNSComputer: "SYNTHETIC-LINUX", DNSDomain: "SYNTHETIC-LINUX",
		old: personalitySMB1{refuses: true},
		smb2: personalitySMB2{
			caps: smb.CapLargeMTU, transact: oneMiB, other: 4 * oneMiB,
			zeroGUID: true, noNetBIOS: true, quiet: true, endsAtSecond: true, anyMessageID: true,
			refusal: dtyp.StatusInsufficientResources,
			contexts: []negotiate.ContextType{
				negotiate.ContextPreauthIntegrity, negotiate.ContextEncryption, negotiate.ContextPOSIX, negotiate.ContextSigning,
			},
		},
		logon: personalityLogon{
			mechanisms: []spnego.OID{spnego.OIDKRB5, spnego.OIDMSKRB5, spnego.OIDNTLMSSP}, hint: true, flags: ksmbdFlags,
			nobody: dtyp.StatusLogonFailure,
			pairs: []ntlmssp.AVID{
				ntlmssp.AVNbComputerName, ntlmssp.AVNbDomainName, ntlmssp.AVDNSComputerName, ntlmssp.AVDNSDomainName,
			},
		},
	}
}

// macOS is the file sharing of macOS. The one public capture of it chose 3.0.2 where 3.1.1 was offered. The flags of its
// challenge are not documented, and are those that Windows would send; so are its refusals.
func macOS() Personality {
	return Personality{
		Name: "synthetic-macos", Product: "macOS smbx", Role: RoleWorkgroup,
		Sources: []string{"public captures of macOS's smbd (OISF/suricata-verify, smb-length-5786 and smb-length-5770)"},
		Tells:   []string{"CHALLENGE_MESSAGE: Version at byte 52: reserved bytes 0f 00 00"},
		Version: &ntlmssp.Version{ // the revision is in the place of a reserved byte
			ProductMajorVersion: 6, ProductMinorVersion: 1, ProductBuild: 7600, Reserved: [3]byte{ntlmssp.NTLMRevisionW2K3},
		},
		Dialects:        []smb.Dialect{smb.DialectSMB202, smb.DialectSMB210, smb.DialectSMB300, smb.DialectSMB302},
		SigningRequired: true, Encrypts30: true,
		Computer: "SYNTHETIC-MAC", Domain: "SYNTHETIC-MAC", DNSComputer: "synthetic-mac.local", DNSDomain: "local",
		smb2: personalitySMB2{
			caps: smb.CapLeasing | smb.CapLargeMTU, asked: smb.CapDirectoryLeasing,
			size202: 65536, transact: 4 * oneMiB, other: 4 * oneMiB,
			noNetBIOS: true, anyMessageID: true, pidUpgrade: true,
			hasFirst: true, creditsFirst: [2]uint16{5, 0}, creditsSetup: 257,
		},
		logon: personalityLogon{
			mechanisms: []spnego.OID{
				spnego.OIDMSKRB5, spnego.OIDKRB5, spnego.OIDLKDC, spnego.OIDSCRAM, spnego.OIDNTLMSSP, spnego.OIDPKU2UHeimdal,
				spnego.OIDIAKERB,
			},
			hint: true, flags: windowsFlags,
			pairs: []ntlmssp.AVID{
				ntlmssp.AVNbComputerName, ntlmssp.AVNbDomainName, ntlmssp.AVDNSComputerName, ntlmssp.AVDNSDomainName,
				ntlmssp.AVTimestamp,
			},
		},
	}
}

// responder is the tool of that name, which catches logons. It chooses 2.1 whatever is offered, and refuses everybody.
// Its names are given in its configuration, and swapped: the pair of the DNS domain has the computer's.
func responder() Personality {
	return Personality{
		Name: "synthetic-responder", Product: "Responder", Role: RoleMember,
		Sources:  []string{"lgandx/Responder packets.py and servers/SMB.py"},
		Tells:    []string{"DialectRevision: 2.1 was not offered or is unknown"},
		Version:  windowsVersion(6, 3, 9600),
		Dialects: []smb.Dialect{smb.DialectSMB210}, StartTime: true,
		SMB1: true, NativeOS: "Windows Server 2003 3790 Service Pack 2", NativeLanMan: "Windows Server 2003 5.2",
		Computer: "SYNTHETIC-SRV", Domain: syntheticDomain,
		DNSComputer: syntheticDNSDomain, DNSDomain: "SYNTHETIC-SRV." + syntheticDNSDomain,
		old: personalitySMB1{
			caps: 0x0001F3FD, maxMpx: 50, maxBuffer: 16644, alwaysExtended: true, closes: true, flags: 0x88, flags2: 0xC801,
			timeZone: 0xF0, fixedTime: 0x01CD3501A3FBD684,
		},
		smb2: personalitySMB2{
			caps: smb.CapDFS | smb.CapLeasing | smb.CapLargeMTU, transact: oneMiB, other: oneMiB,
			always: smb.DialectSMB210, startsNow: true, anyMessageID: true, creditsAsked: true, pid: negotiate.ProcessID,
		},
		logon: personalityLogon{
			mechanisms: []spnego.OID{spnego.OIDMSKRB5, spnego.OIDKRB5, spnego.OIDKRB5U2U, spnego.OIDNTLMSSP}, hint: true,
			pairs: windowsPairs(), pairsOld: windowsPairs()[:5], flags: responderFlags,
			versionOld: windowsVersion(5, 2, 3790),
			nobody:     dtyp.StatusAccessDenied, nobodyOld: dtyp.StatusAccountDisabled, unknown: dtyp.StatusAccessDenied,
		},
	}
}

// ntlmRelay is the SMB server of impacket's ntlmrelayx with -smb2support, without its SMB1: 2.0.2 alone, a GUID of letters,
// and the challenge of its victim, which is a Windows Server 2019 here.
func ntlmRelay() Personality {
	return Personality{
		Name: "synthetic-ntlmrelayx", Product: "impacket ntlmrelayx", Role: RoleMember,
		Sources: []string{
			"fortra/impacket impacket/examples/ntlmrelayx/servers/smbrelayserver.py",
			"public capture corelight/CVE-2022-30216 successful.pcap (GUID and mechanisms)",
		},
		Tells:    []string{"ServerGuid: sixteen printable bytes"},
		Version:  windowsVersion(10, 0, 17763),
		Dialects: []smb.Dialect{smb.DialectSMB202},
		Computer: "SYNTHETIC-SRV", Domain: syntheticDomain,
		DNSComputer: "SYNTHETIC-SRV." + syntheticDNSDomain, DNSDomain: syntheticDNSDomain,
		smb2: personalitySMB2{
			size202: 65536, transact: 65536, other: 65536, always: smb.DialectSMB202, anyMessageID: true, letters: true,
		},
		logon: personalityLogon{
			mechanisms: []spnego.OID{spnego.OIDNEGOEX, spnego.OIDNTLMSSP}, pairs: windowsPairs(), flags: windowsFlags,
		},
	}
}
