package verdict_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// pick returns some of a list, in any order.
func pick[T any](r *rand.Rand, list ...T) []T {
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:r.IntN(len(list)+1)]
}

func one[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func anyDialect(r *rand.Rand) smb.Dialect {
	return one(r, append(smb.Dialects(), smb.DialectWildcard, 0x0310, 0, 0xFFFF)...)
}

func randomQuestion(t testing.TB, r *rand.Rand) dialogue.Frame {
	if r.IntN(3) == 0 {
		strings := pick(r, smb.DialectCore, smb.DialectLANMAN10, smb.DialectLM12X002, smb.DialectLANMAN21, smb.DialectNTLM012,
			smb.DialectSMB2002, smb.DialectSMB2Any, "Samba", "a/b~c", "")
		return ask("q", request(t, negotiate.Offer{SMB1: append(strings, smb.DialectNTLM012), NoExtendedSecurity: r.IntN(2) == 0}))
	}
	o := negotiate.Offer{
		SMB2:    append(pick(r, append(smb.Dialects(), smb.DialectWildcard, 0x0310)...), one(r, smb.Dialects()...)),
		Ciphers: pick(r, append(negotiate.Ciphers(), negotiate.CipherNone, 0x99)...), Chained: r.IntN(2) == 0,
		Compression: pick(r, append(negotiate.CompressionAlgorithms(), negotiate.CompressionNone, 0x99)...),
		Signing:     pick(r, append(negotiate.SigningAlgorithms(), 0x99)...),
	}
	return ask("q", edited(t, o, func(q *negotiate.SMB2Request) {
		q.Capabilities = one[smb.SMB2Capabilities](r, 0, negotiate.AllCapabilities)
		r.Shuffle(len(q.Contexts), func(i, j int) { q.Contexts[i], q.Contexts[j] = q.Contexts[j], q.Contexts[i] })
	}))
}

func randomAnswer(t testing.TB, r *rand.Rand) dialogue.Frame {
	status := one[dtyp.NTStatus](r, dtyp.StatusNotSupported, dtyp.StatusInvalidParameter, dtyp.StatusAccessDenied, dtyp.StatusSuccess)
	switch r.IntN(8) {
	case 0:
		return refusesSMB2(t, status)
	case 1:
		return refusesSMB1(t, status)
	case 2:
		return none(t)
	case 3:
		return nt(t, uint16(r.IntN(8)), func(a *negotiate.SMB1Response) {
			a.SecurityMode = negotiate.SMB1SecurityMode(r.IntN(16))
			a.Header.Status = one[dtyp.NTStatus](r, 0, 0, 0, status)
			a.SecurityBlob = one[[]byte](r, nil, type1(t), []byte{1, 2})
		})
	case 4:
		return lanman(t, uint16(r.IntN(8)), nil)
	}
	d := anyDialect(r)
	var parts []part
	if d == smb.DialectSMB311 {
		parts = pick[part](r, preauth(), ciphers(pick(r, 0, negotiate.CipherAES128CCM, negotiate.CipherAES256GCM, 0x99)),
			ciphers(pick(r, negotiate.CipherAES128GCM)), negotiate.Signing{Algorithms: pick(r, negotiate.SigningAESGMAC, 0x99)},
			negotiate.Compression{Flags: r.Uint32N(2), Algorithms: pick(r, 0, negotiate.CompressionLZ77, 0x99)}, odd{Type: 0x7777})
	}
	answer, err := negotiate.ParseSMB2Response(takes(t, d, parts...).Data)
	require.NoError(t, err)
	answer.Capabilities = one[smb.SMB2Capabilities](r, 0, smb.CapEncryption)
	answer.SecurityMode = smb.SecurityMode(r.IntN(4))
	answer.SecurityBuffer = one[[]byte](r, nil, type1(t), []byte{1, 2}, build(t, spnego.NegTokenInit{MechTypes: []spnego.OID{spnego.OIDKRB5}}))
	return got(build(t, answer))
}

func randomEnd(r *rand.Rand) dialogue.End {
	return one(r, done, done, closed, closed, reset, dialogue.EndTimeout, dialogue.EndCanceled, dialogue.EndForeign,
		dialogue.EndLimit, dialogue.EndError)
}

func randomTalks(t testing.TB, r *rand.Rand) []*dialogue.Dialogue {
	var talks []*dialogue.Dialogue
	for n := range 1 + r.IntN(4) {
		frames := []dialogue.Frame{randomQuestion(t, r)}
		if r.IntN(3) > 0 {
			frames = append(frames, randomAnswer(t, r))
		}
		if r.IntN(3) == 0 {
			frames = append(frames, setup(t, type1(t)))
		}
		if r.IntN(4) == 0 {
			frames = append(frames, setupAnswer(t, inResp(t, challenge(t))))
		}
		talks = append(talks, conn(n+1, randomEnd(r), frames...))
	}
	return talks
}

// What holds for every report holds for those of thousands of scans, and the answers to dialects are those of the rules,
// which expected applies in a way of its own.
func TestRandomScans(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	smbs := 0
	for range 1500 {
		talks := randomTalks(t, r)
		rep := of(t, talks...)
		if rep.Outcome != report.OutcomeSMB {
			continue
		}
		smbs++
		for d, want := range expected(talks) {
			if want != report.Unknown || rep.Dialects[d] == yes {
				require.Equal(t, want, rep.Dialects[d], d)
			}
		}
	}
	require.Greater(t, smbs, 750, "most of the scans must be of servers")
}

// expected tells what each answer alone proves: all that is yes or no without the rule of losses.
func expected(talks []*dialogue.Dialogue) map[string]report.Answer {
	m := map[string]report.Answer{}
	for _, d := range append(smb.Dialects(), smb.DialectSMB202) {
		m[d.String()] = report.Unknown
	}
	old := map[string]int{"PC NETWORK PROGRAM 1.0": 1, "LANMAN1.0": 2, "LM1.2X002": 3, "LANMAN2.1": 4, "NT LM 0.12": 5}
	for d := range old {
		m[d] = report.Unknown
	}
	say := func(d string, a report.Answer) {
		if was, ok := m[d]; ok && was != yes {
			m[d] = a
		}
	}
	for _, talk := range talks {
		if len(talk.Frames) < 2 || talk.Frames[1].Sent {
			continue
		}
		question, answer := talk.Frames[0].Data, talk.Frames[1].Data
		two, twoErr := negotiate.ParseSMB2Response(answer)
		h, headErr := smb.ParseSMB2Header(answer)
		one, oneErr := negotiate.ParseSMB1Response(answer)
		oh, _ := smb.ParseSMB1Header(answer)
		if q, err := negotiate.ParseSMB2Request(question); err == nil {
			offered := map[smb.Dialect]bool{}
			for _, d := range q.Dialects {
				offered[d] = true
			}
			for d := range offered {
				switch {
				case headErr == nil && h.Status == dtyp.StatusNotSupported:
					say(d.String(), no)
				case twoErr != nil || !offered[two.Dialect] || two.Dialect == 0x0310 || two.Dialect == 0x02FF:
				case d == two.Dialect:
					say(d.String(), yes)
				case d > two.Dialect:
					say(d.String(), no)
				}
			}
		}
		q, err := negotiate.ParseSMB1Request(question)
		if err != nil {
			continue
		}
		for i, d := range q.Dialects {
			switch {
			case twoErr == nil && two.Dialect == smb.DialectSMB202 && d == smb.DialectSMB2002:
				say("2.0.2", yes)
			case smb.IsSMB1(answer) && oh.Status == dtyp.StatusNotSupported && oneErr != nil:
				say(d, no)
			case oneErr != nil:
			case one.DialectIndex == 0xFFFF:
				say(d, no)
			case one.Header.Status != 0 || int(one.DialectIndex) >= len(q.Dialects):
			case int(one.DialectIndex) == i:
				say(d, yes)
			case old[q.Dialects[one.DialectIndex]] > 0 && old[d] > old[q.Dialects[one.DialectIndex]]:
				say(d, no)
			}
		}
	}
	return m
}

// Replies with a few bytes changed give a report in which all of the rules hold.
func TestMutatedReplies(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		talks := randomTalks(t, r)
		for _, d := range talks {
			for i := range d.Frames {
				mutate(r, &d.Frames[i])
			}
		}
		of(t, talks...)
	}
}

func mutate(r *rand.Rand, f *dialogue.Frame) {
	if f.Sent && r.IntN(4) > 0 {
		return
	}
	f.Data = append([]byte{}, f.Data...)
	for range r.IntN(4) {
		f.Data[r.IntN(len(f.Data))] = one[byte](r, 0, 1, 0x7F, 0xFF, byte(r.Uint32()))
	}
	if r.IntN(4) == 0 {
		f.Data = f.Data[:r.IntN(len(f.Data)+1)]
	}
}
