package identity

// A stack is an implementation of SMB, or a product around one. Its rules are in the files whose names begin with "rules".
type stack struct {
	id      string
	vendor  string
	product string
	cpe     string // CPE 2.3 up to the version; empty where the NVD's dictionary has none
	tool    bool   // made for attacks or as a honeypot: it may call itself anything
}

// The stacks. Those that the package's documentation lists as not known have no row: nothing that they send has a source.
const (
	stackWindows     = "windows"
	stackSamba       = "samba"
	stackKSMBD       = "ksmbd"
	stackMacOS       = "macos"
	stackMacOSX      = "mac-os-x"
	stackIllumos     = "illumos"
	stackLikewise    = "likewise"
	stackImpacket    = "impacket"
	stackNTLMRelayX  = "ntlmrelayx"
	stackResponder   = "responder"
	stackDionaea     = "dionaea"
	stackSMBLibrary  = "smblibrary"
	stackJFileServer = "jfileserver"
	stackNode        = "node-smb-server"
	stackLibsmb2     = "libsmb2"
	stackFUSET       = "fuse-t"
	stackMikroTik    = "mikrotik"
	stackNQ          = "nq"
	stackVxWorks     = "vxworks"
	stackIBMi        = "ibm-i"
	stackCelerra     = "celerra"
	stackQTS         = "qts"
	stackAirPort     = "airport"
	stackGuardianOS  = "guardianos"
	stackVisionFS    = "visionfs"
	stackWindows9x   = "windows-9x"
	stackCanon       = "canon"
	stackEpson       = "epson"
	stackHP          = "hp"
	stackKyocera     = "kyocera"
	stackSharp       = "sharp"
	stackBrother     = "brother"
)

var stacks = []stack{
	{id: stackWindows, vendor: "Microsoft", product: "Windows"},
	{id: stackSamba, vendor: "Samba", product: "Samba", cpe: "cpe:2.3:a:samba:samba"},
	{id: stackKSMBD, vendor: "Linux", product: "ksmbd", cpe: "cpe:2.3:o:linux:linux_kernel"},
	{id: stackMacOS, vendor: "Apple", product: "macOS", cpe: "cpe:2.3:o:apple:macos"},
	{id: stackMacOSX, vendor: "Apple", product: "Mac OS X", cpe: "cpe:2.3:o:apple:mac_os_x"},
	{id: stackIllumos, vendor: "illumos", product: "illumos"},
	{id: stackLikewise, vendor: "Likewise", product: "Likewise CIFS"},
	{id: stackImpacket, vendor: "Fortra", product: "Impacket smbserver", tool: true},
	{id: stackNTLMRelayX, vendor: "Fortra", product: "Impacket ntlmrelayx", tool: true},
	{id: stackResponder, vendor: "lgandx", product: "Responder", tool: true},
	{id: stackDionaea, vendor: "DinoTools", product: "Dionaea", tool: true},
	{id: stackSMBLibrary, vendor: "Tal Aloni", product: "SMBLibrary"},
	{id: stackJFileServer, vendor: "FileSys", product: "JFileServer"},
	{id: stackNode, vendor: "Adobe", product: "node-smb-server"},
	{id: stackLibsmb2, vendor: "Ronnie Sahlberg", product: "libsmb2 server"},
	{id: stackFUSET, vendor: "FUSE-T", product: "FUSE-T"},
	{id: stackMikroTik, vendor: "MikroTik", product: "RouterOS", cpe: "cpe:2.3:o:mikrotik:routeros"},
	{id: stackNQ, vendor: "Visuality Systems", product: "NQ"},
	{id: stackVxWorks, vendor: "Wind River", product: "VxWorks", cpe: "cpe:2.3:o:windriver:vxworks"},
	{id: stackIBMi, vendor: "IBM", product: "IBM i NetServer", cpe: "cpe:2.3:o:ibm:i"},
	{id: stackCelerra, vendor: "Dell EMC", product: "Celerra, VNX or Unity"},
	{id: stackQTS, vendor: "QNAP", product: "QTS", cpe: "cpe:2.3:o:qnap:qts"},
	{id: stackAirPort, vendor: "Apple", product: "AirPort or Time Capsule"},
	{id: stackGuardianOS, vendor: "Overland", product: "GuardianOS"},
	{id: stackVisionFS, vendor: "Tarantella", product: "VisionFS"},
	{id: stackWindows9x, vendor: "Microsoft", product: "Windows for Workgroups, 95, 98 or ME"},
	{id: stackCanon, vendor: "Canon", product: "Canon Pixma printer"},
	{id: stackEpson, vendor: "Epson", product: "Epson printer"},
	{id: stackHP, vendor: "HP", product: "HP Officejet Pro 8600"},
	{id: stackKyocera, vendor: "Kyocera", product: "Kyocera FS printer"},
	{id: stackSharp, vendor: "Sharp", product: "Sharp MX printer"},
	{id: stackBrother, vendor: "Brother", product: "Brother MFC printer"},
}
