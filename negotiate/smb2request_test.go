package negotiate

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// In a request dialects begin at byte 100.
const clientGUID = "000102030405060708090a0b0c0d0e0f"

func smb2Requests() map[string]string {
	return map[string]string{
		"2.0.2":      request2 + "2400 0100 0100 0000 7f000000" + clientGUID + "0000000000000000 0202",
		"start time": request2 + "2400 0200 0300 3412 00000000" + clientGUID + "ec4e93940e7cdd01 1002 0003",
		// Contexts at 104, the third one unknown; each but the last padded to 8 bytes.
		"3.1.1": request2 + "2400 0100 0100 0000 ff000000" + clientGUID + "68000000 0300 0000 1103 0000" +
			"0100 0a00 00000000 0100 0400 0100 aabbccdd 000000000000" +
			"0200 0400 00000000 0100 0200 00000000" +
			"4242 0300 04030201 aabbcc",
		// Contexts at 112, in no order, one twice, one without data at the end.
		"3.1.1 odd": request2 + "2400 0500 0100 0000 ff000000" + clientGUID + "70000000 0500 cdab 0202 1002 0003 0203 1103 0000" +
			"0001 1000 00000000 93ad25509cb411e7b42383de968bcd7c" +
			"0500 0600 00000000 730072007600 0000" +
			"0600 0400 00000000 00000000 00000000" +
			"0700 0c00 00000000 0200 0000 00000000 0100 0200 00000000" +
			"ffff 0000 00000000",
		"3.1.1 without contexts": request2 + "2400 0100 0100 0000 ff000000" + clientGUID + "00000000 0000 0000 1103",
	}
}

func TestSMB2Request(t *testing.T) {
	for name, s := range smb2Requests() {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, s)
			r := wiretest.RoundTrip(t, ParseSMB2Request, msg)
			require.Nil(t, r.Anomalies)
			wiretest.Prefixes(t, ParseSMB2Request, msg)
		})
	}
}

func TestSMB2RequestFields(t *testing.T) {
	vectors := smb2Requests()
	r, err := ParseSMB2Request(unhex(t, vectors["start time"]))
	require.NoError(t, err)
	require.Equal(t, SMB2Request{
		Header: smb.SMB2Header{Command: smb.SMB2Negotiate, Credits: 1, Reserved: ProcessID}, SecurityMode: 3, Reserved: 0x1234,
		ClientGUID: [16]byte(unhex(t, clientGUID)), ClientStartTime: 0x01DD7C0E94934EEC,
		Dialects: []smb.Dialect{smb.DialectSMB210, smb.DialectSMB300},
	}, r)

	r, err = ParseSMB2Request(unhex(t, vectors["3.1.1"]))
	require.NoError(t, err)
	require.Zero(t, r.ClientStartTime)
	require.Equal(t, []Context{
		{Type: ContextPreauthIntegrity, Data: unhex(t, "0100 0400 0100 aabbccdd")},
		{Type: ContextEncryption, Data: unhex(t, "0100 0200")},
		{Type: 0x4242, Reserved: 0x01020304, Data: unhex(t, "aabbcc")}, // unknown, kept as it is
	}, r.Contexts)
	ctx, ok := r.Context(0x4242)
	require.True(t, ok)
	require.Len(t, ctx.Data, 3)
	_, ok = r.Context(ContextSigning)
	require.False(t, ok)

	r, err = ParseSMB2Request(unhex(t, vectors["3.1.1 odd"]))
	require.NoError(t, err)
	require.Equal(t, smb.Dialects(), r.Dialects)
	require.Equal(t, uint16(0xABCD), r.Reserved2)
	var types []ContextType
	for _, c := range r.Contexts {
		types = append(types, c.Type)
	}
	require.Equal(t, []ContextType{ContextPOSIX, ContextNetname, ContextTransport, ContextRDMATransform, 0xFFFF}, types)
}

func TestSMB2RequestHostile(t *testing.T) {
	vectors := smb2Requests()
	old, new := unhex(t, vectors["start time"]), unhex(t, vectors["3.1.1"])
	for _, c := range []struct {
		name     string
		msg      []byte
		dialects []smb.Dialect
		contexts int
		odd      []string
	}{
		{"no dialect", patched(old, 66, 0, 0), nil, 0, []string{
			"DialectCount: no dialect is offered", "trailing bytes: 4 bytes follow the message",
		}},
		{"DialectCount past the end", patched(old, 66, 3, 0), nil, 0, []string{
			"Dialects: 6 bytes at offset 100 do not fit a message of 104 bytes", "trailing bytes: 4 bytes follow the message",
		}},
		{"DialectCount 0xFFFF", patched(old, 66, 0xFF, 0xFF), nil, 0, []string{
			"DialectCount: 65535 dialects, at most 256 are read", "trailing bytes: 4 bytes follow the message",
		}},
		{"StructureSize", patched(old, 64, 35), []smb.Dialect{0x0210, 0x0300}, 0, []string{"StructureSize: 35, should be 36"}},
		{"dialect twice, unknown", patched(old, 100, 0, 3, 0, 3), []smb.Dialect{0x0300, 0x0300}, 0, nil},
		{"trailing", append(patched(old, 0), 1), []smb.Dialect{0x0210, 0x0300}, 0, []string{"trailing bytes: 1 bytes follow the message"}},
		{"context offset past the end", patched(new, 92, 0, 0, 0, 0x7F), []smb.Dialect{0x0311}, 0, []string{
			"NegotiateContextList: 8 bytes at offset 2130706432 do not fit a message of 155 bytes",
		}},
		{"context count too large", patched(new, 96, 4, 0), []smb.Dialect{0x0311}, 3, []string{
			"NegotiateContextList: 8 bytes at offset 160 do not fit a message of 155 bytes",
		}},
		{"context count too small", patched(new, 96, 2, 0), []smb.Dialect{0x0311}, 2, []string{
			"trailing bytes: 15 bytes follow the message",
		}},
	} {
		r, err := ParseSMB2Request(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.dialects, r.Dialects, c.name)
		require.Len(t, r.Contexts, c.contexts, c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
	}
	for _, c := range []struct {
		msg  string
		want error
	}{
		{reply2 + strings.Repeat("00", 40), smb.ErrCommand},
		{request1 + strings.Repeat("00", 80), smb.ErrNotSMB},
		{request2, wire.ErrTruncated},
	} {
		_, err := ParseSMB2Request(unhex(t, c.msg))
		require.ErrorIs(t, err, c.want)
	}
	_, err := SMB2Request{Dialects: []smb.Dialect{smb.DialectSMB302}, Contexts: make([]Context, 1)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = SMB2Request{Dialects: make([]smb.Dialect, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
	_, err = SMB2Request{
		Dialects: []smb.Dialect{smb.DialectSMB311}, Contexts: []Context{{Data: make([]byte, 1<<16)}},
	}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func BenchmarkParseSMB2Request(b *testing.B) {
	msg := unhex(b, smb2Requests()["3.1.1 odd"])
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseSMB2Request(msg); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzParseSMB2Request(f *testing.F) {
	for _, s := range smb2Requests() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB2Request, data) })
}
