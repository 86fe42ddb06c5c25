package dcerpc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func responses() map[string]string {
	return map[string]string{
		// suricata-verify, tests/dcerpc-smb-test-01, frame 21: a context handle.
		"pipe": `05000203 10000000 3000 0000 02000000 18000000 0000 00 00
			00000000 c255930e0aaf2c45910fe56e9bc0f915 00000000`,
		// zeek, testing/btest/Traces/dce-rpc/20-fids-no-close, frame 34: Samba, with a signature.
		"verifier": `05000203 10000000 6000 1000 02000000 28000000 0000 00 00
			01000000 01000000 03000000 00000000 00000000 0d000000 00000000 9e6447cf 4f000000 00000000
			0000000000000000 0a 05 08 00 01000000 01000000 b632e67807bcafca 00000000`,
		// suricata-verify, tests/dcerpc/dcerpc-smb-ctxid, frame 26: of context 1, NDR64.
		"context 1":  "05000203 10000000 2000 0000 02000000 08000000 0100 00 00 00000000 32000000",
		"all fields": "050102ff 10000000 1a00 0000 04030201 08070605 0a09 0b 0c 0d0e",
		"no stub":    "05000203 10000000 1800 0000 01000000 00000000 0000 00 00",
	}
}

func TestResponse(t *testing.T) {
	for name, s := range responses() {
		t.Run(name, func(t *testing.T) {
			msg := wiretest.Hex(t, s)
			r := wiretest.RoundTrip(t, ParseResponse, msg)
			require.Nil(t, r.Anomalies)
			wiretest.Prefixes(t, ParseResponse, msg)
			wiretest.Allocs(t, 0, func() {
				if _, err := ParseResponse(msg); err != nil {
					t.Fail()
				}
			})
		})
	}
	r, err := ParseResponse(wiretest.Hex(t, responses()["all fields"]))
	require.NoError(t, err)
	require.Equal(t, Response{
		Header: Header{
			VersionMinor: 1, Type: PDUResponse, Flags: 0xFF, DRep: DataRep{0x10}, FragLength: 26, CallID: 0x01020304,
		},
		AllocHint: 0x05060708, ContextID: 0x090A, CancelCount: 0x0B, Reserved: 0x0C, Stub: []byte{0x0D, 0x0E},
	}, r)
	r, err = ParseResponse(wiretest.Hex(t, responses()["verifier"]))
	require.NoError(t, err)
	require.Len(t, r.Stub, 40)
	require.Len(t, r.Auth.Pad, 8)
	_, err = Response{Stub: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

// What the server says it will send allocates nothing.
func TestResponseAllocHint(t *testing.T) {
	msg := patched(wiretest.Hex(t, responses()["pipe"]), 16, 0xFF, 0xFF, 0xFF, 0xFF)
	r := wiretest.RoundTrip(t, ParseResponse, msg)
	require.Equal(t, uint32(0xFFFFFFFF), r.AllocHint)
	require.Len(t, r.Stub, 24)
	require.Equal(t, 24, cap(r.Stub))
}

func FuzzParseResponse(f *testing.F) {
	for _, s := range responses() {
		f.Add(wiretest.Hex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseResponse, data) })
}
