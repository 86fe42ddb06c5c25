package srvsvc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// Stubs as they came from clients, 2026-11-24 where no other source is named.
const (
	// smbclient 4.17.12, -L.
	enumSambaRequest = `00000200 0c000000 00000000 0c000000 3100320037002e0030002e00370037002e0032003100 0000
		01000000 01000000 04000200 00000000 00000000 ffffffff 08000200 00000000`
	// rpcclient 4.17.12, netshareenumall 99.
	enumSambaRequest99 = `00000200 0c000000 00000000 0c000000 3100320037002e0030002e00370037002e0032003100 0000
		63000000 63000000 ffffffff 00000000`
	// impacket 0.10.0: an empty name with random referents and 0xAB where a text leaves the alignment.
	enumImpacketRequest = `d0610000 01000000 00000000 01000000 0000 abab
		01000000 01000000 4a960000 00000000 00000000 ffffffff dd6f0000 00000000`
	// Mac OS X 10.10, whose referents are all 1, from the public capture raw_ntlm_in_smb.pcap of zeek.
	enumMacRequest = `01000000 0f000000 00000000 0f000000
		3100390032002e003100360038002e00350036002e00310030003100 0000 0000
		01000000 01000000 01000000 00000000 00000000 ffffffff 01000000 00000000`
)

func TestShareEnumRequest(t *testing.T) {
	zero := uint32(0)
	name := ndr.MakeText("127.0.77.21")
	for _, c := range []struct {
		title, stub string
		exact       bool // built as it came, referents too
		want        ShareEnumRequest
	}{
		{"Samba", enumSambaRequest, true, ShareEnumRequest{
			ServerName: name, Level: LevelShares, PreferedMaximumLength: PreferAll, ResumeHandle: &zero,
		}},
		{"Samba, no such level", enumSambaRequest99, true, ShareEnumRequest{
			ServerName: name, Level: 99, PreferedMaximumLength: PreferAll,
		}},
		{"impacket", enumImpacketRequest, false, ShareEnumRequest{
			ServerName: ndr.Text{}, Level: LevelShares, PreferedMaximumLength: PreferAll, ResumeHandle: &zero,
		}},
		{"Mac OS X", enumMacRequest, false, ShareEnumRequest{
			ServerName: ndr.MakeText("192.168.56.101"), Level: LevelShares, PreferedMaximumLength: PreferAll,
			ResumeHandle: &zero,
		}},
		{"all null", "00000000 01000000 01000000 00000000 00100000 00000000", true, ShareEnumRequest{
			Level: LevelShares, NoContainer: true, PreferedMaximumLength: 4096,
		}},
	} {
		t.Run(c.title, func(t *testing.T) {
			stub := wiretest.Hex(t, c.stub)
			got, err := ParseShareEnumRequest(stub)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			if c.exact {
				wiretest.RoundTrip(t, ParseShareEnumRequest, stub)
			}
			wiretest.Stable(t, ParseShareEnumRequest, stub)
			wiretest.Prefixes(t, ParseShareEnumRequest, stub)
		})
	}
}

// What an answer has is read from a request too, and built again.
func TestShareEnumRequestWithShares(t *testing.T) {
	shares, err := MakeShares(Share{Netname: ndr.MakeText("C$"), Type: ShareSpecial})
	require.NoError(t, err)
	stub, err := ShareEnumRequest{Level: LevelShares, Shares: shares}.AppendBinary(nil)
	require.NoError(t, err)
	got := wiretest.RoundTrip(t, ParseShareEnumRequest, stub)
	require.Nil(t, got.Anomalies)
	require.Equal(t, []Share{{Netname: ndr.MakeText("C$"), Type: ShareSpecial}}, collect(got.Shares))
	for name, x := range map[string]ShareEnumRequest{
		"level 0":       {Level: 0, Shares: shares},
		"no such level": {Level: 99, Shares: shares},
		"no container":  {Level: LevelShares, NoContainer: true, Shares: shares},
		"odd name":      {Level: LevelShares, ServerName: ndr.Text{1}},
	} {
		_, err := x.AppendBinary(nil)
		require.ErrorIs(t, err, wire.ErrFormat, name)
	}
}

func FuzzShareEnumRequest(f *testing.F) {
	for _, s := range []string{enumSambaRequest, enumSambaRequest99, enumImpacketRequest, enumMacRequest} {
		f.Add(wiretest.Hex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseShareEnumRequest, data) })
}
