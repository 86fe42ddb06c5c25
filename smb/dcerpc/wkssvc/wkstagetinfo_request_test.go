package wkssvc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// Stubs as they came from clients, 2026-11-24.
const (
	// rpcclient 4.17.12.
	sambaRequest = "00000200 0c000000 00000000 0c000000 3100320037002e0030002e00370037002e0032003100 0000 64000000"
	// impacket 0.10.0: a name of ten zeros.
	impacketRequest = "fa2c0000 0a000000 00000000 0a000000 0000000000000000000000000000000000000000 64000000"
)

func TestWkstaGetInfoRequest(t *testing.T) {
	for _, c := range []struct {
		stub  string
		exact bool // built as it came, referents too
		want  WkstaGetInfoRequest
	}{
		{sambaRequest, true, WkstaGetInfoRequest{ServerName: ndr.MakeText("127.0.77.21"), Level: LevelWksta}},
		{impacketRequest, false, WkstaGetInfoRequest{ServerName: make(ndr.Text, 18), Level: LevelWksta}},
		{"00000000 66000000", true, WkstaGetInfoRequest{Level: 102}},
	} {
		stub := wiretest.Hex(t, c.stub)
		x, err := ParseWkstaGetInfoRequest(stub)
		require.NoError(t, err)
		require.Equal(t, c.want, x)
		if c.exact {
			wiretest.RoundTrip(t, ParseWkstaGetInfoRequest, stub)
		}
		wiretest.Stable(t, ParseWkstaGetInfoRequest, stub)
		wiretest.Prefixes(t, ParseWkstaGetInfoRequest, stub)
		wiretest.Allocs(t, 0, func() {
			if _, err := ParseWkstaGetInfoRequest(stub); err != nil {
				t.Fail()
			}
		})
	}
	_, err := WkstaGetInfoRequest{ServerName: ndr.Text{1}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	x, err := ParseWkstaGetInfoRequest(wiretest.Hex(t, "00000000 64000000 ff"))
	require.NoError(t, err)
	require.Equal(t, []string{"trailing bytes: 1 bytes follow the message"}, wiretest.Odd(x.Anomalies))
}

func FuzzWkstaGetInfoRequest(f *testing.F) {
	f.Add(wiretest.Hex(f, sambaRequest))
	f.Add(wiretest.Hex(f, impacketRequest))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseWkstaGetInfoRequest, data) })
}
