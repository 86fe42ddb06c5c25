package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func smb1Errors() map[string]string {
	return map[string]string{
		"usual":     header1(setup1, failure, reply1, unicode) + "00 0000",
		"DOS error": header1(setup1, "01000500", reply1, "0100") + "00 0000",
		"with body": header1(setup1, failure, reply1, unicode) + "02 01020304 0300 aabbcc",
	}
}

func TestSMB1ErrorResponse(t *testing.T) {
	vectors := smb1Errors()
	for name, s := range vectors {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, s)
			wiretest.RoundTrip(t, ParseSMB1ErrorResponse, msg)
			wiretest.Prefixes(t, ParseSMB1ErrorResponse, msg)
		})
	}
	r, err := ParseSMB1ErrorResponse(unhex(t, vectors["usual"]))
	require.NoError(t, err)
	require.Equal(t, dtyp.StatusLogonFailure, r.Header.Status)
	require.Empty(t, r.Words)
	require.Empty(t, r.Bytes)
	require.Nil(t, r.Anomalies)
	r, err = ParseSMB1ErrorResponse(unhex(t, vectors["with body"]))
	require.NoError(t, err)
	require.Equal(t, []byte{1, 2, 3, 4}, r.Words)
	require.Equal(t, []byte{0xAA, 0xBB, 0xCC}, r.Bytes)
	require.Equal(t, []string{"WordCount: 2, should be 0"}, odd(r.Anomalies))
}

func TestSMB1ErrorResponseHostile(t *testing.T) {
	usual := unhex(t, smb1Errors()["usual"])
	r, err := ParseSMB1ErrorResponse(patched(usual, 33, 0xFF, 0xFF))
	require.NoError(t, err)
	require.Equal(t, []string{"ByteCount: 65535, but 0 bytes are left"}, odd(r.Anomalies))
	r, err = ParseSMB1ErrorResponse(append(usual, 1, 2))
	require.NoError(t, err)
	require.Equal(t, []string{"trailing bytes: 2 bytes follow the message"}, odd(r.Anomalies))
	_, err = ParseSMB1ErrorResponse(patched(usual, 32, 0xFF))
	require.ErrorIs(t, err, wire.ErrTruncated)
	_, err = ParseSMB1ErrorResponse(patched(usual, 9, 0x18))
	require.ErrorIs(t, err, ErrCommand, "a request")
	_, err = SMB1ErrorResponse{Words: []byte{1}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = SMB1ErrorResponse{Words: make([]byte, 512)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func FuzzParseSMB1ErrorResponse(f *testing.F) {
	for _, s := range smb1Errors() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1ErrorResponse, data) })
}
