package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An output that fails at any write, in the way of a full disk or of a reader that has gone: exit code 1, one sentence,
// and nothing is written behind the failure.
func TestOutputFailsAtEachWrite(t *testing.T) {
	for _, flags := range [][]string{nil, {"-json"}, {"-v"}, {"-explain"}} {
		for _, failure := range []error{syscall.ENOSPC, syscall.EPIPE, io.ErrShortWrite} {
			for n := 1; ; n++ {
				out := &failing{after: n, err: failure}
				var stderr bytes.Buffer
				p := program{stdin: strings.NewReader(""), stdout: out, stderr: &stderr, scan: answering(sample()),
					getenv: func(string) string { return "" }, size: func(io.Writer) (int, bool) { return 0, false }}
				code := p.run(t.Context(), append(flags, "a", "b", "c"))
				if out.writes < n {
					require.Equal(t, exitDone, code)
					require.Greater(t, n, 1)
					break
				}
				require.Equal(t, exitFailed, code, "%v, write %d", flags, n)
				require.Equal(t, n, out.writes, "%v: something was written behind the failure", flags)
				require.Contains(t, stderr.String(), failure.Error())
				require.Equal(t, 1, strings.Count(stderr.String(), "\n"))
			}
		}
	}
}

// A failing writer takes some writes and fails from then on.
type failing struct {
	after, writes int
	err           error
}

func (f *failing) Write(b []byte) (int, error) {
	if f.writes++; f.writes >= f.after {
		return 0, f.err
	}
	return len(b), nil
}

// The whole program before an output that takes nothing more: a full disk ends it with exit code 1, a reader that has
// gone ends it too, and one that does not read keeps it until it is interrupted.
func TestOutputOfTheProgram(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("signals and /dev/full are those of Linux")
	}
	program := filepath.Join(t.TempDir(), "scan")
	built, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", built)
	start := func(t *testing.T, stdout *os.File) (*exec.Cmd, *bytes.Buffer) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		t.Cleanup(cancel)
		cmd := exec.CommandContext(ctx, program, "-json", "-raw", "-level", "full") // of all recorded servers: megabytes
		stderr := &bytes.Buffer{}
		cmd.Stdout, cmd.Stderr = stdout, stderr
		require.NoError(t, cmd.Start())
		return cmd, stderr
	}

	t.Run("full", func(t *testing.T) {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		require.NoError(t, err)
		defer full.Close()
		cmd, stderr := start(t, full)
		require.Error(t, cmd.Wait())
		require.Equal(t, exitFailed, cmd.ProcessState.ExitCode())
		require.Contains(t, stderr.String(), syscall.ENOSPC.Error())
	})
	t.Run("closed", func(t *testing.T) {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		cmd, _ := start(t, w)
		require.NoError(t, w.Close())
		require.NoError(t, r.Close())
		require.Error(t, cmd.Wait())
		status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
		require.True(t, ok)
		// Go ends a program whose standard output has no reader, as cat and others end.
		require.True(t, status.Signaled() && status.Signal() == syscall.SIGPIPE || status.ExitStatus() == exitFailed, status)
	})
	t.Run("blocked", func(t *testing.T) {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		defer r.Close()
		cmd, stderr := start(t, w)
		require.NoError(t, w.Close())
		_, err = io.ReadFull(r, make([]byte, 1<<10)) // it writes, and will fill the pipe
		require.NoError(t, err)
		time.Sleep(300 * time.Millisecond)
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
			require.FailNow(t, "one interrupt does not end a program whose output is blocked")
		}
		require.Equal(t, exitFailed, cmd.ProcessState.ExitCode(), stderr.String())
	})
}
