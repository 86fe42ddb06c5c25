package dcerpc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func requests() map[string]string {
	return map[string]string{
		// suricata-verify, tests/dcerpc/dcerpc-ctxids, frame 6: ServerAlive2, which has no arguments.
		"no stub": "05000003 10000000 1800 0000 02000000 00000000 0000 0500",
		// suricata-verify, tests/dcerpc-smb-test-01, frame 20: OpenSCManagerW.
		"pipe": `05000003 10000000 3800 0000 02000000 20000000 0000 0f00
			00000200 0400 0000 00000000 04000000 6400 6300 3100 0000 00000000 3f000f00`,
		// suricata-verify, tests/dcerpc/dcerpc-ctxids, frame 63: RemQueryInterface, with an object and a signature.
		"object and verifier": `05000083 10000000 d000 1000 02000000 88000000 0000 0300
			00f80000 6806 ec04 225c 99ce1c620266
			05000700 00000000 00000000 9a87db93eb5a844f97be637a19b65b22 00000000
			0bcc0000 6806 ec04 0953 aacaf2a4d05b 05000000 01000000 01000000
			8fb296b1b4ba1a10b69c00aa00341d07 8ae3137102f4367101000400 01000000 0240280043010000
			00000000c000000000000046 00000000` + ndrHex + `0000000000000000 09 05 08 00 00000000
			01000000 d23ff96eeee3c5d1 01000000`,
	}
}

func TestRequest(t *testing.T) {
	for name, s := range requests() {
		t.Run(name, func(t *testing.T) {
			msg := wiretest.Hex(t, s)
			r := wiretest.RoundTrip(t, ParseRequest, msg)
			require.Nil(t, r.Anomalies)
			wiretest.Prefixes(t, ParseRequest, msg)
			wiretest.Allocs(t, 0, func() {
				if _, err := ParseRequest(msg); err != nil {
					t.Fail()
				}
			})
		})
	}
	r, err := ParseRequest(wiretest.Hex(t, requests()["pipe"]))
	require.NoError(t, err)
	require.Equal(t, Request{
		Header:    Header{Flags: PFCWhole, DRep: DataRep{0x10}, FragLength: 56, CallID: 2},
		AllocHint: 32, Opnum: 15, Stub: r.Stub,
	}, r)
	require.Len(t, r.Stub, 32)

	r, err = ParseRequest(wiretest.Hex(t, requests()["object and verifier"]))
	require.NoError(t, err)
	require.Equal(t, "0000f800-0668-04ec-225c-99ce1c620266", r.Object.String())
	require.Len(t, r.Stub, 0x88)
	require.Len(t, r.Auth.Pad, 8)
	require.Equal(t, Auth{Pad: r.Auth.Pad, Type: 9, Level: 5, Value: r.Auth.Value}, r.Auth)
	require.Len(t, r.Auth.Value, 16)

	// An object without its flag is not sent: the flag decides.
	got, err := Request{Header: Header{Flags: PFCWhole, CallID: 2}, Opnum: 5, Object: dtyp.GUID{1}}.AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, wiretest.Hex(t, requests()["no stub"]), got)
	_, err = Request{Stub: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)

	// The flag without an object.
	_, err = ParseRequest(patched(wiretest.Hex(t, requests()["no stub"]), 3, byte(PFCWhole|PFCObjectUUID)))
	require.ErrorIs(t, err, wire.ErrTruncated)
}

func FuzzParseRequest(f *testing.F) {
	for _, s := range requests() {
		f.Add(wiretest.Hex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseRequest, data) })
}
