package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// requireSMB1 checks the properties of every message of a table in which nothing is odd, and returns the values.
func requireSMB1[T wiretest.Message](t *testing.T, parse func([]byte) (T, error), anomalies func(T) []wire.Anomaly,
	vectors map[string]string,
) map[string]T {
	values := map[string]T{}
	for name, s := range vectors {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, s)
			values[name] = wiretest.RoundTrip(t, parse, msg)
			require.Nil(t, anomalies(values[name]))
			wiretest.Prefixes(t, parse, msg)
		})
	}
	return values
}

// requireSMB1Refusals checks what a parser makes of messages that are not its own, of bad word counts, and of errors.
func requireSMB1Refusals[T wiretest.Message](t *testing.T, parse func([]byte) (T, error), msg []byte, badWords ...byte) {
	t.Helper()
	response := msg[9]&0x80 != 0
	check := func(msg []byte, want error) {
		t.Helper()
		value, err := parse(msg)
		require.ErrorIs(t, err, want, "% x", msg)
		require.Zero(t, value)
	}
	check(nil, wire.ErrTruncated)
	check(msg[:SMB1HeaderSize], wire.ErrTruncated)
	check(patched(msg, 0, 0xFE), ErrNotSMB)
	check(patched(msg, 4, 0x72), ErrCommand)
	check(patched(msg, 9, msg[9]^0x80), ErrCommand)
	for _, words := range badWords {
		check(patched(msg, SMB1HeaderSize, words), wire.ErrFormat)
	}
	// The same words of failure: an NTSTATUS, and an error class and code.
	for _, status := range [][]byte{{0x22, 0, 0, 0xC0}, {2, 0, 5, 0}} {
		refused := patched(patched(msg, 5, status...), SMB1HeaderSize, 0, 0, 0)[:SMB1HeaderSize+3]
		if response {
			check(refused, ErrErrorResponse)
		}
	}
}

func TestSMB1HasMoreData(t *testing.T) {
	for _, c := range []struct {
		status uint32
		flags2 SMB1Flags2
		want   bool
	}{
		{0x80000005, SMB1Flags2NTStatus, true},
		{0x80000005, 0, false},
		{0x00EA0001, 0, true},
		{0x00EA0001, SMB1Flags2NTStatus, false},
		{0x00EA0002, 0, false},
		{0x00050001, 0, false},
		{0xC0000005, SMB1Flags2NTStatus, false},
		{0, SMB1Flags2NTStatus, false},
		{0, 0, false},
	} {
		h := SMB1Header{Status: dtyp.NTStatus(c.status), Flags2: c.flags2}
		require.Equal(t, c.want, h.HasMoreData(), "0x%08x", c.status)
	}
}
