package verdict

import (
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

func compressionPath(a negotiate.CompressionAlgorithm) string {
	return "/compression/algorithms/" + a.String()
}

const (
	compressionSupported = "/compression/supported"
	compressionChained   = "/compression/chained"
)

func (v *verdict) compression() {
	for _, q := range v.questions {
		if d, ok := q.smb2Dialect(); ok && d == smb.DialectSMB311 {
			v.compressionContext(q)
		}
	}
	for _, q := range v.refusedFor(negotiate.ContextCompression) {
		if list := without(q.offeredCompression(), []negotiate.CompressionAlgorithm{negotiate.CompressionPatternV1}); len(list) == 1 {
			v.sayCompression(list[0], report.No, q.evidence(refusedForIt))
		}
	}
	if q, ok := v.refusedDialects(smb.DialectSMB311); ok {
		for _, path := range compressionPaths() {
			if !v.answer(path).Known() {
				v.say(path, report.No, q.inferred("only 3.1.1 compresses, and it is not taken"))
			}
		}
	}
	v.compressesNothing()
	c := &report.Compression{
		Supported: v.answer(compressionSupported), Chained: v.answer(compressionChained),
		Algorithms: map[string]report.Answer{},
	}
	for _, a := range negotiate.CompressionAlgorithms() {
		c.Algorithms[a.String()] = v.answer(compressionPath(a))
	}
	lzs := slices.DeleteFunc(negotiate.CompressionAlgorithms(), func(a negotiate.CompressionAlgorithm) bool {
		return a == negotiate.CompressionPatternV1
	})
	if several(v, compressionPath, lzs) {
		c.Preferred, c.Selection = selection(v, (*question).offeredCompression, (*question).chosenCompression)
	}
	v.report.Compression = c
}

func (q *question) offeredCompression() []negotiate.CompressionAlgorithm {
	ctx, _ := q.smb2Asked.Context(negotiate.ContextCompression)
	offer, _ := negotiate.ParseCompression(ctx.Data) // what cannot be read offers nothing
	return offer.Algorithms
}

// chosenCompression returns the first algorithm of the answer, apart from Pattern_V1, which only goes with another one;
// none where that was not offered.
func (q *question) chosenCompression() (negotiate.CompressionAlgorithm, bool) {
	ctx, _, certain := q.context(negotiate.ContextCompression)
	answer, err := negotiate.ParseCompression(ctx.Data)
	if err != nil || !certain {
		return 0, false
	}
	for _, a := range answer.Algorithms {
		if a != negotiate.CompressionPatternV1 && a != negotiate.CompressionNone {
			return a, slices.Contains(q.offeredCompression(), a)
		}
	}
	return 0, false
}

// compressesNothing says no to compression as a whole where each algorithm is known not to be taken. Pattern_V1 is none
// by itself: where it was offered as it can be taken, beside others none of which is taken, it is not taken either.
func (v *verdict) compressesNothing() {
	if v.answer(compressionSupported).Known() {
		return
	}
	for _, a := range negotiate.CompressionAlgorithms() {
		if a != negotiate.CompressionPatternV1 && v.answer(compressionPath(a)) != report.No {
			return
		}
	}
	chained := v.first(func(q *question) bool {
		if d, ok := q.smb2Dialect(); !ok || d != smb.DialectSMB311 || q.smb2Asked == nil {
			return false
		}
		ctx, _ := q.smb2Asked.Context(negotiate.ContextCompression)
		offer, err := negotiate.ParseCompression(ctx.Data)
		return err == nil && offer.Chained() && len(offer.Algorithms) > 1 && slices.Contains(offer.Algorithms, negotiate.CompressionPatternV1)
	})
	if chained == nil {
		return
	}
	for _, path := range []string{compressionPath(negotiate.CompressionPatternV1), compressionChained} {
		if !v.answer(path).Known() {
			v.say(path, report.No, chained.inferred("offered, and none of the algorithms that it goes with is taken"))
		}
	}
	if v.answer(compressionPath(negotiate.CompressionPatternV1)) == report.No {
		v.say(compressionSupported, report.No, chained.inferred("no algorithm is taken, not even alone"))
	}
}

func compressionPaths() []string {
	paths := []string{compressionSupported, compressionChained}
	for _, a := range negotiate.CompressionAlgorithms() {
		paths = append(paths, compressionPath(a))
	}
	return paths
}

// compressionContext reads the context of 3.1.1. Servers answer a list with a part of it, so that what the answer
// leaves out is not known; an answer that lists nothing says nothing ([MS-SMB2] 3.3.5.4); only a server that does not
// answer the context at all has no compression.
func (v *verdict) compressionContext(q *question) {
	ctx, asked := q.smb2Asked.Context(negotiate.ContextCompression)
	if _, ok := q.smb2.Context(negotiate.ContextCompression); ok && !asked {
		v.anomaly(q, negotiate.ContextCompression.String(), "the context was not offered")
	}
	offer, err := negotiate.ParseCompression(ctx.Data)
	if err != nil {
		return // nothing was offered that can be read
	}
	reply, present, certain := q.context(negotiate.ContextCompression)
	if !present {
		if certain {
			v.noCompression(q, offer)
		}
		return
	}
	chosen, err := negotiate.ParseCompression(reply.Data)
	v.contextAnomalies(q, err, chosen.Anomalies)
	some := false
	for _, a := range chosen.Algorithms {
		switch {
		case a == negotiate.CompressionNone:
		case !slices.Contains(offer.Algorithms, a):
			v.anomaly(q, reply.Type.String(), a.String()+" was not offered")
		default:
			v.sayCompression(a, report.Yes, q.evidence("in the compression context of the answer"))
			some = true
		}
	}
	if err == nil && certain && !unread(chosen.Anomalies, "CompressionAlgorithms") {
		v.leftOut(q, offer, chosen)
	}
	if !some {
		v.say(compressionSupported, report.Unknown, q.evidence("the answer's compression context lists nothing that was offered"))
		return
	}
	v.say(compressionSupported, report.Yes, q.evidence("the answer has a compression context with algorithms"))
	if offer.Chained() && (certain || chosen.Chained()) {
		v.say(compressionChained, report.AnswerOf(chosen.Chained()), q.evidence("flag of the compression context"))
	}
}

// leftOut says no to an algorithm that was offered alone, or beside Pattern_V1 alone, and that the answer leaves out; and
// to Pattern_V1 where it was offered as it can be taken, chained and beside one that the answer takes.
func (v *verdict) leftOut(q *question, offer, chosen negotiate.Compression) {
	others := without(offer.Algorithms, []negotiate.CompressionAlgorithm{negotiate.CompressionPatternV1})
	strange := slices.ContainsFunc(chosen.Algorithms, func(a negotiate.CompressionAlgorithm) bool {
		return a != negotiate.CompressionNone && !slices.Contains(offer.Algorithms, a)
	})
	if len(others) != 1 || strange {
		return
	}
	taken := slices.Contains(chosen.Algorithms, others[0])
	if !taken {
		v.sayCompression(others[0], report.No, q.declined("offered alone, Pattern_V1 apart, and not taken"))
	}
	pattern := slices.Contains(offer.Algorithms, negotiate.CompressionPatternV1) && offer.Chained()
	if pattern && taken && !slices.Contains(chosen.Algorithms, negotiate.CompressionPatternV1) {
		v.sayCompression(negotiate.CompressionPatternV1, report.No, q.declined("offered chained and beside "+others[0].String()+", which alone is taken"))
	}
}

// sayCompression is say for an algorithm that reports name.
func (v *verdict) sayCompression(a negotiate.CompressionAlgorithm, answer report.Answer, evidence report.Evidence) {
	if slices.Contains(negotiate.CompressionAlgorithms(), a) {
		v.say(compressionPath(a), answer, evidence)
	}
}

func (v *verdict) noCompression(q *question, offer negotiate.Compression) {
	const text = "offered in a compression context, which the server does not answer"
	for _, a := range offer.Algorithms {
		v.sayCompression(a, report.No, q.declined(text))
	}
	if offer.Chained() {
		v.say(compressionChained, report.No, q.declined(text))
	}
	for _, a := range negotiate.CompressionAlgorithms() {
		if !v.all(report.No, compressionPath(a)) {
			return
		}
	}
	v.say(compressionSupported, report.No, q.declined(text))
}
