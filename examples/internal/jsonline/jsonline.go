// Package jsonline writes the reports of the example programs.
package jsonline

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/smbscope/smbscope/fingerprint"
)

// Write writes a report as one line. What a terminal could act upon is written as JSON's own escapes: to a reader
// of JSON the text is the same.
func Write(w io.Writer, r *fingerprint.Report) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	var line strings.Builder
	line.Grow(len(b) + 1)
	for _, c := range string(b) { // valid UTF-8; json.Marshal saw to it
		switch {
		case unicode.IsGraphic(c):
			line.WriteRune(c)
		case c > 0xFFFF:
			c -= 0x10000
			fmt.Fprintf(&line, `\u%04x\u%04x`, 0xD800+c>>10, 0xDC00+c&0x3FF)
		default:
			fmt.Fprintf(&line, `\u%04x`, c)
		}
	}
	line.WriteByte('\n')
	_, err = io.WriteString(w, line.String())
	return err
}
