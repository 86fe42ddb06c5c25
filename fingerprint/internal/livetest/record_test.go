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
	"github.com/smbscope/smbscope/negotiate"
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
	flags []string                         // of examples/record; the target is the address without a port where there are any
	read  bool                             // what a null session is told as well; its folder is another one
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
		name:  samba + "three-ports",
		start: func(t testing.TB) *server { return truths()[0].start(t, 445, 139, 8445) },
		flags: []string{"-ports=445,139,8445"},
		check: requireThreePorts,
	}, fixture{
		name:  samba + "behaviour",
		start: func(t testing.TB) *server { return truths()[0].start(t, 445) },
		flags: []string{"-ports=445", "-behaviour"},
		check: requireBehaviour,
	}, fixture{
		name:  samba + "checks",
		start: func(t testing.TB) *server { return startNull(t, open("server min protocol = NT1"), 445) },
		flags: []string{"-ports=445", "-checks"},
		check: requireChecks,
	})
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
	return append(list, nullFixtures(samba, impacket)...)
}

// requireChecks holds what the weakness checks say of a Samba that connects IPC$ for everybody.
func requireChecks(t *testing.T, r *report.Report) {
	t.Helper()
	require.Equal(t, report.Yes, r.SMB1.Supported)
	require.Len(t, r.Checks, 2)
	for _, c := range r.Checks {
		require.Equal(t, report.No, c.Answer, c.Reason)
	}
	require.Equal(t, 1, r.Cost.Authentications)
	require.Nil(t, r.NullSession)
}

// nullFixtures are a scan with logons at every level, and what was read from servers, which is all of testdata/nullsession.
func nullFixtures(samba, impacket string) []fixture {
	opened := func(t testing.TB) *server { return startNull(t, open(), 445) }
	session := func(session, ipc, mapping report.Answer) func(*testing.T, *report.Report) {
		return func(t *testing.T, r *report.Report) {
			t.Helper()
			require.NotNil(t, r.NullSession)
			require.Equal(t, []report.Answer{session, ipc, mapping},
				[]report.Answer{r.NullSession.Session, r.NullSession.IPC, r.NullSession.UnknownUserMapsToGuest})
		}
	}
	const yes, no = report.Yes, report.No
	flags := []string{"-null", "-guest"}
	read := []string{"-null", "-guest", "-read", "-level=quick"}
	list := []fixture{
		{
			name: samba + "null-session", flags: flags, check: session(yes, yes, yes),
			start: func(t testing.TB) *server { return startNull(t, open("server min protocol = NT1"), 445) },
		},
		{name: samba + "null-open", flags: read, read: true, start: opened, check: session(yes, yes, yes)},
		{
			name: samba + "null-open-nt1", flags: read, read: true, check: session(yes, yes, yes),
			start: func(t testing.TB) *server { return startNull(t, open(onlyNT1()...), 445) },
		},
		{
			name: samba + "null-closed", flags: read, read: true, check: session(yes, no, no),
			start: func(t testing.TB) *server { return startNull(t, closed(), 445) },
		},
	}
	for _, tt := range impackets() {
		list = append(list, fixture{
			name: impacket + "null-" + tt.name, flags: read, read: true, check: session(yes, yes, yes),
			start: func(t testing.TB) *server { return startImpacket(t, tt.options...) },
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
				target := server.Target()
				if f.flags != nil {
					target = server.Addr
				}
				arguments := append([]string{"run", "./examples/record", "-level=full", "-i=lo", "-out=" + f.folder(folder)}, f.flags...)
				output, err = runWithin(t, recordWithin, "", inRoot, "go", append(arguments, f.name, target)...)
				if err == nil || !strings.Contains(output, "try again") {
					break
				}
			}
			require.NoError(t, err, output)
			t.Log(strings.TrimSpace(output))
			requireNeutral(t, filepath.Join(f.folder(folder), f.name))
			text, err := os.ReadFile(filepath.Join(f.folder(folder), f.name+".report.json"))
			require.NoError(t, err)
			r := new(report.Report)
			require.NoError(t, json.Unmarshal(text, r))
			f.check(t, r)
		})
	}
}

// folder returns the folder for a recording, where scans are recorded in another one.
func (f fixture) folder(scans string) string {
	if f.read {
		return filepath.Join(filepath.Dir(scans), "nullsession")
	}
	return scans
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

// requireThreePorts checks what a scan of ports 445, 139 and 8445 says of a Samba without settings: the answers of 445, and
// what the others say apart from it. RFC 1002 has 17 bits for a length, and Samba keeps to 64 KiB at 139.
func requireThreePorts(t *testing.T, r *report.Report) {
	t.Helper()
	require.Equal(t, report.OutcomeSMB, r.Outcome)
	require.Len(t, r.Transports, 3)
	require.Equal(t, "*SMBSERVER", r.Transports[1].CalledName)
	require.Empty(t, r.Transports[0].CalledName)
	sizes := map[int]map[string]uint32{0: {}, 1: {}, 2: {}}
	for _, n := range r.Negotiated {
		sizes[n.Transport][n.Dialect] = n.MaxReadSize
	}
	for i, size := range []uint32{8 << 20, 64 << 10, 8 << 20} {
		require.Equal(t, report.OutcomeSMB, r.Transports[i].Outcome)
		require.Equal(t, map[string]uint32{"2.0.2": 64 << 10, "2.1": size, "3.0": size, "3.0.2": size, "3.1.1": size}, sizes[i])
	}
	require.Equal(t, report.Yes, r.Encryption.Supported)
	require.Equal(t, 3*truths()[0].full, r.Cost.Connections)
	for _, way := range r.Transports[1:] {
		require.Equal(t, r.Dialects, way.Dialects)
		require.Equal(t, r.Encryption, way.Encryption)
		require.Equal(t, r.Signing, way.Signing)
	}
}

// requireBehaviour checks that the probes were asked, one after the other, and that the server is as it was.
func requireBehaviour(t *testing.T, r *report.Report) {
	t.Helper()
	asked, controls := 0, 0
	for _, p := range r.Probes {
		switch {
		case strings.HasPrefix(p.ID, "behaviour-"):
			asked++
		case p.ID == "control":
			controls++
			require.Equal(t, report.ResultSupported, p.Result)
		}
	}
	require.Equal(t, len(negotiate.Behaviours()), asked)
	require.Equal(t, (asked+2)/3, controls)
	require.LessOrEqual(t, asked+controls, 15)
	require.Empty(t, r.Reason)
	want := truths()[0]
	want.full += asked + controls
	requireTruth(t, want, r)
}
