// Package testdata embeds the recorded servers that tests and examples replay. No library code imports it.
//
// README.md tells where each recording comes from and how to add one.
package testdata

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
)

//go:generate go run ./regen

//go:embed recorded/*.dialogue.jsonl recorded/*.report.json
var recorded embed.FS

const dialogueSuffix = ".dialogue.jsonl"

// Names lists the recorded servers in alphabetical order, such as "samba-4.17.12-default".
func Names() ([]string, error) {
	files, err := fs.Glob(recorded, "recorded/*"+dialogueSuffix)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = strings.TrimSuffix(path.Base(file), dialogueSuffix)
	}
	return names, nil
}

// Dialogues returns what was said when a server was recorded, in plan order.
func Dialogues(name string) ([]*dialogue.Dialogue, error) {
	b, err := recorded.ReadFile("recorded/" + name + dialogueSuffix)
	if err != nil {
		return nil, err
	}
	list, err := dialogue.Read(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

// Report returns the report, as JSON, that the dialogues of a server give.
func Report(name string) ([]byte, error) {
	return recorded.ReadFile("recorded/" + name + ".report.json")
}
