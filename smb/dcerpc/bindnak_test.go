package dcerpc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// No capture at hand has a bind_nak: these are written after [C706] 12.6.4.5 and [MS-RPCE] 2.2.2.9.
func bindNaks() map[string]string {
	return map[string]string{
		"one version": "05000d03 10000000 1500 0000 01000000 0400 01 0500",
		"no version":  "05000d03 10000000 1300 0000 01000000 0000 00",
		"extended": `05000d03 10000000 2c00 0000 01000000 0800 02 0500 0501 ff
			20037490 d0fa d311 82d7 009027b130ab 01020304`,
	}
}

func TestBindNak(t *testing.T) {
	for name, s := range bindNaks() {
		t.Run(name, func(t *testing.T) {
			msg := wiretest.Hex(t, s)
			b := wiretest.RoundTrip(t, ParseBindNak, msg)
			require.Nil(t, b.Anomalies)
			wiretest.Prefixes(t, ParseBindNak, msg)
		})
	}
	b, err := ParseBindNak(wiretest.Hex(t, bindNaks()["extended"]))
	require.NoError(t, err)
	require.Equal(t, RejectAuthenticationTypeNotRecognized, b.Reason)
	require.Equal(t, []Version{{5, 0}, {5, 1}}, b.Versions)
	require.Len(t, b.Extended, 21)
	require.Equal(t, &BindError{Type: PDUBindNak, Reject: RejectAuthenticationTypeNotRecognized}, b.Err())
	require.EqualError(t, b.Err(), "RPC bind refused: bind_nak, authentication_type_not_recognized")
	_, err = BindNak{Versions: make([]Version, 256)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func TestBindNakHostile(t *testing.T) {
	whole := wiretest.Hex(t, bindNaks()["one version"])
	for _, c := range []struct {
		name     string
		msg      []byte
		versions int
		extended []byte
		odd      []string
	}{
		{"255 versions", patched(whole, 18, 255), 1, nil, []string{"n_protocols: 255 versions, but 1 are there"}},
		{"half a version", patched(whole, 8, 20), 0, []byte{5}, []string{
			"trailing bytes: 1 bytes follow the message", "n_protocols: 1 versions, but 0 are there",
		}},
		{"no list", patched(whole, 8, 18)[:18], 0, nil, []string{"n_protocols: is not there"}},
	} {
		b, err := ParseBindNak(c.msg)
		require.NoError(t, err, c.name)
		require.Len(t, b.Versions, c.versions, c.name)
		require.Equal(t, c.extended, b.Extended, c.name)
		require.Equal(t, c.odd, wiretest.Odd(b.Anomalies), c.name)
		wiretest.Stable(t, ParseBindNak, c.msg)
	}
}

func FuzzParseBindNak(f *testing.F) {
	for _, s := range bindNaks() {
		f.Add(wiretest.Hex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseBindNak, data) })
}
