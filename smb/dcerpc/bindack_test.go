package dcerpc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const noSyntax = "00000000 0000 0000 0000 000000000000 00000000"

func bindAcks() map[string]string {
	return map[string]string{
		// The answer of Windows 10: suricata-verify, tests/dcerpc/dcerpc-smb-ctxid, frame 24. The bytes before the
		// list of results, 2d 00, are whatever was there before.
		"Windows 10": `05000c03 10000000 7400 0000 02000000 b810 b810 4b140000 0c00 5c504950455c617473766300 2d00
			03 00 0000 0200 0200` + noSyntax + `0000 0000` + ndr64Hex + `0300 0300` + noSyntax,
		// Samba 4: zeek, testing/btest/Traces/dce-rpc, smb2-zero-byte-error-ioctl, frame 54.
		"Samba": `05000c03 10000000 4400 0000 01000000 d016 d016 f0530000 0d00 5c706970655c73727673766300 00
			01 00 0000 0000 0000` + ndrHex,
		// suricata-verify, tests/dcerpc/dcerpc-ctxids, frame 66: no secondary address.
		"alter context": `05000f03 10000000 5000 0000 03000000 d016 d016 8c5a0500 0000 0000
			02 00 0000 0200 0200` + noSyntax + `0000 0000` + ndr64Hex,
		// macOS smbx: suricata-verify, tests/smb-length-5786, frame 86.
		"macOS": `05000c03 10000000 4400 0000 99020000 ffff ffff 19cf0a00 0d00 5c504950455c6d647373766300 00
			01 00 0000 0000 0000` + ndrHex,
		"all fields": `05010cff 10000000 4200 0100 04030201 0201 0403 08070605 0100 00 aa
			010b0d0c 1100 1312` + ndrHex + `ee 0a 02 01 00 00000000 dd`,
	}
}

func TestBindAck(t *testing.T) {
	for name, s := range bindAcks() {
		t.Run(name, func(t *testing.T) {
			msg := wiretest.Hex(t, s)
			b := wiretest.RoundTrip(t, ParseBindAck, msg)
			require.Nil(t, b.Anomalies)
			wiretest.Prefixes(t, ParseBindAck, msg)
		})
	}
	b, err := ParseBindAck(wiretest.Hex(t, bindAcks()["Windows 10"]))
	require.NoError(t, err)
	require.Equal(t, `\PIPE\atsvc`, b.Address())
	require.Equal(t, []byte{0x2D, 0}, b.Pad)
	require.Equal(t, []Result{
		{Result: ResultProviderRejection, Reason: ReasonProposedTransferSyntaxesNotSupported},
		{Result: ResultAcceptance, TransferSyntax: NDR64()},
		{Result: ResultNegotiateAck, Reason: 3},
	}, b.Results)

	b, err = ParseBindAck(wiretest.Hex(t, bindAcks()["all fields"]))
	require.NoError(t, err)
	require.Equal(t, BindAck{
		Header: Header{
			VersionMinor: 1, Type: PDUBindAck, Flags: 0xFF, DRep: DataRep{0x10}, FragLength: 66, AuthLength: 1,
			CallID: 0x01020304,
		},
		MaxXmitFrag: 0x0102, MaxRecvFrag: 0x0304, AssocGroup: 0x05060708, SecondaryAddress: []byte{0}, Pad: []byte{0xAA},
		Reserved: 0x0B, Reserved2: 0x0C0D, Results: []Result{{Result: 0x11, Reason: 0x1213, TransferSyntax: NDR()}},
		Auth: Auth{Pad: []byte{0xEE}, Type: 10, Level: 2, Value: []byte{0xDD}},
	}, b)
	require.Empty(t, b.Address())
}

func TestBindAckErr(t *testing.T) {
	b, err := ParseBindAck(wiretest.Hex(t, bindAcks()["Windows 10"]))
	require.NoError(t, err)
	require.NoError(t, b.Err(1))
	refused := &BindError{
		Type: PDUBindAck, Result: ResultProviderRejection, Reason: ReasonProposedTransferSyntaxesNotSupported,
	}
	require.Equal(t, refused, b.Err(0))
	require.ErrorIs(t, b.Err(0), ErrBind)
	require.ErrorIs(t, b.Err(0), refused)
	require.NotErrorIs(t, b.Err(2), refused)
	require.EqualError(t, b.Err(0),
		"RPC bind refused: bind_ack, provider_rejection, proposed_transfer_syntaxes_not_supported")
	require.Equal(t, ErrNoResult, b.Err(3))
	require.Equal(t, ErrNoResult, b.Err(-1))
}

// A Pad that does not fit the address is replaced by zeros.
func TestBindAckPad(t *testing.T) {
	want := wiretest.Hex(t, bindAcks()["Samba"])
	b, err := ParseBindAck(want)
	require.NoError(t, err)
	for _, pad := range [][]byte{nil, {1, 2}} {
		b.Pad = pad
		got, err := b.AppendBinary([]byte("x"))
		require.NoError(t, err)
		require.Equal(t, want, got[1:])
	}
	for _, b := range []BindAck{{SecondaryAddress: make([]byte, 1<<16)}, {Results: make([]Result, 256)}} {
		_, err := b.AppendBinary(nil)
		require.ErrorIs(t, err, wire.ErrTooLong)
	}
}

func TestBindAckHostile(t *testing.T) {
	whole := wiretest.Hex(t, bindAcks()["Samba"]) // the address at 26, the results at 40
	for _, c := range []struct {
		name    string
		msg     []byte
		address string
		results int
		odd     []string
	}{
		{"255 results", patched(whole, 40, 255), `\pipe\srvsvc`, 1, []string{"n_results: 255 results, but 1 are there"}},
		{"no result", patched(whole, 40, 0), `\pipe\srvsvc`, 0, []string{"trailing bytes: 24 bytes follow the message"}},
		{
			"half a result", patched(whole, 8, 67), `\pipe\srvsvc`, 0,
			[]string{
				"trailing bytes: 1 bytes follow the message", "n_results: 1 results, but 0 are there",
				"trailing bytes: 23 bytes follow the message",
			},
		},
		{"address of 64 KiB", patched(whole, 24, 0xFF, 0xFF), "", 0, []string{
			"sec_addr: 65535 bytes at offset 26 do not fit a message of 68 bytes",
		}},
		{"address to the end", patched(whole, 24, 42), `\pipe\srvsvc`, 0, []string{"p_result_list: 0 bytes are left for it"}},
		{"address one byte past the end", patched(whole, 24, 43), "", 0, []string{
			"sec_addr: 43 bytes at offset 26 do not fit a message of 68 bytes",
		}},
		{"list cut", patched(whole, 8, 43), `\pipe\srvsvc`, 0, []string{
			"trailing bytes: 25 bytes follow the message", "p_result_list: 4 bytes are left for it",
		}},
	} {
		b, err := ParseBindAck(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.address, b.Address(), c.name)
		require.Len(t, b.Results, c.results, c.name)
		require.Equal(t, c.odd, wiretest.Odd(b.Anomalies), c.name)
		wiretest.Stable(t, ParseBindAck, c.msg)
	}
}

func FuzzParseBindAck(f *testing.F) {
	for _, s := range bindAcks() {
		f.Add(wiretest.Hex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseBindAck, data) })
}
