package spnego

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func TestNegTokenInitRoundTrip(t *testing.T) {
	for name, hex := range inits() {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, hex)
			wiretest.RoundTrip(t, ParseNegTokenInit, msg)
			wiretest.Prefixes(t, ParseNegTokenInit, msg)
		})
	}
}

func TestNegTokenInitFields(t *testing.T) {
	for name, want := range map[string]NegTokenInit{
		"nothing":     {},
		"empty list":  {MechTypes: []OID{}},
		"mechanism":   {MechTypes: []OID{OIDNTLMSSP}},
		"bare":        {MechTypes: []OID{OIDNTLMSSP}, Bare: true},
		"empty token": {MechTypes: []OID{OIDNTLMSSP}, MechToken: []byte{}},
		"every field": {
			MechTypes: []OID{OIDKRB5, OIDNTLMSSP}, ReqFlags: []byte{7, 0x80}, MechToken: []byte{1, 2}, MechListMIC: []byte{0xFF},
		},
		"long enough": {MechToken: bytes.Repeat([]byte{0xAB}, 0x106)},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseNegTokenInit(unhex(t, inits()[name]))
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

// What is odd is kept and noted, and does not hide the rest.
func TestNegTokenInitOddities(t *testing.T) {
	list := "a00e 300c" + ntlmsspOID
	for name, tc := range map[string]struct {
		hex     string
		unknown []string
		odd     []string
	}{
		"unknown": {
			inits()["unknown"], []string{"a500", "0400"},
			[]string{
				"NegTokenInit: element with tag 0xa5 is kept as it is", "NegTokenInit: element with tag 0x04 is kept as it is",
			},
		},
		"wrong type": {
			inits()["wrong type"], []string{"a2030c0141"},
			[]string{"mechToken: not an element with tag 0x04", "NegTokenInit: element with tag 0xa2 is kept as it is"},
		},
		"unread": {inits()["unread"], []string{"a27f04"}, []string{"NegTokenInit: 3 bytes of the sequence are not read"}},
		"twice": {
			"a022 3020" + list + list, []string{"a00e300c" + ntlmsspOID},
			[]string{"NegTokenInit: element with tag 0xa0 is kept as it is"},
		},
		"other order": {"a018 3016 a204 04020102" + list, nil, []string{"NegTokenInit: field [0] after field [2]"}},
		"trailing at all levels": {
			"601e" + spnegoOID + "a013 3010" + list + "05 05 05", nil,
			[]string{
				"trailing bytes: 1 bytes follow the message", "trailing bytes: 1 bytes follow the message",
				"trailing bytes: 1 bytes follow the message",
			},
		},
		"longer lengths": {
			"6081 20" + spnegoOID + "a084 00000012 3010" + list, nil,
			[]string{"NegotiationToken: length 32 written in 2 bytes", "NegotiationToken: length 18 written in 5 bytes"},
		},
		"no OID in the list": {
			"a014 3012 a010 300e 0500" + ntlmsspOID, nil,
			[]string{"mechTypes: element with tag 0x05 in the list: "},
		},
		"list cut": {
			"a015 3013 a011 300f" + ntlmsspOID + "06052b", nil, []string{"mechTypes: 3 bytes of the list are not read"},
		},
		"no valid OID": {"a009 3007 a005 3003 060180", nil, []string{"mechTypes: not a valid object identifier"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseNegTokenInit(unhex(t, tc.hex))
			require.NoError(t, err)
			require.Equal(t, tc.odd, odd(got.Anomalies))
			var unknown [][]byte
			for _, raw := range tc.unknown {
				unknown = append(unknown, unhex(t, raw))
			}
			require.Equal(t, unknown, got.Unknown)
			if name != "no valid OID" {
				require.Equal(t, []OID{OIDNTLMSSP}, got.MechTypes)
			}
		})
	}
}

func TestNegTokenInitErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		hex    string
		kind   error
		field  string
		offset int
	}{
		"empty":               {"", wire.ErrTruncated, "NegotiationToken", 0},
		"cut":                 {"6048 06062b06", wire.ErrTruncated, "NegotiationToken", 2},
		"indefinite":          {"6080 0606", wire.ErrFormat, "NegotiationToken", 2},
		"length of 40 bits":   {"6085 0000000001 00", wire.ErrFormat, "NegotiationToken", 2},
		"length of 32 bits":   {"6084 ffffffff 00", wire.ErrTruncated, "NegotiationToken", 6},
		"high tag":            {"7f60 00", wire.ErrFormat, "NegotiationToken", 1},
		"other mechanism":     {"600b" + krb5OID, wire.ErrFormat, "thisMech", 2},
		"no mechanism":        {"6004 a002 3000", wire.ErrFormat, "thisMech", 2},
		"inner cut":           {"600c" + spnegoOID + "a002 3001", wire.ErrTruncated, "SEQUENCE", 14},
		"other choice":        {resps()["state"], wire.ErrFormat, "NegotiationToken", 0},
		"other framed choice": {resps()["framed"], wire.ErrFormat, "NegotiationToken", 10},
		"no sequence":         {"a002 0400", wire.ErrFormat, "SEQUENCE", 2},
		"NegTokenInit2":       {inits2()["bare"], wire.ErrFormat, "mechListMIC", 20},
		"text":                {"48545450", wire.ErrTruncated, "NegotiationToken", 2},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseNegTokenInit(unhex(t, tc.hex))
			require.Equal(t, NegTokenInit{}, got)
			require.ErrorIs(t, err, tc.kind)
			var pe *wire.ParseError
			require.ErrorAs(t, err, &pe)
			require.Equal(t, "NegTokenInit", pe.Message)
			require.Equal(t, tc.field, pe.Field)
			require.Equal(t, tc.offset, pe.Offset)
		})
	}
}

func TestMechanismsCapped(t *testing.T) {
	for count, want := range map[int][]string{
		maxMechanisms:     nil,
		maxMechanisms + 1: {"mechTypes: 12 bytes of the list are not read"},
	} {
		var many NegTokenInit
		for range count {
			many.MechTypes = append(many.MechTypes, OIDNTLMSSP)
		}
		msg, err := many.AppendBinary(nil)
		require.NoError(t, err)
		got, err := ParseNegTokenInit(msg)
		require.NoError(t, err)
		require.Len(t, got.MechTypes, maxMechanisms)
		require.Equal(t, want, odd(got.Anomalies))
	}
}

func TestElementsCapped(t *testing.T) {
	many := NegTokenInit{Bare: true}
	for range maxElements + 2 {
		many.Unknown = append(many.Unknown, []byte{0xA9, 0})
	}
	msg, err := many.AppendBinary(nil)
	require.NoError(t, err)
	got := wiretest.RoundTrip(t, ParseNegTokenInit, msg)
	require.Len(t, got.Unknown, maxElements+1)
	require.Equal(t, []byte{0xA9, 0, 0xA9, 0}, got.Unknown[maxElements])
}

func TestNegTokenInitNoOID(t *testing.T) {
	b, err := NegTokenInit{MechTypes: []OID{"1.3.6.x"}}.AppendBinary([]byte("x"))
	require.ErrorIs(t, err, wire.ErrFormat)
	var pe *wire.ParseError
	require.ErrorAs(t, err, &pe)
	require.Equal(t, []byte("x"), b)
}

func FuzzNegTokenInit(f *testing.F) {
	for _, hex := range inits() {
		f.Add(unhex(f, hex))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseNegTokenInit, data) })
}
