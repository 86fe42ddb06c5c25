package verdict

import (
	"fmt"
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
)

// A pick is what a server chose from a list in its order.
type pick[T comparable] struct {
	offered []T
	chosen  T
}

// selectionOf compares what was chosen from a list with what was chosen from its reverse: the same from both is the
// server's order, and it prefers that one; else the client's order decides. Both are empty where a list was not offered
// in both orders.
func selectionOf[T comparable](picks []pick[T]) (preferred *T, by report.Selection) {
	for i, a := range picks {
		reversed := slices.Clone(a.offered)
		slices.Reverse(reversed)
		for _, b := range picks[i+1:] {
			switch {
			case len(a.offered) < 2 || !slices.Equal(reversed, b.offered):
			case a.chosen == b.chosen:
				return &a.chosen, report.SelectionServer
			default:
				return nil, report.SelectionClient
			}
		}
	}
	return nil, ""
}

// selection is selectionOf for what the answers at 3.1.1 chose from what their questions offered.
func selection[T comparable](v *verdict, offered func(*question) []T, chosen func(*question) (T, bool)) (preferred string, by report.Selection) {
	var picks []pick[T]
	for _, q := range v.questions {
		if d, ok := q.smb2Dialect(); !ok || d != smb.DialectSMB311 || q.smb2Asked == nil {
			continue
		}
		if c, ok := chosen(q); ok {
			picks = append(picks, pick[T]{offered(q), c})
		}
	}
	p, by := selectionOf(picks)
	if p != nil {
		preferred = fmt.Sprint(*p)
	}
	return preferred, by
}

// several tells whether a server may take more than one of some algorithms: else there is no order to see.
func several[T any](v *verdict, path func(T) string, algorithms []T) bool {
	n := 0
	for _, a := range algorithms {
		if v.answer(path(a)) != report.No {
			n++
		}
	}
	return n > 1
}
