package layers

// A layer is one package of the module and what its own files, tests aside, may import.
type layer struct {
	pkg      string   // folder in the module
	imports  []string // packages of the module; each stands above in the table
	external []string // packages of other modules
	std      access   // of the standard library
	program  bool     // package main: may end the process
}

// access tells how much of the standard library a layer may use.
type access int

const (
	timeless  access = iota // as pure, and without package time
	pure                    // no sockets, files, processes, randomness or clock: what comes out follows from what goes in
	published               // as pure, and with package testing: helpers for tests
	captured                // as published, and with files: helpers for tests that read other people's captures
	files                   // as pure, and with files: generators and what reads recordings
	sockets                 // everything but logging through package log
)

// The codec: what turns messages into values and back.
var codec = []string{"smb/wire", "smb/dtyp", "smb", "smb/ntlmssp", "smb/spnego", "smb/dcerpc", "smb/nbns", "negotiate"}

// What the stubs of RPC calls are made with.
var stub = []string{"smb/wire", "smb/dtyp", "smb/dcerpc/ndr"}

// The interfaces whose calls are read.
var interfaces = []string{
	"smb/dcerpc/ndr", "smb/dcerpc/srvsvc", "smb/dcerpc/wkssvc", "smb/dcerpc/lsarpc", "smb/dcerpc/samr", "smb/dcerpc/epm",
}

func with(base []string, more ...string) []string { return append(base[:len(base):len(base)], more...) }

// table has a row for each package of the module, those that are planned among them. A package imports only what stands
// above it. To add a package: 1. put its row below all that it imports; 2. give it the least access that it can live
// with; 3. do the same in .depguard.yml.
var table = []layer{
	{pkg: "smb/wire", std: timeless},
	{pkg: "smb/wire/wiretest", imports: []string{"smb/wire"}, std: published},
	{pkg: "smb/dtyp", imports: codec[:1], std: pure},
	{pkg: "smb/dtyp/internal/statustable", std: pure},
	{pkg: "smb/dtyp/gen", imports: []string{"smb/dtyp/internal/statustable"}, std: files, program: true},
	{pkg: "smb", imports: codec[:2], std: pure},
	{pkg: "smb/ntlmssp", imports: codec[:2], std: pure},
	{pkg: "smb/spnego", imports: codec[:2], std: pure, external: []string{
		"golang.org/x/crypto/cryptobyte", "golang.org/x/crypto/cryptobyte/asn1",
	}},
	{pkg: "smb/dcerpc", imports: codec[:2], std: pure},
	{pkg: "smb/dcerpc/ndr", imports: codec[:2], std: pure},
	{pkg: "smb/dcerpc/srvsvc", imports: stub, std: pure},
	{pkg: "smb/dcerpc/wkssvc", imports: stub, std: pure},
	{pkg: "smb/dcerpc/lsarpc", imports: stub, std: pure},
	{pkg: "smb/dcerpc/samr", imports: stub, std: pure},
	{pkg: "smb/dcerpc/epm", imports: stub, std: pure},
	{pkg: "smb/nbns", imports: []string{"smb/wire", "smb"}, std: pure},
	{pkg: "negotiate", imports: codec[:7], std: pure},

	{pkg: "fingerprint/dialogue", std: pure},
	{pkg: "fingerprint/report", imports: codec, std: pure},
	{pkg: "fingerprint/report/internal/schema", std: files},
	{
		pkg: "fingerprint/report/schemagen", std: files, program: true,
		imports: []string{"fingerprint/report", "fingerprint/report/internal/schema"},
	},
	{pkg: "fingerprint/verdict", imports: with(codec, "fingerprint/dialogue", "fingerprint/report"), std: pure},
	{pkg: "fingerprint/identity", imports: with(codec, "fingerprint/report", "fingerprint/verdict"), std: pure},
	{pkg: "fingerprint/identity/internal/buildtable", std: pure},
	{
		pkg: "fingerprint/identity/gen", std: files, program: true,
		imports: []string{"fingerprint/identity/internal/buildtable"},
	},
	{pkg: "fingerprint/finding", imports: with(codec, "fingerprint/report"), std: pure},
	{pkg: "fingerprint/internal/exchange", imports: with(codec, "fingerprint/dialogue"), std: sockets},
	{pkg: "fingerprint/internal/session", imports: with(codec, "fingerprint/internal/exchange"), std: pure},
	{
		pkg: "fingerprint", std: sockets, external: []string{"golang.org/x/time/rate"},
		imports: with(codec, "fingerprint/dialogue", "fingerprint/report", "fingerprint/verdict", "fingerprint/identity",
			"fingerprint/finding", "fingerprint/internal/exchange", "fingerprint/internal/session"),
	},
	{
		pkg: "fingerprint/nullsession", std: pure,
		imports: with(append(interfaces, codec...), "fingerprint", "fingerprint/dialogue", "fingerprint/report", "fingerprint/verdict",
			"fingerprint/finding", "fingerprint/internal/exchange", "fingerprint/internal/session"),
	},
	{pkg: "fingerprint/capture", imports: with(codec, "fingerprint/dialogue"), std: files, external: []string{
		"github.com/gopacket/gopacket/...", "github.com/klauspost/compress/...",
	}},
	{pkg: "fingerprint/smbtest", imports: with(codec, "fingerprint/dialogue"), std: sockets},
	{pkg: "fingerprint/guard", imports: codec, std: sockets},
	{pkg: "fingerprint/internal/layers", std: timeless},
	{pkg: "fingerprint/internal/livetest", std: timeless},

	// Programs and tests only: no package above may import these.
	{pkg: "testdata", imports: []string{"fingerprint/dialogue"}, std: files},
	{pkg: "testdata/truth", imports: []string{"fingerprint/dialogue"}, std: captured},
	{
		pkg: "testdata/regen", std: files, program: true,
		imports: []string{"fingerprint", "fingerprint/dialogue", "fingerprint/report", "fingerprint/finding", "testdata"},
	},
}

// livetestOnly are modules that only the tests of livetest import: what the tests of a package import is in the go.sum
// of everybody who imports the package. No row above has them, so that no library code imports them at all.
var livetestOnly = []string{"github.com/hirochachacha/go-smb2/...", "go.uber.org/goleak/...", "pgregory.net/rapid/..."}

const livetest = "fingerprint/internal/livetest"

// forbidden are packages of the standard library that a kind of access leaves out. What is an address and no socket,
// net/netip, is not among them.
func (a access) forbidden() []string {
	list := []string{"unsafe", "C", "log", "plugin"}
	if a == sockets {
		return with(list, "testing/...")
	}
	list = with(list, "net", "net/http/...", "net/rpc/...", "net/smtp", "net/textproto", "net/mail", "crypto/tls", "crypto/rand",
		"math/rand/...", "log/syslog", "os/exec", "os/signal", "os/user", "syscall/...")
	if a != published && a != captured {
		list = with(list, "testing/...")
	}
	if a != files && a != captured {
		list = with(list, "os", "io/ioutil")
	}
	if a == timeless {
		list = with(list, "time")
	}
	return list
}

// shunned are functions that no library code uses.
var shunned = map[string]string{
	"log.Fatal":          "",
	"log.Fatalf":         "",
	"log.Fatalln":        "",
	"log.Panic":          "",
	"log.Panicf":         "",
	"log.Panicln":        "",
	"os.Exit":            "only a program ends the process",
	"runtime.Goexit":     "",
	"context.Background": "a context comes from the caller, and is derived and never replaced",
	"context.TODO":       "a context comes from the caller, and is derived and never replaced",
	"time.Sleep":         "a sleep takes no notice of a context",

	"encoding/binary.Read": "reads of the wire go through wire.Cursor",
}

// clocks are functions that only a layer with sockets uses; all others get their times in what they are given.
var clocks = []string{"time.Now", "time.Since", "time.Until", "time.After", "time.Tick", "time.NewTimer", "time.NewTicker", "time.AfterFunc"}
