package dcerpc

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func faults() map[string]string {
	return map[string]string{
		// suricata-verify, tests/dcerpc/dcerpc-bind-no-frag-flag, frame 33.
		"Windows": "05000323 10000000 2000 0000 01000000 20000000 0000 00 00 0200011c 00000000",
		"extended": `050103ff 10000000 2300 0000 04030201 08070605 0a09 0b 01 05000000 0f0e0d0c
			010203`,
	}
}

func TestFault(t *testing.T) {
	for name, s := range faults() {
		t.Run(name, func(t *testing.T) {
			msg := wiretest.Hex(t, s)
			f := wiretest.RoundTrip(t, ParseFault, msg)
			require.Nil(t, f.Anomalies)
			wiretest.Prefixes(t, ParseFault, msg)
			wiretest.Allocs(t, 0, func() {
				if _, err := ParseFault(msg); err != nil {
					t.Fail()
				}
			})
		})
	}
	f, err := ParseFault(wiretest.Hex(t, faults()["extended"]))
	require.NoError(t, err)
	require.Equal(t, Fault{
		Header: Header{
			VersionMinor: 1, Type: PDUFault, Flags: 0xFF, DRep: DataRep{0x10}, FragLength: 35, CallID: 0x01020304,
		},
		AllocHint: 0x05060708, ContextID: 0x090A, CancelCount: 0x0B, Reserved: FaultExtendedError, Status: FaultAccessDenied,
		Reserved2: 0x0C0D0E0F, Stub: []byte{1, 2, 3},
	}, f)
}

func TestFaultErr(t *testing.T) {
	f, err := ParseFault(wiretest.Hex(t, faults()["Windows"]))
	require.NoError(t, err)
	err = errors.Join(f.Err())
	require.ErrorIs(t, err, ErrFault)
	require.ErrorIs(t, err, &FaultError{Status: FaultOpRangeError})
	require.NotErrorIs(t, err, &FaultError{Status: FaultAccessDenied})
	require.EqualError(t, err, "RPC fault: nca_s_op_rng_error")
}

// What [C706] has behind the status is there for alignment only: a PDU without it still tells its status.
func TestFaultShort(t *testing.T) {
	for _, left := range []int{0, 1, 2, 3} {
		msg := patched(wiretest.Hex(t, faults()["Windows"]), 8, byte(28+left))[:28+left]
		f, err := ParseFault(msg)
		require.NoError(t, err)
		require.Equal(t, FaultOpRangeError, f.Status)
		require.Len(t, f.Stub, left)
		require.Equal(t, []string{fmt.Sprintf("reserved2: %d bytes are left for it", left)}, wiretest.Odd(f.Anomalies))
		wiretest.Stable(t, ParseFault, msg)
	}
}

func FuzzParseFault(f *testing.F) {
	for _, s := range faults() {
		f.Add(wiretest.Hex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseFault, data) })
}
