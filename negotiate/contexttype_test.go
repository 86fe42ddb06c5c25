package negotiate

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// Hostile lists of contexts: what lies inside the message is read in the order of the wire, and the rest is noted. In the
// answer the count is at byte 70, NegotiateContextOffset at 124, and the list begins at byte 136.
func TestContextListHostile(t *testing.T) {
	const (
		cipher = "0200 0400 00000000 0100 0200"
		pad    = "00000000"
		preau  = "0100 0600 00000000 0100 0000 0100"
	)
	both := unhex(t, smb2Contexts("0200", cipher+pad+preau))
	for _, c := range []struct {
		name  string
		msg   []byte
		types []ContextType
		odd   []string
	}{
		{"out of order", both, []ContextType{2, 1}, nil},
		{
			"twice", unhex(t, smb2Contexts("0300", cipher+pad+preau+"0000"+cipher)), []ContextType{2, 1, 2},
			[]string{"NegotiateContextList: SMB2_ENCRYPTION_CAPABILITIES again"},
		}, {
			"count 0xFFFF", patched(both, 70, 0xFF, 0xFF), []ContextType{2, 1}, []string{
				"NegotiateContextCount: 65535 contexts, read 64",
				"NegotiateContextList: 8 bytes at offset 168 do not fit a message of 166 bytes",
			},
		}, {
			"count too small", patched(both, 70, 1, 0), []ContextType{2}, []string{"trailing bytes: 18 bytes follow the message"},
		}, {
			"count zero", patched(both, 70, 0, 0), nil, []string{"trailing bytes: 35 bytes follow the message"},
		}, {
			"DataLength past the end", patched(both, 138, 0xFF, 0xFF), []ContextType{2},
			[]string{"Data: 65535 bytes at offset 144 do not fit a message of 166 bytes"},
		}, {
			"DataLength too small", patched(both, 138, 1, 0), []ContextType{2, 1},
			[]string{"NegotiateContextList: the padding is not zero"},
		}, {
			"last DataLength past the end", patched(both, 154, 7, 0), []ContextType{2, 1},
			[]string{"Data: 7 bytes at offset 160 do not fit a message of 166 bytes"},
		}, {
			"unaligned", unhex(t, strings.Replace(smb2Contexts("0100", "00"+cipher), "88000000", "89000000", 1)), []ContextType{2},
			[]string{"NegotiateContextOffset: 137 is no multiple of 8"},
		}, {
			"over the security buffer", patched(both, 124, 0x80), []ContextType{0xBBAA},
			[]string{
				"NegotiateContextOffset: 128 lies before the end of the fixed part or the security buffer at 131",
				"Data: 204 bytes at offset 136 do not fit a message of 166 bytes",
			},
		}, {
			"in the header", patched(both, 124, 0), []ContextType{0x53FE}, nil,
		}, {
			"offset past the end", patched(both, 124, 0xF8, 0xFF), nil,
			[]string{"NegotiateContextList: 8 bytes at offset 65528 do not fit a message of 166 bytes"},
		}, {
			"offset negative", patched(both, 124, 0xF8, 0xFF, 0xFF, 0xFF), nil, nil,
		}, {
			"header cut", both[:150], []ContextType{2},
			[]string{"NegotiateContextList: 8 bytes at offset 152 do not fit a message of 150 bytes"},
		}, {
			"padding behind the last", append(patched(both, 0), 0, 0), []ContextType{2, 1}, nil,
		}, {
			"more than padding", append(patched(both, 0), 0, 0, 0), []ContextType{2, 1},
			[]string{"trailing bytes: 3 bytes follow the message"},
		}, {
			"no padding but text", append(patched(both, 0), 'x'), []ContextType{2, 1},
			[]string{"trailing bytes: 1 bytes follow the message"},
		},
	} {
		r, err := ParseSMB2Response(c.msg)
		require.NoError(t, err, c.name)
		var types []ContextType
		for _, ctx := range r.Contexts {
			types = append(types, ctx.Type)
		}
		require.Equal(t, c.types, types, c.name)
		if c.odd != nil {
			require.Equal(t, c.odd, odd(r.Anomalies), c.name)
		}
		wiretest.Stable(t, ParseSMB2Response, c.msg)
	}
	for _, name := range []byte{0x00, 0xF8} {
		r, err := ParseSMB2Response(patched(both, 124, name, 0xFF, 0xFF, 0xFF))
		require.NoError(t, err)
		require.NotEmpty(t, r.Anomalies)
		require.Equal(t, []byte{0xAA, 0xBB, 0xCC}, r.SecurityBuffer)
	}
	r, err := ParseSMB2Response(patched(both, 124, 0))
	require.NoError(t, err)
	require.NotEmpty(t, r.Anomalies, "contexts in the header")
	r, err = ParseSMB2Response(patched(both, 138, 0xFF, 0xFF))
	require.NoError(t, err)
	require.Nil(t, r.Contexts[0].Data)
}

// The places of anomalies are those of the fields that they name.
func TestContextListPlaces(t *testing.T) {
	r, err := ParseSMB2Response(patched(unhex(t, smb2Responses()["3.1.1"]), 124, 0x81))
	require.NoError(t, err)
	require.Equal(t, "NegotiateContextOffset", r.Anomalies[0].Field)
	require.Equal(t, 124, r.Anomalies[0].Offset)
	r, err = ParseSMB2Response(patched(unhex(t, smb2Responses()["3.1.1"]), 70, 0xFF))
	require.NoError(t, err)
	require.Equal(t, "NegotiateContextCount", r.Anomalies[0].Field)
	require.Equal(t, 70, r.Anomalies[0].Offset)
	q, err := ParseSMB2Request(patched(unhex(t, smb2Requests()["3.1.1"]), 92, 0x61, 0, 0, 0, 0xFF))
	require.NoError(t, err)
	require.Equal(t, "NegotiateContextOffset", q.Anomalies[0].Field)
	require.Equal(t, 92, q.Anomalies[0].Offset)
	require.Equal(t, "NegotiateContextCount", q.Anomalies[2].Field)
	require.Equal(t, 96, q.Anomalies[2].Offset)
}

// A list that is longer than the cap is cut and costs no more.
func TestContextListLong(t *testing.T) {
	msg := unhex(t, smb2Contexts("ffff", strings.Repeat("4242 0000 00000000", 1000)))
	r, err := ParseSMB2Response(msg)
	require.NoError(t, err)
	require.Len(t, r.Contexts, maxContexts)
	require.LessOrEqual(t, len(r.Anomalies), 32)
	wiretest.Stable(t, ParseSMB2Response, msg)
}
