package nbns

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// Short names for what every test here uses.
var unhex, odd = wiretest.Hex, wiretest.Odd

// wildcardName is "*" and 15 zeros, encoded by hand after RFC 1001 14.1.
const wildcardName = "20 434b 4141414141414141 4141414141414141 4141414141414141 414141414141 00"

// recordedRequest is frame 646 of testte.pcap of the public collection ajbanjara/Wireshark: a Windows host asks another.
const recordedRequest = "a322 0000 0001 0000 0000 0000" + wildcardName + "0021 0001"

func TestRequest(t *testing.T) {
	msg := unhex(t, recordedRequest)
	r := wiretest.RoundTrip(t, ParseRequest, msg)
	require.Equal(t, Request{TransactionID: 0xA322, Name: Wildcard()}, r)
	require.Equal(t, "*<00>", r.Name.String())
	wiretest.Prefixes(t, ParseRequest, msg)
	wiretest.Allocs(t, 0, func() { _, _ = ParseRequest(msg) })

	named := Request{Flags: FlagBroadcast, Name: smb.MakeNetBIOSName("files", smb.SuffixFileServer)}
	b, err := named.AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, named, wiretest.RoundTrip(t, ParseRequest, b))

	b, err = Request{Flags: 0xF810, Name: Wildcard()}.AppendBinary(nil)
	require.NoError(t, err)
	r, err = ParseRequest(b)
	require.NoError(t, err)
	require.Equal(t, FlagBroadcast, r.Flags, "a request is a request and a query, whatever its flags say")
}

func TestRequestOdd(t *testing.T) {
	for name, tc := range map[string]struct {
		hex  string
		odd  []string
		kind error
	}{
		"counts":      {"a322 0000 0002 0001 0000 0003" + wildcardName + "0021 0001", []string{"QDCOUNT: 2, should be 1", "ANCOUNT: 1, should be 0", "ARCOUNT: 3, should be 0"}, nil},
		"class":       {"a322 0000 0001 0000 0000 0000" + wildcardName + "0021 00ff", []string{"QUESTION_CLASS: 255, should be 1"}, nil},
		"trailing":    {recordedRequest + "00", []string{"trailing bytes: 1 bytes follow the message"}, nil},
		"a response":  {"a322 8400 0001 0000 0000 0000" + wildcardName + "0021 0001", nil, smb.ErrCommand},
		"an opcode":   {"a322 2800 0001 0000 0000 0000" + wildcardName + "0021 0001", nil, smb.ErrCommand},
		"no question": {"a322 0000 0000 0000 0000 0000" + wildcardName + "0021 0001", nil, wire.ErrFormat},
		"name query":  {"a322 0000 0001 0000 0000 0000" + wildcardName + "0020 0001", nil, smb.ErrCommand},
		"a pointer":   {"a322 0000 0001 0000 0000 0000 c00c 0021 0001" + wildcardName, nil, wire.ErrFormat},
		"short":       {"a322 0000 0001", nil, wire.ErrTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := ParseRequest(unhex(t, tc.hex))
			require.ErrorIs(t, err, tc.kind)
			require.Equal(t, tc.odd, odd(r.Anomalies))
			if tc.kind != nil {
				require.Zero(t, r)
			}
		})
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add(unhex(f, recordedRequest))
	f.Add(unhex(f, recordedRequest+"c00c"))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseRequest, data) })
}
