// Package truth gives tests the captures of real traffic that other people published, and what another dissector
// (tshark) read from them. Nothing of them is in the project: they are read where the environment variable
// SMBSCOPE_CAPTURES says, and without it a test that asks for them is skipped. No library code imports this package.
package truth

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Environment names the variable that holds the folder of the captures.
const Environment = "SMBSCOPE_CAPTURES"

// index is the file in the folder that has a line for each stream.
const index = "truth.jsonl"

// maxLine bounds a line of the index.
const maxLine = 1 << 26

// Folder returns the folder of the captures. Without one it skips the test; with one that has no captures it fails it.
func Folder(t testing.TB) string {
	t.Helper()
	folder, set := os.LookupEnv(Environment)
	switch {
	case !set:
		t.Skip(Environment + " is not set: other people's captures are not compared")
	case folder == "":
		t.Fatal(Environment + " is set and empty")
	}
	if files, err := filepath.Glob(filepath.Join(folder, "*.pcap")); err != nil || len(files) == 0 {
		t.Fatalf("%s names a folder without captures: %s %v", Environment, folder, err)
	}
	return folder
}

// Streams returns all streams of the captures, in the order of their index. It skips and fails as Folder does.
func Streams(t testing.TB) []Stream {
	t.Helper()
	folder := Folder(t)
	file, err := os.Open(filepath.Join(folder, index))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	source := &source{t: t, folder: folder, files: map[string][]*Connection{}}
	var all []Stream
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		s := Stream{source: source, Line: len(all) + 1}
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatalf("%s, line %d: %v", index, s.Line, err)
		}
		all = append(all, s)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatalf("%s in %s has no streams", index, folder)
	}
	return all
}
