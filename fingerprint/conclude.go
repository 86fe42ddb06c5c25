package fingerprint

import (
	"github.com/smbscope/smbscope/fingerprint/finding"
	"github.com/smbscope/smbscope/fingerprint/identity"
)

// Conclude fills in what follows from a report's answers: Identity, Stack, Findings and the client's fingerprint. Scan,
// Observe and nullsession.Read have done it; it is for who changes a report's answers, or reads one that an older version
// has written.
func Conclude(r *Report) {
	r.Identity = identity.Of(r)
	r.Stack = identity.StackOf(r)
	identity.FillClient(r.Client)
	r.Findings = finding.Of(r)
}
