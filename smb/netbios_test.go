package smb

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// smbserver is "*SMBSERVER" with suffix 0x20 and client is "SMBSCOPE" with suffix 0x00, encoded by hand after RFC 1001
// 14.1: '*' is 0x2A and becomes "CK", 'S' is 0x53 and becomes "FD", a space becomes "CA".
const (
	smbserver = "\x20CKFDENECFDEFFCFGEFFCCACACACACACA\x00"
	client    = "\x20FDENECFDEDEPFAEFCACACACACACACAAA\x00"
)

func TestSessionRequest(t *testing.T) {
	r := wiretest.RoundTrip(t, ParseSessionRequest, []byte(smbserver+client))
	require.Equal(t, MakeNetBIOSName("*SMBServer", SuffixFileServer), r.Called)
	require.Equal(t, MakeNetBIOSName("smbscope", SuffixWorkstation), r.Calling)
	require.Equal(t, "*SMBSERVER<20>", r.Called.String())
	require.Equal(t, "SMBSCOPE<00>", r.Calling.String())
	wiretest.Prefixes(t, ParseSessionRequest, []byte(smbserver+client))
}

func TestSessionRequestHostile(t *testing.T) {
	for name, body := range map[string]string{
		"scope":            strings.Replace(smbserver+client, "\x00", "\x03", 1),
		"length 31":        strings.Replace(smbserver+client, "\x20", "\x1f", 1),
		"compressed name":  "\xC0" + smbserver[1:] + client,
		"lower case":       strings.ToLower(smbserver) + client,
		"letter below A":   strings.Replace(smbserver, "CK", "@K", 1) + client,
		"letter above P":   strings.Replace(smbserver, "CK", "CQ", 1) + client,
		"calling name bad": smbserver + strings.Replace(client, "FD", "ZZ", 1),
	} {
		r, err := ParseSessionRequest([]byte(body))
		require.ErrorIs(t, err, wire.ErrFormat, name)
		require.Zero(t, r, name)
	}
}

func TestNetBIOSName(t *testing.T) {
	require.Equal(t, "ABCDEFGHIJKLMNO<20>", MakeNetBIOSName("abcdefghijklmnopq", 0x20).String())
	require.Equal(t, "<1C>", MakeNetBIOSName("", 0x1C).String())
	require.Equal(t, "A B<00>", MakeNetBIOSName("a b ", 0).String())
	require.Equal(t, `M\x9aLLER<00>`, NetBIOSName([]byte("M\x9aLLER         \x00")).String())
	require.Equal(t, "A B", MakeNetBIOSName("a b ", 0x20).Text())
	require.Equal(t, "*<00>", NetBIOSName{'*'}.String(), "the wildcard of RFC 1002 4.2.17 is padded with zeros")
	require.Equal(t, "*              ", string(func() []byte { n := MakeNetBIOSName("*", 0); return n[:15] }()))
}

func TestSessionError(t *testing.T) {
	for _, c := range []struct {
		code byte
		want SessionError
		text string
	}{
		{0x80, SessionNotListeningOnCalled, "not listening on called name"},
		{0x81, SessionNotListeningToCalling, "not listening for calling name"},
		{0x82, SessionCalledNotPresent, "called name not present"},
		{0x83, SessionNoResources, "called name present, but insufficient resources"},
		{0x8F, SessionUnspecified, "unspecified error"},
		{0x42, 0x42, "SessionError(0x42)"},
	} {
		e := wiretest.RoundTrip(t, ParseSessionError, []byte{c.code})
		require.Equal(t, c.want, e)
		require.Equal(t, c.text, e.String())
		require.Equal(t, c.code >= 0x80, e.Known())
		wiretest.Prefixes(t, ParseSessionError, []byte{c.code})
	}
}

func TestRetarget(t *testing.T) {
	msg := unhex(t, "c0000201 01bd")
	r := wiretest.RoundTrip(t, ParseRetarget, msg)
	require.Equal(t, netip.MustParseAddrPort("192.0.2.1:445"), r.Address)
	wiretest.Prefixes(t, ParseRetarget, msg)
	for _, bad := range []string{"[2001:db8::1]:445", "[::ffff:192.0.2.1]:445"} {
		b, err := Retarget{Address: netip.MustParseAddrPort(bad)}.AppendBinary([]byte("before"))
		require.ErrorIs(t, err, wire.ErrFormat)
		require.Equal(t, "before", string(b))
	}
	_, err := Retarget{}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
}

func FuzzParseSessionRequest(f *testing.F) {
	f.Add([]byte(smbserver + client))
	f.Add([]byte(client + smbserver + "more"))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSessionRequest, data) })
}

func FuzzParseSessionError(f *testing.F) {
	f.Add([]byte{0x80})
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSessionError, data) })
}

func FuzzParseRetarget(f *testing.F) {
	f.Add([]byte{192, 0, 2, 1, 1, 0xBD})
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseRetarget, data) })
}
