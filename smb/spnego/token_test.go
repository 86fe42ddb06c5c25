package spnego

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const rawNTLMSSP = "4e544c4d53535000 02000000"

func TestParse(t *testing.T) {
	for name, tc := range map[string]struct {
		hex   string
		form  Form
		mechs []OID
		hint  string
		inner []byte
		odd   int
	}{
		"empty":         {"", FormEmpty, nil, "", nil, 0},
		"NegTokenInit":  {inits()["every field"], FormNegTokenInit, []OID{OIDKRB5, OIDNTLMSSP}, "", []byte{1, 2}, 0},
		"no hints":      {inits()["mechanism"], FormNegTokenInit, []OID{OIDNTLMSSP}, "", nil, 0},
		"NegTokenInit2": {inits2()["every field"], FormNegTokenInit2, []OID{OIDNTLMSSP}, "H", []byte{0xAA}, 0},
		"samba":         {samba417, FormNegTokenInit2, []OID{OIDNTLMSSP}, HintPleaseIgnore, nil, 0},
		"bad hints":     {inits2()["bad hints"], FormNegTokenInit2, []OID{OIDNTLMSSP}, "", nil, 1},
		"unknown":       {inits()["unknown"], FormNegTokenInit, []OID{OIDNTLMSSP}, "", nil, 2},
		"NegTokenResp":  {resps()["every field"], FormNegTokenResp, nil, "", []byte{0xAA}, 0},
		"framed":        {resps()["framed"], FormNegTokenResp, nil, "", nil, 1},
		"raw":           {rawNTLMSSP, FormRawNTLMSSP, nil, "", []byte("NTLMSSP\x00\x02\x00\x00\x00"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, tc.hex)
			got := wiretest.RoundTrip(t, Parse, msg)
			wiretest.Prefixes(t, Parse, msg)
			require.Equal(t, tc.form, got.Form)
			require.Equal(t, tc.mechs, got.Mechanisms())
			hints, ok := got.Hint()
			require.Equal(t, tc.hint, hints.Text())
			require.Equal(t, tc.hint != "", ok)
			require.Equal(t, tc.inner, got.Inner())
			require.Len(t, got.Anomalies(), tc.odd)
		})
	}
}

func TestParseUnparsed(t *testing.T) {
	for name, hex := range map[string]string{
		"garbage": "0102030405", "text": "48545450", "half a signature": "4e544c4d5353", "cut": "604806062b0601050502a03e303ca00e",
		"Kerberos without SPNEGO": "600d" + krb5OID + "0100", "indefinite": "6080",
		"one byte": "a1", "choice 2": "a202 3000",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(unhex(t, hex))
			require.Equal(t, FormUnparsed, got.Form)
			var pe *wire.ParseError
			require.ErrorAs(t, err, &pe)
		})
	}
	b, err := Token{}.AppendBinary([]byte("x"))
	require.ErrorIs(t, err, wire.ErrFormat)
	require.Equal(t, []byte("x"), b)
}

func TestTokenLists(t *testing.T) {
	got, err := Parse(unhex(t, inits()["every field"]))
	require.NoError(t, err)
	require.True(t, got.Lists(OIDKRB5))
	require.False(t, got.Lists(OIDNEGOEX))
}

func TestFormText(t *testing.T) {
	want := []string{"unparsed", "empty", "NegTokenInit", "NegTokenInit2", "NegTokenResp", "raw-ntlmssp"}
	for i, token := range want {
		text, err := json.Marshal(Form(i))
		require.NoError(t, err)
		require.Equal(t, `"`+token+`"`, string(text))
		var back Form
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, Form(i), back)
	}
	require.Equal(t, "Form(0x06)", Form(6).String())
	_, err := Form(6).MarshalText()
	require.ErrorIs(t, err, wire.ErrFormat)
	require.ErrorIs(t, new(Form).UnmarshalText([]byte("none")), wire.ErrFormat)
}

func FuzzParse(f *testing.F) {
	for _, table := range []map[string]string{inits(), inits2(), resps()} {
		for _, hex := range table {
			f.Add(unhex(f, hex))
		}
	}
	f.Add(unhex(f, rawNTLMSSP))
	f.Fuzz(func(t *testing.T, data []byte) {
		wiretest.Stable(t, Parse, data)
		got, err := Parse(data)
		require.Equal(t, err != nil, got.Form == FormUnparsed)
		require.LessOrEqual(t, len(got.Mechanisms()), maxMechanisms)
	})
}
