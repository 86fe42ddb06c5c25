package negotiate

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const (
	serverGUID = "66696c65736572766572000000000000"
	// sizes are 1 MiB, 2 MiB and 4 MiB, times are SystemTime and a ServerStartTime of zero.
	sizes = "00001000 00002000 00004000"
	times = "00289ae0930e7cdd 0000000000000000"
)

// smb2Answer is the fixed part of an answer without contexts; the security buffer, at byte 128, has three bytes.
func smb2Answer(dialect string) string {
	return reply2 + "4100 0100" + dialect + "0000" + serverGUID + "07000000" + sizes + times + "8000 0300 00000000 aabbcc"
}

// smb2Contexts is an answer with 3.1.1 and a security buffer of three bytes: contexts begin at byte 136.
func smb2Contexts(count, contexts string) string {
	return reply2 + "4100 0300 1103" + count + serverGUID + "2f000000" + sizes + times + "8000 0300 88000000 aabbcc 0000000000" +
		contexts
}

func smb2Responses() map[string]string {
	return map[string]string{
		"2.0.2": smb2Answer("0202"),
		"2.1":   smb2Answer("1002"),
		"2.???": smb2Answer("ff02"),
		"3.0":   smb2Answer("0003"),
		"3.0.2": smb2Answer("0203"),
		"other": smb2Answer("0600"),
		"reserved": reply2 + "4100 0000 0202 3412" + serverGUID + "00000000" + sizes +
			"00289ae0930e7cdd ec4e93940e7cdd01 8000 0000 78563412",
		"3.1.1": smb2Contexts("0400", "0100 0a00 00000000 0100 0400 0100 aabbccdd 000000000000"+
			"0200 0400 00000000 0100 0200 00000000"+
			"0300 0a00 00000000 0100 0000 00000000 0200 000000000000"+
			"0800 0400 00000000 0100 0200"),
		// In no order, an unknown one with a reserved field, no cipher in common, and one without data at the end.
		"3.1.1 odd": smb2Contexts("0400", "4242 0300 04030201 aabbcc 0000000000"+
			"0200 0400 00000000 0100 0000 00000000"+
			"0100 0600 00000000 0100 0000 0100 0000"+
			"0001 0000 00000000"),
		"3.1.1 without contexts": reply2 + "4100 0100 1103 0000" + serverGUID + "07000000" + sizes + times +
			"8000 0300 00000000 aabbcc",
		// Recorded from Samba 4.17.12, default settings.
		"Samba 4.17.12": `fe534d4240000000000000000000010001000000000000000000000000000000fffe00000000000000000000000000000000
			000000000000000000000000000041000100110303006f6c64736572766572000000000000000f0000000000800000008000000080009476
			38940e7cdd01000000000000000080004a00d0000000604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa32a3028
			a0261b246e6f745f646566696e65645f696e5f5246433431373840706c656173655f69676e6f726500000000000001002600000000000100
			200001005a06e711a9bf0eff6ccb0583e18f2a2bf53434cd7c21a3e518e3a77ed247878e000002000400000000000100020000000000080
			004000000000001000200`,
	}
}

func TestSMB2Response(t *testing.T) {
	for name, s := range smb2Responses() {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, s)
			r := wiretest.RoundTrip(t, ParseSMB2Response, msg)
			require.Nil(t, r.Anomalies)
			wiretest.Prefixes(t, ParseSMB2Response, msg)
			want := 0.0
			if len(r.Contexts) > 0 {
				want = 1 // the slice of contexts
			}
			require.Equal(t, want, testing.AllocsPerRun(100, func() {
				if _, err := ParseSMB2Response(msg); err != nil {
					t.Fail()
				}
			}))
		})
	}
}

func TestSMB2ResponseFields(t *testing.T) {
	vectors := smb2Responses()
	want := SMB2Response{
		Header: smb.SMB2Header{
			Command: smb.SMB2Negotiate, Credits: 1, Flags: smb.SMB2FlagServerToRedir, Reserved: ProcessID,
		},
		SecurityMode: smb.SigningEnabled, Dialect: smb.DialectSMB202, ServerGUID: dtyp.GUID(unhex(t, serverGUID)),
		Capabilities: 7, MaxTransactSize: 1 << 20, MaxReadSize: 2 << 20, MaxWriteSize: 4 << 20,
		SystemTime: 0xDD7C0E93E09A2800, SecurityBuffer: []byte{0xAA, 0xBB, 0xCC},
	}
	for name, dialect := range map[string]smb.Dialect{
		"2.0.2": smb.DialectSMB202, "2.1": smb.DialectSMB210, "2.???": smb.DialectWildcard, "3.0": smb.DialectSMB300,
		"3.0.2": smb.DialectSMB302, "other": 6, "3.1.1 without contexts": smb.DialectSMB311,
	} {
		r, err := ParseSMB2Response(unhex(t, vectors[name]))
		require.NoError(t, err)
		want.Dialect = dialect
		require.Equal(t, want, r, name)
	}
	r, err := ParseSMB2Response(unhex(t, vectors["reserved"]))
	require.NoError(t, err)
	require.Equal(t, uint16(0x1234), r.Reserved)
	require.Equal(t, uint32(0x12345678), r.Reserved2)
	require.Zero(t, r.SecurityMode)
	require.Nil(t, r.SecurityBuffer)
	require.Equal(t, dtyp.Filetime(0x01DD7C0E94934EEC), r.ServerStartTime)

	r, err = ParseSMB2Response(unhex(t, vectors["3.1.1"]))
	require.NoError(t, err)
	require.Equal(t, []byte{0xAA, 0xBB, 0xCC}, r.SecurityBuffer)
	require.Equal(t, []Context{
		{Type: ContextPreauthIntegrity, Data: unhex(t, "0100 0400 0100 aabbccdd")},
		{Type: ContextEncryption, Data: unhex(t, "0100 0200")},
		{Type: ContextCompression, Data: unhex(t, "0100 0000 00000000 0200")},
		{Type: ContextSigning, Data: unhex(t, "0100 0200")},
	}, r.Contexts)
	ctx, ok := r.Context(ContextEncryption)
	require.True(t, ok)
	e, err := ParseEncryption(ctx.Data)
	require.NoError(t, err)
	require.Equal(t, []Cipher{CipherAES128GCM}, e.Ciphers)

	r, err = ParseSMB2Response(unhex(t, vectors["3.1.1 odd"]))
	require.NoError(t, err)
	require.Equal(t, Context{Type: 0x4242, Reserved: 0x01020304, Data: unhex(t, "aabbcc")}, r.Contexts[0])
	_, ok = r.Context(ContextCompression)
	require.False(t, ok)

	r, err = ParseSMB2Response(unhex(t, vectors["Samba 4.17.12"]))
	require.NoError(t, err)
	require.Equal(t, "oldserver", strings.TrimRight(string(r.ServerGUID[:]), "\x00"))
	require.Equal(t, uint32(8<<20), r.MaxReadSize)
	require.Len(t, r.SecurityBuffer, 74)
	require.Len(t, r.Contexts, 3)
}

// An offset and a length whose sum wraps in 16 bits has ended other clients.
func TestSMB2ResponseSecurityBufferHostile(t *testing.T) {
	msg := unhex(t, smb2Answer("1002"))
	for _, c := range []struct {
		name           string
		offset, length uint16
		buffer         string
		odd            []string
	}{
		{"wraps to 128", 0xFFFF, 0x81, "", []string{"SecurityBuffer: 129 bytes at offset 65535 do not fit a message of 131 bytes"}},
		{"wraps to 0", 0x80, 0xFF80, "", []string{"SecurityBuffer: 65408 bytes at offset 128 do not fit a message of 131 bytes"}},
		{"one byte too long", 0x80, 4, "", []string{"SecurityBuffer: 4 bytes at offset 128 do not fit a message of 131 bytes"}},
		{"inside the header", 0, 4, "\xFESMB", []string{"SecurityBufferOffset: 0, should be 128"}},
		{"behind a gap", 129, 2, "\xBB\xCC", []string{"SecurityBufferOffset: 129, should be 128"}},
		{"shorter", 128, 1, "\xAA", nil},
		{"empty, far away", 0xFFFF, 0, "", nil},
	} {
		with := []byte{byte(c.offset), byte(c.offset >> 8), byte(c.length), byte(c.length >> 8)}
		r, err := ParseSMB2Response(patched(msg, 120, with...))
		require.NoError(t, err, c.name)
		require.Equal(t, c.buffer, string(r.SecurityBuffer), c.name)
		require.Equal(t, smb.DialectSMB210, r.Dialect, c.name)
		var rest []string
		for _, a := range odd(r.Anomalies) {
			if !strings.HasPrefix(a, "trailing bytes") {
				rest = append(rest, a)
			}
		}
		require.Equal(t, c.odd, rest, c.name)
		require.NotEmpty(t, r.Anomalies, c.name)
	}
}

func TestSMB2ResponseErrors(t *testing.T) {
	for _, c := range []struct {
		msg  string
		want error
	}{
		{notSupported + "0900 0000 00000000 00", smb.ErrErrorResponse},
		{notSupported, smb.ErrErrorResponse},
		{request2 + "4100", smb.ErrCommand},
		{strings.Replace(reply2, "00000000 0000 0100", "00000000 0100 0100", 1), smb.ErrCommand},
		{reply1 + strings.Repeat("00", 100), smb.ErrNotSMB},
		{reply2 + "4100", wire.ErrTruncated},
	} {
		r, err := ParseSMB2Response(unhex(t, c.msg))
		require.ErrorIs(t, err, c.want)
		require.Zero(t, r)
	}
	r, err := ParseSMB2Response(patched(unhex(t, smb2Answer("1002")), 64, 0x40))
	require.NoError(t, err)
	require.Equal(t, []string{"StructureSize: 64, should be 65"}, odd(r.Anomalies))
	_, err = SMB2Response{Dialect: smb.DialectSMB302, Contexts: make([]Context, 1)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = SMB2Response{SecurityBuffer: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
	b, err := SMB2Response{Dialect: smb.DialectSMB311, Contexts: make([]Context, 1<<16)}.AppendBinary([]byte("before"))
	require.ErrorIs(t, err, wire.ErrTooLong)
	require.Equal(t, "before", string(b))
}

// Zero times are kept as zero: they are no times, and never 1601.
func TestSMB2ResponseZeroTimes(t *testing.T) {
	r, err := ParseSMB2Response(patched(unhex(t, smb2Answer("1002")), 104, make([]byte, 16)...))
	require.NoError(t, err)
	require.True(t, r.SystemTime.IsZero())
	_, ok := r.SystemTime.Time()
	require.False(t, ok)
	for _, sentinel := range []string{"ffffffffffffffff", "ffffffffffffff7f", "0000000000000080"} {
		r, err = ParseSMB2Response(patched(unhex(t, smb2Answer("1002")), 104, unhex(t, sentinel)...))
		require.NoError(t, err)
		require.False(t, r.SystemTime.IsZero())
		_, ok = r.SystemTime.Time()
		require.False(t, ok, sentinel)
	}
}

func BenchmarkParseSMB2Response(b *testing.B) {
	for _, name := range []string{"2.1", "Samba 4.17.12"} {
		msg := unhex(b, smb2Responses()[name])
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseSMB2Response(msg); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func FuzzParseSMB2Response(f *testing.F) {
	for _, s := range smb2Responses() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB2Response, data) })
}
