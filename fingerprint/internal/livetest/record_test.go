//go:build linux

package livetest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
)

// recordFolder is the variable that names the folder for TestRecord, relative to the root of the repository.
const recordFolder = "SMBSCOPE_RECORD"

const (
	recordTries  = 5               // tcpdump loses packets when the machine is busy, and then nothing is written
	recordWithin = 2 * time.Minute // of the first, which is compiled
)

// A fixture is a server that is recorded.
type fixture struct {
	name  string
	start func(testing.TB) *server
	check func(*testing.T, *report.Report) // by the server's configuration
}

// fixtures are all of testdata/recorded.
func fixtures(t testing.TB) []fixture {
	var list []fixture
	samba := "samba-" + version(t, `Version ([0-9.]+)`, "smbd", "--version") + "-"
	for _, tt := range truths() {
		list = append(list, fixture{
			name:  samba + tt.name,
			start: func(t testing.TB) *server { return tt.start(t, 445) },
			check: func(t *testing.T, r *report.Report) { requireTruth(t, tt, r) },
		})
	}
	list = append(list, fixture{
		name:  samba + controller().name,
		start: func(t testing.TB) *server { return startController(t, 445) },
		check: requireController,
	})
	impacket := "impacket-" + version(t, `([0-9.]+)`, debianPython, "-c", "import importlib.metadata as m; print(m.version('impacket'))") + "-"
	for _, tt := range impackets() {
		list = append(list, fixture{
			name:  impacket + tt.name,
			start: func(t testing.TB) *server { return startImpacket(t, tt.options...) },
			check: func(t *testing.T, r *report.Report) { requireImpacket(t, tt, r) },
		})
	}
	return list
}

func version(t testing.TB, pattern, program string, arguments ...string) string {
	t.Helper()
	output, err := run(t, "", nil, program, arguments...)
	require.NoError(t, err, output)
	found := regexp.MustCompile(pattern).FindStringSubmatch(output)
	require.Len(t, found, 2, output)
	return found[1]
}

// TestRecord records every server anew where SMBSCOPE_RECORD says so; -run=TestRecord/nt1 only those with "nt1" in their
// names. What was recorded has to be right. Without the variable it records one, for nobody, so that the way to do it does not rot.
func TestRecord(t *testing.T) {
	requireLive(t)
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	folder, all := os.LookupEnv(recordFolder)
	list := fixtures(t)
	if !all {
		folder, list = t.TempDir(), list[:1]
	}
	require.NotEmpty(t, folder, "%s is empty", recordFolder)
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(root, folder)
	}
	for _, f := range list {
		t.Run(f.name, func(t *testing.T) {
			server := f.start(t)
			inRoot := func(cmd *exec.Cmd) { cmd.Dir = root }
			var output string
			var err error
			for range recordTries {
				output, err = runWithin(t, recordWithin, "", inRoot, "go", "run", "./examples/record",
					"-level=full", "-i=lo", "-out="+folder, f.name, server.Target())
				if err == nil || !strings.Contains(output, "try again") {
					break
				}
			}
			require.NoError(t, err, output)
			t.Log(strings.TrimSpace(output))
			requireNeutral(t, filepath.Join(folder, f.name))
			text, err := os.ReadFile(filepath.Join(folder, f.name+".report.json"))
			require.NoError(t, err)
			r := new(report.Report)
			require.NoError(t, json.Unmarshal(text, r))
			f.check(t, r)
		})
	}
}

// requireNeutral fails the test if a recording tells the name or a path of this machine.
func requireNeutral(t *testing.T, recording string) {
	t.Helper()
	host, err := os.Hostname()
	require.NoError(t, err)
	name := regexp.MustCompile(fmt.Sprintf(`(?i)\b%s\b`, regexp.QuoteMeta(host)))
	for _, suffix := range []string{".report.json", ".dialogue.jsonl", ".pcap"} {
		text, err := os.ReadFile(recording + suffix)
		require.NoError(t, err)
		require.NotContains(t, string(text), os.TempDir()+"/", suffix)
		if suffix != ".pcap" { // where a short name may be there by chance
			require.NotRegexp(t, name, string(text), suffix)
		}
	}
}
