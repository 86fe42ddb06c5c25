//go:build linux

package livetest

import (
	"net"
	"testing"
	"time"

	"github.com/hirochachacha/go-smb2"
	"github.com/stretchr/testify/require"
)

// logOn lists the names of the shares with go-smb2, a client that shares no code with this project or with Samba.
func logOn(t testing.TB, target, user, password string) ([]string, error) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", target, 5*time.Second)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	dialer := &smb2.Dialer{Initiator: &smb2.NTLMInitiator{User: user, Password: password}}
	session, err := dialer.DialContext(t.Context(), conn)
	if err != nil {
		return nil, err
	}
	defer session.Logoff()
	return session.ListSharenames()
}

func TestWitness(t *testing.T) {
	config := setups()[0].config()
	config.Users = map[string]string{"alice": "correct horse", "bob": "battery staple"}
	config.Shares = map[string]string{"private": "path = %folder/public\nvalid users = alice"}
	server := startSamba(t, config)
	for user, password := range config.Users {
		shares, err := logOn(t, server.Target(), user, password)
		require.NoError(t, err, user)
		require.ElementsMatch(t, []string{"public", "private", "IPC$"}, shares, user)
	}
	_, err := logOn(t, server.Target(), "alice", "wrong")
	require.ErrorContains(t, err, "logon")
}
