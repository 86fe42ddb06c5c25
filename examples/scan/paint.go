package main

// A shade is how text stands out on a terminal: the parameters of an SGR sequence.
type shade string

const (
	plain  shade = ""
	bold   shade = "1"
	faint  shade = "2"
	alarm  shade = "1;31" // bold red
	good   shade = "32"   // green
	notice shade = "33"   // yellow
)

// A paint tells whether shades are shown.
type paint bool

func (p paint) on(text string, s shade) string {
	if !p || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}
