//go:build linux

package livetest

import (
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	sambaNetwork = "127.0.17" // servers of Samba
	otherNetwork = "127.0.90" // impacket and everything that is not SMB
)

// handedOut counts the addresses that this process has taken, so that one which was just given back, and may still
// have connections in TIME_WAIT, is the last to come again.
var handedOut atomic.Uint32

// takeAddress returns an address of the network that no other live test on this machine has, until the test ends.
// A listening abstract socket is the lock: the kernel holds it against other processes too, and lets go of it however
// this one ends.
func takeAddress(t testing.TB, network string) string {
	t.Helper()
	requireLive(t) // every server and every peer begins here
	const hosts = 254
	for range hosts {
		address := fmt.Sprintf("%s.%d", network, handedOut.Add(1)%hosts+1)
		lock, err := net.Listen("unix", "@smbscope-livetest-"+address)
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		require.NoError(t, err)
		t.Cleanup(func() { lock.Close() })
		return address
	}
	require.FailNow(t, "every address is taken", "%s.0/24", network)
	return ""
}
