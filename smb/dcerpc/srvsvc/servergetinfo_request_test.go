package srvsvc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// Stubs as they came from clients, 2026-11-24.
const (
	// rpcclient 4.17.12, srvinfo 101.
	infoSambaRequest = `00000200 0e000000 00000000 0e000000
		5c005c003100320037002e0030002e00370037002e0032003100 0000 65000000`
	// impacket 0.10.0.
	infoImpacketRequest = "00000000 64000000"
)

func TestServerGetInfoRequest(t *testing.T) {
	for stub, want := range map[string]ServerGetInfoRequest{
		infoSambaRequest:    {ServerName: ndr.MakeText(`\\127.0.77.21`), Level: LevelServer},
		infoImpacketRequest: {Level: LevelPlatform},
	} {
		stub := wiretest.Hex(t, stub)
		require.Equal(t, want, wiretest.RoundTrip(t, ParseServerGetInfoRequest, stub))
		wiretest.Prefixes(t, ParseServerGetInfoRequest, stub)
		wiretest.Allocs(t, 0, func() {
			if _, err := ParseServerGetInfoRequest(stub); err != nil {
				t.Fail()
			}
		})
	}
	_, err := ServerGetInfoRequest{ServerName: ndr.Text{1}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	x, err := ParseServerGetInfoRequest(wiretest.Hex(t, infoImpacketRequest+"ff"))
	require.NoError(t, err)
	require.Equal(t, []string{"trailing bytes: 1 bytes follow the message"}, wiretest.Odd(x.Anomalies))
}

func FuzzServerGetInfoRequest(f *testing.F) {
	f.Add(wiretest.Hex(f, infoSambaRequest))
	f.Add(wiretest.Hex(f, infoImpacketRequest))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseServerGetInfoRequest, data) })
}
