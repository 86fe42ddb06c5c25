package verdict_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

const (
	patternV1 = negotiate.CompressionPatternV1
	lznt1     = negotiate.CompressionLZNT1
	lz77      = negotiate.CompressionLZ77
	huffman   = negotiate.CompressionLZ77Huffman
	lz4       = negotiate.CompressionLZ4
)

// offersCompression asks for 3.1.1 with a list of compression algorithms.
func offersCompression(t testing.TB, chained bool, list ...negotiate.CompressionAlgorithm) dialogue.Frame {
	t.Helper()
	return offered(t, "compression", func(o *negotiate.Offer) { o.Compression, o.Chained = list, chained })
}

// An algorithm that is offered alone, or beside Pattern_V1 alone, is answered; Pattern_V1 only where it can be taken.
func TestCompressionAlone(t *testing.T) {
	const u = report.Unknown
	cut := odd{Type: negotiate.ContextCompression, Data: []byte{2, 0, 0, 0, 0, 0, 0, 0, 2, 0}}
	tests := map[string]struct {
		question                          dialogue.Frame
		answer                            []part
		supported, chained, lz77, pattern report.Answer
		anomalies                         int
	}{
		"taken":                          {offersCompression(t, false, lz77), []part{compresses(0, lz77)}, yes, u, yes, u, 0},
		"count 0":                        {offersCompression(t, false, lz77), []part{compresses(0)}, u, u, no, u, 0},
		"NONE":                           {offersCompression(t, false, lz77), []part{compresses(0, 0)}, u, u, no, u, 0},
		"NONE and it":                    {offersCompression(t, false, lz77), []part{compresses(0, 0, lz77)}, yes, u, yes, u, 0},
		"no context":                     {offersCompression(t, false, lz77), []part{preauth()}, u, u, no, u, 0},
		"another one":                    {offersCompression(t, false, lz77), []part{compresses(0, lz4)}, u, u, u, u, 1},
		"it and another one":             {offersCompression(t, false, lz77), []part{compresses(0, lz77, lz4)}, yes, u, yes, u, 1},
		"an unknown one":                 {offersCompression(t, false, lz77), []part{compresses(0, 0x99)}, u, u, u, u, 1},
		"a list that is cut":             {offersCompression(t, false, lz77), []part{cut}, u, u, u, u, 2},
		"two contexts, the second takes": {offersCompression(t, false, lz77), []part{compresses(0), compresses(0, lz77)}, u, u, u, u, 1},
		"with Pattern_V1, both":          {offersCompression(t, true, patternV1, lz77), []part{compresses(1, patternV1, lz77)}, yes, yes, yes, yes, 0},
		"with Pattern_V1, it alone":      {offersCompression(t, true, patternV1, lz77), []part{compresses(1, lz77)}, yes, yes, yes, no, 0},
		"with Pattern_V1, unchained":     {offersCompression(t, true, patternV1, lz77), []part{compresses(0, lz77)}, yes, no, yes, no, 0},
		"with Pattern_V1, that alone":    {offersCompression(t, true, patternV1, lz77), []part{compresses(1, patternV1)}, yes, yes, no, yes, 0},
		"with Pattern_V1, count 0":       {offersCompression(t, true, patternV1, lz77), []part{compresses(0)}, u, u, no, u, 0},
		"with Pattern_V1, no context":    {offersCompression(t, true, patternV1, lz77), nil, u, no, no, no, 0},
		"Pattern_V1 without the flag":    {offersCompression(t, false, patternV1, lz77), []part{compresses(0, lz77)}, yes, u, yes, u, 0},
		"Pattern_V1 alone, count 0":      {offersCompression(t, true, patternV1), []part{compresses(0)}, u, u, u, u, 0},
		"no context offered":             {offersCompression(t, false), []part{compresses(0, lz77)}, u, u, u, u, 1},
		"two, count 0":                   {offersCompression(t, false, lz77, lz4), []part{compresses(0)}, u, u, u, u, 0},
		"two, one":                       {offersCompression(t, true, patternV1, lz77, lz4), []part{compresses(1, lz4)}, yes, yes, u, u, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := ofFull(t, conn(1, done, tt.question, takes(t, smb.DialectSMB311, tt.answer...)))
			c := r.Compression
			require.Equal(t, []report.Answer{tt.supported, tt.chained, tt.lz77, tt.pattern},
				[]report.Answer{c.Supported, c.Chained, c.Algorithms["LZ77"], c.Algorithms["Pattern_V1"]})
			require.Equal(t, u, c.Algorithms["LZNT1"])
			require.Len(t, r.Anomalies, tt.anomalies)
		})
	}
}

// Compression as a whole is a no only when each of the five is.
func TestNoCompression(t *testing.T) {
	alone := func(n int, a negotiate.CompressionAlgorithm, answer ...part) *dialogue.Dialogue {
		return conn(n, done, offersCompression(t, true, patternV1, a), takes(t, smb.DialectSMB311, answer...))
	}
	var talks []*dialogue.Dialogue
	for i, a := range []negotiate.CompressionAlgorithm{lznt1, lz77, huffman} {
		talks = append(talks, alone(i+1, a, compresses(0)))
	}
	require.Equal(t, report.Unknown, ofFull(t, talks...).Compression.Supported)
	talks = append(talks, alone(4, lz4, compresses(0)))
	r := ofFull(t, talks...)
	for _, a := range []string{"LZNT1", "LZ77", "LZ77+Huffman", "LZ4"} {
		require.Equal(t, no, r.Compression.Algorithms[a])
	}
	require.Equal(t, no, r.Compression.Algorithms["Pattern_V1"], "it goes with one of them")
	require.Equal(t, []report.Answer{no, no}, []report.Answer{r.Compression.Supported, r.Compression.Chained})
	// Where Pattern_V1 was not offered, or not so that it could be taken, it stays open, and with it the whole.
	for chained, list := range map[bool][]negotiate.CompressionAlgorithm{false: {patternV1, lznt1}, true: {patternV1}} {
		var talks []*dialogue.Dialogue
		for i, a := range []negotiate.CompressionAlgorithm{lznt1, lz77, huffman, lz4} {
			talks = append(talks, conn(i+1, done, offersCompression(t, false, a), takes(t, smb.DialectSMB311, compresses(0))))
		}
		r := ofFull(t, append(talks, conn(5, done, offersCompression(t, chained, list...), takes(t, smb.DialectSMB311, compresses(0))))...)
		require.Equal(t, []report.Answer{report.Unknown, report.Unknown, no}, []report.Answer{
			r.Compression.Algorithms["Pattern_V1"], r.Compression.Supported, r.Compression.Algorithms["LZ4"],
		})
	}
	// Taken by itself, it is an algorithm as the others are.
	taken := append(talks[:3:3], alone(4, lz4, compresses(1, patternV1)))
	r = ofFull(t, taken...)
	require.Equal(t, []report.Answer{yes, yes, no}, []report.Answer{
		r.Compression.Supported, r.Compression.Algorithms["Pattern_V1"], r.Compression.Algorithms["LZ4"],
	})
	r = ofFull(t, alone(1, lznt1), alone(2, lz77), alone(3, huffman), alone(4, lz4))
	require.Equal(t, no, r.Compression.Supported)
	require.Equal(t, no, r.Compression.Chained)
	// What is taken by itself outweighs what was left out of a list.
	r = ofFull(t, conn(1, done, all(t), takes(t, smb.DialectSMB311)), alone(2, lz77, compresses(1, lz77)))
	require.Equal(t, []report.Answer{yes, yes, yes, no, no}, []report.Answer{
		r.Compression.Supported, r.Compression.Chained, r.Compression.Algorithms["LZ77"],
		r.Compression.Algorithms["LZ4"], r.Compression.Algorithms["Pattern_V1"],
	})
}

// A signing algorithm that is offered alone is taken or not; what dialects below 3.1.1 sign with is no only when these are.
func TestSigningAlone(t *testing.T) {
	const hmac, cmac, gmac = negotiate.SigningHMACSHA256, negotiate.SigningAESCMAC, negotiate.SigningAESGMAC
	alone := func(a ...negotiate.SigningAlgorithm) dialogue.Frame {
		return offered(t, "signing", func(o *negotiate.Offer) { o.Signing = a })
	}
	signs := func(list ...negotiate.SigningAlgorithm) []part { return []part{negotiate.Signing{Algorithms: list}} }
	const u = report.Unknown
	noneBelow := []*dialogue.Dialogue{
		conn(2, done, ask("below", request(t, negotiate.Offer{SMB2: smb.Dialects()[:4]})), refusesSMB2(t, 0xC00000BB)),
	}
	with20x := []*dialogue.Dialogue{conn(2, done, single(t, smb.DialectSMB202), takes(t, smb.DialectSMB202))}
	only3x := []*dialogue.Dialogue{
		conn(2, done, single(t, smb.DialectSMB202), refusesSMB2(t, 0xC00000BB)),
		conn(3, done, single(t, smb.DialectSMB210), refusesSMB2(t, 0xC00000BB)),
		conn(4, done, single(t, smb.DialectSMB302), takes(t, smb.DialectSMB302)),
	}
	tests := map[string]struct {
		question         dialogue.Frame
		answer           []part
		rest             []*dialogue.Dialogue
		hmac, cmac, gmac report.Answer
		anomalies        int
	}{
		"GMAC taken":                        {alone(gmac), signs(gmac), nil, u, u, yes, 0},
		"GMAC, and CMAC is answered":        {alone(gmac), signs(cmac), nil, u, u, no, 1},
		"GMAC, no context":                  {alone(gmac), nil, nil, u, yes, no, 0},
		"GMAC, an empty list":               {alone(gmac), signs(), nil, u, u, u, 1},
		"GMAC, two":                         {alone(gmac), signs(cmac, gmac), nil, u, u, yes, 2},
		"GMAC, an unknown one":              {alone(gmac), signs(0x99), nil, u, u, no, 1},
		"HMAC, CMAC is answered":            {alone(hmac), signs(cmac), nil, u, u, u, 1},
		"HMAC, CMAC is answered, none left": {alone(hmac), signs(cmac), noneBelow, no, u, u, 1},
		"HMAC, CMAC is answered, 2.0.2":     {alone(hmac), signs(cmac), with20x, yes, u, u, 1},
		"HMAC, CMAC is answered, only 3.x":  {alone(hmac), signs(cmac), only3x, no, yes, u, 1},
		"HMAC, no context, none left":       {alone(hmac), nil, noneBelow, no, yes, u, 0},
		"CMAC, GMAC is answered":            {alone(cmac), signs(gmac), nil, u, u, u, 1},
		"CMAC, GMAC is answered, none left": {alone(cmac), signs(gmac), noneBelow, u, no, u, 1},
		"CMAC, GMAC is answered, 3.0.2":     {alone(cmac), signs(gmac), only3x, u, yes, u, 1},
		"CMAC, no context":                  {alone(cmac), nil, noneBelow, u, yes, u, 0},
		"two, one is answered":              {alone(gmac, cmac), signs(cmac), noneBelow, u, yes, u, 0},
		"twice":                             {alone(gmac), append(signs(cmac), signs(gmac)...), nil, u, u, u, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			talks := append([]*dialogue.Dialogue{conn(1, done, tt.question, takes(t, smb.DialectSMB311, tt.answer...))}, tt.rest...)
			r := ofFull(t, talks...)
			a := r.Signing.Algorithms
			require.Equal(t, []report.Answer{tt.hmac, tt.cmac, tt.gmac},
				[]report.Answer{a["HMAC-SHA256"].Answer, a["AES-CMAC"].Answer, a["AES-GMAC"].Answer}, fmt.Sprint(r.Evidence))
			require.Len(t, r.Anomalies, tt.anomalies)
		})
	}
}
