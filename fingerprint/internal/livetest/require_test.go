//go:build linux

package livetest

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireTool returns the path of a program, and fails the test if it is not installed. Servers' programs lie in
// folders that an ordinary user's PATH lacks.
func requireTool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	for _, folder := range []string{"/usr/sbin/", "/sbin/"} {
		if err != nil && !strings.Contains(name, "/") {
			path, err = exec.LookPath(folder + name)
		}
	}
	require.NoError(t, err, "live tests need %s", name)
	return path
}
