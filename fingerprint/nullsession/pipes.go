package nullsession

import (
	"slices"
)

// A Pipe is a named pipe and the interfaces that are bound over it.
type Pipe struct {
	Name       string      // without \PIPE\
	Interfaces []Interface // in the order in which they are bound
	// Effect says what opening the pipe does to the server and what it logs.
	Effect string
	// When tells who asks for it.
	When When
}

// An Interface is an RPC interface: its identifier and the protocol's name.
type Interface struct {
	Name         string // such as srvsvc
	UUID         string
	Major, Minor uint16
}

// When tells by which wish a pipe is opened.
type When int

// The wishes.
const (
	WhenReading When = iota // by every Read
	WhenAudited             // by Reader.PipeAudit, or by its name in Reader.Pipes
	WhenNamed               // only by its name in Reader.Pipes
)

// Pipes lists the pipes that this package can open.
//
// On Windows each open of IPC$ and of a pipe is event 5145 where detailed file share auditing is on, and the logon before
// it event 4624 with ANONYMOUS LOGON. On Samba it is a line of the log at level 3. Since Windows Server 2003 only the
// pipes in NullSessionPipes are open to a null session at all.
func Pipes() []Pipe {
	const served = "served by a process that always runs; nothing is started"
	return []Pipe{
		{"srvsvc", []Interface{{"srvsvc", "4b324fc8-1670-01d3-1278-5a47bf6ee188", 3, 0}}, served, WhenReading},
		{"wkssvc", []Interface{{"wkssvc", "6bffd098-a112-3610-9833-46c3f87e345a", 1, 0}}, served, WhenReading},
		{"lsarpc", []Interface{{"lsarpc", "12345778-1234-abcd-ef00-0123456789ab", 0, 0}}, served + "; Windows audits policy access where asked to", WhenReading},
		{"samr", []Interface{{"samr", "12345778-1234-abcd-ef00-0123456789ac", 1, 0}}, served + "; remote calls are event 16962 to 16969 where access is restricted", WhenReading},
		{"epmapper", []Interface{{"epmapper", "e1af8308-5d1f-11c9-91a4-08002b14a0fa", 3, 0}}, served, WhenReading},

		{"spoolss", []Interface{{"spoolss", "12345678-1234-abcd-ef00-0123456789ab", 1, 0}}, "served by the print spooler, which runs by default on Windows; Samba starts its spoolssd or rpcd_spoolss", WhenAudited},
		{"netdfs", []Interface{{"netdfs", "4fc742e0-4a10-11cf-8273-00aa004ae673", 3, 0}}, "served by the DFS namespace service, on domain controllers and DFS servers", WhenAudited},
		{"netlogon", []Interface{{"netlogon", "12345678-1234-abcd-ef00-01234567cffb", 1, 0}}, "served by Netlogon, on members of a domain and its controllers", WhenAudited},
		{"eventlog", []Interface{{"eventlog", "82273fdc-e32a-18c3-3f78-827929dc23ea", 0, 0}}, "served by the event log service, which always runs", WhenAudited},
		{"efsrpc", []Interface{{"efsrpc", "df1941c5-fe89-4e79-bf10-463657acf44d", 1, 0}}, "served by EFS; Windows starts the service when the pipe is opened", WhenAudited},
		{"FssagentRpc", []Interface{{"fsrvp", "a8e0653c-2744-4389-a61d-7373df8b2292", 1, 0}}, "served by the VSS agent of file servers, where that role is installed; opening it may start the service", WhenAudited},

		{"winreg", []Interface{{"winreg", "338cd001-2244-31f1-aaaa-900038001003", 1, 0}}, "starts the Remote Registry service on Windows, where that is set to start on demand", WhenNamed},
	}
}

func pipeOf(name string) (Pipe, bool) {
	all := Pipes()
	i := slices.IndexFunc(all, func(p Pipe) bool { return p.Name == name })
	if i < 0 {
		return Pipe{}, false
	}
	return all[i], true
}
