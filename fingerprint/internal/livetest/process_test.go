//go:build linux

package livetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	readyWithin   = 20 * time.Second // of a server: from its start until every port accepts; Samba takes 0.3 s
	goneWithin    = 10 * time.Second // of a server: from the signal until its last process is gone
	commandWithin = 30 * time.Second // of a program that runs to its end
	tailBytes     = 4096             // of each log that a failed test shows
)

// A process is a server that runs until the test ends.
type process struct {
	name   string
	logs   []string      // files or patterns whose tails explain a failure
	exited chan struct{} // closed when it is gone, and then err is set
	err    error
	pid    int
}

// newFolder makes a folder that everyone may enter and that goes with the test. It is not t.TempDir, which only root
// may enter, while servers read their shares as somebody else, and whose path grows with the test's name, while
// sockets below it may have 107 bytes.
func newFolder(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "smbscope-")
	require.NoError(t, err)
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Errorf("folder of a server: %v", err)
		}
	})
	require.NoError(t, os.Chmod(folder, 0o755))
	return folder
}

// isolate puts the command's process into a mount and pid namespace of its own, where it is process 1: when it ends
// the kernel ends all that it has started, and only then is the process reported as gone. It ends with this process
// as well, however that ends.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Pdeathsig:  syscall.SIGKILL,
		Setpgid:    true, // an interrupt from the terminal is for the test, which then ends the server
	}
}

// start starts a server whose output goes to the file "output" in the folder, and ends it when the test ends.
func start(t testing.TB, name, folder string, cmd *exec.Cmd, logs ...string) *process {
	t.Helper()
	output, err := os.Create(filepath.Join(folder, "output"))
	require.NoError(t, err)
	defer output.Close()
	cmd.Stdout, cmd.Stderr = output, output
	isolate(cmd)
	require.NoError(t, cmd.Start(), "%s", name)
	p := &process{
		name: name, pid: cmd.Process.Pid, exited: make(chan struct{}),
		logs: append([]string{output.Name()}, logs...),
	}
	go func() {
		defer close(p.exited)
		p.err = cmd.Wait()
	}()
	t.Cleanup(func() { p.end(t, cmd.Process) })
	return p
}

// end ends the server and everything it has started, waits for that, and shows its logs if the test failed.
func (p *process) end(t testing.TB, handle *os.Process) {
	select {
	case <-p.exited:
		t.Errorf("%s ended before the test did: %v", p.name, p.err)
	default:
		if err := handle.Kill(); err != nil {
			t.Errorf("%s: kill: %v", p.name, err)
		}
		select {
		case <-p.exited:
		case <-time.After(goneWithin):
			t.Errorf("%s, process %d, is still there %v after SIGKILL", p.name, p.pid, goneWithin)
		}
	}
	if t.Failed() {
		t.Log(p.tails())
	}
}

// ready waits until all addresses accept a connection.
func (p *process) ready(t testing.TB, addresses ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), readyWithin)
	defer cancel()
	for _, address := range addresses {
		for {
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
			if err == nil {
				require.NoError(t, conn.Close())
				break
			}
			select {
			case <-p.exited:
				require.FailNow(t, "the server ended", "%s: %v", p.name, p.err) // end shows the logs
			case <-ctx.Done():
				require.FailNow(t, "the server is not ready", "%s after %v: %v", p.name, readyWithin, err)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
}

// tails returns the end of each of the server's logs.
func (p *process) tails() string {
	var b strings.Builder
	for _, pattern := range p.logs {
		files, err := filepath.Glob(pattern)
		if err != nil {
			fmt.Fprintf(&b, "%s: %v\n", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				text = []byte(err.Error())
			}
			fmt.Fprintf(&b, "--- %s: %s\n%s\n", p.name, filepath.Base(file), text[max(0, len(text)-tailBytes):])
		}
	}
	return b.String()
}

// run runs a program to its end, within commandWithin, and returns all that it printed. A program that does not end,
// or has left a child holding its output, gives an error. It can be used in a cleanup, where t.Context has ended.
func run(t testing.TB, stdin string, prepare func(*exec.Cmd), program string, arguments ...string) (string, error) {
	t.Helper()
	return runWithin(t, commandWithin, stdin, prepare, program, arguments...)
}

// runWithin is run with another bound.
func runWithin(t testing.TB, bound time.Duration, stdin string, prepare func(*exec.Cmd), program string, arguments ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), bound)
	defer cancel()
	cmd := exec.CommandContext(ctx, requireTool(t, program), arguments...)
	cmd.WaitDelay = time.Second
	cmd.Stdin = strings.NewReader(stdin)
	if prepare != nil {
		prepare(cmd)
	}
	output, err := cmd.CombinedOutput()
	if cause := context.Cause(ctx); cause != nil {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	return string(output), err
}
