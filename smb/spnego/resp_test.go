package spnego

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func TestNegTokenRespRoundTrip(t *testing.T) {
	for name, hex := range resps() {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, hex)
			wiretest.RoundTrip(t, ParseNegTokenResp, msg)
			wiretest.Prefixes(t, ParseNegTokenResp, msg)
		})
	}
}

func TestNegTokenRespFields(t *testing.T) {
	for name, want := range map[string]NegTokenResp{
		"nothing": {},
		"state":   {NegState: new(AcceptCompleted)},
		"client":  {ResponseToken: []byte{1, 2}},
		"every field": {
			NegState: new(AcceptIncomplete), SupportedMech: OIDNTLMSSP, ResponseToken: []byte{0xAA},
			MechListMIC: []byte{0xBB, 0xBB, 0xBB},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseNegTokenResp(unhex(t, resps()[name]))
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestNegTokenRespOddities(t *testing.T) {
	for name, tc := range map[string]struct {
		hex string
		odd []string
	}{
		"framed": {resps()["framed"], []string{"NegotiationToken: GSS-API header around a NegTokenResp"}},
		"odd": {resps()["odd"], []string{
			"negState: unknown value 9", "supportedMech: not a valid object identifier",
			"NegTokenResp: element with tag 0xa0 is kept as it is",
		}},
		"long state": {"a108 3006 a004 0a020000", []string{"NegTokenResp: element with tag 0xa0 is kept as it is"}},
		"padded length": {"a18187 308184 a2 820080 04 7e" + strings.Repeat("00", 126), []string{
			"element: length 128 written in 3 bytes",
		}},
		"more in a field": {"a109 3007 a005 0a0100 0500", []string{"trailing bytes: 2 bytes follow the message"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseNegTokenResp(unhex(t, tc.hex))
			require.NoError(t, err)
			require.Equal(t, tc.odd, odd(got.Anomalies))
		})
	}
	_, err := ParseNegTokenResp(unhex(t, samba417))
	require.ErrorIs(t, err, wire.ErrFormat)
}

func TestNegStateString(t *testing.T) {
	for state, want := range []string{"accept-completed", "accept-incomplete", "reject", "request-mic", "NegState(0x04)"} {
		require.Equal(t, want, NegState(state).String())
	}
}

func FuzzNegTokenResp(f *testing.F) {
	for _, hex := range resps() {
		f.Add(unhex(f, hex))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseNegTokenResp, data) })
}
