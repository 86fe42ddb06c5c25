//go:build linux

package livetest

import (
	"net"
	"testing"
	"time"

	"github.com/hirochachacha/go-smb2"
	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// anyDialect leaves the choice to go-smb2 and the server.
const anyDialect smb.Dialect = 0

// logOn lists the names of the shares with go-smb2, a client that shares no code with this project or with Samba. It
// offers one dialect alone.
func logOn(t testing.TB, target string, dialect smb.Dialect, user, password string) ([]string, error) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", target, 5*time.Second)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	dialer := &smb2.Dialer{
		Negotiator: smb2.Negotiator{SpecifiedDialect: uint16(dialect)},
		Initiator:  &smb2.NTLMInitiator{User: user, Password: password},
	}
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
		shares, err := logOn(t, server.Target(), anyDialect, user, password)
		require.NoError(t, err, user)
		require.ElementsMatch(t, []string{"public", "private", "IPC$"}, shares, user)
	}
	_, err := logOn(t, server.Target(), anyDialect, "alice", "wrong")
	require.ErrorContains(t, err, "logon")
}

// The dialects at which go-smb2 logs on and lists the shares are exactly those that a scan says yes to, and it is refused
// at all others, which the scan says no to.
func TestWitnessOfDialects(t *testing.T) {
	const user, password = "alice", "correct horse"
	for name, global := range map[string][]string{
		"default":      nil,
		"at most 2.1":  {"server max protocol = SMB2_10"},
		"at most 3.0":  {"server max protocol = SMB3_00"},
		"3.1.1 only":   {"server min protocol = SMB3_11"},
		"from 2.1":     {"server min protocol = SMB2_10", "server max protocol = SMB3_02"},
		"2.0.2 and NT": {"server min protocol = NT1", "server max protocol = SMB2_02"},
	} {
		t.Run(name, func(t *testing.T) {
			server := startSamba(t, sambaConfig{Global: global, Users: map[string]string{user: password}})
			r := scan(t, server.Target(), fingerprint.LevelStandard)
			for _, dialect := range smb.Dialects() {
				shares, err := logOn(t, server.Target(), dialect, user, password)
				if r.Dialects[dialect.String()] == report.Yes {
					require.NoError(t, err, dialect)
					require.ElementsMatch(t, []string{"public", "IPC$"}, shares, dialect)
					continue
				}
				require.Equal(t, report.No, r.Dialects[dialect.String()], dialect)
				var refusal *smb2.ResponseError
				require.ErrorAs(t, err, &refusal, dialect)
				require.Equal(t, dtyp.StatusNotSupported, dtyp.NTStatus(refusal.Code), dialect)
			}
		})
	}
}
