package negotiate

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func dialect(names ...string) string {
	var s strings.Builder
	for _, name := range names {
		s.WriteString("02" + oemz(name))
	}
	return s.String()
}

func smb1Requests() map[string]string {
	return map[string]string{
		"NT":      request1 + "00" + counted(dialect("NT LM 0.12")),
		"multi":   request1 + "00" + counted(dialect("NT LM 0.12", "SMB 2.002", "SMB 2.???")),
		"OEM":     request1OEM + "00" + counted(dialect("PC NETWORK PROGRAM 1.0", "LANMAN1.0")),
		"nothing": request1 + "00 0000",
		"odd":     request1 + "01 abcd" + counted(dialect("", "\xff", "NT LM 0.12")),
	}
}

func TestSMB1Request(t *testing.T) {
	vectors := smb1Requests()
	for name, s := range vectors {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, s)
			wiretest.RoundTrip(t, ParseSMB1Request, msg)
			wiretest.Prefixes(t, ParseSMB1Request, msg)
		})
	}
	r, err := ParseSMB1Request(unhex(t, vectors["multi"]))
	require.NoError(t, err)
	require.Equal(t, []string{smb.DialectNTLM012, smb.DialectSMB2002, smb.DialectSMB2Any}, r.Dialects)
	require.Nil(t, r.Anomalies)
	require.Empty(t, r.Words)
	r, err = ParseSMB1Request(unhex(t, vectors["odd"]))
	require.NoError(t, err)
	require.Equal(t, []string{"", "\xff", "NT LM 0.12"}, r.Dialects)
	require.Equal(t, []byte{0xAB, 0xCD}, r.Words)
	require.Equal(t, []string{"WordCount: 1, should be 0"}, odd(r.Anomalies))
}

func TestSMB1RequestHostile(t *testing.T) {
	multi := unhex(t, smb1Requests()["multi"])
	for _, c := range []struct {
		name     string
		msg      []byte
		dialects []string
		odd      []string
	}{
		{
			"unterminated", unhex(t, request1+"00"+counted(dialect("NT LM 0.12")+"02534d42")),
			[]string{"NT LM 0.12", "SMB"}, []string{"DialectString: no terminator"},
		}, {
			"format alone", unhex(t, request1+"00"+counted(dialect("NT LM 0.12")+"02")),
			[]string{"NT LM 0.12", ""}, []string{"DialectString: no terminator"},
		}, {
			"other format", unhex(t, request1+"00"+counted(dialect("NT LM 0.12")+"04534d4200"+dialect("LANMAN1.0"))),
			[]string{"NT LM 0.12"}, []string{"BufferFormat: 0x04, should be 0x02"},
		}, {
			"ByteCount too large", patched(multi, 33, 0xFF, 0xFF),
			[]string{"NT LM 0.12", "SMB 2.002", "SMB 2.???"}, []string{"ByteCount: 65535, but 34 bytes are left"},
		}, {
			"ByteCount too small", patched(multi, 33, 12, 0),
			[]string{"NT LM 0.12"}, []string{"trailing bytes: 22 bytes follow the message"},
		}, {
			"ByteCount in the middle", patched(multi, 33, 15, 0),
			[]string{"NT LM 0.12", "SM"}, []string{"trailing bytes: 19 bytes follow the message", "DialectString: no terminator"},
		}, {
			"many", unhex(t, request1+"00"+counted(strings.Repeat("0200", 300))),
			make([]string, maxSMB1Dialects), []string{"Dialects: more than 256 dialects"},
		},
	} {
		r, err := ParseSMB1Request(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.dialects, r.Dialects, c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
	}
	r, err := ParseSMB1Request(patched(multi, 5, 0x22, 0, 0, 0xC0))
	require.NoError(t, err, "a status means nothing in a request")
	require.Len(t, r.Dialects, 3)
	for _, c := range []struct {
		msg  []byte
		want error
	}{
		{patched(multi, 32, 0xFF), wire.ErrTruncated},
		{patched(multi, 4, 0x73), smb.ErrCommand},
		{patched(multi, 9, 0x98), smb.ErrCommand},
		{patched(multi, 0, 0xFE), smb.ErrNotSMB},
		{[]byte("GET / HTTP/1.1\r\n"), smb.ErrNotSMB},
	} {
		_, err := ParseSMB1Request(c.msg)
		require.ErrorIs(t, err, c.want)
	}
	_, err = SMB1Request{Words: []byte{1}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = SMB1Request{Dialects: []string{strings.Repeat("x", 1<<16)}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func FuzzParseSMB1Request(f *testing.F) {
	for _, s := range smb1Requests() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB1Request, data) })
}
