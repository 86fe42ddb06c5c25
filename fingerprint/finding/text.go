package finding

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/smbscope/smbscope/smb/wire"
)

// pointer makes a JSON Pointer, RFC 6901, of the names and indexes on the way to a value.
func pointer(tokens ...any) string {
	var p strings.Builder
	for _, token := range tokens {
		p.WriteByte('/')
		p.WriteString(pointerEscapes.Replace(fmt.Sprint(token)))
	}
	return p.String()
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// The texts of a detail stay readable: whoever wants all of it has the report.
const (
	maxText = 64 // bytes of one text of a server
	maxList = 8  // entries of a list
)

// quote makes a text that comes from the server fit for a sentence.
func quote(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return `"` + wire.EscapeText(s) + `"`
}

// enumerate joins the first entries of a list and says how many there are besides.
func enumerate(list []string) string { return join(list, " and ") }

// anyOf joins alternatives.
func anyOf(list []string) string { return join(list, " or ") }

func join(list []string, last string) string {
	if more := len(list) - maxList; more > 0 {
		list = append(slices.Clone(list[:maxList]), strconv.Itoa(more)+" more")
	}
	switch n := len(list); n {
	case 0:
		return ""
	case 1:
		return list[0]
	default:
		return strings.Join(list[:n-1], ", ") + last + list[n-1]
	}
}

// sentences joins those that are not empty.
func sentences(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " ")
}

// when is a text that is only said where something holds.
func when(holds bool, text string) string {
	if holds {
		return text
	}
	return ""
}
