package ntlmssp

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// Short names for what every test here uses.
var unhex, odd = wiretest.Hex, wiretest.Odd

func TestTypeOf(t *testing.T) {
	for name, tc := range map[string]struct {
		hex       string
		isMessage bool
		isType    bool
		want      MessageType
	}{
		"empty":       {"", false, false, 0},
		"signature":   {"4e544c4d53535000", true, false, 0},
		"short type":  {"4e544c4d53535000 010000", true, false, 0},
		"negotiate":   {"4e544c4d53535000 01000000", true, true, TypeNegotiate},
		"unknown":     {"4e544c4d53535000 ff000000", true, true, 0xFF},
		"other magic": {"4e544c4d53535001 01000000", false, false, TypeNegotiate},
	} {
		t.Run(name, func(t *testing.T) {
			b := unhex(t, tc.hex)
			require.Equal(t, tc.isMessage, IsMessage(b))
			got, ok := TypeOf(b)
			require.Equal(t, tc.isType, ok)
			require.Equal(t, tc.want, got)
		})
	}
}

func TestMessageTypeString(t *testing.T) {
	require.Equal(t, "NtLmNegotiate", TypeNegotiate.String())
	require.Equal(t, "NtLmChallenge", TypeChallenge.String())
	require.Equal(t, "NtLmAuthenticate", TypeAuthenticate.String())
	require.Equal(t, "MessageType(0x00000004)", MessageType(4).String())
}

// Each parser refuses what another one reads, and says where it saw that.
func TestWrongStart(t *testing.T) {
	negotiate, err := DefaultNegotiate().AppendBinary(nil)
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		msg    []byte
		field  string
		offset int
	}{
		"type":      {append(negotiate, make([]byte, 20)...), "MessageType", 8},
		"signature": {make([]byte, 60), "Signature", 0},
	} {
		t.Run(name, func(t *testing.T) {
			for _, parse := range []func([]byte) error{
				func(b []byte) error { _, err := ParseChallenge(b); return err },
				func(b []byte) error { _, err := ParseAuthenticate(b); return err },
			} {
				var pe *wire.ParseError
				err := parse(tc.msg)
				require.ErrorIs(t, err, wire.ErrFormat)
				require.ErrorAs(t, err, &pe)
				require.Equal(t, tc.field, pe.Field)
				require.Equal(t, tc.offset, pe.Offset)
			}
		})
	}
	_, err = ParseNegotiate(unhex(t, "4e544c4d53535000 02000000 00000000"))
	require.ErrorIs(t, err, wire.ErrFormat)
}
