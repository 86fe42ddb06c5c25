package nullsession

import (
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
)

// A collection are users or groups as they come to light: each once, however many calls name it.
type collection[T any] struct {
	list  []T
	most  int
	give  func(T) // instead of keeping them
	index map[key]int
	cut   bool // there were more
}

// A key is what tells accounts apart.
type key struct {
	domain string
	kind   string
	rid    uint32
}

func newCollection[T any](most int, give func(T)) collection[T] {
	return collection[T]{most: most, give: give, index: map[key]int{}}
}

// add adds an account that is not there yet. One that is there is merged instead, where it was not given away.
func (a *collection[T]) add(k key, one T, merge func(*T)) {
	if i, ok := a.index[k]; ok {
		if a.give == nil {
			merge(&a.list[i])
		}
		return
	}
	if len(a.index) == a.most {
		a.cut = true
		return
	}
	a.index[k] = len(a.list)
	if a.give != nil {
		a.give(one)
		return
	}
	a.list = append(a.list, one)
}

func (g *reading) addUser(u report.User) {
	g.users.add(key{u.Domain, "", u.RID}, u, func(known *report.User) {
		if known.FullName == "" {
			known.FullName = u.FullName
		}
		if known.Comment == "" {
			known.Comment = u.Comment
		}
		if known.Flags == nil {
			known.Flags = u.Flags
		}
		known.Sources = union(known.Sources, u.Sources)
	})
}

func (g *reading) addGroup(e report.Group) {
	g.groups.add(key{e.Domain, e.Kind, e.RID}, e, func(known *report.Group) { known.Sources = union(known.Sources, e.Sources) })
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}
