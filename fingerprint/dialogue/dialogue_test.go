package dialogue_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
)

func TestCost(t *testing.T) {
	d := dialogue.Dialogue{Frames: []dialogue.Frame{
		{Sent: true, Kind: dialogue.Session, Data: make([]byte, 72)}, // a session request is no message, and has its header
		{Kind: dialogue.Session, Data: make([]byte, 4)},
		{Sent: true, Kind: dialogue.Message, Data: make([]byte, 100)},
		{Kind: dialogue.Message, Data: make([]byte, 200)},
		{Sent: true, Kind: dialogue.Message, Data: make([]byte, 1)},
		{Kind: dialogue.Raw, Data: make([]byte, 7)},
	}}
	requests, sent, received := d.Cost()
	require.Equal(t, 2, requests)
	require.Equal(t, 72+(4+100)+(4+1), sent)
	require.Equal(t, 4+(4+200)+7, received)

	requests, sent, received = (&dialogue.Dialogue{}).Cost()
	require.Zero(t, requests+sent+received)
}

func TestReceived(t *testing.T) {
	sent := dialogue.Frame{Sent: true, Kind: dialogue.Message, Data: []byte{1}}
	got := dialogue.Frame{Kind: dialogue.Raw, Data: []byte{}}
	require.False(t, (&dialogue.Dialogue{}).Received())
	require.False(t, (&dialogue.Dialogue{Frames: []dialogue.Frame{sent, sent}}).Received())
	require.True(t, (&dialogue.Dialogue{Frames: []dialogue.Frame{sent, got}}).Received())
}
