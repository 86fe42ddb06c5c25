package session_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/internal/session"
	"github.com/smbscope/smbscope/negotiate"
)

// SMB2 has neither of the requests of the weakness checks, so that nothing is sent there: there is not even a connection.
func TestChecksAreSMB1(t *testing.T) {
	s := session.NewSMB2(nil, negotiate.SMB2Response{})
	require.ErrorIs(t, s.PeekNamedPipe(t.Context(), "peek", session.Tree{}), session.ErrNotSMB1)
	_, err := s.Ping(t.Context(), "ping", session.Tree{})
	require.ErrorIs(t, err, session.ErrNotSMB1)
}
