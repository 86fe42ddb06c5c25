package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func smb2Errors() map[string]string {
	return map[string]string{
		"usual":   header2(setup2, failure, reply2) + "0900 00 00 00000000 00",
		"interim": header2(setup2, "03010000", "03000000") + "0900 00 00 00000000 00",
		// One context: ErrorDataLength 4, ErrorId 0, and what STATUS_BUFFER_TOO_SMALL carries.
		"contexts": header2("0000", "230000c0", reply2) + "0900 01 00 0c000000 04000000 00000000 00100000",
		"odd":      header2("0000", failure, reply2) + "0900 02 de 01000000 21",
	}
}

func TestSMB2ErrorResponse(t *testing.T) {
	vectors := smb2Errors()
	for name, s := range vectors {
		t.Run(name, func(t *testing.T) {
			r := wiretest.RoundTrip(t, ParseSMB2ErrorResponse, unhex(t, s))
			require.Nil(t, r.Anomalies)
		})
	}
	r, err := ParseSMB2ErrorResponse(unhex(t, vectors["contexts"]))
	require.NoError(t, err)
	require.Equal(t, uint8(1), r.ErrorContextCount)
	require.Equal(t, unhex(t, "04000000 00000000 00100000"), r.ErrorData)
	r, err = ParseSMB2ErrorResponse(unhex(t, vectors["odd"]))
	require.NoError(t, err)
	require.Equal(t, uint8(0xDE), r.Reserved)
	require.Equal(t, dtyp.StatusLogonFailure, r.Header.Status)
	for _, name := range []string{"contexts", "odd"} {
		wiretest.Prefixes(t, ParseSMB2ErrorResponse, unhex(t, vectors[name]))
	}
	// The one optional tail of this package: without ErrorData the byte of padding may be missing, and nothing tells.
	for _, name := range []string{"usual", "interim"} {
		msg := unhex(t, vectors[name])
		whole, err := ParseSMB2ErrorResponse(msg)
		require.NoError(t, err)
		short, err := ParseSMB2ErrorResponse(msg[:len(msg)-1])
		require.NoError(t, err)
		require.Equal(t, whole, short)
		for n := range len(msg) - 1 {
			r, err := ParseSMB2ErrorResponse(msg[:n])
			require.ErrorIs(t, err, wire.ErrTruncated)
			require.Zero(t, r)
		}
	}
}

func TestSMB2ErrorResponseHostile(t *testing.T) {
	usual := unhex(t, smb2Errors()["usual"])
	for _, c := range []struct {
		name string
		msg  []byte
		odd  []string
	}{
		{"ByteCount past the end", patched(usual, 68, 0xFF, 0xFF, 0xFF, 0x7F), []string{
			"ErrorData: 2147483647 bytes at offset 72 do not fit a message of 73 bytes",
			"trailing bytes: 1 bytes follow the message",
		}},
		{"StructureSize", patched(usual, 64, 8), []string{"StructureSize: 8, should be 9"}},
		{"more than padding", append(usual, 0), []string{"trailing bytes: 2 bytes follow the message"}},
	} {
		r, err := ParseSMB2ErrorResponse(c.msg)
		require.NoError(t, err, c.name)
		require.Nil(t, r.ErrorData, c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
	}
	r, err := ParseSMB2ErrorResponse(patched(usual, 68, 0xFF, 0xFF, 0xFF, 0xFF))
	require.NoError(t, err)
	require.Nil(t, r.ErrorData)
	require.NotNil(t, r.Anomalies)
	_, err = ParseSMB2ErrorResponse(patched(usual, 16, 0))
	require.ErrorIs(t, err, ErrCommand)
}

func FuzzParseSMB2ErrorResponse(f *testing.F) {
	for _, s := range smb2Errors() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB2ErrorResponse, data) })
}
