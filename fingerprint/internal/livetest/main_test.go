//go:build linux

package livetest

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if !enabled() {
		// go test hides what a package that passes prints, but after this line, which is testing's own, it adds
		// "[no tests to run]" to the package's: that is what a run over many packages shows of the skip.
		fmt.Println("testing: warning: no tests to run")
		for name, value := range map[string]string{"test.run": "^TestEnabled$", "test.bench": "", "test.fuzz": ""} {
			if err := flag.Set(name, value); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
		}
	}
	goleak.VerifyTestMain(m)
}

// enabled tells whether real servers may be started. go test keeps results by the environment that tests have read,
// and does not see what TestMain reads, so everything that depends on the answer has to ask again in a test.
func enabled() bool { return os.Getenv("SMBSCOPE_LIVE") == "1" }

// TestEnabled is the one test that is skipped when nothing may be started, in place of all the others.
func TestEnabled(t *testing.T) {
	if !enabled() {
		t.Skip("live tests start real servers, and only with SMBSCOPE_LIVE=1")
	}
}

// requireLive fails the test unless it may do what servers need: privileged ports, namespaces, network devices.
func requireLive(t testing.TB) {
	t.Helper()
	require.True(t, enabled())
	require.Zero(t, os.Geteuid(), "live tests need root")
}
