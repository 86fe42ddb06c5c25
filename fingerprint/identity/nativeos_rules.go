package identity

// A nativeRule is a beginning of the words that Windows sends for itself. Its examples are all told from it.
type nativeRule struct {
	begins   string
	product  string
	version  string // what its LAN manager's name ends with; empty where the beginning is the whole text
	edition  string // where the beginning names one
	since    int    // from this build on it is the product that it becomes; 0 where there is no such build
	becomes  string
	source   string
	examples []nativeExample
}

type nativeExample struct {
	text string
	want NativeOS
}

const (
	nativeCaptured  = "captured"
	nativeRecog     = "rapid7/recog xml/smb_native_os.xml"
	nativeMSSMB     = "[MS-SMB] Appendix A <44> and <45>"
	nativeDiscovery = "output of nmap's smb-os-discovery in public reports"
)

// nativeRules has longer beginnings before those that they begin with.
var nativeRules = [...]nativeRule{
	{begins: "Windows NT 4.0", product: "Windows NT 4.0", source: nativeRecog, examples: []nativeExample{
		{"Windows NT 4.0", NativeOS{Product: "Windows NT 4.0"}},
	}},
	{begins: "NT LAN Manager 4.0", product: "Windows NT 4.0", source: nativeMSSMB, examples: []nativeExample{
		{"NT LAN Manager 4.0", NativeOS{Product: "Windows NT 4.0"}},
	}},
	{begins: "Windows 5.0", product: "Windows 2000", source: nativeCaptured + "; " + nativeMSSMB, examples: []nativeExample{
		{"Windows 5.0", NativeOS{Product: "Windows 2000"}},
	}},
	{begins: "Windows 5.1", product: "Windows XP", source: nativeCaptured + "; " + nativeMSSMB, examples: []nativeExample{
		{"Windows 5.1", NativeOS{Product: "Windows XP"}},
	}},
	{begins: "Windows 2000", version: "5.0", product: "Windows 2000", source: nativeCaptured + ", of clients", examples: []nativeExample{
		{"Windows 2000 2195", NativeOS{Product: "Windows 2000", Build: 2195}},
		{"Windows 2000 5.0", NativeOS{Product: "Windows 2000"}},
	}},
	{begins: "Windows 2002", version: "5.1", product: "Windows XP", source: nativeCaptured + ", of clients", examples: []nativeExample{
		{"Windows 2002 Service Pack 3 2600", NativeOS{Product: "Windows XP", Build: 2600, ServicePack: 3}},
		{"Windows 2002 Service Pack 2", NativeOS{Product: "Windows XP", ServicePack: 2}},
		{"Windows 2002 5.1", NativeOS{Product: "Windows XP"}},
	}},
	// The 64-bit XP is a Server 2003 under its skin.
	{begins: "Windows XP", version: "5.1", product: "Windows XP", since: 3790, becomes: "Windows XP x64",
		source: nativeRecog, examples: []nativeExample{
			{"Windows XP 2600 Service Pack 1", NativeOS{Product: "Windows XP", Build: 2600, ServicePack: 1}},
			{"Windows XP 2600", NativeOS{Product: "Windows XP", Build: 2600}},
			{"Windows XP 3790 Service Pack 1", NativeOS{Product: "Windows XP x64", Build: 3790, ServicePack: 1}},
		}},
	{begins: "Windows Server 2003 R2", version: "5.2", product: "Windows Server 2003 R2", source: nativeCaptured, examples: []nativeExample{
		{"Windows Server 2003 R2 3790 Service Pack 2", NativeOS{Product: "Windows Server 2003 R2", Build: 3790, ServicePack: 2}},
		{"Windows Server 2003 R2 5.2", NativeOS{Product: "Windows Server 2003 R2"}},
	}},
	{begins: "Windows Server 2003", version: "5.2", product: "Windows Server 2003", source: nativeCaptured, examples: []nativeExample{
		{"Windows Server 2003 3790 Service Pack 2", NativeOS{Product: "Windows Server 2003", Build: 3790, ServicePack: 2}},
		{"Windows Server 2003 3790", NativeOS{Product: "Windows Server 2003", Build: 3790}},
		{"Windows Server 2003 5.2", NativeOS{Product: "Windows Server 2003"}},
	}},
	{begins: `Windows (TM) Code Name "Longhorn"`, version: "6.0", product: "Windows Longhorn", source: nativeCaptured, examples: []nativeExample{
		{`Windows (TM) Code Name "Longhorn" Ultimate 5231`, NativeOS{Product: "Windows Longhorn", Edition: "Ultimate", Build: 5231}},
		{`Windows (TM) Code Name "Longhorn" Ultimate 6.0`, NativeOS{Product: "Windows Longhorn", Edition: "Ultimate"}},
	}},
	{begins: "Windows Vista (TM)", version: "6.0", product: "Windows Vista", source: nativeRecog, examples: []nativeExample{
		{"Windows Vista (TM) Home Premium 6002 Service Pack 2",
			NativeOS{Product: "Windows Vista", Edition: "Home Premium", Build: 6002, ServicePack: 2}},
		{"Windows Vista (TM) Home Premium 6000", NativeOS{Product: "Windows Vista", Edition: "Home Premium", Build: 6000}},
	}},
	{begins: "Windows Server (R) 2008", version: "6.0", product: "Windows Server 2008", source: nativeRecog + "; " + nativeDiscovery,
		examples: []nativeExample{
			{"Windows Server (R) 2008 Standard 6001 Service Pack 1",
				NativeOS{Product: "Windows Server 2008", Edition: "Standard", Build: 6001, ServicePack: 1}},
			{"Windows Server (R) 2008 Enterprise without Hyper-V 6001 Service Pack 1",
				NativeOS{Product: "Windows Server 2008", Edition: "Enterprise without Hyper-V", Build: 6001, ServicePack: 1}},
		}},
	{begins: "Windows (R) Web Server 2008", version: "6.0", product: "Windows Server 2008", edition: "Web", source: nativeRecog,
		examples: []nativeExample{
			{"Windows (R) Web Server 2008 6002 Service Pack 2",
				NativeOS{Product: "Windows Server 2008", Edition: "Web", Build: 6002, ServicePack: 2}},
		}},
	{begins: "Windows Server 2008 HPC Edition", version: "6.1", product: "Windows Server 2008 R2", edition: "HPC Edition", source: nativeRecog,
		examples: []nativeExample{
			{"Windows Server 2008 HPC Edition 7601 Service Pack 1",
				NativeOS{Product: "Windows Server 2008 R2", Edition: "HPC Edition", Build: 7601, ServicePack: 1}},
		}},
	{begins: "Windows Server 2008 R2", version: "6.1", product: "Windows Server 2008 R2", source: nativeCaptured, examples: []nativeExample{
		{"Windows Server 2008 R2 Standard 7601 Service Pack 1",
			NativeOS{Product: "Windows Server 2008 R2", Edition: "Standard", Build: 7601, ServicePack: 1}},
		{"Windows Server 2008 R2 Standard 6.1", NativeOS{Product: "Windows Server 2008 R2", Edition: "Standard"}},
	}},
	{begins: "Windows Web Server 2008 R2", version: "6.1", product: "Windows Server 2008 R2", edition: "Web", source: nativeRecog,
		examples: []nativeExample{
			{"Windows Web Server 2008 R2 7600", NativeOS{Product: "Windows Server 2008 R2", Edition: "Web", Build: 7600}},
		}},
	{begins: "Windows Embedded Standard", version: "6.1", product: "Windows 7", edition: "Embedded Standard",
		source: "output of Metasploit's smb_ms17_010 in public reports", examples: []nativeExample{
			{"Windows Embedded Standard 7601 Service Pack 1",
				NativeOS{Product: "Windows 7", Edition: "Embedded Standard", Build: 7601, ServicePack: 1}},
		}},
	{begins: "Windows 7", version: "6.1", product: "Windows 7", source: nativeCaptured, examples: []nativeExample{
		{"Windows 7 Ultimate 7601 Service Pack 1", NativeOS{Product: "Windows 7", Edition: "Ultimate", Build: 7601, ServicePack: 1}},
		{"Windows 7 7601 Service Pack 1", NativeOS{Product: "Windows 7", Build: 7601, ServicePack: 1}},
		{"Windows 7 Ultimate 7600", NativeOS{Product: "Windows 7", Edition: "Ultimate", Build: 7600}},
		{"Windows 7 Ultimate 6.1", NativeOS{Product: "Windows 7", Edition: "Ultimate"}},
	}},
	{begins: "Windows 8.1", version: "6.3", product: "Windows 8.1", source: nativeRecog, examples: []nativeExample{
		{"Windows 8.1 Enterprise 9600", NativeOS{Product: "Windows 8.1", Edition: "Enterprise", Build: 9600}},
	}},
	{begins: "Windows 8", version: "6.2", product: "Windows 8", source: nativeRecog, examples: []nativeExample{
		{"Windows 8 Enterprise 9200", NativeOS{Product: "Windows 8", Edition: "Enterprise", Build: 9200}},
		{"Windows 8 9200", NativeOS{Product: "Windows 8", Build: 9200}},
	}},
	{begins: "Windows Server 2012 R2", version: "6.3", product: "Windows Server 2012 R2", source: nativeRecog, examples: []nativeExample{
		{"Windows Server 2012 R2 Standard 9600", NativeOS{Product: "Windows Server 2012 R2", Edition: "Standard", Build: 9600}},
	}},
	{begins: "Windows Server 2012", version: "6.2", product: "Windows Server 2012", source: nativeRecog, examples: []nativeExample{
		{"Windows Server 2012 Standard 9200", NativeOS{Product: "Windows Server 2012", Edition: "Standard", Build: 9200}},
	}},
	{begins: "Windows MultiPoint Server 2012", version: "6.2", product: "Windows Server 2012", edition: "MultiPoint", source: nativeRecog,
		examples: []nativeExample{
			{"Windows MultiPoint Server 2012 Premium 9200", NativeOS{Product: "Windows Server 2012", Edition: "MultiPoint Premium", Build: 9200}},
		}},
	// The version stays 6.3 from here on. Windows 11 calls itself 10 in its registry, and therefore here.
	{begins: "Windows 10", version: "6.3", product: "Windows 10", since: 22000, becomes: "Windows 11",
		source: nativeCaptured + "; " + nativeDiscovery, examples: []nativeExample{
			{"Windows 10 Pro 19045", NativeOS{Product: "Windows 10", Edition: "Pro", Build: 19045}},
			{"Windows 10 Home 15063", NativeOS{Product: "Windows 10", Edition: "Home", Build: 15063}},
			{"Windows 10 Pro 22000", NativeOS{Product: "Windows 11", Edition: "Pro", Build: 22000}},
			{"Windows 10 Pro 6.3", NativeOS{Product: "Windows 10", Edition: "Pro"}},
		}},
	{begins: "Windows Server 2016", version: "6.3", product: "Windows Server 2016", source: nativeCaptured, examples: []nativeExample{
		{"Windows Server 2016 Standard 14393", NativeOS{Product: "Windows Server 2016", Edition: "Standard", Build: 14393}},
	}},
	{begins: "Windows Server 2019", version: "6.3", product: "Windows Server 2019", source: nativeCaptured, examples: []nativeExample{
		{"Windows Server 2019 Standard 17763", NativeOS{Product: "Windows Server 2019", Edition: "Standard", Build: 17763}},
		{"Windows Server 2019 Standard 6.3", NativeOS{Product: "Windows Server 2019", Edition: "Standard"}},
	}},
	{begins: "Windows Server 2022", version: "6.3", product: "Windows Server 2022", source: nativeDiscovery, examples: []nativeExample{
		{"Windows Server 2022 Standard 20348", NativeOS{Product: "Windows Server 2022", Edition: "Standard", Build: 20348}},
		{"Windows Server 2022 Standard 6.3", NativeOS{Product: "Windows Server 2022", Edition: "Standard"}},
	}},
	{begins: "Windows Server 2025", version: "6.3", product: "Windows Server 2025", source: "by analogy with Windows Server 2022",
		examples: []nativeExample{
			{"Windows Server 2025 Datacenter 26100", NativeOS{Product: "Windows Server 2025", Edition: "Datacenter", Build: 26100}},
		}},
}
