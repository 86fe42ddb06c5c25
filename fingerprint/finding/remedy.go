package finding

// Documents that several findings point to.
const (
	docSMBConf     = "https://www.samba.org/samba/docs/current/man-html/smb.conf.5.html"
	docSMBSecurity = "https://learn.microsoft.com/windows-server/storage/file-server/smb-security"
	docSMBSigning  = "https://learn.microsoft.com/windows-server/storage/file-server/smb-signing"
	docSMB1        = "https://learn.microsoft.com/windows-server/storage/file-server/troubleshoot/detect-enable-and-disable-smbv1-v2-v3"
	docStopSMB1    = "https://aka.ms/stopusingsmb1"
	docLifecycle   = "https://learn.microsoft.com/lifecycle/products/"
	docSambaCVEs   = "https://www.samba.org/samba/history/security.html"

	msrc         = "https://msrc.microsoft.com/update-guide/vulnerability/"
	sambaCVEPage = "https://www.samba.org/samba/security/"
)

// MITRE ATT&CK techniques, Enterprise.
const (
	attackNetworkShares = "MITRE ATT&CK T1135"     // Network Share Discovery
	attackAccounts      = "MITRE ATT&CK T1087"     // Account Discovery
	attackPolicy        = "MITRE ATT&CK T1201"     // Password Policy Discovery
	attackSpraying      = "MITRE ATT&CK T1110.003" // Brute Force: Password Spraying
	attackForcedAuth    = "MITRE ATT&CK T1187"     // Forced Authentication
	attackRelay         = "MITRE ATT&CK T1557.001" // Name Resolution Poisoning and SMB Relay
	attackSniffing      = "MITRE ATT&CK T1040"     // Network Sniffing
	attackRemote        = "MITRE ATT&CK T1210"     // Exploitation of Remote Services
	attackPublic        = "MITRE ATT&CK T1190"     // Exploit Public-Facing Application
	attackShares        = "MITRE ATT&CK T1021.002" // Remote Services: SMB/Windows Admin Shares
	attackShareData     = "MITRE ATT&CK T1039"     // Data from Network Shared Drive
	attackTaint         = "MITRE ATT&CK T1080"     // Taint Shared Content
	attackDefaultGuest  = "MITRE ATT&CK T1078.001" // Valid Accounts: Default Accounts
)

// Items of the CIS Benchmarks for Windows, which have other numbers in each edition.
const (
	cisSMB1    = "CIS: Ensure 'Configure SMB v1 server' is set to 'Disabled'"
	cisSigning = "CIS: Ensure 'Microsoft network server: Digitally sign communications (always)' is set to 'Enabled'"
	cisNTLM    = "CIS: Ensure 'Network security: Restrict NTLM: Audit Incoming NTLM Traffic' is set to 'Enable " +
		"auditing for all accounts'"
	cisPipes  = "CIS: Ensure 'Network access: Restrict anonymous access to Named Pipes and Shares' is set to 'Enabled'"
	cisAnySAM = "CIS: Ensure 'Network access: Do not allow anonymous enumeration of SAM accounts and shares' is " +
		"set to 'Enabled'"
	cisShares   = "CIS: Ensure 'Network access: Shares that can be accessed anonymously' is set to 'None'"
	cisEveryone = "CIS: Ensure 'Network access: Let Everyone permissions apply to anonymous users' is set to 'Disabled'"
	cisGuest    = "CIS: Ensure 'Accounts: Guest account status' is set to 'Disabled'"
	cisLockout  = "CIS: Ensure 'Account lockout threshold' is set to '5 or fewer invalid logon attempt(s), but not 0'"
	cisCleartxt = "CIS: Ensure 'Microsoft network client: Send unencrypted password to third-party SMB servers' is " +
		"set to 'Disabled'"
)

// What to do, for Windows and for Samba. policy is where the group policies of this kind are.
const (
	policy = "Computer Configuration > Windows Settings > Security Settings > Local Policies > Security Options"

	remedySMB1 = "Windows: Set-SmbServerConfiguration -EnableSMB1Protocol $false; then remove it, on servers with " +
		"Uninstall-WindowsFeature FS-SMB1, on clients with Disable-WindowsOptionalFeature -Online -FeatureName " +
		"SMB1Protocol. Group policy: MS Security Guide > Configure SMB v1 server = Disabled. Before Windows 8: the " +
		"registry value SMB1 (REG_DWORD) = 0 in " +
		"HKLM\\SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Parameters, and a restart. To see who still " +
		"needs it: Set-SmbServerConfiguration -AuditSmb1Access $true.\nSamba: in [global] of smb.conf, server min " +
		"protocol = SMB2_02, or SMB3_00."

	remedySigning = "Windows: Set-SmbServerConfiguration -RequireSecuritySignature $true, and on clients " +
		"Set-SmbClientConfiguration -RequireSecuritySignature $true. Group policy: " + policy +
		" > Microsoft network server: Digitally sign communications (always) = Enabled.\nSamba: in [global] of " +
		"smb.conf, server signing = mandatory."

	remedyNTLM = "Windows: where every client can use Kerberos, restrict NTLM: first audit, then deny. Group " +
		"policy: " + policy +
		" > Network security: Restrict NTLM: Audit Incoming NTLM Traffic, then Restrict NTLM: Incoming NTLM " +
		"traffic = Deny all accounts. Until then require SMB signing.\nSamba: in a domain, ntlm auth = " +
		"disabled in [global] of smb.conf; elsewhere ntlm auth = ntlmv2-only, which is the default."

	remedyEncryption = "Windows: upgrade to a release with SMB 3 and ask for encryption: " +
		"Set-SmbServerConfiguration -EncryptData $true, or Set-SmbShare -Name NAME -EncryptData $true; keep " +
		"RejectUnencryptedAccess at $true. By group policy preferences: the registry value EncryptData (REG_DWORD) " +
		"= 1 in HKLM\\SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Parameters.\nSamba: in [global] of " +
		"smb.conf, server smb encrypt = desired, or required (smb encrypt in older releases), and server max " +
		"protocol = SMB3."

	remedyCiphers = "Windows: AES-GCM comes with Windows 10 and Server 2016, AES-256 with Windows 11 and Server " +
		"2022; the order is set with Set-SmbServerConfiguration -EncryptionCiphers \"AES_256_GCM, AES_256_CCM, " +
		"AES_128_GCM, AES_128_CCM\". Group policy: Computer Configuration > Administrative Templates > Network > " +
		"Lanman Server > Cipher suite order.\nSamba: AES-GCM in SMB 3.1.1 comes with 4.3, AES-256 with 4.15; in " +
		"[global] of smb.conf, server max protocol = SMB3 and server smb3 encryption algorithms = AES-256-GCM, " +
		"AES-256-CCM, AES-128-GCM, AES-128-CCM."

	remedyAnonymous = "Windows: set the registry values RestrictAnonymous = 1 and RestrictAnonymousSAM = 1 in " +
		"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa and RestrictNullSessAccess = 1 in " +
		"HKLM\\SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Parameters, and empty NullSessionPipes and " +
		"NullSessionShares there (PowerShell: Set-ItemProperty). Group policy: " + policy +
		" > Network access: Restrict anonymous access to Named Pipes and Shares = Enabled, and Do not allow " +
		"anonymous enumeration of SAM accounts and shares = Enabled.\nSamba: in [global] of smb.conf, restrict " +
		"anonymous = 2, and map to guest = never. A domain controller for Windows NT clients may need less."

	remedyGuest = "Windows: Disable-LocalUser -Name Guest. Group policy: " + policy +
		" > Accounts: Guest account status = Disabled.\nSamba: in [global] of smb.conf, map to guest = never, " +
		"which is the default; guest ok = no for each share."

	remedyShares = "Windows: take Everyone, ANONYMOUS LOGON and Guest off the share and off its folder: " +
		"Get-SmbShareAccess -Name NAME, Revoke-SmbShareAccess -Name NAME -AccountName Everyone, icacls FOLDER. " +
		"Empty NullSessionShares. Group policy: " + policy +
		" > Network access: Shares that can be accessed anonymously = empty, and Let Everyone permissions apply to " +
		"anonymous users = Disabled.\nSamba: in the share's section of smb.conf, guest ok = no and, where " +
		"nobody has to write, read only = yes; valid users = @GROUP. In [global], map to guest = never."

	remedyPolicyLeak = remedyAnonymous + "\nWhere accounts are never locked: Windows: net accounts " +
		"/lockoutthreshold:5, or the group policy Account Policies > Account Lockout Policy; Samba: pdbedit -P " +
		"\"bad lockout attempt\" -C 5, or on a domain controller samba-tool domain passwordsettings set " +
		"--account-lockout-threshold=5."

	remedyPlaintext = "Windows: no release asks for plain passwords as a server; keep clients from sending them, " +
		"EnablePlainTextPassword = 0. Group policy: " + policy + " > Microsoft network client: Send unencrypted " +
		"password to third-party SMB servers = Disabled.\nSamba: in [global] of smb.conf, encrypt passwords = yes, " +
		"which is the default, and server min protocol = SMB2_02."

	remedySupport = "Windows: upgrade to a release that gets updates, or buy Extended Security Updates where there " +
		"are any; until then keep the server away from others: New-NetFirewallRule -DisplayName \"Block SMB\" " +
		"-Direction Inbound -Protocol TCP -LocalPort 445,139 -Action Block, before Windows 8 netsh advfirewall firewall add rule " +
		"name=\"Block SMB\" dir=in action=block protocol=TCP localport=139,445, or group policy Windows Defender " +
		"Firewall.\nSamba: upgrade to a release that the Samba team or the distribution maintains."

	remedyExposed = "Windows: close TCP 445 and 139 and UDP 137 and 138 at the border; on the host, " +
		"Set-NetFirewallRule -DisplayGroup \"File and Printer Sharing\" -RemoteAddress LocalSubnet, or group " +
		"policy Windows Defender Firewall. For access from outside use a VPN or SMB over QUIC.\nSamba: the same at " +
		"the border; in [global] of smb.conf, interfaces and bind interfaces only = yes, hosts allow = NETWORKS."

	remedyClock = "Windows: w32tm /query /status tells the source, w32tm /resync /rediscover sets the clock. Group " +
		"policy: Computer Configuration > Administrative Templates > System > Windows Time Service.\nSamba: run an " +
		"NTP client such as chrony; members of a domain follow its controllers. Check the clock of the scanner too."

	remedyIdentity = "Find out who runs this server and whether it is meant to be there. Windows: " +
		"Get-SmbServerConfiguration and Get-ComputerInfo on the host tell what it is.\nSamba: smbd --version and " +
		"testparm -s do."

	remedyGUID = "Nothing to mend where the implementation is known: many that are neither Windows nor Samba's " +
		"smbd send a constant.\nWindows: a random GUID is made when the service starts; another value did not come " +
		"from Windows.\nSamba: smbd sends the NetBIOS name; another value did not come from smbd."

	remedyTool = "Find the host by its address and hardware address and who runs the tool there. If nobody is " +
		"meant to, treat it as an attack: take the host off the network, and look for accounts that authenticated " +
		"to it.\nWindows: require signing (Set-SmbServerConfiguration and Set-SmbClientConfiguration, " +
		"-RequireSecuritySignature $true), and turn LLMNR off by group policy: Computer Configuration > " +
		"Administrative Templates > Network > DNS Client > Turn off multicast name resolution = Enabled.\nSamba: " +
		"in [global] of smb.conf, server signing = mandatory and client signing = required."
)
