package verdict_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

const yes, no = report.Yes, report.No

func nos(dialects ...string) map[string]report.Answer {
	m := map[string]report.Answer{}
	for _, d := range dialects {
		m[d] = no
	}
	return m
}

// noSMB2 is what says no to SMB2; noSMB1 to SMB1.
func noSMB2() map[string]report.Answer { return nos("2.0.2", "2.1", "3.0", "3.0.2", "3.1.1") }

func noSMB1() map[string]report.Answer {
	return nos("PC NETWORK PROGRAM 1.0", "LANMAN1.0", "LM1.2X002", "LANMAN2.1", "NT LM 0.12")
}

// The dialect that is chosen is a yes, the higher ones that were offered are no, and the lower ones are not known.
func TestChosenDialect(t *testing.T) {
	for i, d := range smb.Dialects() {
		r := of(t, conn(1, dialogue.EndDone, all(t), takes(t, d)))
		want := map[string]report.Answer{d.String(): yes}
		for _, higher := range smb.Dialects()[i+1:] {
			want[higher.String()] = no
		}
		says(t, r, want)
		require.Equal(t, d.String(), r.PreferredDialect)
		require.Equal(t, d.String(), r.Negotiated[0].Dialect)
		require.Empty(t, r.Reason)
		require.Equal(t, report.Unknown, r.SMB1.Supported)
	}
	r := of(t, conn(1, dialogue.EndDone, single(t, smb.DialectSMB302), takes(t, smb.DialectSMB302)))
	says(t, r, map[string]report.Answer{"3.0.2": yes})
	require.Empty(t, r.PreferredDialect, "not all were offered")
}

// An answer that names what was not offered is an anomaly and no answer to anything.
func TestDialectNotOffered(t *testing.T) {
	tests := map[string]struct {
		question dialogue.Frame
		answer   smb.Dialect
	}{
		"wildcard":        {all(t), smb.DialectWildcard},
		"an unknown one":  {all(t), 0x0310},
		"zero":            {all(t), 0},
		"another":         {single(t, smb.DialectSMB202), smb.DialectSMB311},
		"a lower one":     {single(t, smb.DialectSMB311), smb.DialectSMB210},
		"in SMB1":         {smb1(t), smb.DialectSMB302},
		"wildcard unmade": {smb1(t), smb.DialectWildcard},
		"multi":           {ask("multi-protocol", request(t, negotiate.Multi())), smb.DialectSMB311},
		"offered, and unknown": {ask("x", edited(t, negotiate.All(), func(r *negotiate.SMB2Request) {
			r.Dialects = append(r.Dialects, smb.DialectWildcard)
		})), smb.DialectWildcard},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := of(t, conn(1, dialogue.EndDone, tt.question, takesWith(t, tt.answer, func(r *negotiate.SMB2Response) {
				r.Capabilities = smb.CapEncryption
			})))
			says(t, r, nil)
			require.Len(t, r.Anomalies, 1)
			require.Contains(t, r.Anomalies[0].Where, "DialectRevision")
			require.Empty(t, r.PreferredDialect)
			require.Equal(t, report.SigningMode{Enabled: report.Unknown, Required: report.Unknown}, *r.Signing.SMB2)
			require.Equal(t, report.Unknown, r.Encryption.Supported)
			for _, a := range r.Signing.Algorithms {
				require.Equal(t, report.Unknown, a.Answer)
			}
			require.NotEmpty(t, r.ServerGUID, "what it says of itself stays")
		})
	}
}

func TestMultiProtocol(t *testing.T) {
	multi := func() dialogue.Frame { return ask("multi-protocol", request(t, negotiate.Multi())) }
	r := of(t, conn(1, dialogue.EndDone, multi(), takes(t, smb.DialectWildcard)))
	says(t, r, nil)
	require.Empty(t, r.Anomalies)
	require.Empty(t, r.Negotiated)

	r = of(t, conn(1, dialogue.EndDone, multi(), takes(t, smb.DialectSMB202)))
	says(t, r, map[string]report.Answer{"2.0.2": yes})

	r = of(t, conn(1, dialogue.EndDone, multi(), nt(t, 0, nil)))
	says(t, r, map[string]report.Answer{"NT LM 0.12": yes})

	// A refusal in SMB2 of a way to SMB2 says nothing of NT LM 0.12, and SMB1 has more dialects than that.
	r = of(t, conn(1, dialogue.EndDone, multi(), refusesSMB2(t, dtyp.StatusNotSupported)))
	says(t, r, nil)
	r = of(t, conn(1, dialogue.EndDone, multi(), none(t)))
	says(t, r, nos("NT LM 0.12"))
	require.Equal(t, report.Unknown, r.SMB1.Supported)

	// "SMB 2.???" in SMB1's own format is no dialect of SMB1.
	r = of(t, conn(1, dialogue.EndDone, multi(), nt(t, 2, nil)))
	says(t, r, nil)
	require.Equal(t, report.Unknown, r.SMB1.Supported)
	require.Len(t, r.Anomalies, 1)
}

func TestRefusals(t *testing.T) {
	dos := smb1Header(dtyp.StatusNotSupported)
	dos.Flags2 &^= smb.SMB1Flags2NTStatus
	tests := map[string]struct {
		question, answer dialogue.Frame
		want             map[string]report.Answer
	}{
		"SMB2 not supported":           {all(t), refusesSMB2(t, dtyp.StatusNotSupported), noSMB2()},
		"SMB2 invalid parameter":       {all(t), refusesSMB2(t, dtyp.StatusInvalidParameter), nil},
		"SMB2 access denied":           {all(t), refusesSMB2(t, dtyp.StatusAccessDenied), nil},
		"SMB2 one not supported":       {single(t, smb.DialectSMB210), refusesSMB2(t, dtyp.StatusNotSupported), nos("2.1")},
		"SMB2 by an SMB1 error":        {all(t), refusesSMB1(t, dtyp.StatusNotSupported), nil},
		"SMB2 by an SMB1 answer":       {all(t), nt(t, 0, nil), nil},
		"SMB2 by an SMB1 refusal":      {all(t), none(t), nil},
		"SMB1 none":                    {smb1(t), none(t), noSMB1()},
		"SMB1 not supported":           {smb1(t), refusesSMB1(t, dtyp.StatusNotSupported), noSMB1()},
		"SMB1 invalid parameter":       {smb1(t), refusesSMB1(t, dtyp.StatusInvalidParameter), nil},
		"SMB1 by an SMB2 error":        {smb1(t), refusesSMB2(t, dtyp.StatusNotSupported), nil},
		"SMB1 a class and a code":      {smb1(t), got(build(t, smb.SMB1ErrorResponse{Header: dos})), nil},
		"SMB1 a failure that chooses":  {smb1(t), nt(t, 4, func(r *negotiate.SMB1Response) { r.Header.Status = dtyp.StatusAccessDenied }), nil},
		"SMB1 a failure that refuses":  {smb1(t), nt(t, 0xFFFF, func(r *negotiate.SMB1Response) { r.Header.Status = dtyp.StatusAccessDenied }), noSMB1()},
		"SMB1 in the NT form, refused": {smb1(t), nt(t, 0xFFFF, nil), noSMB1()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := of(t, conn(1, dialogue.EndDone, tt.question, tt.answer))
			says(t, r, tt.want)
			require.Equal(t, report.ResultRefused, r.Probes[0].Result)
			require.NotEmpty(t, r.Probes[0].Status)
			wantSMB1 := report.Unknown
			if tt.want["NT LM 0.12"] == no {
				wantSMB1 = no
			}
			require.Equal(t, wantSMB1, r.SMB1.Supported)
			require.Equal(t, report.Unknown, r.Signing.SMB1.Enabled)
			require.Equal(t, report.Unknown, r.Signing.SMB2.Required)
		})
	}
	r := of(t, conn(1, dialogue.EndDone, smb1(t), none(t)))
	require.Contains(t, r.Evidence["/smb1/supported"][0].Text, "0xFFFF")
	require.Contains(t, r.Evidence["/dialects/NT LM 0.12"][0].Text, "0xFFFF")
}

// What says no to every SMB2 dialect says no to what only they have.
func TestRefusedDialectsRefuseTheirParts(t *testing.T) {
	r := of(t, conn(1, dialogue.EndDone, all(t), refusesSMB2(t, dtyp.StatusNotSupported)))
	require.Equal(t, no, r.Encryption.Supported)
	require.Equal(t, no, r.Compression.Supported)
	for name, a := range r.Signing.Algorithms {
		require.Equal(t, report.Algorithm{Answer: no, Basis: report.BasisDialect}, a, name)
	}
}

func TestSMB1Answers(t *testing.T) {
	list := []string{"PC NETWORK PROGRAM 1.0", "LANMAN1.0", "LM1.2X002", "LANMAN2.1", "NT LM 0.12"}
	answers := []dialogue.Frame{
		got(build(t, negotiate.SMB1Response{Header: smb1Header(0), WordCount: negotiate.AnswerWordsCore})),
		lanman(t, 1, nil), lanman(t, 2, nil), lanman(t, 3, nil), nt(t, 4, nil),
	}
	for i, answer := range answers {
		t.Run(list[i], func(t *testing.T) {
			r := of(t, conn(1, dialogue.EndDone, smb1(t), answer))
			want := nos(list[i+1:]...)
			want[list[i]] = yes
			says(t, r, want)
			require.Equal(t, yes, r.SMB1.Supported)
			require.Empty(t, r.Anomalies)
			require.Equal(t, i == 4, r.Signing.SMB1.Required == no, "only NT LM 0.12 has the bits of signing")
		})
	}
	t.Run("index beyond the list", func(t *testing.T) {
		r := of(t, conn(1, dialogue.EndDone, smb1(t), nt(t, 5, nil)))
		says(t, r, nil)
		require.Equal(t, report.Unknown, r.SMB1.Supported)
		require.Len(t, r.Anomalies, 1)
	})
	t.Run("a form that the dialect does not have", func(t *testing.T) {
		for _, answer := range []dialogue.Frame{nt(t, 2, nil), lanman(t, 4, nil), lanman(t, 0, nil)} {
			r := of(t, conn(1, dialogue.EndDone, smb1(t), answer))
			require.Len(t, r.Anomalies, 1)
			require.Contains(t, r.Anomalies[0].Where, "WordCount")
		}
	})
	t.Run("words of no form", func(t *testing.T) {
		b := build(t, smb.SMB1ErrorResponse{Header: smb1Header(0)})
		r := of(t, conn(1, dialogue.EndDone, smb1(t), got(b)))
		require.Equal(t, report.OutcomeError, r.Outcome)
		require.Equal(t, report.ResultMalformed, r.Probes[0].Result)
	})
}

// Strings that clients invent may be chosen. They have no place in the report and nothing is newer than they are.
func TestSMB1DialectsOfStrangers(t *testing.T) {
	offer := negotiate.Offer{ID: "x", SMB1: []string{"NT LM 0.12", "Samba", "a/b~c\x1b[31m", "LANMAN1.0"}}
	for index, dialect := range offer.SMB1 {
		r := of(t, conn(1, dialogue.EndDone, ask("x", request(t, offer)), nt(t, uint16(index), nil)))
		want := map[string]report.Answer{}
		switch dialect {
		case "NT LM 0.12":
			want[dialect] = yes
		case "LANMAN1.0":
			want[dialect], want["NT LM 0.12"] = yes, no
		}
		says(t, r, want)
		require.Equal(t, yes, r.SMB1.Supported)
	}
	r := of(t, conn(1, dialogue.EndDone, ask("x", request(t, offer)), none(t)))
	says(t, r, nos("NT LM 0.12", "LANMAN1.0"))
}

// An answer of another kind than the question says nothing, whatever is in it.
func TestAnswersThatDoNotFit(t *testing.T) {
	stray := func(command smb.SMB2Command) dialogue.Frame {
		return got(build(t, smb.SMB2SessionSetupResponse{
			Header: smb.SMB2Header{Command: command, Flags: smb.SMB2FlagServerToRedir}, SecurityBuffer: inResp(t, challenge(t)),
		}))
	}
	for _, answer := range []dialogue.Frame{stray(smb.SMB2SessionSetup), stray(smb.SMB2Echo)} {
		r := of(t, conn(1, dialogue.EndDone, smb1(t), answer))
		require.Equal(t, report.OutcomeError, r.Outcome)
		require.Equal(t, report.ResultMalformed, r.Probes[0].Result)
	}
	for _, b := range []string{"\xFDSMB", "\xFCSMB", "\xFESMB", "\xFFSMB"} {
		r := of(t, conn(1, dialogue.EndDone, all(t), got([]byte(b))))
		require.Equal(t, report.OutcomeError, r.Outcome)
		require.Equal(t, report.ResultMalformed, r.Probes[0].Result, fmt.Sprintf("%x", b))
	}
}

// STATUS_INVALID_PARAMETER is a no only to a question that was taken with another dialect in it.
func TestInvalidParameter(t *testing.T) {
	invalid := refusesSMB2(t, dtyp.StatusInvalidParameter)
	takes30 := conn(2, done, single(t, smb.DialectSMB300), takes(t, smb.DialectSMB300))
	says(t, of(t, conn(1, done, single(t, smb.DialectSMB210), invalid), takes30),
		map[string]report.Answer{"2.1": no, "3.0": yes})
	says(t, of(t, conn(1, done, single(t, smb.DialectSMB210), invalid), conn(2, done, all(t), takes(t, smb.DialectSMB311))),
		map[string]report.Answer{"3.1.1": yes})
	says(t, of(t, conn(1, done, single(t, smb.DialectSMB311), invalid), takes30), map[string]report.Answer{"3.0": yes})
	busy := refusesSMB2(t, dtyp.StatusInsufficientResources)
	says(t, of(t, conn(1, done, single(t, smb.DialectSMB210), busy), takes30), map[string]report.Answer{"3.0": yes})
}
