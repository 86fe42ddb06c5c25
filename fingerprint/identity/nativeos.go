package identity

import (
	"strconv"
	"strings"
)

// A NativeOS is what a Windows says of itself in the NativeOS of an SMB1 session setup, [MS-CIFS] 2.2.4.53. What it did
// not say is empty. Edition is its own words.
type NativeOS struct {
	Product     string // as in Release
	Edition     string // such as "Standard" or "Enterprise without Hyper-V"
	Build       int
	ServicePack int
}

// ParseNativeOS reads a NativeOS, or a NativeLANMan that names a product. It tells false for what is not known to be
// Windows' own words, and for what others send too, which assert nothing: "Unix", "Windows 6.1" (Samba since 4.2) and the
// LAN manager "Windows 2000 LAN Manager" (XP too). The line of DOS, such as "Windows for Workgroups 3.11" and
// "Windows 4.0", is another implementation and not among its products.
//
// A server can say anything. That the build is one of the product is for others to tell.
func ParseNativeOS(s string) (NativeOS, bool) {
	i, rest := nativeRuleOf(s)
	if i < 0 {
		return NativeOS{}, false
	}
	rule := nativeRules[i]
	os := NativeOS{Product: rule.product, Edition: rule.edition}
	if rule.version == "" && rest != "" || rule.version != "" && !os.read(rest, rule.version) {
		return NativeOS{}, false
	}
	if rule.since > 0 && os.Build >= rule.since {
		os.Product = rule.becomes
	}
	return os, true
}

// nativeRuleOf returns the number of the first rule that begins as a text does, and the rest of the text; -1 without one.
func nativeRuleOf(s string) (rule int, rest string) {
	for i, r := range nativeRules {
		rest, ok := strings.CutPrefix(s, r.begins)
		if ok && (rest == "" || rest[0] == ' ') {
			return i, rest
		}
	}
	return -1, ""
}

// read takes what stands behind the product's name: words of the edition, a service pack, and the build, or in its place
// the version that a LAN manager's name ends with. The service pack is last, but Windows XP's client has it before the
// build.
func (os *NativeOS) read(rest, version string) bool {
	rest, ok := os.cutServicePack(rest)
	if !ok {
		return false
	}
	words := strings.Split(rest, " ")[1:]
	if len(words) == 0 {
		return os.ServicePack > 0 // "Windows 2002 Service Pack 2"
	}
	last := len(words) - 1
	if n, ok := nativeNumber(words[last], 4, 5); ok {
		os.Build = n
		words = words[:last]
	} else if words[last] == version {
		words = words[:last]
	} else if os.ServicePack == 0 {
		return false
	}
	for _, w := range words {
		if !nativeWord(w) {
			return false
		}
		os.Edition = strings.TrimPrefix(os.Edition+" "+w, " ")
	}
	return true
}

// cutServicePack takes a service pack out of a text, which is not whole where it has one without a number.
func (os *NativeOS) cutServicePack(s string) (string, bool) {
	const mark = " Service Pack "
	before, after, found := strings.Cut(s, mark)
	if !found {
		return s, true
	}
	number, after, more := strings.Cut(after, " ")
	n, ok := nativeNumber(number, 1, 1)
	if !ok || n == 0 {
		return "", false
	}
	os.ServicePack = n
	if more {
		return before + " " + after, true
	}
	return before, true
}

// nativeNumber reads a decimal number of so many digits.
func nativeNumber(s string, least, most int) (int, bool) {
	if len(s) < least || len(s) > most || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// nativeWord tells whether a word can be of an edition's name, all of which are ASCII.
func nativeWord(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("-:()", r)
	}) < 0
}
