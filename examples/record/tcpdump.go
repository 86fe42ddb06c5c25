package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

const (
	tcpdumpStart = 10 * time.Second       // bound on its start
	tcpdumpStop  = 10 * time.Second       // bound on its end
	bufferKiB    = "65536"                // for packets: the default holds eight at once in immediate mode
	lastPackets  = 500 * time.Millisecond // for the last packets of the scan to reach it
)

// A tcpdump is a running tcpdump that writes the packets of one server.
type tcpdump struct {
	cmd  *exec.Cmd
	file string
	done chan error
	said *bufio.Scanner
	lost string // what it says of packets that it has lost, valid once done has something
}

// startTcpdump starts tcpdump and returns once it listens.
func startTcpdump(ctx context.Context, device, file, host string, ports []uint16) (*tcpdump, error) {
	if _, err := exec.LookPath("tcpdump"); err != nil {
		return nil, errors.New("tcpdump is not installed; -pcap=false records without packets")
	}
	var list []string
	for _, port := range ports {
		list = append(list, fmt.Sprintf("tcp port %d", port))
	}
	filter := fmt.Sprintf("(%s) and host %s", strings.Join(list, " or "), host)
	// Each packet at once into the buffer (--immediate-mode) and into the file (-U); as root throughout, because the user
	// that tcpdump would drop to may not write here.
	cmd := exec.CommandContext(ctx, "tcpdump", "-i", device, "--immediate-mode", "-B", bufferKiB, "-U", "-Z", "root", "-w", file, filter)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	d := &tcpdump{cmd: cmd, file: file, done: make(chan error, 1), said: bufio.NewScanner(stderr)}
	listening := make(chan string, 1)
	go func() {
		var last string
		for d.said.Scan() {
			last = d.said.Text()
			switch {
			case strings.Contains(last, "listening on"):
				listening <- ""
			case strings.HasSuffix(last, "dropped by kernel") && !strings.HasPrefix(last, "0 "):
				d.lost = last
			}
		}
		err := cmd.Wait()
		select {
		case listening <- last:
		default:
		}
		d.done <- err
	}()
	select {
	case problem := <-listening:
		if problem != "" {
			return nil, fmt.Errorf("tcpdump: %s", problem)
		}
		return d, nil
	case <-time.After(tcpdumpStart):
		d.kill()
		return nil, errors.New("tcpdump does not begin to listen")
	}
}

// stop ends tcpdump so that the file is whole.
func (d *tcpdump) stop() error {
	time.Sleep(lastPackets)
	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("ending tcpdump: %w", err)
	}
	select {
	case err := <-d.done:
		if err != nil {
			return fmt.Errorf("tcpdump: %w", err)
		}
		if d.lost != "" {
			return fmt.Errorf("the recording is not whole, try again: %s", d.lost)
		}
		return nil
	case <-time.After(tcpdumpStop):
		d.kill()
		return errors.New("tcpdump does not end")
	}
}

// kill ends tcpdump if it still runs.
func (d *tcpdump) kill() { _ = d.cmd.Process.Kill() }
