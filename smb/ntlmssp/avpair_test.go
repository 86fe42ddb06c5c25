package ntlmssp

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func TestAVIDString(t *testing.T) {
	for id, want := range []string{
		"MsvAvEOL", "MsvAvNbComputerName", "MsvAvNbDomainName", "MsvAvDnsComputerName", "MsvAvDnsDomainName",
		"MsvAvDnsTreeName", "MsvAvFlags", "MsvAvTimestamp", "MsvAvSingleHost", "MsvAvTargetName", "MsvAvChannelBindings",
		"AvId(0x000B)",
	} {
		require.Equal(t, want, AVID(id).String())
	}
}

func TestAVIDIsText(t *testing.T) {
	var text []AVID
	for id := range AVID(16) {
		if id.IsText() {
			text = append(text, id)
		}
	}
	require.Equal(t, []AVID{1, 2, 3, 4, 5, 9}, text)
}

func TestAVPairValues(t *testing.T) {
	require.Equal(t, "Ве", AVPair{ID: AVNbComputerName, Value: []byte{0x12, 0x04, 0x35, 0x04}}.Text())
	require.Equal(t, `A\x42`, AVPair{ID: AVNbComputerName, Value: []byte{'A', 0, 'B'}}.Text())

	at, ok := TimestampPair(1 << 56).Timestamp()
	require.True(t, ok)
	require.Equal(t, dtyp.Filetime(1<<56), at)
	_, ok = AVPair{ID: AVTimestamp, Value: make([]byte, 7)}.Timestamp()
	require.False(t, ok)
	_, ok = AVPair{ID: AVSingleHost, Value: make([]byte, 8)}.Timestamp()
	require.False(t, ok)

	flags, ok := AVPair{ID: AVFlags, Value: []byte{2, 0, 0, 0}}.Flags()
	require.True(t, ok)
	require.Equal(t, AVFlagMIC, flags)
	_, ok = AVPair{ID: AVFlags, Value: []byte{2, 0}}.Flags()
	require.False(t, ok)
	_, ok = AVPair{ID: AVTimestamp, Value: []byte{2, 0, 0, 0}}.Flags()
	require.False(t, ok)
}

// The list ends at 64 pairs, and what is odd about so many pairs leaves room to say so. TargetInfo keeps them all.
func TestAVPairsCapped(t *testing.T) {
	for count, want := range map[int][]string{64: {}, 65: {"TargetInfo: more than 64 pairs"}} {
		many := Challenge{Flags: FlagNegotiateTargetInfo, Version: &Version{}}
		for range count {
			many.AVPairs = append(many.AVPairs, TextPair(AVNbComputerName, "A"))
		}
		msg, err := many.AppendBinary(nil)
		require.NoError(t, err)
		ch := wiretest.RoundTrip(t, ParseChallenge, msg)
		require.Len(t, ch.AVPairs, 64)
		require.Len(t, ch.TargetInfo, count*6+4)
		require.Equal(t, want, odd(ch.Anomalies)[8:])
	}
}
