package ntlmssp

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// authenticates are valid messages in the layout of the builder, made by hand after [MS-NLMP] 2.2.1.3.
func authenticates() map[string]string {
	return map[string]string{
		// Header of 52 bytes, as the oldest clients had it; names are OEM.
		"52 bytes": `4e544c4d53535000 03000000 0200 0200 3a000000 0200 0200 3c000000 0100 0100 34000000
			0300 0300 35000000 0200 0200 38000000 44 555352 5753 1111 2222`,
		"64 bytes": `4e544c4d53535000 03000000 0200 0200 4a000000 0200 0200 4c000000 0200 0200 40000000
			0400 0400 42000000 0400 0400 46000000 0200 0200 4e000000 01820860
			4400 12043504 57005300 1111 2222 3333`,
		"72 bytes": `4e544c4d53535000 03000000 0100 0100 48000000 0000 0000 49000000 0000 0000 48000000
			0000 0000 48000000 0000 0000 48000000 0000 0000 49000000 058a88a2 0502ce0e0000000f 00`,
		"88 bytes": `4e544c4d53535000 03000000 0000 0000 5a000000 0000 0000 5a000000 0000 0000 58000000
			0200 0200 58000000 0000 0000 5a000000 0000 0000 5a000000 058288e2 0a00614a0000000f
			000102030405060708090a0b0c0d0e0f 5500`,
		// Eight bytes where a MIC needs sixteen.
		"no room for a MIC": `4e544c4d53535000 03000000 0000 0000 52000000 0000 0000 52000000 0000 0000 50000000
			0200 0200 50000000 0000 0000 52000000 0000 0000 52000000 05828860 0000000000000000
			0102030405060708 5500`,
		"session key alone": `4e544c4d53535000 03000000 0000 0000 40000000 0000 0000 40000000 0000 0000 40000000
			0000 0000 40000000 0000 0000 40000000 0800 0800 40000000 05828860 0102030405060708`,
		"extra": `4e544c4d53535000 03000000 0000 0000 5c000000 0000 0000 5c000000 0000 0000 5a000000
			0200 0200 5a000000 0000 0000 5c000000 0000 0000 5c000000 05828860 0000000000000000
			00000000000000000000000000000000 aabb 5500`,
	}
}

func TestAuthenticateRoundTrip(t *testing.T) {
	for name, hex := range authenticates() {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, hex)
			wiretest.RoundTrip(t, ParseAuthenticate, msg)
			wiretest.Prefixes(t, ParseAuthenticate, msg)
		})
	}
}

func TestAuthenticateFields(t *testing.T) {
	au, err := ParseAuthenticate(unhex(t, authenticates()["64 bytes"]))
	require.NoError(t, err)
	require.Equal(t, Authenticate{
		LmChallengeResponse: []byte{0x11, 0x11}, NtChallengeResponse: []byte{0x22, 0x22},
		DomainName: []byte("D\x00"), UserName: []byte{0x12, 0x04, 0x35, 0x04}, Workstation: []byte("W\x00S\x00"),
		EncryptedRandomSessionKey: []byte{0x33, 0x33}, Flags: 0x60088201, HeaderSize: 64,
	}, au)
	require.Equal(t, "Ве", au.Flags.Text(au.UserName))
}

func TestAuthenticateHeaderSizes(t *testing.T) {
	for name, want := range map[string]struct {
		size                       int
		version, mic, hasMIC, anon bool
		user                       string
		odd                        []string
	}{
		"52 bytes": {52, false, false, false, false, "USR", nil},
		"64 bytes": {64, false, false, false, false, "Ве", nil},
		"72 bytes": {72, true, false, false, true, "", nil},
		"88 bytes": {88, true, true, true, false, "U", nil},
		"no room for a MIC": {
			72, true, false, false, false, "U", []string{"Payload: 8 bytes of unknown use before it"},
		},
		"session key alone": {64, false, false, false, true, "", nil},
		"extra":             {88, true, true, false, false, "U", []string{"Payload: 2 bytes of unknown use before it"}},
	} {
		t.Run(name, func(t *testing.T) {
			au, err := ParseAuthenticate(unhex(t, authenticates()[name]))
			require.NoError(t, err)
			require.Equal(t, want.size, au.HeaderSize)
			require.Equal(t, want.version, au.Version != nil)
			require.Equal(t, want.mic, au.MIC != nil)
			require.Equal(t, want.hasMIC, au.HasMIC())
			require.Equal(t, want.anon, au.IsAnonymous())
			require.Equal(t, want.user, au.Flags.Text(au.UserName))
			require.Equal(t, want.odd, odd(au.Anomalies))
		})
	}
}

func TestIsAnonymous(t *testing.T) {
	for name, tc := range map[string]struct {
		au   Authenticate
		want bool
	}{
		"nothing":       {Authenticate{}, true},
		"one zero byte": {Authenticate{LmChallengeResponse: []byte{0}}, true},
		"with a domain": {Authenticate{DomainName: []byte("D"), LmChallengeResponse: []byte{0}}, true},
		"one byte":      {Authenticate{LmChallengeResponse: []byte{1}}, false},
		"two bytes":     {Authenticate{LmChallengeResponse: []byte{0, 0}}, false},
		"user":          {Authenticate{UserName: []byte("U")}, false},
		"response":      {Authenticate{NtChallengeResponse: []byte{0}}, false},
		"flag alone":    {Authenticate{Flags: FlagAnonymous, UserName: []byte("U")}, false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, tc.au.IsAnonymous()) })
	}
}

// The bytes are those that Samba 4.17.12 took for an anonymous logon (STATUS_SUCCESS, SessionFlags 0).
func TestAnonymousAuthenticate(t *testing.T) {
	msg, err := AnonymousAuthenticate(0xe28a8215).AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, unhex(t, `4e544c4d53535000 03000000 0100 0100 40000000 0000 0000 41000000 0000 0000 40000000
		0000 0000 40000000 0000 0000 40000000 0000 0000 41000000 158a08a0 00`), msg)
	au := wiretest.RoundTrip(t, ParseAuthenticate, msg)
	require.True(t, au.IsAnonymous())
	require.Empty(t, au.Anomalies)
}

// A MIC has its place behind Version only.
func TestAuthenticateMICWithoutVersion(t *testing.T) {
	msg, err := Authenticate{MIC: &[16]byte{1}, UserName: []byte("U")}.AppendBinary(nil)
	require.NoError(t, err)
	au, err := ParseAuthenticate(msg)
	require.NoError(t, err)
	require.Equal(t, &Version{}, au.Version)
	require.Equal(t, &[16]byte{1}, au.MIC)
	require.Equal(t, []byte("U"), au.UserName)
}

func TestAuthenticateOutOfBounds(t *testing.T) {
	msg := unhex(t, authenticates()["88 bytes"])
	msg[20] = 0xFF // NtChallengeResponseLen, 255 bytes that are not there
	au, err := ParseAuthenticate(msg)
	require.NoError(t, err)
	require.Nil(t, au.NtChallengeResponse)
	require.Equal(t, "U", au.Flags.Text(au.UserName))
	require.Equal(t, wire.Anomaly{
		Message: "AUTHENTICATE_MESSAGE", Field: "NtChallengeResponse", Offset: 90,
		What: "255 bytes at offset 90 do not fit a message of 90 bytes",
	}, au.Anomalies[0])
}

func FuzzAuthenticate(f *testing.F) {
	for _, hex := range authenticates() {
		f.Add(unhex(f, hex))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseAuthenticate, data) })
}
