package fingerprint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// What begins the identifiers of the questions of LevelFull about 3.1.1.
const (
	algorithmID = "algorithms-" // an algorithm of each kind, alone
	listID      = "list-of-"    // all algorithms of one kind
)

// The kinds of algorithm, as identifiers have them.
const (
	kindCipher      = "cipher"
	kindSigning     = "signing"
	kindCompression = "compression"
)

// answer311 returns the first answer that chose 3.1.1 from an offer with all algorithms, else from one with some ciphers.
func (r *run) answer311() *talk {
	var narrow *talk
	for _, t := range r.talks {
		switch {
		case !t.takes() || t.dialect != smb.DialectSMB311 || strings.HasPrefix(t.offer.ID, algorithmID), strings.HasPrefix(t.offer.ID, listID):
		case isWide(t):
			return t
		case narrow == nil && len(t.offer.Ciphers) > 1:
			narrow = t
		}
	}
	return narrow
}

// isWide tells whether a talk offers lists of algorithms of every kind.
func isWide(t *talk) bool {
	return len(t.offer.Ciphers) > 1 && len(t.offer.Signing) > 1 && len(t.offer.Compression) > 1
}

// algorithmQuestions offers alone what an answer to a list of algorithms leaves open: it settles on one of them, and does
// not speak of the others. One question offers one algorithm of each kind. Where a server does not answer such a
// question, the kinds are asked for apart, because it does not tell which of them it means.
func (r *run) algorithmQuestions() []*talk {
	first := r.answer311()
	if first == nil {
		return nil
	}
	base, open := negotiate.Single(smb.DialectSMB311), openAlgorithms(first)
	last := negotiate.Reversed()
	if !isWide(first) || r.asked(listID+kindCipher) {
		if lists := r.lists(); len(lists) > 0 {
			return lists
		}
		if !r.settled(listIDs()...) {
			return nil
		}
		base, open = r.narrowed(first)
		last = reversedOf(base)
	}
	if r.asked(algorithmID+"1") || r.asked(last.ID) {
		return append(r.apart(base), r.extensions(base)...)
	}
	var list []*talk
	for i := range max(len(open.Ciphers), len(open.Signing), len(open.Compression)) {
		o := base
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
	return append(list, &talk{offer: last, detail: true})
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
	o := negotiate.Offer{Ciphers: all.Ciphers, Signing: all.Signing, Compression: openCompression(t)}
	ctx, present := t.smb2.Context(negotiate.ContextEncryption)
	e, _ := negotiate.ParseEncryption(ctx.Data)
	o.Ciphers = without(o.Ciphers, e.Ciphers)
	if !present || slices.Contains(e.Ciphers, negotiate.CipherNone) {
		o.Ciphers = without(o.Ciphers, t.offer.Ciphers)
	}
	ctx, present = t.smb2.Context(negotiate.ContextSigning)
	s, _ := negotiate.ParseSigning(ctx.Data)
	o.Signing = without(o.Signing, s.Algorithms)
	if !present {
		o.Signing = without(o.Signing, t.offer.Signing)
	}
	return o
}

// openCompression is openAlgorithms for compression, without Pattern_V1, which goes with the others. Where an answer to a
// list leaves it out, what it takes instead is open too: only beside that alone does Pattern_V1 have its answer.
func openCompression(t *talk) []negotiate.CompressionAlgorithm {
	lzs := without(negotiate.All().Compression, []negotiate.CompressionAlgorithm{negotiate.CompressionPatternV1})
	ctx, present := t.smb2.Context(negotiate.ContextCompression)
	if !present {
		return without(lzs, t.offer.Compression)
	}
	c, _ := negotiate.ParseCompression(ctx.Data)
	open := without(lzs, c.Algorithms)
	if !slices.Contains(c.Algorithms, negotiate.CompressionPatternV1) {
		return append(open, without(lzs, open)...)
	}
	return open
}

func without[T comparable](list, some []T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(v T) bool { return slices.Contains(some, v) })
}

// apart asks for each kind of algorithm by itself what was not answered together: what was refused with a status that
// does not speak of the dialect, met with silence, or lost twice.
func (r *run) apart(base negotiate.Offer) []*talk {
	var list []*talk
	for _, t := range r.talks {
		digits, found := strings.CutPrefix(t.offer.ID, algorithmID)
		if _, err := strconv.Atoi(digits); !found || err != nil || !r.isMute(t) {
			continue
		}
		for _, kind := range []string{kindCipher, kindCompression, kindSigning} {
			o := base
			o.ID = t.offer.ID + "-" + kind
			if narrow(&o, t.offer, kind) && !r.asked(o.ID) {
				list = append(list, &talk{offer: o, detail: true})
			}
		}
	}
	return list
}

func (r *run) isMute(t *talk) bool {
	last := r.latest(t.offer.ID)
	if !last.isOver(last.ended) {
		return false
	}
	switch last.reaction {
	case lost:
		return last != t
	case unanswered:
		return last.smb2 == nil && (last.refusal || last.dialogue.End == dialogue.EndTimeout)
	}
	return false
}

// narrow makes an offer that of another for one kind of algorithm, and tells whether that is less than it was.
func narrow(o *negotiate.Offer, to negotiate.Offer, kind string) bool {
	before, after := 0, 0
	switch kind {
	case kindCipher:
		before, after, o.Ciphers = len(o.Ciphers), len(to.Ciphers), to.Ciphers
	case kindSigning:
		before, after, o.Signing = len(o.Signing), len(to.Signing), to.Signing
	case kindCompression:
		before, after, o.Compression = len(o.Compression), len(to.Compression), to.Compression
	}
	return after < before
}
