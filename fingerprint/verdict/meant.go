package verdict

import (
	"bytes"
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// refusedFor returns the questions that were refused with STATUS_INVALID_PARAMETER where nothing but the list in one
// context can be meant: another question, which differs in that list alone, was taken, and so was one with the same
// dialects. A server should settle on nothing instead ([MS-SMB2] 3.3.5.4).
func (v *verdict) refusedFor(t negotiate.ContextType) []*question {
	var list []*question
	for _, q := range v.questions {
		if q.smb2Asked == nil || q.result != report.ResultRefused || q.status != dtyp.StatusInvalidParameter.String() {
			continue
		}
		sameDialects, sameRest := false, false
		for _, other := range v.questions {
			if d, ok := other.smb2Dialect(); ok && d == smb.DialectSMB311 && other.smb2Asked != nil {
				sameDialects = sameDialects || slices.Equal(q.smb2Asked.Dialects, other.smb2Asked.Dialects)
				sameRest = sameRest || differIn(q.smb2Asked, other.smb2Asked, t)
			}
		}
		if sameDialects && sameRest {
			list = append(list, q)
		}
	}
	return list
}

// differIn tells whether two requests differ in the data of one context, and in nothing else but their dialects and what
// is random.
func differIn(a, b *negotiate.SMB2Request, t negotiate.ContextType) bool {
	if a.Capabilities != b.Capabilities || a.SecurityMode != b.SecurityMode || len(a.Contexts) != len(b.Contexts) {
		return false
	}
	differ := false
	for i, c := range a.Contexts {
		other := b.Contexts[i]
		switch {
		case c.Type != other.Type:
			return false
		case c.Type == negotiate.ContextPreauthIntegrity:
			p, err := negotiate.ParsePreauthIntegrity(c.Data)
			o, otherErr := negotiate.ParsePreauthIntegrity(other.Data)
			if err != nil || otherErr != nil || !slices.Equal(p.HashAlgorithms, o.HashAlgorithms) {
				return false
			}
		case bytes.Equal(c.Data, other.Data):
		case c.Type != t:
			return false
		default:
			differ = true
		}
	}
	return differ
}

// equalBut tells whether two requests differ in nothing but their dialects and what is random.
func equalBut(a, b *negotiate.SMB2Request) bool {
	if a.Capabilities != b.Capabilities || a.SecurityMode != b.SecurityMode || len(a.Contexts) != len(b.Contexts) {
		return false
	}
	for i, c := range a.Contexts {
		if c.Type != b.Contexts[i].Type || c.Type != negotiate.ContextPreauthIntegrity && !bytes.Equal(c.Data, b.Contexts[i].Data) {
			return false
		}
	}
	return true
}

const refusedForIt = "refused, and the same question with other algorithms was taken"
