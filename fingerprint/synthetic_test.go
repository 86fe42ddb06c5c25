package fingerprint_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/testdata"
)

func appendFrame(message []byte) ([]byte, error) { return smb.AppendFrame(nil, message) }

// request returns a request, which no server sends.
func request(t *testing.T) []byte {
	t.Helper()
	b, err := negotiate.All().Build(&repeating{})
	require.NoError(t, err)
	return b
}

// unsolicited returns a message that answers nothing.
func unsolicited(t *testing.T) []byte {
	t.Helper()
	h := smb.SMB2Header{Command: smb.SMB2OplockBreak, Flags: smb.SMB2FlagServerToRedir, MessageID: smb.UnsolicitedMessageID}
	b, err := smb.SMB2ErrorResponse{Header: h}.AppendBinary(nil)
	require.NoError(t, err)
	return b
}

// smb2Dialogues returns the all-offer's dialogue of a server that takes every SMB2 dialect.
func smb2Dialogues(t *testing.T) []*dialogue.Dialogue {
	t.Helper()
	dialogues, err := testdata.Dialogues(defaultServer)
	require.NoError(t, err)
	return dialogues[:1]
}
