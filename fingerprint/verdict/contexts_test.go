package verdict_test

import (
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

func manyContexts() []part {
	return []part{
		preauth(), ciphers{negotiate.CipherAES256GCM}, compresses(1, patternV1, lz77),
		negotiate.RDMATransform{Transforms: negotiate.RDMATransforms()}, negotiate.Signing{Algorithms: []negotiate.SigningAlgorithm{negotiate.SigningAESGMAC}},
		negotiate.POSIXVersion1(), odd{Type: 0x7777, Data: []byte{1, 2, 3}}, odd{Type: 0x7778},
	}
}

// answersOf is what an answer with all contexts says, as JSON without the contexts themselves.
func answersOf(t *testing.T, r *report.Report) string {
	t.Helper()
	b, err := json.Marshal([]any{r.Dialects, r.Encryption, r.Compression, r.RDMATransforms, r.Signing, r.POSIXExtensions, r.Evidence})
	require.NoError(t, err)
	return string(b)
}

// Contexts say the same in any order, and unknown ones beside them change nothing.
func TestContextOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	parts := manyContexts()
	want := ofFull(t, conn(1, done, reversed(t), takes(t, smb.DialectSMB311, parts...)))
	require.Empty(t, want.Anomalies)
	for _, a := range []report.Answer{
		want.Encryption.Ciphers["AES-256-GCM"].Answer, want.Compression.Supported, want.Compression.Chained, want.POSIXExtensions,
		want.Compression.Algorithms["LZ77"], want.RDMATransforms.Supported, want.Signing.Algorithms["AES-GMAC"].Answer,
	} {
		require.Equal(t, yes, a)
	}
	for range 50 {
		r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		got := ofFull(t, conn(1, done, reversed(t), takes(t, smb.DialectSMB311, parts...)))
		require.Equal(t, answersOf(t, want), answersOf(t, got))
		require.Len(t, got.Negotiated[0].Contexts, len(parts))
	}
}

// A context that comes twice makes nothing a no, is noted, and leaves the other kinds as they were.
func TestContextsTwice(t *testing.T) {
	empty := []part{
		ciphers{negotiate.CipherNone}, compresses(0), negotiate.RDMATransform{}, negotiate.Signing{}, negotiate.POSIX{},
	}
	for _, again := range empty {
		for _, first := range []bool{true, false} {
			parts := append(manyContexts(), again)
			if first {
				parts = append([]part{again}, manyContexts()...)
			}
			r := ofFull(t, conn(1, done, reversed(t), takes(t, smb.DialectSMB311, parts...)))
			require.NotEmpty(t, r.Anomalies)
			require.Len(t, r.Negotiated[0].Contexts, len(parts))
			known := 0
			for _, a := range []report.Answer{
				r.Encryption.Supported, r.Compression.Supported, r.RDMATransforms.Supported, r.Signing.Algorithms["AES-GMAC"].Answer,
				r.POSIXExtensions,
			} {
				require.NotEqual(t, no, a)
				if a == yes {
					known++
				}
			}
			require.GreaterOrEqual(t, known, 4, "the kinds that came once")
		}
	}
}

// A list of contexts in a wrong place, or that lies in another part of the message, is noted and what can be read of it
// is read. The rest of the answer stays.
func TestContextsInWrongPlaces(t *testing.T) {
	const bufferLength, listOffset = 64 + 58, 64 + 60
	whole := func() []byte {
		r := response(smb.DialectSMB311)
		r.SecurityBuffer = type1(t)
		for _, p := range manyContexts() {
			c, err := p.Context()
			require.NoError(t, err)
			r.Contexts = append(r.Contexts, c)
		}
		return build(t, r)
	}
	tests := map[string]struct {
		edit    func(b []byte) []byte
		ciphers report.Answer // of the one that is chosen
	}{
		"in the security buffer": {func(b []byte) []byte {
			binary.LittleEndian.PutUint32(b[listOffset:], 128)
			return b
		}, report.Unknown},
		"under the security buffer": {func(b []byte) []byte {
			binary.LittleEndian.PutUint16(b[bufferLength:], uint16(len(b)-128))
			return b
		}, yes},
		"unaligned": {func(b []byte) []byte {
			at := binary.LittleEndian.Uint32(b[listOffset:])
			binary.LittleEndian.PutUint32(b[listOffset:], at+1)
			return append(append(append([]byte{}, b[:at]...), 0), b[at:]...)
		}, yes},
		"out of bounds": {func(b []byte) []byte {
			binary.LittleEndian.PutUint32(b[listOffset:], 1<<31)
			return b
		}, report.Unknown},
		"cut in the last": {func(b []byte) []byte { return b[:len(b)-10] }, yes},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := ofFull(t, conn(1, done, reversed(t), got(tt.edit(whole()))))
			says(t, r, map[string]report.Answer{"3.1.1": yes})
			require.NotEmpty(t, r.Anomalies)
			require.Equal(t, tt.ciphers, r.Encryption.Ciphers["AES-256-GCM"].Answer)
			require.NotEqual(t, no, r.Encryption.Supported)
			require.NotEqual(t, no, r.POSIXExtensions)
			require.NotEqual(t, no, r.Compression.Supported)
			require.Equal(t, yes, r.NTLM.Listed)
			require.NotEmpty(t, r.ServerGUID)
		})
	}
}

// A count or a length that is too small hides contexts that were sent, and makes none of them a no.
func TestContextsTooShort(t *testing.T) {
	const countAt = 64 + 6
	r := response(smb.DialectSMB311)
	for _, p := range manyContexts() {
		c, err := p.Context()
		require.NoError(t, err)
		r.Contexts = append(r.Contexts, c)
	}
	check := func(b []byte, what string, n int) {
		got := ofFull(t, conn(1, done, reversed(t), got(b)))
		says(t, got, map[string]report.Answer{"3.1.1": yes})
		for name, a := range map[string]report.Answer{
			"encryption": got.Encryption.Supported, "compression": got.Compression.Supported, "RDMA": got.RDMATransforms.Supported,
			"AES-GMAC": got.Signing.Algorithms["AES-GMAC"].Answer, "POSIX": got.POSIXExtensions,
		} {
			require.NotEqual(t, no, a, "%s of %s %d", name, what, n)
		}
		require.NotEqual(t, yes, got.Signing.Algorithms["AES-CMAC"].Answer, "%s %d", what, n)
	}
	for n := range r.Contexts {
		b := build(t, r)
		binary.LittleEndian.PutUint16(b[countAt:], uint16(n))
		check(b, "count", n)
	}
	lengthAt := int(binary.LittleEndian.Uint32(build(t, r)[64+60:])) + 2
	for i, c := range r.Contexts {
		for n := range len(c.Data) {
			b := build(t, r)
			binary.LittleEndian.PutUint16(b[lengthAt:], uint16(n))
			check(b, c.Type.String(), n)
		}
		if i < len(r.Contexts)-1 {
			lengthAt += (8 + len(c.Data) + 7) / 8 * 8
		}
	}
}
