// Regen writes the report of each recorded server anew from its dialogues, for changes of answers that are meant, and the
// pages of their stack fingerprints and of all findings. Run it by go generate ./testdata, and read the difference before it is committed.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/testdata"
)

func main() {
	if err := run("recorded"); err != nil {
		fmt.Fprintln(os.Stderr, "regen:", err)
		os.Exit(1)
	}
}

// conclude makes the conclusions of reports anew whose answers dialogues alone do not tell.
func conclude(folder string) error {
	names, err := testdata.NullSessions()
	if err != nil {
		return err
	}
	for _, name := range names {
		path := filepath.Join(folder, name+".report.json")
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r := new(fingerprint.Report)
		if err := json.Unmarshal(text, r); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		fingerprint.Conclude(r)
		if text, err = json.MarshalIndent(r, "", "  "); err != nil {
			return err
		}
		if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func run(folder string) error {
	names, err := testdata.Names()
	if err != nil {
		return err
	}
	var recordings []recording
	for _, name := range names {
		dialogues, err := testdata.Dialogues(name)
		if err != nil {
			return err
		}
		reports := fingerprint.Observe(dialogues)
		if len(reports) != 1 {
			return fmt.Errorf("%s: %d reports", name, len(reports))
		}
		text, err := json.MarshalIndent(reports[0], "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name+".report.json"), append(text, '\n'), 0o644); err != nil {
			return err
		}
		recordings = append(recordings, recording{name, reports[0]})
	}
	if err := conclude("nullsession"); err != nil {
		return err
	}
	if err := writeStacks(recordings); err != nil {
		return err
	}
	return writeFindings()
}
