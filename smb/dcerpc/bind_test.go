package dcerpc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const (
	ndrHex   = "045d888a eb1c c911 9fe8 08002b104860 02000000"
	ndr64Hex = "33057171 babe 3749 8319 b5dbef9ccc36 01000000"
	// The scheduler's interface, atsvc.
	atsvcHex = "8206f71f 510a e830 076d 740be8cee98b 01000000"
)

func binds() map[string]string {
	return map[string]string{
		// Windows 10 over a named pipe: suricata-verify, tests/dcerpc/dcerpc-smb-ctxid, frame 21, as tshark cuts it.
		// The third context asks for bind time features.
		"Windows 10": `05000b03 10000000 a000 0000 02000000 b810 b810 00000000 03 00 0000
			0000 01 00` + atsvcHex + ndrHex + `0100 01 00` + atsvcHex + ndr64Hex + `
			0200 01 00` + atsvcHex + `2c1cb76c 1298 4045 0300 000000000000 01000000`,
		// A bind with an NTLM token: suricata-verify, tests/dcerpc/dcerpc-ctxids, frame 11.
		"with a verifier": `05000b07 10000000 7800 2800 03000000 d016 d016 680d0000 01 00 0000
			0100 01 00 a0010000 0000 0000 c000 000000000046 00000000` + ndrHex + `
			0a 05 00 00 00000000 4e544c4d53535000 01000000 978208e2 0000000000000000 0000000000000000 0a00614a0000000f`,
		// suricata-verify, tests/dcerpc/dcerpc-ctxids, frame 65.
		"alter context": `05000e03 10000000 7400 0000 03000000 d016 d016 00000000 02 00 0000
			0200 01 00 01000000 0000 0000 c000 000000000046 00000000` + ndrHex + `
			0300 01 00 01000000 0000 0000 c000 000000000046 00000000` + ndr64Hex,
		// A client that sets no flags: suricata-verify, tests/dcerpc/dcerpc-bind-no-frag-flag, frame 28.
		"no flags": `05000b00 10000000 4800 0000 01000000 b810 b810 00000000 01 00 0000
			0000 01 00 0883afe1 1f5d c911 91a4 08002b14a0fa 03000000` + ndrHex,
		"no contexts": "05000b03 10000000 1c00 0000 01000000 b810 b810 00000000 00 00 0000",
		"all reserved fields": `05010bff 10000000 4000 0100 04030201 0201 0403 08070605 01 09 0b0a
			0d0c 00 0e` + ndrHex + `0f0f0f 44 06 03 ee 04030201 aa`,
	}
}

func TestBind(t *testing.T) {
	for name, s := range binds() {
		t.Run(name, func(t *testing.T) {
			msg := wiretest.Hex(t, s)
			b := wiretest.RoundTrip(t, ParseBind, msg)
			require.Nil(t, b.Anomalies)
			wiretest.Prefixes(t, ParseBind, msg)
		})
	}
	b, err := ParseBind(wiretest.Hex(t, binds()["Windows 10"]))
	require.NoError(t, err)
	require.Equal(t, uint16(4280), b.MaxRecvFrag)
	require.Len(t, b.Contexts, 3)
	atsvc := b.Contexts[0].AbstractSyntax
	require.Equal(t, Context{ID: 1, AbstractSyntax: atsvc, TransferSyntaxes: []SyntaxID{NDR64()}}, b.Contexts[1])
	require.Equal(t, "1ff70682-0a51-30e8-076d-740be8cee98b v1.0", atsvc.String())
	f, ok := b.Contexts[2].TransferSyntaxes[0].BindTimeFeatures()
	require.True(t, ok)
	require.Equal(t, FeatureSecurityContextMultiplexing|FeatureKeepConnectionOnOrphan, f)

	b, err = ParseBind(wiretest.Hex(t, binds()["alter context"]))
	require.NoError(t, err)
	require.Equal(t, PDUAlterContext, b.Header.Type)
}

func TestBindFields(t *testing.T) {
	msg := wiretest.Hex(t, binds()["all reserved fields"])
	b, err := ParseBind(msg)
	require.NoError(t, err)
	require.Equal(t, Bind{
		Header: Header{
			VersionMinor: 1, Type: PDUBind, Flags: 0xFF, DRep: DataRep{0x10}, FragLength: len(msg), AuthLength: 1,
			CallID: 0x01020304,
		},
		MaxXmitFrag: 0x0102, MaxRecvFrag: 0x0304, AssocGroup: 0x05060708, Reserved: 9, Reserved2: 0x0A0B,
		Contexts: []Context{{ID: 0x0C0D, Reserved: 0x0E, AbstractSyntax: NDR()}},
		Auth: Auth{
			Pad: []byte{0x0F, 0x0F, 0x0F}, Type: 0x44, Level: 6, Reserved: 0xEE, ContextID: 0x01020304, Value: []byte{0xAA},
		},
	}, b)
}

func TestNewBind(t *testing.T) {
	want := wiretest.Hex(t, binds()["no flags"])
	b := NewBind(1, SyntaxID{UUID: [16]byte(want[32:48]), Major: 3})
	got, err := b.AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, patched(want, 3, byte(PFCWhole)), got)
	_, err = NewBind(1, make([]SyntaxID, 256)...).AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
	_, err = Bind{Contexts: []Context{{TransferSyntaxes: make([]SyntaxID, 256)}}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func TestBindHostile(t *testing.T) {
	whole := wiretest.Hex(t, binds()["no flags"])
	for _, c := range []struct {
		name     string
		msg      []byte
		contexts int
		syntaxes int // of the first context
		odd      []string
	}{
		{"255 contexts", patched(whole, 24, 255), 1, 1, []string{"n_context_elem: 255 contexts, but 1 are there"}},
		{"no context of one", patched(whole, 24, 0), 0, 0, []string{"trailing bytes: 44 bytes follow the message"}},
		{"255 transfer syntaxes", patched(whole, 30, 255), 1, 1, []string{
			"n_transfer_syn: 255 transfer syntaxes, but 1 are there",
		}},
		{
			"half a transfer syntax", patched(whole, 8, 62), 1, 0,
			[]string{
				"trailing bytes: 10 bytes follow the message", "n_transfer_syn: 1 transfer syntaxes, but 0 are there",
				"trailing bytes: 10 bytes follow the message",
			},
		},
		{
			"half a context", patched(whole, 8, 40), 0, 0,
			[]string{
				"trailing bytes: 32 bytes follow the message", "n_context_elem: 1 contexts, but 0 are there",
				"trailing bytes: 12 bytes follow the message",
			},
		},
	} {
		b, err := ParseBind(c.msg)
		require.NoError(t, err, c.name)
		require.Len(t, b.Contexts, c.contexts, c.name)
		if c.contexts > 0 {
			require.Len(t, b.Contexts[0].TransferSyntaxes, c.syntaxes, c.name)
		}
		require.Equal(t, c.odd, wiretest.Odd(b.Anomalies), c.name)
	}
}

// A verifier that does not fit counts as none; the body is read as if there were none.
func TestAuthHostile(t *testing.T) {
	whole := wiretest.Hex(t, binds()["with a verifier"])
	b, err := ParseBind(whole)
	require.NoError(t, err)
	require.Equal(t, "NTLMSSP\x00", string(b.Auth.Value[:8]))
	require.Equal(t, Auth{Type: 10, Level: 5, Value: b.Auth.Value}, b.Auth)
	require.Len(t, b.Auth.Value, 40)
	for _, c := range []struct {
		name  string
		msg   []byte
		want  error
		value int
		odd   []string
	}{
		{"longer than the PDU", patched(whole, 10, 0xFF, 0xFF), nil, 0, []string{
			"auth_verifier: 65535 bytes do not fit a PDU of 120 bytes", "trailing bytes: 48 bytes follow the message",
		}},
		{"into the header", patched(whole, 10, 97), nil, 0, []string{
			"auth_verifier: 97 bytes do not fit a PDU of 120 bytes", "trailing bytes: 48 bytes follow the message",
		}},
		{"over the whole body", patched(whole, 10, 96), wire.ErrTruncated, 0, nil},
		{"padding into the header", patched(whole, 74, 57), nil, 40, []string{
			"auth_verifier: 57 bytes of padding, but 56 are before it",
		}},
		{"padding over the body", patched(whole, 74, 56), wire.ErrTruncated, 0, nil},
	} {
		b, err := ParseBind(c.msg)
		require.ErrorIs(t, err, c.want, c.name)
		require.Len(t, b.Auth.Value, c.value, c.name)
		require.Equal(t, c.odd, wiretest.Odd(b.Anomalies), c.name)
		wiretest.Stable(t, ParseBind, c.msg)
	}
	_, err = Bind{Auth: Auth{Pad: make([]byte, 256), Value: []byte{1}}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
	_, err = Bind{Auth: Auth{Value: make([]byte, 1<<16)}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func FuzzParseBind(f *testing.F) {
	for _, s := range binds() {
		f.Add(wiretest.Hex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseBind, data) })
}
