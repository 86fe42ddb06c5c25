package ntlmssp

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// farOffset does not fit an int of 32 bits.
var farOffset uint32 = 0xFFFFFFFF

// samba417 is what Samba 4.17.12 on Debian 12 (netbios name LABSRV, standalone) answered DefaultNegotiate's flags.
const samba417 = `4e544c4d53535000 02000000 0c00 0c00 38000000 15828ae2 3bb71924635df9df 0000000000000000
	3c00 3c00 44000000 060100000000000f
	4c0041004200530052005600
	0200 0c00 4c0041004200530052005600 0100 0c00 4c0041004200530052005600
	0400 0000 0300 0400 76006d00 0700 0800 d4cd73870c7cdd01 0000 0000`

// challenges are valid messages in the layout of the builder.
func challenges() map[string]string {
	return map[string]string{
		"samba 4.17": samba417,
		// The same server when REQUEST_TARGET was not set.
		"samba 4.17 without target": `4e544c4d53535000 02000000 0000 0000 38000000 118208e2 89a32857bfce2166
			0000000000000000 0000 0000 38000000 060100000000000f`,
		// By hand from here on. Windows 2000 and Samba up to 3.5 have no Version.
		"48 bytes": `4e544c4d53535000 02000000 0400 0400 30000000 05828aa0 0102030405060708 0000000000000000
			0c00 0c00 34000000 12043504 0200 0400 12043504 0000 0000`,
		"40 bytes": "4e544c4d53535000 02000000 0300 0300 28000000 06020200 0102030405060708 1112131415161718 535256",
		"32 bytes": "4e544c4d53535000 02000000 0300 0300 20000000 06020200 0102030405060708 535256",
		"no names": "4e544c4d53535000 02000000 0000 0000 20000000 06020200 0102030405060708",
		"extra": `4e544c4d53535000 02000000 0100 0100 3b000000 02020000 0102030405060708 0000000000000000
			0000 0000 3c000000 0a007c4f0000000f aabbcc 53`,
		"pairs of all sorts": `4e544c4d53535000 02000000 0000 0000 38000000 058289a2 0102030405060708 0000000000000000
			2600 2600 38000000 0a007c4f0000000f
			0100 0200 4100 ff00 0300 010203 0100 0200 4200 0300 0300 610062 0600 0400 02000000 0000 0000`,
	}
}

func TestChallengeRoundTrip(t *testing.T) {
	for name, hex := range challenges() {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, hex)
			wiretest.RoundTrip(t, ParseChallenge, msg)
			wiretest.Prefixes(t, ParseChallenge, msg)
		})
	}
}

func TestChallengeSamba(t *testing.T) {
	ch, err := ParseChallenge(unhex(t, samba417))
	require.NoError(t, err)
	require.Empty(t, ch.Anomalies)
	require.Equal(t, "LABSRV", ch.TargetNameText())
	require.True(t, ch.Flags.Has(FlagTargetTypeServer))
	require.Equal(t, [8]byte{0x3b, 0xb7, 0x19, 0x24, 0x63, 0x5d, 0xf9, 0xdf}, ch.ServerChallenge)
	require.Equal(t, &Version{ProductMajorVersion: 6, ProductMinorVersion: 1, NTLMRevisionCurrent: 15}, ch.Version)
	require.Equal(t, 56, ch.HeaderSize)

	var ids []AVID
	for _, p := range ch.AVPairs {
		ids = append(ids, p.ID)
	}
	require.Equal(t, []AVID{AVNbDomainName, AVNbComputerName, AVDNSDomainName, AVDNSComputerName, AVTimestamp}, ids)
	name, ok := ch.AV(AVDNSComputerName)
	require.True(t, ok)
	require.Equal(t, "vm", name.Text())
	_, ok = ch.AV(AVDNSTreeName)
	require.False(t, ok)
	stamp, _ := ch.AV(AVTimestamp)
	at, ok := stamp.Timestamp()
	require.True(t, ok)
	require.Equal(t, dtyp.Filetime(0x01dd7c0c8773cdd4), at)
	when, ok := at.Time()
	require.True(t, ok)
	require.Equal(t, 2026, when.Year())
}

func TestChallengeHeaderSizes(t *testing.T) {
	for name, want := range map[string]struct {
		size    int
		target  string
		version bool
		odd     []string
	}{
		"samba 4.17 without target": {56, "", true, nil},
		"48 bytes":                  {48, "Ве", false, nil},
		"40 bytes":                  {40, "SRV", false, []string{"Reserved: 11 12 13 14 15 16 17 18"}},
		"32 bytes":                  {32, "SRV", false, nil},
		"no names":                  {32, "", false, nil},
		"extra": {56, "S", true, []string{
			"Version: 10.0.20348, but NTLMSSP_NEGOTIATE_VERSION is not set",
			"Payload: 3 bytes of unknown use before it",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			ch, err := ParseChallenge(unhex(t, challenges()[name]))
			require.NoError(t, err)
			require.Equal(t, want.size, ch.HeaderSize)
			require.Equal(t, want.target, ch.TargetNameText())
			require.Equal(t, want.version, ch.Version != nil)
			require.Equal(t, want.odd, odd(ch.Anomalies))
		})
	}
}

// What is wrong in one part does not hide the others.
func TestChallengeOddities(t *testing.T) {
	const (
		start = "4e544c4d53535000 02000000"
		mid   = "0102030405060708 0000000000000000"
		ver   = "0a007c4f0000000f"
	)
	for name, tc := range map[string]struct {
		hex    string
		target string
		pairs  []AVID
		odd    []string
	}{
		"target info out of bounds": {
			start + "0200 0200 38000000 01008002" + mid + "ffff ffff 3a000000" + ver + "5300",
			"S", nil,
			[]string{"TargetInfo: 65535 bytes at offset 58 do not fit a message of 58 bytes"},
		},
		"offset plus length above 32 bits": {
			start + "0200 0200 ffffffff 01008002" + mid + "0400 0400 38000000" + ver + "00000000",
			"", nil,
			[]string{fmt.Sprintf("TargetName: 2 bytes at offset %d do not fit a message of 60 bytes", int(farOffset))},
		},
		"flag without target info": {
			start + "0000 0000 00000000 01008002" + mid + "0000 0000 00000000" + ver, "", nil,
			[]string{"TargetInfo: absent, but NTLMSSP_NEGOTIATE_TARGET_INFO is set"},
		},
		"target info without flag": {
			start + "0000 0000 00000000 01000002" + mid + "0400 0400 38000000" + ver + "00000000", "", nil,
			[]string{"TargetInfo: present, but NTLMSSP_NEGOTIATE_TARGET_INFO is not set"},
		},
		"name in the header": {
			start + "0400 0400 00000000 02000002" + mid + "0000 0000 00000000" + ver, "NTLM", nil,
			[]string{"TargetName: lies in the fixed part"},
		},
		"flag with the payload in its place": {
			start + "0200 0200 30000000 01000002" + mid + "0000 0000 00000000 5300", "S", nil,
			[]string{"Version: absent, but NTLMSSP_NEGOTIATE_VERSION is set"},
		},
		"holes, overlaps, maximum, trailing": {
			start + "0200 0300 38000000 01008002" + mid + "0400 0400 3b000000" + ver + "5300 ff 00000000 eeee", "S", nil,
			[]string{
				"TargetName: MaxLen is 3, Len is 2", "Payload: 1 bytes belong to no field",
				"trailing bytes: 2 bytes follow the message",
			},
		},
		"overlap": {
			start + "0400 0400 38000000 02008002" + mid + "0400 0400 38000000" + ver + "00000000", "\x00\x00\x00\x00", nil,
			[]string{"Payload: fields overlap by 4 bytes"},
		},
		"list without end": {
			start + "0000 0000 00000000 01008002" + mid + "0600 0600 38000000" + ver + "0100 0200 4100", "",
			[]AVID{AVNbComputerName}, []string{"TargetInfo: ends without MsvAvEOL"},
		},
		"pair past the end": {
			start + "0000 0000 00000000 01008002" + mid + "0a00 0a00 38000000" + ver + "0100 0200 4100 0200 ffff", "",
			[]AVID{AVNbComputerName}, []string{"TargetInfo: MsvAvNbDomainName with 65535 bytes does not fit"},
		},
		"half a pair": {
			start + "0000 0000 00000000 01008002" + mid + "0700 0700 38000000" + ver + "0100 0200 4100 02", "",
			[]AVID{AVNbComputerName}, []string{"TargetInfo: MsvAvEOL with 0 bytes does not fit"},
		},
		"bytes after the end": {
			start + "0000 0000 00000000 01008002" + mid + "0900 0900 38000000" + ver + "0000 0100 ab 01000000", "", nil,
			[]string{"TargetInfo: MsvAvEOL with 1 bytes", "TargetInfo: 4 bytes after MsvAvEOL"},
		},
		"a zero for a name": { // as Samba 4.4 has it for the DNS domain of a standalone server
			start + "0000 0000 00000000 01008002" + mid + "0a00 0a00 38000000" + ver + "0400 0200 0000 0000 0000", "",
			[]AVID{AVDNSDomainName}, []string{"TargetInfo: MsvAvDnsDomainName: a zero in the text"},
		},
		"odd pairs": {
			challenges()["pairs of all sorts"], "",
			[]AVID{AVNbComputerName, 0xFF, AVNbComputerName, AVDNSComputerName, AVFlags},
			[]string{
				"TargetInfo: AvId(0x00FF): unknown", "TargetInfo: MsvAvNbComputerName: again",
				"TargetInfo: MsvAvDnsComputerName: 3 bytes of UTF-16",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ch, err := ParseChallenge(unhex(t, tc.hex))
			require.NoError(t, err)
			require.Equal(t, tc.target, ch.TargetNameText())
			var ids []AVID
			for _, p := range ch.AVPairs {
				ids = append(ids, p.ID)
			}
			require.Equal(t, tc.pairs, ids)
			require.Equal(t, tc.odd, odd(ch.Anomalies))
			require.Equal(t, [8]byte{1, 2, 3, 4, 5, 6, 7, 8}, ch.ServerChallenge)
		})
	}
}

// Offsets of anomalies count from the start of the message, inside TargetInfo as well.
func TestChallengeAnomalyOffset(t *testing.T) {
	ch, err := ParseChallenge(unhex(t, challenges()["pairs of all sorts"]))
	require.NoError(t, err)
	require.Equal(t, wire.Anomaly{
		Message: "CHALLENGE_MESSAGE", Field: "TargetInfo", Offset: 56 + 6, What: "AvId(0x00FF): unknown",
	}, ch.Anomalies[0])
}

func TestChallengeTooLong(t *testing.T) {
	for _, ch := range []Challenge{
		{AVPairs: []AVPair{{ID: AVNbComputerName, Value: make([]byte, 1<<16)}}},
		{AVPairs: []AVPair{{Value: make([]byte, 40000)}, {Value: make([]byte, 40000)}}},
		{TargetName: make([]byte, 1<<16)},
	} {
		b, err := ch.AppendBinary([]byte("x"))
		require.ErrorIs(t, err, wire.ErrTooLong)
		require.Equal(t, []byte("x"), b)
	}
}

// A builder needs the pairs only, and what was changed in a parsed value counts once TargetInfo is gone.
func TestChallengeFromPairs(t *testing.T) {
	want := unhex(t, samba417)
	ch, err := ParseChallenge(want)
	require.NoError(t, err)
	ch.TargetInfo = nil
	ch.AVPairs = []AVPair{
		TextPair(AVNbDomainName, "LABSRV"), TextPair(AVNbComputerName, "LABSRV"), TextPair(AVDNSDomainName, ""),
		TextPair(AVDNSComputerName, "vm"), TimestampPair(0x01dd7c0c8773cdd4),
	}
	got, err := ch.AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// A valid challenge costs its Version and the growth of its list of pairs, whatever its lengths claim.
func TestChallengeAllocs(t *testing.T) {
	msg := unhex(t, samba417)
	wiretest.Allocs(t, 5, func() { _, _ = ParseChallenge(msg) })
}

func FuzzChallenge(f *testing.F) {
	for _, hex := range challenges() {
		f.Add(unhex(f, hex))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		wiretest.Stable(t, ParseChallenge, data)
		if ch, err := ParseChallenge(data); err == nil {
			require.LessOrEqual(t, len(ch.AVPairs), maxAVPairs)
		}
	})
}
