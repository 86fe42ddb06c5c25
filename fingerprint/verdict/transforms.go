package verdict

import (
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	rdmaSupported = "/rdma_transforms/supported"
	posixPath     = "/posix_extensions"
)

func rdmaPath(t negotiate.RDMATransformID) string { return "/rdma_transforms/algorithms/" + t.String() }

// offering returns the questions that 3.1.1 was chosen for and that offered a context of a type, each with that context.
// An answer with the context to a question without it is noted.
func (v *verdict) offering(t negotiate.ContextType) map[*question]negotiate.Context {
	list := map[*question]negotiate.Context{}
	for _, q := range v.questions {
		if d, ok := q.smb2Dialect(); !ok || d != smb.DialectSMB311 || q.smb2Asked == nil {
			continue
		}
		if ctx, ok := q.smb2Asked.Context(t); ok {
			list[q] = ctx
		} else if _, ok := q.smb2.Context(t); ok {
			v.anomaly(q, t.String(), "the context was not offered")
		}
	}
	return list
}

// unread tells whether the list of a context could not be read, so that what is not found there may be in it.
func unread(list []wire.Anomaly, field string) bool {
	return slices.ContainsFunc(list, func(a wire.Anomaly) bool { return a.Field == field })
}

func without[T comparable](list, some []T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(v T) bool { return slices.Contains(some, v) })
}

// rdma reads the transforms of data that is moved by RDMA. An answer lists what both sides have; what it leaves out is
// not known where it lists something.
func (v *verdict) rdma() {
	offers := v.offering(negotiate.ContextRDMATransform)
	for _, q := range v.questions {
		ctx, ok := offers[q]
		offer, err := negotiate.ParseRDMATransform(ctx.Data)
		if !ok || err != nil {
			continue
		}
		reply, present, certain := q.context(negotiate.ContextRDMATransform)
		answer, err := negotiate.ParseRDMATransform(reply.Data)
		if present {
			v.contextAnomalies(q, err, answer.Anomalies)
			for _, t := range without(answer.Transforms, append(offer.Transforms, negotiate.RDMATransformNone)) {
				v.anomaly(q, reply.Type.String(), t.String()+" was not offered")
			}
		}
		whole := err == nil && !unread(answer.Anomalies, "RDMATransformIds")
		some := len(without(answer.Transforms, []negotiate.RDMATransformID{negotiate.RDMATransformNone})) > 0
		none := certain && (!present || whole && !some)
		for _, t := range offer.Transforms {
			switch {
			case !slices.Contains(negotiate.RDMATransforms(), t):
			case slices.Contains(answer.Transforms, t):
				v.say(rdmaPath(t), report.Yes, q.evidence("in the RDMA context of the answer"))
				v.say(rdmaSupported, report.Yes, q.evidence("transform "+t.String()))
			case none:
				v.say(rdmaPath(t), report.No, q.declined("offered over this transport, and not taken"))
			default:
				v.say(rdmaPath(t), report.Unknown, q.evidence("the answer lists another one"))
			}
		}
	}
	var paths []string
	for _, t := range negotiate.RDMATransforms() {
		paths = append(paths, rdmaPath(t))
	}
	v.withoutDialect311("only 3.1.1 has it", paths...)
	if q := v.first(func(q *question) bool { _, ok := offers[q]; return ok }); q != nil && v.all(report.No, paths...) {
		v.say(rdmaSupported, report.No, q.declined("each transform was offered over this transport, and none is taken"))
	}
	v.withoutDialect311("only 3.1.1 has it", rdmaSupported)
	if v.answer(rdmaSupported) == "" {
		return
	}
	r := &report.RDMATransforms{Supported: v.answer(rdmaSupported), Algorithms: map[string]report.Answer{}}
	for _, t := range negotiate.RDMATransforms() {
		r.Algorithms[t.String()] = v.answer(rdmaPath(t))
	}
	v.report.RDMATransforms = r
}

// posix reads the context of the POSIX extensions, in which a server repeats the version that it takes.
func (v *verdict) posix() {
	offers := v.offering(negotiate.ContextPOSIX)
	for _, q := range v.questions {
		if _, ok := offers[q]; !ok {
			continue
		}
		reply, present, certain := q.context(negotiate.ContextPOSIX)
		answer, err := negotiate.ParsePOSIX(reply.Data)
		v.contextAnomalies(q, err, answer.Anomalies)
		switch {
		case present && err == nil && slices.Contains(answer.Versions, negotiate.POSIXVersion1().Versions[0]):
			v.say(posixPath, report.Yes, q.evidence("the answer repeats the version that was offered"))
		case present:
			v.anomaly(q, reply.Type.String(), "the answer does not repeat the version that was offered")
			v.say(posixPath, report.Unknown, q.evidence("the answer has the context, but not the version that was offered"))
		case certain:
			v.say(posixPath, report.No, q.declined("offered, and the answer has no such context"))
		}
	}
	v.withoutDialect311("only 3.1.1 negotiates them", posixPath)
	v.report.POSIXExtensions = v.answer(posixPath)
}

// withoutDialect311 says no to what the level may ask for and only 3.1.1 has, where that is known not to be taken.
func (v *verdict) withoutDialect311(text string, paths ...string) {
	q, ok := v.refusedDialects(smb.DialectSMB311)
	for _, path := range paths {
		if ok && v.answer(path) == report.Unknown {
			v.say(path, report.No, q.inferred(text))
		}
	}
}
