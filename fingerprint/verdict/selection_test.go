package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// ofFull is of for a scan at level full.
func ofFull(t testing.TB, dialogues ...*dialogue.Dialogue) *report.Report {
	t.Helper()
	for _, d := range dialogues {
		d.Level = string(report.LevelFull)
	}
	return of(t, dialogues...)
}

// offered asks for 3.1.1 with everything, but for what edit changes.
func offered(t testing.TB, id string, edit func(*negotiate.Offer)) dialogue.Frame {
	t.Helper()
	o := negotiate.Single(smb.DialectSMB311)
	edit(&o)
	return ask(id, request(t, o))
}

func reversed(t testing.TB) dialogue.Frame { return ask("reversed", request(t, negotiate.Reversed())) }

func compresses(flags uint32, list ...negotiate.CompressionAlgorithm) part {
	return negotiate.Compression{Flags: flags, Algorithms: list}
}

// What is chosen from a list and from its reverse tells whose order decides, and only an order of the server's tells what
// it prefers.
func TestSelectionOfCiphers(t *testing.T) {
	const ccm, gcm, gcm256 = negotiate.CipherAES128CCM, negotiate.CipherAES128GCM, negotiate.CipherAES256GCM
	two := func(list ...negotiate.Cipher) dialogue.Frame {
		return offered(t, "two", func(o *negotiate.Offer) { o.Ciphers = list })
	}
	tests := map[string]struct {
		first     dialogue.Frame
		a         part
		second    dialogue.Frame
		b         part
		preferred string
		by        report.Selection
		anomalies int
	}{
		"the same":                {all(t), ciphers{gcm}, reversed(t), ciphers{gcm}, "AES-128-GCM", report.SelectionServer, 0},
		"the client's first":      {all(t), ciphers{gcm256}, reversed(t), ciphers{ccm}, "", report.SelectionClient, 0},
		"the client's last":       {all(t), ciphers{ccm}, reversed(t), ciphers{gcm256}, "", report.SelectionClient, 0},
		"the reverse comes first": {reversed(t), ciphers{gcm}, all(t), ciphers{gcm}, "AES-128-GCM", report.SelectionServer, 0},
		"two, the same":           {two(gcm, ccm), ciphers{ccm}, two(ccm, gcm), ciphers{ccm}, "AES-128-CCM", report.SelectionServer, 0},
		"one order twice":         {all(t), ciphers{gcm}, all(t), ciphers{gcm}, "", "", 0},
		"another list":            {all(t), ciphers{gcm}, two(ccm, gcm), ciphers{gcm}, "", "", 0},
		"one offered, twice":      {two(gcm), ciphers{gcm}, two(gcm), ciphers{gcm}, "", "", 0},
		"not one in both":         {all(t), ciphers{gcm}, reversed(t), preauth(), "", "", 0},
		"cipher 0 to the second":  {all(t), ciphers{gcm}, reversed(t), ciphers{negotiate.CipherNone}, "", "", 0},
		"several to the second":   {all(t), ciphers{gcm}, reversed(t), ciphers{gcm, ccm}, "", "", 1},
		"several to the first":    {all(t), ciphers{gcm, ccm}, reversed(t), ciphers{gcm}, "", "", 1},
		"cut":                     {all(t), ciphers{gcm}, reversed(t), odd{Type: negotiate.ContextEncryption, Data: []byte{1}}, "", "", 2},
		"not offered":             {two(gcm, ccm), ciphers{gcm256}, two(ccm, gcm), ciphers{gcm256}, "", "", 2},
		"an unknown one":          {all(t), ciphers{0x99}, reversed(t), ciphers{0x99}, "", "", 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := ofFull(t, conn(1, done, tt.first, takes(t, smb.DialectSMB311, preauth(), tt.a)),
				conn(2, done, tt.second, takes(t, smb.DialectSMB311, tt.b)))
			require.Equal(t, tt.preferred, r.Encryption.Preferred)
			require.Equal(t, tt.by, r.Encryption.Selection)
			require.Len(t, r.Anomalies, tt.anomalies)
		})
	}
	// One order alone tells nothing.
	r := ofFull(t, conn(1, done, all(t), takes(t, smb.DialectSMB311, ciphers{gcm})))
	require.Empty(t, r.Encryption.Preferred)
	require.Empty(t, r.Encryption.Selection)
	// Nor does one that was lost, or refused.
	for _, second := range []*dialogue.Dialogue{conn(2, closed, reversed(t)), conn(2, done, reversed(t), refusesSMB2(t, 0xC000000D))} {
		r = ofFull(t, conn(1, done, all(t), takes(t, smb.DialectSMB311, ciphers{gcm})), second)
		require.Empty(t, r.Encryption.Selection)
	}
}

// Of a compression answer the first algorithm that is not Pattern_V1 is the one that is chosen.
func TestSelectionOfCompression(t *testing.T) {
	const pattern, lz77, huffman, lz4 = negotiate.CompressionPatternV1, negotiate.CompressionLZ77, negotiate.CompressionLZ77Huffman, negotiate.CompressionLZ4
	tests := map[string]struct {
		a, b      part
		preferred string
		by        report.Selection
	}{
		"the same, behind Pattern_V1": {compresses(1, pattern, huffman), compresses(1, pattern, huffman), "LZ77+Huffman", report.SelectionServer},
		"the client's":                {compresses(1, pattern, lz77), compresses(1, pattern, lz4), "", report.SelectionClient},
		"before Pattern_V1":           {compresses(1, lz77, pattern), compresses(1, pattern, lz77), "LZ77", report.SelectionServer},
		"the first of several":        {compresses(1, lz77, huffman), compresses(1, huffman, lz77), "", report.SelectionClient},
		"the server lists all":        {compresses(1, lz77, huffman, pattern), compresses(1, lz77, huffman, pattern), "LZ77", report.SelectionServer},
		"Pattern_V1 alone":            {compresses(1, pattern), compresses(1, pattern), "", ""},
		"NONE":                        {compresses(0, 0), compresses(0, 0), "", ""},
		"count 0":                     {compresses(1, lz77), compresses(1), "", ""},
		"one order answered":          {compresses(1, lz77), preauth(), "", ""},
		"an unknown one":              {compresses(1, 0x99), compresses(1, 0x99), "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := ofFull(t, conn(1, done, all(t), takes(t, smb.DialectSMB311, tt.a)), conn(2, done, reversed(t), takes(t, smb.DialectSMB311, tt.b)))
			require.Equal(t, tt.preferred, r.Compression.Preferred)
			require.Equal(t, tt.by, r.Compression.Selection)
			require.Empty(t, r.Encryption.Selection)
		})
	}
}
