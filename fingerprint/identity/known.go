package identity

import "strings"

// A KnownStack is a product that was recorded and gave a fingerprint.
type KnownStack struct {
	Implementation string // the third of the four parts of a hash
	Product        string // such as Samba
	Version        string // that was recorded; others may look the same
}

// Known returns the recorded products whose implementation part is that of a hash, as StackOf makes it. It returns nil for
// one that was never recorded, of another version of the specification, or without an NTLM challenge, of which there
// are too many alike.
func Known(hash string) []KnownStack {
	parts := strings.Split(hash, "_")
	if len(parts) != 4 || len(parts[0]) != len(versionPrefix)+1 || !strings.HasPrefix(parts[0], versionPrefix) ||
		!strings.HasSuffix(parts[1], withChallenge) {
		return nil
	}
	var list []KnownStack
	for _, k := range knownStacks {
		if k.Implementation == parts[2] {
			list = append(list, k)
		}
	}
	return list
}
