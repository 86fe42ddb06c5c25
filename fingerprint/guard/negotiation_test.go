package guard_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/guard"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// Each dialect that was offered may be chosen, and no other number.
func TestDialects(t *testing.T) {
	for _, d := range smb.Dialects() {
		only := offer(t)
		if d == smb.DialectSMB311 {
			only.Dialects = []smb.Dialect{d}
		} else {
			only.Dialects, only.Contexts = []smb.Dialect{d}, nil
		}
		for _, chosen := range append(smb.Dialects(), smb.DialectWildcard, 0, 0xFFFF, 0x0301) {
			k := start(t, guard.Options{})
			k.ask(encode(t, only))
			err := k.tell(encode(t, choice(t, chosen)))
			if chosen == d {
				require.NoError(t, err, d)
				continue
			}
			k.refused(err, guard.ErrDialect)
		}
	}
	// A request that cannot be read offers nothing, and is refused with an error response as it should be.
	k := start(t, guard.Options{})
	k.ask(message(asks(smb.SMB2Negotiate, 0), 10, u16(0, 36)))
	require.NoError(t, k.tell(failure(smb.SMB2Negotiate, 0, dtyp.StatusInvalidParameter)))
}

func multi(t testing.TB, dialects ...string) []byte {
	return encode(t, negotiate.SMB1Request{Header: smb.SMB1Header{Command: smb.SMB1Negotiate, MID: 7}, Dialects: dialects})
}

// The answer that says "negotiate again" comes once, after an SMB1 negotiate that offers it.
func TestMultiProtocol(t *testing.T) {
	again := encode(t, choice(t, smb.DialectWildcard))
	k := start(t, guard.Options{})
	k.ask(multi(t, smb.DialectNTLM012, smb.DialectSMB2002, smb.DialectSMB2Any))
	require.NoError(t, k.tell(again))
	second := offer(t)
	second.Header.MessageID = 1
	k.ask(encode(t, second))
	answer := choice(t, smb.DialectSMB311)
	answer.Header.MessageID = 1
	require.NoError(t, k.tell(encode(t, answer)))

	for name, test := range map[string]struct {
		asked   []byte
		answers [][]byte
		rule    error
	}{
		"twice":       {multi(t, smb.DialectSMB2Any), [][]byte{again, again}, guard.ErrUnsolicited},
		"not offered": {multi(t, smb.DialectSMB2002), [][]byte{again}, guard.ErrDialect},
		"SMB1 alone":  {multi(t, smb.DialectNTLM012), [][]byte{again}, guard.ErrUnsolicited},
		"to SMB2":     {encode(t, offer(t)), [][]byte{again}, guard.ErrDialect},
		"2.0.2":       {multi(t, smb.DialectSMB2Any), [][]byte{encode(t, choice(t, smb.DialectSMB202))}, guard.ErrDialect},
		"2.1":         {multi(t, smb.DialectSMB2002, smb.DialectSMB2Any), [][]byte{encode(t, choice(t, smb.DialectSMB210))}, guard.ErrDialect},
		"another id":  {multi(t, smb.DialectSMB2Any), [][]byte{poke(again, u8(24, 1))}, guard.ErrUnsolicited},
		"command":     {multi(t, smb.DialectSMB2Any), [][]byte{echoed(0)}, guard.ErrUnsolicited},
		"buffer":      {multi(t, smb.DialectSMB2Any), [][]byte{poke(again, u16(64+56, 0xFFFF))}, guard.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			k := start(t, guard.Options{})
			k.ask(test.asked)
			last := len(test.answers) - 1
			for _, answer := range test.answers[:last] {
				require.NoError(t, k.tell(answer))
			}
			k.refused(k.tell(test.answers[last]), test.rule)
		})
	}
	k = start(t, guard.Options{})
	k.ask(multi(t, smb.DialectSMB2002))
	require.NoError(t, k.tell(encode(t, choice(t, smb.DialectSMB202))))
	k = start(t, guard.Options{})
	k.ask(multi(t, smb.DialectSMB2Any))
	require.NoError(t, k.tell(failure(smb.SMB2Negotiate, 0, dtyp.StatusInvalidParameter)))
	// After an answer in SMB1 there is none in SMB2.
	k = start(t, guard.Options{})
	k.ask(multi(t, smb.DialectNTLM012, smb.DialectSMB2Any))
	require.NoError(t, k.tell(encode(t, negotiate.SMB1Response{
		Header: smb.SMB1Header{Command: smb.SMB1Negotiate, MID: 7, Flags: smb.SMB1FlagReply}, WordCount: negotiate.AnswerWordsCore,
	})))
	k.refused(k.tell(again), guard.ErrUnsolicited)
}

func TestRefusedNegotiateAnswers(t *testing.T) {
	good := encode(t, choice(t, smb.DialectSMB311))
	change := func(f func(*negotiate.SMB2Response)) []byte {
		r := choice(t, smb.DialectSMB311)
		f(&r)
		return encode(t, r)
	}
	set := func(at int, c interface {
		Context() (negotiate.Context, error)
	}) []byte {
		return change(func(r *negotiate.SMB2Response) { r.Contexts[at] = contexts(t, c)[0] })
	}
	data := func(at int, data []byte) []byte {
		return change(func(r *negotiate.SMB2Response) { r.Contexts[at].Data = data })
	}
	sha, gcm, cmac, lz77 := negotiate.HashSHA512, negotiate.CipherAES128GCM, negotiate.SigningAESCMAC, negotiate.CompressionLZ77
	type hashes = negotiate.PreauthIntegrity
	type ciphers = negotiate.Encryption
	type signings = negotiate.Signing
	type compressions = negotiate.Compression
	for name, test := range map[string]struct {
		msg  []byte
		rule error
	}{
		"good":                  {good, nil},
		"offset wraps round":    {poke(good, u16(64+56, 0xFFF0)), guard.ErrMalformed},
		"length wraps round":    {poke(good, u16(64+58, 0xFFC0)), guard.ErrMalformed},
		"no token":              {change(func(r *negotiate.SMB2Response) { r.SecurityBuffer = nil }), nil},
		"token":                 {change(func(r *negotiate.SMB2Response) { r.SecurityBuffer[1] = 0x7F }), guard.ErrMalformed},
		"raw NTLM for a token":  {change(func(r *negotiate.SMB2Response) { r.SecurityBuffer = []byte("NTLMSSP\x00") }), nil},
		"no read size":          {change(func(r *negotiate.SMB2Response) { r.MaxReadSize = 0 }), guard.ErrMalformed},
		"small write size":      {change(func(r *negotiate.SMB2Response) { r.MaxWriteSize = 4095 }), guard.ErrMalformed},
		"small transact size":   {change(func(r *negotiate.SMB2Response) { r.MaxTransactSize = 1 }), guard.ErrMalformed},
		"one context too many":  {poke(good, u16(64+6, 5)), guard.ErrMalformed},
		"65535 contexts":        {poke(good, u16(64+6, 0xFFFF)), guard.ErrMalformed},
		"contexts past the end": {poke(good, u32(64+60, uint32(len(good)))), guard.ErrMalformed},
		"contexts far away":     {poke(good, u32(64+60, 0xFFFFFFF8)), guard.ErrMalformed},
		"contexts in header":    {poke(good, u32(64+60, 64)), guard.ErrMalformed},
		"contexts not aligned":  {shifted(t, good), guard.ErrMalformed},
		"context's length":      {lastContextLength(t, good), guard.ErrMalformed},
		"unknown one's length": {lastContextLength(t, change(func(r *negotiate.SMB2Response) {
			r.Contexts[3] = negotiate.Context{Type: 0x42, Data: []byte{1, 2}}
		})), guard.ErrMalformed},
		"no contexts":         {change(func(r *negotiate.SMB2Response) { r.Contexts = nil }), guard.ErrMalformed},
		"no hash":             {change(func(r *negotiate.SMB2Response) { r.Contexts = r.Contexts[1:] }), guard.ErrMalformed},
		"unknown context":     {change(func(r *negotiate.SMB2Response) { r.Contexts[3] = negotiate.Context{Type: 0x42} }), nil},
		"another hash":        {set(0, hashes{HashAlgorithms: []negotiate.HashAlgorithm{2}}), guard.ErrDialect},
		"two hashes":          {set(0, hashes{HashAlgorithms: []negotiate.HashAlgorithm{sha, sha}}), guard.ErrDialect},
		"cut hashes":          {data(0, []byte{9, 0, 0, 0, 1, 0}), guard.ErrMalformed},
		"cut salt":            {data(0, []byte{1, 0, 9, 0, 1, 0}), guard.ErrMalformed},
		"half a context":      {data(0, []byte{1}), guard.ErrMalformed},
		"another cipher":      {set(1, ciphers{Ciphers: []negotiate.Cipher{negotiate.CipherAES256GCM}}), guard.ErrDialect},
		"two ciphers":         {set(1, ciphers{Ciphers: []negotiate.Cipher{gcm, gcm}}), guard.ErrDialect},
		"no cipher":           {set(1, ciphers{Ciphers: []negotiate.Cipher{negotiate.CipherNone}}), nil},
		"cut ciphers":         {data(1, []byte{2, 0, 2, 0}), guard.ErrMalformed},
		"another signing":     {set(2, signings{Algorithms: []negotiate.SigningAlgorithm{negotiate.SigningAESGMAC}}), guard.ErrDialect},
		"two signings":        {set(2, signings{Algorithms: []negotiate.SigningAlgorithm{cmac, cmac}}), guard.ErrDialect},
		"cut signings":        {data(2, []byte{2, 0, 1, 0}), guard.ErrMalformed},
		"another compression": {set(3, compressions{Algorithms: []negotiate.CompressionAlgorithm{lz77, negotiate.CompressionLZNT1}}), guard.ErrDialect},
		"no compression":      {set(3, compressions{Algorithms: []negotiate.CompressionAlgorithm{negotiate.CompressionNone}}), nil},
		"cut compressions":    {data(3, []byte{9, 0, 0, 0, 0, 0, 0, 0, 2, 0}), guard.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			k := start(t, guard.Options{})
			k.ask(encode(t, offer(t)))
			err := k.tell(test.msg)
			if test.rule == nil {
				require.NoError(t, err)
				return
			}
			k.refused(err, test.rule)
		})
	}
}

// shifted moves the contexts of an answer one byte on.
func shifted(t testing.TB, msg []byte) []byte {
	r, err := negotiate.ParseSMB2Response(msg)
	require.NoError(t, err)
	at := (128+len(r.SecurityBuffer)+7)/8*8 + 1
	moved := append(append(append([]byte(nil), msg[:at-1]...), 0), msg[at-1:]...)
	return poke(moved, u32(64+60, uint32(at)))
}

// lastContextLength makes the last context one byte longer than the message.
func lastContextLength(t testing.TB, msg []byte) []byte {
	r, err := negotiate.ParseSMB2Response(msg)
	require.NoError(t, err)
	data := r.Contexts[len(r.Contexts)-1].Data
	return poke(msg, u16(len(msg)-len(data)-6, uint16(len(data)+1)))
}

// Encryption is negotiated only where both sides said so.
func TestNegotiatedEncryption(t *testing.T) {
	for name, test := range map[string]struct {
		client, server smb.SMB2Capabilities
		rule           error
	}{
		"both": {smb.CapEncryption, smb.CapEncryption, nil}, "client": {smb.CapEncryption, 0, guard.ErrTransform},
		"server": {0, smb.CapEncryption, guard.ErrTransform},
	} {
		for _, d := range []smb.Dialect{smb.DialectSMB300, smb.DialectSMB302} {
			k := start(t, guard.Options{})
			request, answer := offer(t), choice(t, d)
			request.Capabilities, answer.Capabilities = test.client, test.server
			k.ask(encode(t, request))
			require.NoError(t, k.tell(encode(t, answer)))
			require.ErrorIs(t, k.try(encrypted(0, 64)), test.rule, name)
		}
	}
	for cipher, rule := range map[negotiate.Cipher]error{negotiate.CipherNone: guard.ErrTransform, negotiate.CipherAES128GCM: nil} {
		k := start(t, guard.Options{})
		answer := choice(t, smb.DialectSMB311)
		answer.Contexts[1] = contexts(t, negotiate.Encryption{Ciphers: []negotiate.Cipher{cipher}})[0]
		k.ask(encode(t, offer(t)))
		require.NoError(t, k.tell(encode(t, answer)))
		require.ErrorIs(t, k.try(encrypted(0, 64)), rule)
	}
}
