package fingerprint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// full is the plan of LevelFull: that of LevelStandard, and in its second wave each algorithm of 3.1.1 alone, all of them
// in reverse order, and what of SMB1 an answer with NT LM 0.12 leaves open. What those answers lead to is asked in
// further waves, as soon as there is a place for a connection.
//
// Questions are derived from the answers so far and asked once each, so that an answer that came late, in a repeat, leads
// on as well.
func (r *run) full() error { return r.dialects(scope{names: true, upgrade: true, everything: true}) }

// details asks what the repeats have brought to light, and whether the server asks for encryption where no dialect below
// 3.0 could tell.
func (r *run) details(best smb.Dialect) error {
	for !r.over() {
		wave := append(r.algorithmQuestions(), r.oldQuestions()...)
		if len(wave) == 0 {
			break
		}
		if err := r.prepare(wave...); err != nil {
			return err
		}
		r.sideBySide(r.scanner.Sequential, wave)
		r.settle()
	}
	if r.over() || !r.asksForEncryption(best) {
		return nil
	}
	return r.alone(unencrypted(best))
}

func unencrypted(best smb.Dialect) *talk {
	return &talk{offer: negotiate.Unencrypted(best), challenge: true, detail: true}
}

// withoutEncryption makes the question for the highest dialect below 3.0 go on to a session setup: a server that requires
// encryption fails it ([MS-SMB2] 3.3.5.5).
func (r *run) withoutEncryption(wave []*talk, best smb.Dialect) {
	for _, t := range slices.Backward(wave) {
		if best >= smb.DialectSMB300 && len(t.offer.SMB2) == 1 && t.offer.SMB2[0] < smb.DialectSMB300 {
			t.challenge, t.early = true, true
			return
		}
	}
}

// asksForEncryption tells whether a session setup from a client that cannot encrypt is still to be asked for: the server
// takes a dialect with encryption, and none without it was taken.
func (r *run) asksForEncryption(best smb.Dialect) bool {
	return best >= smb.DialectSMB300 && !r.scanner.NoNTLM && !r.asked(negotiate.Unencrypted(best).ID) &&
		!slices.ContainsFunc(r.talks, func(t *talk) bool {
			return t.challenge && t.reaction == taken && t.smb2 != nil && t.dialect < smb.DialectSMB300
		})
}

// asked tells whether a question was asked, or is about to be.
func (r *run) asked(id string) bool { return r.latest(id) != nil }

// latest returns the last talk that asks a question: its repeat, where there is one.
func (r *run) latest(id string) *talk {
	for _, t := range slices.Backward(r.talks) {
		if t.offer.ID == id || t.offer.ID == id+again {
			return t
		}
	}
	return nil
}

// answer311 returns the first answer that chose 3.1.1 from a list with several algorithms of each kind, and its offer.
func (r *run) answer311() *talk {
	for _, t := range r.talks {
		if t.reaction == taken && t.dialect == smb.DialectSMB311 && len(t.offer.Ciphers) > 1 {
			return t
		}
	}
	return nil
}

// algorithmID begins the identifiers of the questions for algorithms alone.
const algorithmID = "algorithms-"

// algorithmQuestions offers alone what an answer to a list of algorithms leaves open: it settles on one of them, and does
// not speak of the others. One question offers one algorithm of each kind. Where a server refuses such a question with a
// status, the kinds are asked for apart, because it does not tell which of them it means.
func (r *run) algorithmQuestions() []*talk {
	first := r.answer311()
	if first == nil {
		return nil
	}
	if r.asked(algorithmID + "1") {
		return r.apart()
	}
	open := openAlgorithms(first)
	var list []*talk
	for i := range max(len(open.Ciphers), len(open.Signing), len(open.Compression)) {
		o := negotiate.Single(smb.DialectSMB311)
		o.ID = fmt.Sprintf("%s%d", algorithmID, i+1)
		if i < len(open.Ciphers) {
			o.Ciphers = open.Ciphers[i : i+1]
		}
		if i < len(open.Signing) {
			o.Signing = open.Signing[i : i+1]
		}
		if i < len(open.Compression) {
			o.Compression = withPattern(open.Compression[i])
		}
		list = append(list, &talk{offer: o, detail: true})
	}
	if !r.asked(negotiate.Reversed().ID) {
		list = append(list, &talk{offer: negotiate.Reversed(), detail: true})
	}
	return list
}

// withPattern offers a compression algorithm as it can be told apart: Pattern_V1 is taken only with the chained flag and
// beside another one (DESIGN.md, fact 3).
func withPattern(a negotiate.CompressionAlgorithm) []negotiate.CompressionAlgorithm {
	return []negotiate.CompressionAlgorithm{negotiate.CompressionPatternV1, a}
}

// openAlgorithms returns an offer with the algorithms that an answer leaves open. A context that was offered and not
// answered leaves none of its kind open: the server has taken none of the list.
func openAlgorithms(t *talk) negotiate.Offer {
	all := negotiate.All()
	o := negotiate.Offer{Ciphers: all.Ciphers, Signing: all.Signing}
	for _, a := range all.Compression {
		if a != negotiate.CompressionPatternV1 {
			o.Compression = append(o.Compression, a)
		}
	}
	ctx, present := t.smb2.Context(negotiate.ContextEncryption)
	if e, _ := negotiate.ParseEncryption(ctx.Data); present {
		o.Ciphers = without(o.Ciphers, e.Ciphers)
		if slices.Contains(e.Ciphers, negotiate.CipherNone) {
			o.Ciphers = without(o.Ciphers, t.offer.Ciphers)
		}
	} else {
		o.Ciphers = without(o.Ciphers, t.offer.Ciphers)
	}
	ctx, present = t.smb2.Context(negotiate.ContextSigning)
	if s, _ := negotiate.ParseSigning(ctx.Data); present {
		o.Signing = without(o.Signing, s.Algorithms)
	} else {
		o.Signing = without(o.Signing, t.offer.Signing)
	}
	ctx, present = t.smb2.Context(negotiate.ContextCompression)
	if c, _ := negotiate.ParseCompression(ctx.Data); present {
		o.Compression = without(o.Compression, c.Algorithms)
	} else {
		o.Compression = without(o.Compression, t.offer.Compression)
	}
	return o
}

func without[T comparable](list, some []T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(v T) bool { return slices.Contains(some, v) })
}

// apart asks for each kind of algorithm by itself what was refused together.
func (r *run) apart() []*talk {
	var list []*talk
	for _, t := range r.talks {
		digits, found := strings.CutPrefix(t.offer.ID, algorithmID)
		if !found || strings.Contains(digits, "-") || t.reaction != unanswered || t.smb2 != nil || !t.refusal {
			continue
		}
		for kind, narrow := range kinds() {
			o := negotiate.Single(smb.DialectSMB311)
			o.ID = t.offer.ID + "-" + kind
			if narrow(&o, t.offer) && !r.asked(o.ID) {
				list = append(list, &talk{offer: o, detail: true})
			}
		}
	}
	slices.SortFunc(list, func(a, b *talk) int { return strings.Compare(a.offer.ID, b.offer.ID) })
	return list
}

// kinds has, for each kind of algorithm, what narrows an offer to that of another, and tells whether it does.
func kinds() map[string]func(o *negotiate.Offer, to negotiate.Offer) bool {
	return map[string]func(*negotiate.Offer, negotiate.Offer) bool{
		"cipher": func(o *negotiate.Offer, to negotiate.Offer) bool {
			fewer := len(to.Ciphers) < len(o.Ciphers)
			o.Ciphers = to.Ciphers
			return fewer
		},
		"signing": func(o *negotiate.Offer, to negotiate.Offer) bool {
			fewer := len(to.Signing) < len(o.Signing)
			o.Signing = to.Signing
			return fewer
		},
		"compression": func(o *negotiate.Offer, to negotiate.Offer) bool {
			fewer := len(to.Compression) < len(o.Compression)
			o.Compression = to.Compression
			return fewer
		},
	}
}
