package identity

import (
	"math"
	"slices"

	"github.com/smbscope/smbscope/smb/wire"
)

// A rule is one thing that speaks for a stack or against it.
type rule struct {
	stack  string
	weight float64 // nats: e to the weight is how much likelier the stack becomes; negative speaks against it
	source string
	// example is what makes the rule fire: the name of a recording, "file#stream" of a shared capture, or a piece of a
	// report in JSON with the documented values.
	example string
	// sees says in one sentence what it saw; it is empty where the rule does not apply.
	sees func(*traits) string
}

// when makes a sentence of a fact.
func when(sentence string, fact func(*traits) bool) func(*traits) string {
	return func(t *traits) string {
		if !fact(t) {
			return ""
		}
		return sentence
	}
}

// rules are all of them.
var rules = slices.Concat(windowsRules(), sambaRules(), systemRules(), toolRules(), applianceRules(), printerRules())

// A score is what the rules say of one stack.
type score struct {
	stack   stack
	sum     float64
	share   float64 // of all that it may be, 0 to 1
	reasons []string

	supported bool // something speaks for it
}

// unknownWeight is how likely something is that no rule knows: with less than that in sum no stack is named.
const unknownWeight = 1.5

// mostSure bounds the confidence: everything that a server says it may have learnt from another.
const mostSure = 0.99

// weigh returns the stacks that something speaks for, likeliest first.
func weigh(t *traits) []score {
	list := make([]score, len(stacks))
	for i, s := range stacks {
		list[i].stack = s
	}
	for _, r := range rules {
		sentence := r.sees(t)
		if sentence == "" {
			continue
		}
		s := &list[slices.IndexFunc(stacks, func(s stack) bool { return s.id == r.stack })]
		s.sum += r.weight
		s.reasons = append(s.reasons, sentence)
		s.supported = s.supported || r.weight > 0
	}
	list = slices.DeleteFunc(list, func(s score) bool { return !s.supported })
	total := math.Exp(unknownWeight)
	for _, s := range list {
		total += math.Exp(s.sum)
	}
	for i := range list {
		list[i].share = min(math.Exp(list[i].sum)/total, mostSure)
	}
	slices.SortStableFunc(list, func(a, b score) int {
		switch {
		case a.share > b.share:
			return -1
		case a.share < b.share:
			return 1
		}
		return 0
	})
	return list
}

// rounded cuts a confidence to two digits, so that it reads well and is the same everywhere.
func rounded(share float64) float64 { return math.Round(share*100) / 100 }

// quoted makes a server's text fit for a sentence.
func quoted(text string) string { return `"` + wire.EscapeText(text) + `"` }
