// Package testdata embeds the recorded servers that tests and examples replay. No library code imports it.
//
// README.md tells where each recording comes from and how to add one.
package testdata

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
)

//go:generate go run ./regen

//go:embed recorded/*.dialogue.jsonl recorded/*.report.json nullsession/*.dialogue.jsonl nullsession/*.report.json
var files embed.FS

// The folders of recordings.
const (
	recorded    = "recorded"    // scans
	nullSession = "nullsession" // scans, and what package nullsession read behind them
)

const dialogueSuffix = ".dialogue.jsonl"

// Names lists the recorded servers in alphabetical order, such as "samba-4.17.12-default".
func Names() ([]string, error) { return namesIn(recorded) }

// NullSessions lists the servers that were read from over a null session, in alphabetical order.
func NullSessions() ([]string, error) { return namesIn(nullSession) }

func namesIn(folder string) ([]string, error) {
	found, err := fs.Glob(files, folder+"/*"+dialogueSuffix)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(found))
	for i, file := range found {
		names[i] = strings.TrimSuffix(path.Base(file), dialogueSuffix)
	}
	return names, nil
}

// Dialogues returns what was said when a server was recorded, in plan order.
func Dialogues(name string) ([]*dialogue.Dialogue, error) {
	b, err := read(name + dialogueSuffix)
	if err != nil {
		return nil, err
	}
	list, err := dialogue.Read(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

// Report returns the report, as JSON, that the dialogues of a server give; of those that NullSessions lists, the one that
// was made when they were recorded, because dialogues alone do not tell what was read.
func Report(name string) ([]byte, error) { return read(name + ".report.json") }

// read reads a file of whichever folder has it: no name is in both.
func read(file string) ([]byte, error) {
	b, err := files.ReadFile(recorded + "/" + file)
	if errors.Is(err, fs.ErrNotExist) {
		return files.ReadFile(nullSession + "/" + file)
	}
	return b, err
}
