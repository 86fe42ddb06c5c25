package negotiate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// A contextPart is the data of any context.
type contextPart interface {
	wiretest.Message
	Context() (Context, error)
}

// checkContext checks the data of a context against the value that it stands for.
func checkContext[T contextPart](t *testing.T, parse func([]byte) (T, error), typ ContextType, vectors map[string]T) {
	t.Helper()
	for s, want := range vectors {
		msg := unhex(t, s)
		got := wiretest.RoundTrip(t, parse, msg)
		require.Equal(t, want, got)
		wiretest.Prefixes(t, parse, msg)
		ctx, err := want.Context()
		require.NoError(t, err)
		require.Equal(t, typ, ctx.Type)
		require.Equal(t, string(msg), string(ctx.Data))
	}
}

func TestPreauthIntegrity(t *testing.T) {
	checkContext(t, ParsePreauthIntegrity, ContextPreauthIntegrity, map[string]PreauthIntegrity{
		"0100 0400 0100 aabbccdd": {HashAlgorithms: []HashAlgorithm{HashSHA512}, Salt: []byte{0xAA, 0xBB, 0xCC, 0xDD}},
		"0100 0000 0100":          {HashAlgorithms: []HashAlgorithm{HashSHA512}},
		"0200 0100 0100 3412 ff":  {HashAlgorithms: []HashAlgorithm{HashSHA512, 0x1234}, Salt: []byte{0xFF}},
		"0000 0000":               {},
		"0000 0100 ff":            {Salt: []byte{0xFF}},
	})
}

func TestEncryption(t *testing.T) {
	checkContext(t, ParseEncryption, ContextEncryption, map[string]Encryption{
		"0100 0200":                {Ciphers: []Cipher{CipherAES128GCM}},
		"0100 0000":                {Ciphers: []Cipher{CipherNone}}, // none is common
		"0400 0400 0200 0300 0100": {Ciphers: []Cipher{4, 2, 3, 1}},
		"0200 cdab 0200":           {Ciphers: []Cipher{0xABCD, CipherAES128GCM}},
		"0000":                     {},
	})
}

func TestCompression(t *testing.T) {
	checkContext(t, ParseCompression, ContextCompression, map[string]Compression{
		"0100 0000 00000000 0000":           {Algorithms: []CompressionAlgorithm{CompressionNone}},
		"0300 0000 01000000 0400 0200 0500": {Flags: CompressionChained, Algorithms: []CompressionAlgorithm{4, 2, 5}},
		"0100 3412 02000080 0100":           {Padding: 0x1234, Flags: 0x80000002, Algorithms: []CompressionAlgorithm{1}},
		"0000 0000 00000000":                {},
	})
	require.True(t, Compression{Flags: 3}.Chained())
	require.False(t, Compression{Flags: 2}.Chained())
}

func TestSigning(t *testing.T) {
	checkContext(t, ParseSigning, ContextSigning, map[string]Signing{
		"0100 0000":           {Algorithms: []SigningAlgorithm{SigningHMACSHA256}},
		"0300 0200 0100 0000": {Algorithms: []SigningAlgorithm{SigningAESGMAC, SigningAESCMAC, SigningHMACSHA256}},
		"0000":                {},
	})
}

// A count that does not fit leaves the list empty, says so, and makes no later field of the wrong bytes.
func TestContextCountsHostile(t *testing.T) {
	p, err := ParsePreauthIntegrity(unhex(t, "ffff 0400 0100 aabbccdd"))
	require.NoError(t, err)
	require.Nil(t, p.HashAlgorithms)
	require.Nil(t, p.Salt, "nobody knows where it begins")
	require.Equal(t, []string{"HashAlgorithms: 65535 identifiers, at most 256 are read"}, odd(p.Anomalies))
	p, err = ParsePreauthIntegrity(unhex(t, "0400 0400 0100 aabbcc"))
	require.NoError(t, err)
	require.Nil(t, p.Salt)
	require.Equal(t, []string{"HashAlgorithms: 8 bytes at offset 4 do not fit a message of 9 bytes"}, odd(p.Anomalies))
	p, err = ParsePreauthIntegrity(unhex(t, "0100 ffff 0100 aabbccdd"))
	require.NoError(t, err)
	require.Equal(t, []HashAlgorithm{HashSHA512}, p.HashAlgorithms)
	require.Equal(t, []string{
		"Salt: 65535 bytes at offset 6 do not fit a message of 10 bytes", "trailing bytes: 4 bytes follow the message",
	}, odd(p.Anomalies))

	e, err := ParseEncryption(unhex(t, "ffff 0200"))
	require.NoError(t, err)
	require.Nil(t, e.Ciphers)
	require.Equal(t, "Ciphers: 65535 identifiers, at most 256 are read", odd(e.Anomalies)[0])
	e, err = ParseEncryption(unhex(t, "0100 0200 0000"))
	require.NoError(t, err)
	require.Equal(t, []Cipher{CipherAES128GCM}, e.Ciphers)
	require.Equal(t, []string{"trailing bytes: 2 bytes follow the message"}, odd(e.Anomalies))
	e, err = ParseEncryption(unhex(t, "0200 0200 01"))
	require.NoError(t, err)
	require.Nil(t, e.Ciphers)
	require.Equal(t, "Ciphers: 4 bytes at offset 2 do not fit a message of 5 bytes", odd(e.Anomalies)[0])

	k, err := ParseCompression(unhex(t, "0200 0000 01000000 0100"))
	require.NoError(t, err)
	require.True(t, k.Chained())
	require.Nil(t, k.Algorithms)
	require.NotEmpty(t, k.Anomalies)
	s, err := ParseSigning(unhex(t, "0101 0200"))
	require.NoError(t, err)
	require.Nil(t, s.Algorithms)
	require.Equal(t, "SigningAlgorithms: 257 identifiers, at most 256 are read", odd(s.Anomalies)[0])

	_, err = Encryption{Ciphers: make([]Cipher, 1<<16)}.Context()
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func FuzzParsePreauthIntegrity(f *testing.F) {
	f.Add(unhex(f, "0100 0400 0100 aabbccdd"))
	f.Add(unhex(f, "ffff 0400 0100 aabbccdd"))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParsePreauthIntegrity, data) })
}

func FuzzParseEncryption(f *testing.F) {
	f.Add(unhex(f, "0400 0400 0200 0300 0100"))
	f.Add(unhex(f, "ffff 0200"))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseEncryption, data) })
}

func FuzzParseCompression(f *testing.F) {
	f.Add(unhex(f, "0300 0000 01000000 0400 0200 0500"))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseCompression, data) })
}

func FuzzParseSigning(f *testing.F) {
	f.Add(unhex(f, "0300 0200 0100 0000"))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSigning, data) })
}
