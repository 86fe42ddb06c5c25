package verdict_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

func asks(t testing.TB, o negotiate.Offer) dialogue.Frame { return ask(o.ID, request(t, o)) }

// core is an answer of one word.
func core(t testing.TB, index uint16) dialogue.Frame {
	t.Helper()
	return got(build(t, negotiate.SMB1Response{Header: smb1Header(0), WordCount: negotiate.AnswerWordsCore, DialectIndex: index}))
}

// The other dialects are known as the five are: what is chosen is a yes, a list that is refused a no for each, and what a
// choice leaves out is open. What only level full asks is absent elsewhere, unless it was seen.
func TestOtherDialects(t *testing.T) {
	others := asks(t, negotiate.Others())
	list := smb.OtherSMB1Dialects()
	every := func(a report.Answer) map[string]report.Answer {
		m := map[string]report.Answer{}
		for _, d := range list {
			m[d] = a
		}
		return m
	}
	r := ofFull(t, conn(1, done, others, none(t)))
	require.Equal(t, every(no), r.SMB1.OtherDialects)
	require.Equal(t, report.Unknown, r.SMB1.Supported, "the five were not asked for")
	r = ofFull(t, conn(1, done, smb1(t), none(t)))
	require.Equal(t, every(report.Unknown), r.SMB1.OtherDialects)
	r = ofFull(t, conn(1, closed, others), conn(2, done, smb1(t), none(t)))
	require.Equal(t, every(report.Unknown), r.SMB1.OtherDialects)
	require.Nil(t, of(t, conn(1, done, smb1(t), none(t))).SMB1.OtherDialects)
	require.Equal(t, every(no), of(t, conn(1, done, others, none(t))).SMB1.OtherDialects, "seen at another level")

	forms := map[string]dialogue.Frame{ // a fit answer for each, by the index in the list
		smb.DialectMSNet103: core(t, 0), smb.DialectMSNet30: lanman(t, 1, nil), smb.DialectDOSLM12X002: lanman(t, 2, nil),
		smb.DialectDOSLANMAN21: lanman(t, 3, nil), smb.DialectXenixCore: core(t, 4), smb.DialectWfW31a: lanman(t, 5, nil),
		smb.DialectNTLANMAN10: nt(t, 6, nil),
	}
	for _, d := range list {
		r := ofFull(t, conn(1, done, others, forms[d]))
		want := every(report.Unknown)
		want[d] = yes
		require.Equal(t, want, r.SMB1.OtherDialects)
		require.Equal(t, yes, r.SMB1.Supported)
		require.Empty(t, r.Anomalies, d)
		says(t, r, nil)
		// Alone it is a no by itself, and another list's yes stays.
		r = ofFull(t, conn(1, done, asks(t, negotiate.SMB1Single(d)), none(t)))
		want[d] = no
		require.Equal(t, want, r.SMB1.OtherDialects)
		r = ofFull(t, conn(1, done, others, forms[d]), conn(2, done, asks(t, negotiate.SMB1Single(d)), none(t)))
		require.Equal(t, yes, r.SMB1.OtherDialects[d])
	}
	// Among the older ones, as level full asks for the rest, no order is known.
	mixed := negotiate.Offer{ID: "remaining-dialects", SMB1: []string{smb.DialectCore, smb.DialectXenixCore, smb.DialectWfW31a}}
	r = ofFull(t, conn(1, done, asks(t, mixed), core(t, 0)))
	require.Equal(t, every(report.Unknown), r.SMB1.OtherDialects)
	says(t, r, map[string]report.Answer{"PC NETWORK PROGRAM 1.0": yes})
	r = ofFull(t, conn(1, done, asks(t, mixed), none(t)))
	require.Equal(t, no, r.SMB1.OtherDialects[smb.DialectXenixCore])
	require.Equal(t, report.Unknown, r.SMB1.OtherDialects[smb.DialectDOSLANMAN21])
	says(t, r, nos("PC NETWORK PROGRAM 1.0"))
}

// An answer in a form that its dialect does not have is noted; its dialect is a yes all the same.
func TestFormsOfDialects(t *testing.T) {
	forms := map[int]func(uint16) dialogue.Frame{
		1: func(i uint16) dialogue.Frame { return core(t, i) }, 13: func(i uint16) dialogue.Frame { return lanman(t, i, nil) },
		17: func(i uint16) dialogue.Frame { return nt(t, i, nil) },
	}
	right := map[string]int{
		"PC NETWORK PROGRAM 1.0": 1, "LANMAN1.0": 13, "LM1.2X002": 13, "LANMAN2.1": 13, "NT LM 0.12": 17, "NT LANMAN 1.0": 17,
		"MICROSOFT NETWORKS 3.0": 13, "DOS LM1.2X002": 13, "DOS LANMAN2.1": 13,
	}
	for d, words := range right {
		for n, form := range forms {
			r := ofFull(t, conn(1, done, asks(t, negotiate.SMB1Single(d)), form(0)))
			require.Equal(t, n != words, len(r.Anomalies) == 1, "%s in %d words: %v", d, n, r.Anomalies)
			require.Equal(t, yes, r.SMB1.Supported)
			require.Equal(t, yes, max(r.Dialects[d], r.SMB1.OtherDialects[d]))
		}
	}
}

func TestLANMANAnswer(t *testing.T) {
	r := ofFull(t, conn(1, done, smb1(t), lanman(t, 3, func(r *negotiate.SMB1Response) {
		r.SecurityMode = negotiate.SecurityUserLevel | negotiate.SecurityChallengeResponse
		r.Challenge, r.DomainName = []byte{1, 2, 3, 4, 5, 6, 7, 0x80}, []byte("WORKGROUP")
		r.SessionKey, r.MaxBufferSize, r.MaxMpxCount = 0xABC, 4356, 50
		// 2026-11-24 17:30:08 at a place 330 minutes ahead of UTC, whose zone is what is added to get there
		r.ServerDate, r.ServerTime, r.ServerTimeZone = (2026-1980)<<9|11<<5|24, 17<<11|30<<5|4, -330
	})))
	require.Equal(t, report.SMB1{
		Supported: yes, UpgradeToSMB2: report.Unknown, SecurityLevel: "user", ChallengeResponse: yes, ExtendedSecurity: report.Unknown,
		PrimaryDomain: "WORKGROUP", MaxMpx: new(uint16(50)), MaxBufferSize: new(uint32(4356)), SessionKey: "00000abc",
		TimeZoneMinutes: new(int16(-330)), OtherDialects: r.SMB1.OtherDialects,
	}, *r.SMB1)
	require.Equal(t, report.TimeLANMAN, r.SystemTimeSource)
	require.Equal(t, noon.Add(8*time.Second), r.SystemTime)
	require.Empty(t, r.Anomalies)

	share := ofFull(t, conn(1, done, smb1(t), lanman(t, 1, func(r *negotiate.SMB1Response) { r.SecurityMode = 0 })))
	require.Equal(t, "share", share.SMB1.SecurityLevel)
	require.Equal(t, no, share.SMB1.ChallengeResponse, "plaintext passwords")
	require.EqualValues(t, 0, *share.SMB1.TimeZoneMinutes, "UTC is 0")

	// The core protocol tells nothing of all this.
	r = ofFull(t, conn(1, done, smb1(t), core(t, 0)))
	require.Equal(t, report.SMB1{
		Supported: yes, UpgradeToSMB2: report.Unknown, ChallengeResponse: report.Unknown, ExtendedSecurity: report.Unknown,
		OtherDialects: r.SMB1.OtherDialects,
	}, *r.SMB1)
	require.Empty(t, r.SystemTimeSource)
	// A later answer in the form of LANMAN does, and the names are those of the first answer that has them.
	named := func(domain string) dialogue.Frame {
		return lanman(t, 0, func(r *negotiate.SMB1Response) { r.DomainName = []byte(domain) })
	}
	r = ofFull(t, conn(1, done, smb1(t), core(t, 0)), conn(2, done, asks(t, negotiate.SMB1Single("LANMAN1.0")), named("")),
		conn(3, done, asks(t, negotiate.SMB1Single("LM1.2X002")), named("ONE")), conn(4, done, asks(t, negotiate.SMB1Single("LANMAN2.1")), named("TWO")))
	require.Equal(t, "share", r.SMB1.SecurityLevel)
	require.Equal(t, "ONE", r.SMB1.PrimaryDomain)
}

// Without extended security the negotiation tells the names, whatever was asked before; that it has none where it was not
// asked for says nothing.
func TestNotExtended(t *testing.T) {
	plain := func(mode negotiate.SMB1SecurityMode) func(*negotiate.SMB1Response) {
		return func(r *negotiate.SMB1Response) {
			r.Capabilities, r.SecurityMode, r.Challenge = smb.SMB1CapUnicode, mode, []byte{1, 2, 3, 4, 5, 6, 7, 8}
			r.DomainName, r.ServerName = wire.AppendUTF16(nil, "ВЕРА"), wire.AppendUTF16(nil, "ВЕ")
		}
	}
	question := asks(t, negotiate.NotExtended())
	r := ofFull(t, conn(1, done, smb1(t), nt(t, 4, nil)), conn(2, done, question, nt(t, 0, plain(3))))
	require.Equal(t, []string{"ВЕРА", "ВЕ"}, []string{r.SMB1.PrimaryDomain, r.SMB1.ServerName})
	require.Equal(t, yes, r.SMB1.ExtendedSecurity)
	r = ofFull(t, conn(1, done, question, nt(t, 0, plain(0))))
	require.Equal(t, report.Unknown, r.SMB1.ExtendedSecurity)
	require.Equal(t, []any{"share", no}, []any{r.SMB1.SecurityLevel, r.SMB1.ChallengeResponse})
	r = ofFull(t, conn(1, done, smb1(t), nt(t, 4, plain(3))))
	require.Equal(t, no, r.SMB1.ExtendedSecurity)
	require.Equal(t, "ВЕ", r.SMB1.ServerName)
	require.Empty(t, r.Anomalies)
}
