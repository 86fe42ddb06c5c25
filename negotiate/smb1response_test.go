package negotiate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const (
	// ntFixed is what follows DialectIndex and SecurityMode in the NT form up to Capabilities, and ntTime what follows
	// those up to ChallengeLength: 2026-11-24 and 300 minutes west.
	ntFixed = "3200 0100 04410000 00000100 78563412"
	ntTime  = "ec4e93940e7cdd01 2c01"
	guid    = "6d757365756d00000000000000000000"
)

func smb1Responses() map[string]string {
	return map[string]string{
		"refused":        reply1 + "01 ffff 0000",
		"core":           reply1OEM + "01 0000 0000",
		"LANMAN":         reply1OEM + "0d 0300 0300 0411 2000 0100 0300 78563412 3328 3a5b 4a01 0800 0000" + counted("1122334455667788"+oemz("WORK")),
		"LANMAN 1.0":     reply1OEM + "0d 0100 0200 9605 0100 0100 0000 01100080 6755 7048 0000 0000 cdab 0000",
		"extended":       reply1 + "11 0000 03" + ntFixed + "fdf38080" + ntTime + "00" + counted(guid+"6048"),
		"no blob":        reply1 + "11 0400 0f" + ntFixed + "fdf38080" + ntTime + "00" + counted(guid),
		"plain":          reply1Plain + "11 0500 07" + ntFixed + "fdf30000" + ntTime + "08" + counted("1122334455667788"+utfz("DOM")+utfz("SRV")),
		"one name":       reply1Plain + "11 0500 03" + ntFixed + "fdf30000" + ntTime + "08" + counted("1122334455667788"+utfz("DOM")),
		"no names":       reply1Plain + "11 0500 03" + ntFixed + "fdf30000" + ntTime + "08" + counted("1122334455667788"),
		"OEM names":      reply1OEM + "11 0500 03" + ntFixed + "f9f30000" + ntTime + "08" + counted("1122334455667788"+oemz("DOM")+oemz("")),
		"plain, no flag": reply1OEM + "11 0500 03" + ntFixed + "fdf30000" + ntTime + "08" + counted("1122334455667788"+utfz("DOM")+utfz("SRV")),
		"plaintext":      reply1OEM + "11 0500 01" + ntFixed + "f9f30000" + ntTime + "00" + counted(oemz("DOM")+oemz("SRV")),
		// Recorded from Samba 4.17.12 set to LANMAN1 to NT1.
		"Samba 4.17.12": `ff534d4272000000008843c8000000000000000000000000fffffffe00000000110400033200010004410000000001000b000000
			fdf38080ec4e93940e7cdd010000005a006d757365756d00000000000000000000604806062b0601050502a03e303ca00e300c060a2b0601
			0401823702020aa32a3028a0261b246e6f745f646566696e65645f696e5f5246433431373840706c656173655f69676e6f7265`,
	}
}

func TestSMB1Response(t *testing.T) {
	for name, s := range smb1Responses() {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, s)
			r := wiretest.RoundTrip(t, ParseSMB1Response, msg)
			require.Nil(t, r.Anomalies)
			wiretest.Prefixes(t, ParseSMB1Response, msg)
			wiretest.Allocs(t, 0, func() {
				if _, err := ParseSMB1Response(msg); err != nil {
					t.Fail()
				}
			})
		})
	}
}

func TestSMB1ResponseFields(t *testing.T) {
	get := func(name string) SMB1Response {
		r, err := ParseSMB1Response(unhex(t, smb1Responses()[name]))
		require.NoError(t, err)
		return r
	}
	r := get("refused")
	require.True(t, r.Refused())
	require.Equal(t, AnswerWordsCore, r.WordCount)
	require.False(t, r.ExtendedSecurity())
	require.False(t, get("core").Refused())

	r = get("LANMAN")
	require.Equal(t, SMB1Response{
		Header: r.Header, WordCount: 13, DialectIndex: 3, SecurityMode: SecurityUserLevel | SecurityChallengeResponse,
		MaxBufferSize: 0x1104, MaxMpxCount: 32, MaxNumberVcs: 1, RawMode: 3, SessionKey: 0x12345678, ServerTime: 0x2833,
		ServerDate: 0x5B3A, ServerTimeZone: 330, Challenge: unhex(t, "1122334455667788"), DomainName: []byte("WORK"),
	}, r)
	require.Equal(t, uint16(0xABCD), get("LANMAN 1.0").Reserved)

	r = get("plain")
	require.Equal(t, SMB1Response{
		Header: r.Header, WordCount: 17, DialectIndex: 5,
		SecurityMode: SecurityUserLevel | SecurityChallengeResponse | SecuritySignaturesEnabled,
		MaxMpxCount:  50, MaxNumberVcs: 1, MaxBufferSize: 16644, MaxRawSize: 65536, SessionKey: 0x12345678,
		Capabilities: 0xF3FD, SystemTime: 0x01DD7C0E94934EEC, ServerTimeZone: 300, Challenge: unhex(t, "1122334455667788"),
		DomainName: []byte("D\x00O\x00M\x00"), ServerName: []byte("S\x00R\x00V\x00"),
	}, r)
	r = get("one name")
	require.Equal(t, "DOM", r.Text(r.DomainName))
	require.Nil(t, r.ServerName, "not there")
	r = get("OEM names")
	require.Equal(t, "DOM", r.Text(r.DomainName))
	require.NotNil(t, r.ServerName, "there, and empty")
	require.Nil(t, get("no names").DomainName)
	r = get("plaintext")
	require.Nil(t, r.Challenge)
	require.Equal(t, "SRV", r.Text(r.ServerName))

	r = get("plain, no flag") // as Windows 2000 and XP answer a client without the flag
	require.False(t, r.Header.Unicode())
	require.Equal(t, "DOM", r.Text(r.DomainName))
	require.Equal(t, "SRV", r.Text(r.ServerName))

	r = get("extended")
	require.True(t, r.ExtendedSecurity())
	require.Equal(t, dtyp.GUID(unhex(t, guid)), r.ServerGUID)
	require.Equal(t, []byte{0x60, 0x48}, r.SecurityBlob)
	require.Nil(t, r.Challenge)
	require.Nil(t, r.DomainName)
	r = get("Samba 4.17.12")
	require.Equal(t, uint32(11), r.SessionKey)
	require.Len(t, r.SecurityBlob, 74)
	require.Equal(t, byte('m'), r.ServerGUID[0])
}

// Server values 3, 7 and 15 are told apart by their bits.
func TestSMB1SecurityModeBits(t *testing.T) {
	for value, want := range map[byte][2]bool{3: {false, false}, 7: {true, false}, 15: {true, true}, 8: {false, true}} {
		r, err := ParseSMB1Response(patched(unhex(t, smb1Responses()["extended"]), 35, value))
		require.NoError(t, err)
		require.Equal(t, want, [2]bool{
			r.SecurityMode&SecuritySignaturesEnabled != 0, r.SecurityMode&SecuritySignaturesRequire != 0,
		})
	}
}

func TestSMB1ResponseLocalTime(t *testing.T) {
	at := func(date, clock uint16, zone int16) (time.Time, bool) {
		return SMB1Response{WordCount: AnswerWordsLANMAN, ServerDate: date, ServerTime: clock, ServerTimeZone: zone}.LocalTime()
	}
	got, ok := at(0x5B3A, 0x2833, 330) // 2025-09-26 05:01:38, 330 minutes west of UTC
	require.True(t, ok)
	require.Equal(t, time.Date(2025, 9, 26, 10, 31, 38, 0, time.UTC), got)
	got, ok = at(0x0021, 0, -60) // 1980-01-01
	require.True(t, ok)
	require.Equal(t, time.Date(1979, 12, 31, 23, 0, 0, 0, time.UTC), got)
	got, ok = at(127<<9|12<<5|31, 23<<11|59<<5|29, 0)
	require.True(t, ok)
	require.Equal(t, time.Date(2107, 12, 31, 23, 59, 58, 0, time.UTC), got)
	for _, bad := range [][2]uint16{
		{0, 0}, {1 << 5, 0}, {1, 0}, {13<<5 | 1, 0}, {2<<5 | 30, 0}, {1<<5 | 1, 24 << 11}, {1<<5 | 1, 60 << 5}, {1<<5 | 1, 30},
	} {
		_, ok := at(bad[0], bad[1], 0)
		require.False(t, ok, "%x", bad)
	}
	_, ok = SMB1Response{WordCount: AnswerWordsNT, ServerDate: 0x5B3A, ServerTime: 0x2833}.LocalTime()
	require.False(t, ok)
}

// Hostile answers: each is read as far as it can be, and says what is odd.
func TestSMB1ResponseHostile(t *testing.T) {
	vectors := smb1Responses()
	extended, plain := unhex(t, vectors["extended"]), unhex(t, vectors["plain"])
	for _, c := range []struct {
		name  string
		msg   []byte
		odd   []string
		check func(SMB1Response) bool
	}{
		{
			"ByteCount too large", patched(extended, 67, 0xFF, 0xFF), []string{"ByteCount: 65535, but 18 bytes are left"},
			func(r SMB1Response) bool { return len(r.SecurityBlob) == 2 },
		}, {
			"ByteCount too small", patched(extended, 67, 17, 0), []string{"trailing bytes: 1 bytes follow the message"},
			func(r SMB1Response) bool { return len(r.SecurityBlob) == 1 },
		}, {
			"no GUID", patched(extended, 67, 15, 0), []string{
				"trailing bytes: 3 bytes follow the message", "ServerGUID: 15 bytes of data, should be 16 at least",
			}, func(r SMB1Response) bool { return r.ServerGUID.IsZero() && r.SecurityBlob == nil },
		}, {
			"challenge with extended security", patched(extended, 66, 8), []string{"ChallengeLength: 8, should be 0 with extended security"},
			func(r SMB1Response) bool { return len(r.SecurityBlob) == 2 && r.Challenge == nil },
		}, {
			"ChallengeLength past the data", patched(plain, 66, 0xFF), []string{"ChallengeLength: 255, in data of 24 bytes"},
			func(r SMB1Response) bool {
				return r.Challenge == nil && r.DomainName == nil && r.SessionKey == 0x12345678
			},
		}, {
			"EncryptionKeyLength past the data", patched(unhex(t, vectors["LANMAN"]), 55, 0, 1),
			[]string{"EncryptionKeyLength: 256, in data of 13 bytes"},
			func(r SMB1Response) bool { return r.Challenge == nil && r.DomainName == nil && r.ServerTimeZone == 330 },
		}, {
			"odd UTF-16", unhex(t, reply1Plain+"11 0500 03"+ntFixed+"fdf30000"+ntTime+"00"+counted(utfz("D")+"530052")),
			[]string{"Bytes: 1 bytes follow the last name"},
			func(r SMB1Response) bool { return string(r.DomainName) == "D\x00" && string(r.ServerName) == "S\x00" },
		}, {
			"no terminator", unhex(t, reply1OEM+"11 0500 03"+ntFixed+"f9f30000"+ntTime+"00"+counted("444f4d")), nil,
			func(r SMB1Response) bool { return string(r.DomainName) == "DOM" && r.ServerName == nil },
		}, {
			"key without a length", unhex(t, reply1OEM+"0d 0400 0200 9605 0100 0100 0000 02100480 1156 7048 0000 0000 0000"+
				counted("0210048003415641")),
			[]string{"EncryptionKeyLength: 0, but the data are a key"},
			func(r SMB1Response) bool { return len(r.Challenge) == 8 && r.DomainName == nil },
		}, {
			"seven characters, no key", unhex(t, reply1OEM+"0d 0400 0200 9605 0100 0100 0000 02100480 1156 7048 0000 0000 0000"+
				counted(oemz("SEVENCH"))), nil,
			func(r SMB1Response) bool { return r.Challenge == nil && string(r.DomainName) == "SEVENCH" },
		}, {
			"data of the core form", unhex(t, reply1+"01 ffff 0200 aabb"), []string{"Bytes: data in a response of one word"},
			SMB1Response.Refused,
		}, {
			"a third name", append(patched(plain, 67, 32, 0), "x\x00\x00\x00\x00\x00\x00\x00"...),
			[]string{"Bytes: 8 bytes follow the last name"},
			func(r SMB1Response) bool { return string(r.ServerName) == "S\x00R\x00V\x00" },
		},
	} {
		r, err := ParseSMB1Response(c.msg)
		require.NoError(t, err, c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
		require.True(t, c.check(r), "%s: %+v", c.name, r)
	}
}

// Found by fuzzing: a name of seven characters without its terminator became a key once it was built with one.
func TestSMB1ResponseNameOfKeySize(t *testing.T) {
	const fixed = reply1OEM + "0d 0400 0200 9605 0100 0100 0000 02100480 1156 7048 0000 0000 0000"
	for _, data := range []string{"30303030303030", "3030303030303000", "3030303030303030", "3000303030303000", "3030000030303030"} {
		wiretest.Stable(t, ParseSMB1Response, unhex(t, fixed+counted(data)))
	}
	r, err := ParseSMB1Response(unhex(t, fixed+counted("30303030303030")))
	require.NoError(t, err)
	require.Equal(t, "0000000", r.Text(r.DomainName))
	require.Nil(t, r.Challenge)
}

func TestSMB1ResponseErrors(t *testing.T) {
	extended := unhex(t, smb1Responses()["extended"])
	for _, words := range []byte{0, 2, 12, 14, 16, 18, 0xFF} {
		r, err := ParseSMB1Response(patched(extended, 32, words))
		require.ErrorIs(t, err, wire.ErrFormat, words)
		require.Zero(t, r)
	}
	for _, c := range []struct {
		msg  string
		want error
	}{
		{failed1 + "00 0000", smb.ErrErrorResponse},
		{failed1 + "00", smb.ErrErrorResponse},
		{request1 + "00 0000", smb.ErrCommand},
		{reply2 + "00 0000", smb.ErrNotSMB},
		{reply1 + "11 0000", wire.ErrTruncated},
	} {
		r, err := ParseSMB1Response(unhex(t, c.msg))
		require.ErrorIs(t, err, c.want)
		require.Zero(t, r)
	}
	for _, r := range []SMB1Response{
		{WordCount: AnswerWordsNT, SecurityMode: 0x100},
		{WordCount: AnswerWordsNT, Challenge: make([]byte, 256)},
		{WordCount: AnswerWordsLANMAN, MaxBufferSize: 1 << 16},
	} {
		_, err := r.AppendBinary(nil)
		require.ErrorIs(t, err, wire.ErrTooLong)
	}
	for _, words := range []int{0, 16, 256} {
		_, err := SMB1Response{WordCount: words}.AppendBinary(nil)
		require.Error(t, err)
	}
}

// impacket 0.10's answer to a list without NT LM 0.12.
const misplaced = "ff534d427200000000800000000000000000000000000000fffffffe00000000" + "00 0200 ffff"

func TestSMB1ResponseMisplacedRefusal(t *testing.T) {
	msg := unhex(t, misplaced)
	r, err := ParseSMB1Response(msg)
	require.NoError(t, err)
	require.True(t, r.Refused())
	require.Equal(t, AnswerWordsNone, r.WordCount)
	require.Len(t, r.Anomalies, 1)
	require.Equal(t, "DialectIndex", r.Anomalies[0].Field)
	b, err := r.AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, msg, b)
	for _, data := range []string{"00 0000", "00 0100 ff", "00 0200 0000", "00 0200 fffe", "00 0300 ffff00"} {
		r, err := ParseSMB1Response(append(msg[:32:32], unhex(t, data)...))
		require.ErrorIs(t, err, wire.ErrFormat, data)
		require.Zero(t, r)
	}
}

func FuzzParseSMB1Response(f *testing.F) {
	for _, s := range smb1Responses() {
		f.Add(unhex(f, s))
	}
	f.Add(unhex(f, misplaced))
	f.Fuzz(func(t *testing.T, data []byte) {
		wiretest.Stable(t, ParseSMB1Response, data)
		r, _ := ParseSMB1Response(data)
		r.LocalTime()
	})
}
