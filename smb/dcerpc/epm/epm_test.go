package epm_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/epm"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func TestLookup(t *testing.T) {
	x := parsed(t, epm.ParseLookupRequest, mapRequest)
	require.Equal(t, epm.LookupRequest{MaxEntries: epm.MaxEntries}, x)
	r := parsed(t, epm.ParseLookupResponse, mapResponse)
	require.Len(t, r.Entries, 18)
	require.True(t, r.EntryHandle.IsZero())
	require.Equal(t, "eventlog", string(r.Entries[0].Annotation))
	tower, err := epm.ParseTower(r.Entries[0].Tower)
	require.NoError(t, err)
	require.Equal(t, "82273fdc-e32a-18c3-3f78-827929dc23ea", tower.Interface.String())
	require.Equal(t, []string{"ncacn_np", `\pipe\eventlog`}, []string{tower.Protocol, tower.Endpoint})
	for _, e := range r.Entries {
		wiretest.RoundTrip(t, epm.ParseTower, e.Tower)
		wiretest.Prefixes(t, epm.ParseTower, e.Tower)
	}
	bad := wiretest.Hex(t, mapRequest)
	bad[0] = 1
	_, err = epm.ParseLookupRequest(bad)
	require.ErrorIs(t, err, wire.ErrFormat)
}

// Counts are a server's words; what there is is counted by its bytes.
func TestLookupHostile(t *testing.T) {
	for _, count := range []uint32{1 << 31, 0xFFFFFFFF, 19, 5000} {
		bad := wiretest.Hex(t, mapResponse)
		binary.LittleEndian.PutUint32(bad[32:], count)
		_, err := epm.ParseLookupResponse(bad)
		require.ErrorIs(t, err, wire.ErrTruncated, count)
	}
	noTower := epm.LookupResponse{Entries: []epm.Entry{{Object: dtyp.GUID{1}, Annotation: []byte{}}}, MaxCount: 1, Status: epm.StatusNotRegistered}
	b, err := noTower.AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, noTower, wiretest.RoundTrip(t, epm.ParseLookupResponse, b))
}

func floor(kind byte, right ...byte) epm.Floor { return epm.Floor{Left: []byte{kind}, Right: right} }

// Each protocol sequence has its name, its endpoint and its host.
func TestTower(t *testing.T) {
	id := epm.Floor{Left: append(append([]byte{0x0D}, make([]byte, 16)...), 1, 0), Right: []byte{2, 0}}
	syntax := epm.Floor{Left: append([]byte{0x0D}, make([]byte, 18)...), Right: []byte{0, 0}}
	tests := map[string]struct {
		floors         []epm.Floor
		protocol, host string
		endpoint       string
	}{
		"tcp":     {[]epm.Floor{floor(0x0B, 0, 0), floor(0x07, 0xC0, 0x01), floor(0x09, 192, 0, 2, 1)}, "ncacn_ip_tcp", "192.0.2.1", "49153"},
		"udp":     {[]epm.Floor{floor(0x0A, 0, 0), floor(0x08, 0, 135), floor(0x09, 0, 0, 0, 0)}, "ncadg_ip_udp", "0.0.0.0", "135"},
		"http":    {[]epm.Floor{floor(0x0B, 0, 0), floor(0x1F, 0x02, 0x51), floor(0x09, 1, 2, 3, 4)}, "ncacn_http", "1.2.3.4", "593"},
		"pipe":    {[]epm.Floor{floor(0x0B), floor(0x0F, []byte("\\pipe\\spoolss\x00")...), floor(0x11, []byte("\\\\DC\x00")...)}, "ncacn_np", `\\DC`, `\pipe\spoolss`},
		"local":   {[]epm.Floor{floor(0x0C, 0, 0), floor(0x10, []byte("LRPC-1\x00")...)}, "ncalrpc", "", "LRPC-1"},
		"other":   {[]epm.Floor{floor(0x55, 1), floor(0x56)}, "5556", "", ""},
		"short":   {[]epm.Floor{floor(0x0B, 0, 0), floor(0x07, 1), floor(0x09, 1)}, "ncacn_ip_tcp", "", ""},
		"nothing": {nil, "", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, err := epm.Tower{Floors: append([]epm.Floor{id, syntax}, tt.floors...)}.AppendBinary(nil)
			require.NoError(t, err)
			got, err := epm.ParseTower(b)
			require.NoError(t, err)
			require.Equal(t, []string{tt.protocol, tt.host, tt.endpoint}, []string{got.Protocol, got.Host, got.Endpoint})
			require.Equal(t, [2]uint16{1, 2}, [2]uint16{got.Major, got.Minor})
			wiretest.RoundTrip(t, epm.ParseTower, b)
		})
	}
	for _, bad := range [][]byte{{0, 0}, {1, 0, 0, 0, 0, 0}, append([]byte{17, 0}, make([]byte, 100)...)} {
		_, err := epm.ParseTower(bad)
		require.ErrorIs(t, err, wire.ErrFormat)
	}
}

func FuzzParseLookupRequest(f *testing.F)  { fuzz(f, epm.ParseLookupRequest, mapRequest) }
func FuzzParseLookupResponse(f *testing.F) { fuzz(f, epm.ParseLookupResponse, mapResponse) }
func FuzzParseTower(f *testing.F) {
	r, err := epm.ParseLookupResponse(wiretest.Hex(f, mapResponse))
	require.NoError(f, err)
	for _, e := range r.Entries {
		f.Add(e.Tower)
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, epm.ParseTower, data) })
}
