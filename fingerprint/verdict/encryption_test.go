package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

type ciphers []negotiate.Cipher

func (c ciphers) Context() (negotiate.Context, error) {
	return negotiate.Encryption{Ciphers: c}.Context()
}

// odd is a context of a type with any data.
type odd negotiate.Context

func (o odd) Context() (negotiate.Context, error) { return negotiate.Context(o), nil }

func TestEncryptionContext(t *testing.T) {
	const ccm, gcm, ccm256, gcm256 = negotiate.CipherAES128CCM, negotiate.CipherAES128GCM, negotiate.CipherAES256CCM, negotiate.CipherAES256GCM
	yesTo := func(list ...negotiate.Cipher) map[negotiate.Cipher]report.Answer {
		m := map[negotiate.Cipher]report.Answer{}
		for _, c := range list {
			m[c] = yes
		}
		return m
	}
	noTo := func(list ...negotiate.Cipher) map[negotiate.Cipher]report.Answer {
		m := yesTo(list...)
		for c := range m {
			m[c] = no
		}
		return m
	}
	without := func(edit func(*negotiate.SMB2Request)) dialogue.Frame {
		return ask("passive", edited(t, negotiate.All(), edit))
	}
	tests := map[string]struct {
		question  dialogue.Frame
		contexts  []part
		supported report.Answer
		ciphers   map[negotiate.Cipher]report.Answer
		anomalies int
	}{
		"one":                        {all(t), []part{preauth(), ciphers{gcm256}}, yes, yesTo(gcm256), 0},
		"before the others":          {all(t), []part{ciphers{ccm}, preauth()}, yes, yesTo(ccm), 0},
		"unknown contexts around":    {all(t), []part{odd{Type: 0x7777, Data: []byte{1}}, ciphers{ccm}, odd{Type: 0x7778}}, yes, yesTo(ccm), 0},
		"no context":                 {all(t), []part{preauth()}, report.Unknown, noTo(negotiate.Ciphers()[1:]...), 0},
		"no contexts at all":         {all(t), nil, report.Unknown, noTo(negotiate.Ciphers()[1:]...), 0},
		"cipher 0":                   {all(t), []part{preauth(), ciphers{negotiate.CipherNone}}, report.Unknown, noTo(negotiate.Ciphers()[1:]...), 0},
		"several":                    {all(t), []part{ciphers{gcm, ccm}}, yes, yesTo(gcm, ccm), 1},
		"0 and another":              {all(t), []part{ciphers{negotiate.CipherNone, gcm}}, yes, yesTo(gcm), 1},
		"an empty list":              {all(t), []part{ciphers{}}, report.Unknown, nil, 1},
		"no data":                    {all(t), []part{odd{Type: negotiate.ContextEncryption}}, report.Unknown, nil, 2},
		"a list that does not fit":   {all(t), []part{odd{Type: negotiate.ContextEncryption, Data: []byte{9, 0, 1, 0}}}, report.Unknown, nil, 3},
		"twice, of which one is 0":   {all(t), []part{ciphers{negotiate.CipherNone}, ciphers{gcm}}, report.Unknown, nil, 1},
		"twice":                      {all(t), []part{ciphers{gcm}, ciphers{ccm}}, yes, yesTo(gcm), 1},
		"not offered":                {conservative(t), []part{ciphers{gcm256}}, report.Unknown, nil, 1},
		"an unknown one":             {all(t), []part{ciphers{0x0099}}, report.Unknown, nil, 1},
		"conservative, no context":   {conservative(t), []part{preauth()}, report.Unknown, noTo(gcm), 0},
		"conservative, cipher 0":     {conservative(t), []part{ciphers{negotiate.CipherNone}}, report.Unknown, noTo(gcm), 0},
		"passive, Capabilities 0":    {without(func(r *negotiate.SMB2Request) { r.Capabilities = 0 }), []part{preauth()}, report.Unknown, nil, 0},
		"passive, Capabilities 0, 0": {without(func(r *negotiate.SMB2Request) { r.Capabilities = 0 }), []part{ciphers{negotiate.CipherNone}}, report.Unknown, nil, 0},
		"passive, no contexts":       {without(func(r *negotiate.SMB2Request) { r.Contexts = nil }), []part{preauth()}, report.Unknown, nil, 0},
		"passive, an unknown cipher": {ask("x", request(t, negotiate.Offer{SMB2: smb.Dialects(), Ciphers: []negotiate.Cipher{0x99}})), []part{preauth()}, report.Unknown, nil, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := of(t, conn(1, done, tt.question, takes(t, smb.DialectSMB311, tt.contexts...)))
			require.Equal(t, tt.supported, r.Encryption.Supported)
			for _, c := range negotiate.Ciphers() {
				want := report.Algorithm{Answer: tt.ciphers[c], Basis: report.BasisContext}
				if want.Answer == "" {
					want = report.Algorithm{Answer: report.Unknown}
				}
				require.Equal(t, want, r.Encryption.Ciphers[c.String()], c.String())
			}
			require.Len(t, r.Anomalies, tt.anomalies)
			require.Len(t, r.Negotiated[0].Contexts, len(tt.contexts), "all contexts are shown")
			require.Empty(t, r.Encryption.Required)
		})
	}
}

// Contexts that lie where they cannot be read may hide one: that it is not found proves nothing.
func TestHiddenContexts(t *testing.T) {
	whole := takes(t, smb.DialectSMB311, preauth(), odd{Type: 0x7777, Data: []byte{1, 2, 3}}).Data
	edits := map[string]func([]byte){
		"a count too large":           func(b []byte) { b[70] = 9 },
		"an offset out of bounds":     func(b []byte) { b[126] = 1 },
		"an offset in the header":     func(b []byte) { b[124] = 8 },
		"an offset that is unaligned": func(b []byte) { b[124] = 132 },
		"data out of bounds":          func(b []byte) { b[128+48+2] = 0xFF },
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			b := append([]byte{}, whole...)
			edit(b)
			r := of(t, conn(1, done, all(t), got(b)))
			says(t, r, map[string]report.Answer{"3.1.1": yes})
			require.NotEmpty(t, r.Anomalies)
			require.Equal(t, report.Unknown, r.Encryption.Supported)
			require.Equal(t, report.Unknown, r.Compression.Supported)
			for _, a := range r.Signing.Algorithms {
				require.Equal(t, report.Unknown, a.Answer)
			}
		})
	}
	r := of(t, conn(1, done, all(t), got(whole)))
	require.Equal(t, no, r.Encryption.Ciphers["AES-256-GCM"].Answer, "the edits are what makes it unknown")
}

func TestEncryptionBit(t *testing.T) {
	bit := func(d smb.Dialect, set bool) dialogue.Frame {
		return takesWith(t, d, func(r *negotiate.SMB2Response) {
			if set {
				r.Capabilities = smb.CapEncryption
			}
		})
	}
	silent := ask("passive", edited(t, negotiate.All(), func(r *negotiate.SMB2Request) { r.Capabilities = 0 }))
	basis := report.BasisDialect
	tests := map[string]struct {
		question, answer dialogue.Frame
		supported, ccm   report.Answer
	}{
		"3.0.2 with":                {all(t), bit(smb.DialectSMB302, true), yes, yes},
		"3.0.2 without":             {all(t), bit(smb.DialectSMB302, false), no, no},
		"3.0 with":                  {all(t), bit(smb.DialectSMB300, true), yes, yes},
		"3.0 without":               {all(t), bit(smb.DialectSMB300, false), no, no},
		"not asked for, with":       {silent, bit(smb.DialectSMB302, true), yes, yes},
		"not asked for, without":    {silent, bit(smb.DialectSMB302, false), report.Unknown, report.Unknown},
		"3.0.2 alone, without":      {single(t, smb.DialectSMB302), bit(smb.DialectSMB302, false), report.Unknown, report.Unknown},
		"2.1 top":                   {all(t), bit(smb.DialectSMB210, false), no, no},
		"2.1 top with a bit of 3.x": {all(t), bit(smb.DialectSMB210, true), no, no},
		"2.1 alone":                 {single(t, smb.DialectSMB210), bit(smb.DialectSMB210, false), report.Unknown, report.Unknown},
		"3.1.1 with, and no cipher": {all(t), bit(smb.DialectSMB311, true), report.Unknown, report.Unknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := of(t, conn(1, done, tt.question, tt.answer))
			require.Equal(t, tt.supported, r.Encryption.Supported)
			require.Equal(t, tt.ccm, r.Encryption.Ciphers["AES-128-CCM"].Answer)
			if r.Dialects["3.1.1"] == no {
				require.Equal(t, report.Algorithm{Answer: no, Basis: basis}, r.Encryption.Ciphers["AES-256-GCM"])
			}
			if tt.ccm != report.Unknown && r.Dialects["3.1.1"] != yes {
				require.Equal(t, basis, r.Encryption.Ciphers["AES-128-CCM"].Basis)
			}
		})
	}
	// 3.0 and 3.0.2 encrypt with AES-128-CCM, whatever 3.1.1 settles on: both are to be refused, or asked for it.
	without := conn(2, done, single(t, smb.DialectSMB300), bit(smb.DialectSMB300, false))
	r := of(t, conn(1, done, all(t), takes(t, smb.DialectSMB311)), without)
	require.Equal(t, report.Unknown, r.Encryption.Supported)
	require.Equal(t, report.Unknown, r.Encryption.Ciphers["AES-128-CCM"].Answer)
	r = of(t, conn(1, done, all(t), takes(t, smb.DialectSMB311)), without, conn(3, done, single(t, smb.DialectSMB302), bit(smb.DialectSMB302, false)))
	require.Equal(t, no, r.Encryption.Supported)
	require.Equal(t, no, r.Encryption.Ciphers["AES-128-CCM"].Answer)
	// Another connection's yes outweighs a no.
	r = of(t, conn(1, done, all(t), takes(t, smb.DialectSMB311)), conn(2, done, single(t, smb.DialectSMB302), bit(smb.DialectSMB302, true)))
	require.Equal(t, yes, r.Encryption.Supported)
	require.Equal(t, report.Algorithm{Answer: yes, Basis: basis}, r.Encryption.Ciphers["AES-128-CCM"])
}

func TestCompression(t *testing.T) {
	const pattern, lz77 = negotiate.CompressionPatternV1, negotiate.CompressionLZ77
	answer := func(flags uint32, list ...negotiate.CompressionAlgorithm) part {
		return negotiate.Compression{Flags: flags, Algorithms: list}
	}
	plain := ask("x", request(t, negotiate.Offer{SMB2: smb.Dialects(), Compression: []negotiate.CompressionAlgorithm{lz77}}))
	u := report.Unknown
	tests := map[string]struct {
		question                         dialogue.Frame
		context                          part
		supported, chained, lz77, others report.Answer
		patternV1                        report.Answer
	}{
		"absent":                {all(t), preauth(), no, no, no, no, no},
		"empty":                 {all(t), answer(0), u, u, u, u, u},
		"empty and chained":     {all(t), answer(1), u, u, u, u, u},
		"NONE":                  {all(t), answer(0, negotiate.CompressionNone), u, u, u, u, u},
		"one LZ":                {all(t), answer(0, lz77), yes, no, yes, u, u},
		"chained":               {all(t), answer(1, pattern, lz77), yes, yes, yes, u, yes},
		"unreadable":            {all(t), odd{Type: negotiate.ContextCompression, Data: []byte{1, 0, 0}}, u, u, u, u, u},
		"a list that is cut":    {all(t), odd{Type: negotiate.ContextCompression, Data: []byte{2, 0, 0, 0, 0, 0, 0, 0, 2, 0}}, u, u, u, u, u},
		"unknown":               {all(t), answer(0, 0x0099), u, u, u, u, u},
		"not offered":           {plain, answer(0, negotiate.CompressionLZ4), u, u, u, u, u},
		"the one, unasked flag": {plain, answer(1, lz77), yes, u, yes, u, u},
		"one offered, absent":   {plain, preauth(), u, u, no, u, u},
		"no context offered":    {conservative(t), preauth(), u, u, u, u, u},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := of(t, conn(1, done, tt.question, takes(t, smb.DialectSMB311, tt.context)))
			c := r.Compression
			require.Equal(t, []report.Answer{tt.supported, tt.chained, tt.lz77, tt.patternV1},
				[]report.Answer{c.Supported, c.Chained, c.Algorithms["LZ77"], c.Algorithms["Pattern_V1"]})
			for _, a := range []string{"LZNT1", "LZ77+Huffman", "LZ4"} {
				require.Equal(t, tt.others, c.Algorithms[a], a)
			}
		})
	}
	r := of(t, conn(1, done, all(t), takes(t, smb.DialectSMB210)))
	require.Equal(t, no, r.Compression.Supported)
	require.Equal(t, no, r.Compression.Chained)
	require.Equal(t, report.ResultInferred, r.Evidence["/compression/supported"][0].Result)
	r = of(t, conn(1, done, single(t, smb.DialectSMB210), takes(t, smb.DialectSMB210)))
	require.Equal(t, u, r.Compression.Supported)
}
