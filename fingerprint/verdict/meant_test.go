package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// STATUS_INVALID_PARAMETER is a no to an algorithm where the question differs from one that was taken in nothing else.
func TestRefusedAlone(t *testing.T) {
	only := func(id string, edit func(*negotiate.Offer)) dialogue.Frame { return offered(t, id, edit) }
	cipher := func(list ...negotiate.Cipher) dialogue.Frame {
		return only("cipher", func(o *negotiate.Offer) { o.Ciphers = list })
	}
	const gcm256, gcm = negotiate.CipherAES256GCM, negotiate.CipherAES128GCM
	refuses := refusesSMB2(t, dtyp.StatusInvalidParameter)
	taken := func(n int, q dialogue.Frame) *dialogue.Dialogue {
		return conn(n, done, q, takes(t, smb.DialectSMB311, preauth(), ciphers{gcm}))
	}
	refused := func(n int, q dialogue.Frame) *dialogue.Dialogue { return conn(n, done, q, refuses) }
	bare := func(c negotiate.Cipher) dialogue.Frame {
		return ask("bare", edited(t, negotiate.Single(smb.DialectSMB311), func(r *negotiate.SMB2Request) {
			r.Capabilities = 0
			e, err := negotiate.Encryption{Ciphers: []negotiate.Cipher{c}}.Context()
			require.NoError(t, err)
			r.Contexts[1] = e
		}))
	}
	u := report.Unknown
	tests := map[string]struct {
		talks []*dialogue.Dialogue
		want  report.Answer // AES-256-GCM
	}{
		"another list was taken":        {[]*dialogue.Dialogue{taken(1, cipher(gcm)), refused(2, cipher(gcm256))}, no},
		"in whichever order":            {[]*dialogue.Dialogue{refused(1, cipher(gcm256)), taken(2, cipher(gcm))}, no},
		"with more dialects":            {[]*dialogue.Dialogue{taken(1, all(t)), refused(2, cipher(gcm256))}, u},
		"with more, and alone":          {[]*dialogue.Dialogue{taken(1, all(t)), refused(2, cipher(gcm256)), taken(3, only("x", func(o *negotiate.Offer) { o.Signing = nil }))}, no},
		"nothing was taken":             {[]*dialogue.Dialogue{refused(1, cipher(gcm256)), refused(2, cipher(gcm))}, u},
		"two were offered":              {[]*dialogue.Dialogue{taken(1, cipher(gcm)), refused(2, cipher(gcm256, negotiate.CipherAES256CCM))}, u},
		"another kind was changed too":  {[]*dialogue.Dialogue{taken(1, only("x", func(o *negotiate.Offer) { o.Signing = o.Signing[:1] })), refused(2, cipher(gcm256))}, u},
		"a kind was left out":           {[]*dialogue.Dialogue{taken(1, only("x", func(o *negotiate.Offer) { o.Signing = nil })), refused(2, cipher(gcm256))}, u},
		"without the bit":               {[]*dialogue.Dialogue{taken(1, cipher(gcm)), refused(2, bare(gcm256))}, u},
		"both without the bit":          {[]*dialogue.Dialogue{taken(1, bare(gcm)), refused(2, bare(gcm256))}, u},
		"another status":                {[]*dialogue.Dialogue{taken(1, cipher(gcm)), conn(2, done, cipher(gcm256), refusesSMB2(t, dtyp.StatusAccessDenied))}, u},
		"dropped":                       {[]*dialogue.Dialogue{taken(1, cipher(gcm)), conn(2, closed, cipher(gcm256))}, u},
		"the same question was refused": {[]*dialogue.Dialogue{taken(1, cipher(gcm)), refused(2, cipher(gcm))}, u},
		"and yet it is taken": {[]*dialogue.Dialogue{
			conn(1, done, all(t), takes(t, smb.DialectSMB311, ciphers{gcm256})), taken(2, cipher(gcm)), refused(3, cipher(gcm256)),
		}, yes},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := ofFull(t, tt.talks...)
			require.Equal(t, tt.want, r.Encryption.Ciphers["AES-256-GCM"].Answer, "%+v", r.Evidence["/encryption/ciphers/AES-256-GCM/answer"])
			require.NotEqual(t, no, r.Encryption.Supported)
		})
	}
	// The other kinds likewise; what a dialect below 3.1.1 may sign with stays open.
	signing := func(a negotiate.SigningAlgorithm) dialogue.Frame {
		return only("signing", func(o *negotiate.Offer) { o.Signing = []negotiate.SigningAlgorithm{a} })
	}
	r := ofFull(t, taken(1, signing(negotiate.SigningAESCMAC)), refused(2, signing(negotiate.SigningAESGMAC)), refused(3, signing(negotiate.SigningHMACSHA256)))
	require.Equal(t, report.Algorithm{Answer: no, Basis: report.BasisContext}, r.Signing.Algorithms["AES-GMAC"])
	require.Equal(t, u, r.Signing.Algorithms["HMAC-SHA256"].Answer)
	r = ofFull(t, taken(1, offersCompression(t, true, patternV1, lz77)), refused(2, offersCompression(t, true, patternV1, lz4)),
		refused(3, offersCompression(t, true, lznt1, huffman)))
	require.Equal(t, []report.Answer{no, u, u}, []report.Answer{
		r.Compression.Algorithms["LZ4"], r.Compression.Algorithms["LZNT1"], r.Compression.Supported,
	})
}

// HMAC-SHA256 signs at 2.x and may at 3.1.1, AES-CMAC at 3.x: where these are not taken, neither is.
func TestSigningOfRefusedDialects(t *testing.T) {
	lists := func(refused, taken []smb.Dialect) *report.Report {
		return ofFull(t, conn(1, done, ask("none", request(t, negotiate.Offer{SMB2: refused})), refusesSMB2(t, dtyp.StatusNotSupported)),
			conn(2, done, ask("some", request(t, negotiate.Offer{SMB2: taken})), takes(t, taken[0])))
	}
	const d202, d210, d300, d302, d311 = smb.DialectSMB202, smb.DialectSMB210, smb.DialectSMB300, smb.DialectSMB302, smb.DialectSMB311
	r := lists([]smb.Dialect{d202, d210, d311}, []smb.Dialect{d300})
	require.Equal(t, report.Algorithm{Answer: no, Basis: report.BasisDialect}, r.Signing.Algorithms["HMAC-SHA256"])
	require.Equal(t, yes, r.Signing.Algorithms["AES-CMAC"].Answer)
	r = lists([]smb.Dialect{d202, d210}, []smb.Dialect{d302})
	require.Equal(t, report.Unknown, r.Signing.Algorithms["HMAC-SHA256"].Answer)
	r = lists([]smb.Dialect{d300, d302}, []smb.Dialect{d210})
	require.Equal(t, report.Unknown, r.Signing.Algorithms["AES-CMAC"].Answer)
	r = lists([]smb.Dialect{d300, d302, d311}, []smb.Dialect{d210})
	require.Equal(t, no, r.Signing.Algorithms["AES-CMAC"].Answer)
}
