package verdict

import (
	"fmt"
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

// context returns the first context of a type in an SMB2 answer. It is certain when nothing hides in the list: the list
// was read to its end where it should be, nothing follows it, and it has the type once at most. What is not in an answer
// that is not certain proves nothing: it may be in bytes that a wrong count or length leaves unread.
func (q *question) context(t negotiate.ContextType) (ctx negotiate.Context, present, certain bool) {
	ctx, present = q.smb2.Context(t)
	times := 0
	for _, c := range q.smb2.Contexts {
		if c.Type == t {
			times++
		}
	}
	hidden := slices.ContainsFunc(q.smb2.Anomalies, func(a wire.Anomaly) bool {
		switch a.Field { // the fields of which negotiate.ParseSMB2Response notes what is odd about the list
		case "NegotiateContextOffset", "NegotiateContextCount", "NegotiateContextList", "Data", "trailing bytes":
			return true
		}
		return false
	})
	return ctx, present, times <= 1 && !hidden
}

// contextAnomalies notes what is odd in the data of a context.
func (v *verdict) contextAnomalies(q *question, err error, list []wire.Anomaly) {
	if err != nil {
		v.anomaly(q, "negotiate context", err.Error())
	}
	for _, a := range list {
		v.anomaly(q, a.Where(), a.What)
	}
}

// countAnomaly notes a context of an answer that does not settle on one algorithm.
func (v *verdict) countAnomaly(q *question, t negotiate.ContextType, n int) {
	if n != 1 {
		v.anomaly(q, t.String(), fmt.Sprintf("%d algorithms in an answer, should be 1", n))
	}
}

// refusedDialects tells whether each of some SMB2 dialects is known not to be taken, and returns a question that
// offered one of them.
func (v *verdict) refusedDialects(dialects ...smb.Dialect) (*question, bool) {
	for _, d := range dialects {
		if !v.all(report.No, dialectPath(d.String())) {
			return nil, false
		}
	}
	q := v.first(func(q *question) bool {
		return q.smb2Asked != nil && slices.ContainsFunc(dialects, func(d smb.Dialect) bool {
			return slices.Contains(q.smb2Asked.Dialects, d)
		})
	})
	return q, q != nil
}
