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
	if q, ok := v.refusedDialects(smb.DialectSMB311); ok {
		for _, path := range compressionPaths() {
			if !v.answer(path).Known() {
				v.say(path, report.No, q.inferred("only 3.1.1 compresses, and it is not taken"))
			}
		}
	}
	c := &report.Compression{
		Supported: v.answer(compressionSupported), Chained: v.answer(compressionChained),
		Algorithms: map[string]report.Answer{},
	}
	for _, a := range negotiate.CompressionAlgorithms() {
		c.Algorithms[a.String()] = v.answer(compressionPath(a))
	}
	v.report.Compression = c
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
	ctx, _ := q.smb2Asked.Context(negotiate.ContextCompression)
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
	if !some {
		v.say(compressionSupported, report.Unknown, q.evidence("the answer's compression context lists nothing that was offered"))
		return
	}
	v.say(compressionSupported, report.Yes, q.evidence("the answer has a compression context with algorithms"))
	if offer.Chained() {
		v.say(compressionChained, report.AnswerOf(chosen.Chained()), q.evidence("flag of the compression context"))
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
