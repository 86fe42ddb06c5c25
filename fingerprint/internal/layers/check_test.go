package layers

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// TestEveryCheckCanFail breaks each rule once, and shows beside it what is allowed.
func TestEveryCheckCanFail(t *testing.T) {
	const own = module + "/"
	imports := func(list ...string) string {
		return "package p\nimport (\n\"" + strings.Join(list, "\"\n\"") + "\"\n)\n"
	}
	uses := func(imported, statement string) string {
		return "package p\nimport " + imported + "\nfunc f() { " + statement + " }\n"
	}
	for _, c := range []struct{ name, file, source, problem string }{ // no problem: it is allowed
		{"codec", "smb/smb2header.go", imports("net/netip", "time", own+"smb/wire"), ""},
		{"wire with net", "smb/wire/a.go", imports("net"), "import of net:"},
		{"wire with os", "smb/wire/a.go", imports("os"), "import of os:"},
		{"wire with time", "smb/wire/a.go", imports("time"), "import of time:"},
		{"wire with the codec", "smb/wire/a.go", imports(own + "smb/dtyp"), "import of " + own + "smb/dtyp:"},
		{"smb with what it carries", "smb/a.go", imports(own + "smb/ntlmssp"), "no such import of smb"},
		{"smb with net", "smb/netbios.go", imports("net"), "import of net:"},
		{"negotiate with a file", "negotiate/a.go", imports("os"), "import of os:"},
		{"negotiate with randomness", "negotiate/a.go", imports("crypto/rand"), "import of crypto/rand:"},
		{"ntlmssp with randomness", "smb/ntlmssp/a.go", imports("math/rand/v2"), "import of math/rand/v2:"},
		{"verdict with net", "fingerprint/verdict/a.go", imports("net"), "import of net:"},
		{"verdict with HTTP", "fingerprint/verdict/a.go", imports("net/http/httptrace"), "import of net/http/httptrace:"},
		{"verdict with TLS", "fingerprint/verdict/a.go", imports("crypto/tls"), "import of crypto/tls:"},
		{"verdict with exchange", "fingerprint/verdict/a.go", imports(own + "fingerprint/internal/exchange"), "no such import"},
		{"verdict with its inputs", "fingerprint/verdict/a.go", imports(own+"fingerprint/dialogue", own+"smb/spnego", own+"negotiate"), ""},
		{"report with verdict", "fingerprint/report/a.go", imports(own + "fingerprint/verdict"), "no such import"},
		{"report with dialogue", "fingerprint/report/a.go", imports(own + "fingerprint/dialogue"), "no such import"},
		{"exchange", "fingerprint/internal/exchange/a.go", imports("net", "os", "syscall", own+"fingerprint/dialogue", own+"smb"), ""},
		{"exchange with report", "fingerprint/internal/exchange/a.go", imports(own + "fingerprint/report"), "no such import"},
		{"fingerprint", "fingerprint/a.go", imports("net", own+"fingerprint/verdict", "golang.org/x/time/rate"), ""},
		{"fingerprint with its own add-on", "fingerprint/a.go", imports(own + "fingerprint/nullsession"), "no such import"},
		{"library with test servers", "fingerprint/a.go", imports(own + "fingerprint/smbtest"), "no such import"},
		{"library with recordings", "fingerprint/smbtest/a.go", imports(own + "testdata"), "import of " + own + "testdata:"},
		{"library with captures", "fingerprint/smbtest/a.go", imports(own + "testdata/truth"), "no such import"},
		{"verdict with captures", "fingerprint/verdict/a.go", imports(own + "testdata/truth"), "no such import"},
		{"captures", "testdata/truth/a.go", imports("testing", "os", own+"fingerprint/dialogue"), ""},
		{"captures with the codec", "testdata/truth/a.go", imports(own + "smb"), "no such import"},
		{"captures with net", "testdata/truth/a.go", imports("net"), "import of net:"},
		{"test with captures", "smb/a_test.go", imports(own + "testdata/truth"), ""},
		{"test with recordings", "smb/a_test.go", imports(own + "testdata"), ""},
		{"test with an example", "smb/a_test.go", imports(own + "examples/scan"), "imports no example"},
		{"test with all layers", "smb/a_test.go", imports("net", "os", own+"fingerprint", "github.com/stretchr/testify/require"), ""},
		{"nullsession with sockets", "fingerprint/nullsession/a.go", imports("net"), "import of net:"},
		{"capture", "fingerprint/capture/a.go", imports("github.com/gopacket/gopacket/reassembly"), ""},
		{"capture with sockets", "fingerprint/capture/a.go", imports("net"), "import of net:"},
		{"packets elsewhere", "fingerprint/guard/a.go", imports("github.com/gopacket/gopacket"), "no such module for fingerprint/guard"},
		{"cryptobyte", "smb/spnego/a.go", imports("golang.org/x/crypto/cryptobyte/asn1"), ""},
		{"cryptobyte elsewhere", "smb/ntlmssp/a.go", imports("golang.org/x/crypto/cryptobyte"), "no such module"},
		{"more of x/crypto", "smb/spnego/a.go", imports("golang.org/x/crypto/md4"), "no such module"},
		{"testify in library code", "smb/a.go", imports("github.com/stretchr/testify/require"), "no such module"},
		{"go-smb2 in library code", "fingerprint/a.go", imports("github.com/hirochachacha/go-smb2"), "only the tests of"},
		{"go-smb2 in a test", "fingerprint/guard/a_test.go", imports("github.com/hirochachacha/go-smb2"), "only the tests of"},
		{"goleak in a test", "fingerprint/a_test.go", imports("go.uber.org/goleak"), "only the tests of"},
		{"rapid in a test", "smb/wire/a_test.go", imports("pgregory.net/rapid"), "only the tests of"},
		{"livetest", livetest + "/a_test.go", imports("github.com/hirochachacha/go-smb2", "go.uber.org/goleak", "pgregory.net/rapid"), ""},
		{"livetest beside its tests", livetest + "/doc.go", imports("pgregory.net/rapid"), "only the tests of"},
		{"testing in library code", "fingerprint/smbtest/a.go", imports("testing"), "import of testing:"},
		{"testing in a helper for tests", "smb/wire/wiretest/a.go", imports("testing"), ""},
		{"package log", "fingerprint/a.go", imports("log"), "import of log:"},
		{"package log/slog", "fingerprint/a.go", imports("log/slog"), ""},
		{"unsafe", "fingerprint/a.go", imports("unsafe"), "import of unsafe:"},
		{"C", "fingerprint/smbtest/a.go", imports("C"), "import of C:"},
		{"dot import", "smb/a.go", "package p\nimport . \"strings\"\n", "dot import of strings"},
		{"dot import in a test", "smb/a_test.go", "package p\nimport . \"strings\"\n", "dot import of strings"},
		{"new package", "fingerprint/other/a.go", imports("fmt"), "package fingerprint/other has no row"},
		{"new package of tests", "fingerprint/other/a_test.go", imports("fmt"), "package fingerprint/other has no row"},
		{"package in the module's folder", "a.go", imports("fmt"), "package . has no row"},
		{"example", "examples/scan/a.go", imports("net", own+"testdata"), ""},
		{"hidden folder", ".ci/tools/a.go", imports("unsafe"), ""},

		{"init", "smb/a.go", "package p\nfunc init() {}\n", "func init"},
		{"method init", "smb/a.go", "package p\ntype t int\nfunc (t) init() {}\n", ""},
		{"panic", "negotiate/a.go", "package p\nfunc f() { if true { panic(1) } }\n", "panic"},
		{"recover", "fingerprint/smbtest/a.go", "package p\nfunc f() { defer func() { _ = recover() }() }\n", "recover"},
		{"panic in a test", "negotiate/a_test.go", "package p\nfunc f() { panic(1) }\n", ""},
		{"log.Fatal", "fingerprint/a.go", uses(`"log"`, `log.Fatal(1)`), "log.Fatal:"},
		{"log.Fatalf", "fingerprint/a.go", uses(`l "log"`, `l.Fatalf("")`), "log.Fatalf:"},
		{"os.Exit", "fingerprint/internal/exchange/a.go", uses(`"os"`, `os.Exit(1)`), "os.Exit:"},
		{"os.Exit in a program", "fingerprint/report/schemagen/a.go", uses(`"os"`, `os.Exit(1)`), ""},
		{"context.Background", "fingerprint/a.go", uses(`"context"`, `_ = context.Background()`), "context.Background:"},
		{"context.Background as a value", "fingerprint/a.go", uses(`"context"`, `g := context.Background; g()`), "context.Background:"},
		{"context.TODO", "fingerprint/smbtest/a.go", uses(`c "context"`, `_ = c.TODO()`), "context.TODO:"},
		{"time.Sleep", "fingerprint/smbtest/a.go", uses(`"time"`, `time.Sleep(1)`), "time.Sleep:"},
		{"time.Sleep of something else", "fingerprint/a.go", "package p\nfunc f() { time.Sleep(1) }\n", ""},
		{"binary.Read", "smb/a.go", uses(`"encoding/binary"`, `binary.Read(nil, nil, nil)`), "encoding/binary.Read:"},
		{"clock", "fingerprint/verdict/a.go", uses(`"time"`, `_ = time.Now()`), "fingerprint/verdict has no clock"},
		{"clock in the codec", "smb/dtyp/a.go", uses(`"time"`, `_ = time.Since`), "smb/dtyp has no clock"},
		{"clock of a scan", "fingerprint/a.go", uses(`"time"`, `_ = time.Now()`), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			problems, _, err := check(fstest.MapFS{c.file: {Data: []byte(c.source)}})
			require.NoError(t, err)
			text := strings.Join(problems, "\n")
			if c.problem == "" {
				require.Empty(t, text)
				return
			}
			require.Contains(t, text, c.problem)
		})
	}
}

func TestOtherModulesAreLeftOut(t *testing.T) {
	problems, packages, err := check(fstest.MapFS{
		"go.mod": {}, "smb/a.go": {Data: []byte("package smb")},
		"tool/go.mod": {}, "tool/a.go": {Data: []byte("package tool")},
	})
	require.NoError(t, err)
	require.Empty(t, problems)
	require.Equal(t, []string{"smb"}, packages)

	_, _, err = check(fstest.MapFS{"smb/a.go": {Data: []byte("package")}})
	require.Error(t, err, "a file that cannot be read is not passed over")
}
