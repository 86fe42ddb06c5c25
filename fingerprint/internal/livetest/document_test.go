//go:build linux

package livetest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// document is what readers see of the differential tests.
const document = "../../../docs/differential.md"

// A besideRow is one setup, by the word of smb.conf, of the scan and of other programs. smbclient has only the dialects.
type besideRow struct {
	setup                        string
	global                       []string
	truth, ours, nmap, smbclient answers
}

// requireDocument fails the test if the document is not what the tests have seen, but for the versions that it was seen
// with. With SMBSCOPE_UPDATE=1 it writes the document.
func requireDocument(t testing.TB, rows []besideRow, seen string) {
	t.Helper()
	text := render(rows, seen)
	if os.Getenv("SMBSCOPE_UPDATE") == "1" {
		require.NoError(t, os.MkdirAll(filepath.Dir(document), 0o755))
		require.NoError(t, os.WriteFile(document, []byte(text), 0o644))
		return
	}
	committed, err := os.ReadFile(document)
	require.NoError(t, err, "SMBSCOPE_UPDATE=1 writes it")
	versionless := func(text string) string {
		lines := strings.Split(text, "\n")
		lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "Seen with ") })
		return strings.Join(lines, "\n")
	}
	require.Equal(t, versionless(text), versionless(string(committed)), "out of date; SMBSCOPE_UPDATE=1 writes it anew")
}

func render(rows []besideRow, seen string) string {
	var b strings.Builder
	b.WriteString(`# smbscope beside other programs

Written by the tests in ` + "`fingerprint/internal/livetest`" + ` (SMBSCOPE_LIVE=1, and SMBSCOPE_UPDATE=1 to write it anew), which fail
when this page is no longer true.

## nmap and smbclient

` + seen + `

nmap's scripts smb-protocols, smb2-security-mode, smb2-capabilities and smb-security-mode, and a scan of level standard,
at the same servers; smbclient, offering one dialect at a time, as a witness. smb.conf is the judge: an answer in bold is
wrong. "No answer" is a script that says nothing.

| setup | question | smb.conf | smbscope | nmap | smbclient |
| --- | --- | --- | --- | --- | --- |
`)
	for _, row := range rows {
		setup := row.setup
		if len(row.global) > 0 {
			setup += ": `" + strings.Join(row.global, "`, `") + "`"
		}
		for _, question := range questions() {
			truth, ok := row.truth[question]
			if !ok {
				continue
			}
			theirs := row.nmap[question]
			if theirs != truth && theirs != noAnswer {
				theirs = "**" + theirs + "**"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n",
				setup, question, truth, row.ours[question], theirs, row.smbclient[question])
			setup = ""
		}
	}
	b.WriteString("\nWhere nmap is wrong:\n\n")
	var reasons []string
	for _, w := range nmapIsWrong() {
		if line := fmt.Sprintf("- %s: %s\n", w.question, w.why); !slices.Contains(reasons, line) {
			reasons = append(reasons, line)
			b.WriteString(line)
		}
	}
	b.WriteString(`
## tshark

tshark 4.0 and the parsers read the same negotiations and session setups, from the project's recordings and from other
people's captures, and agree on every value of every field that both know, but for these:

| field | wrong | why |
| --- | --- | --- |
`)
	for _, e := range explained() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", strings.ReplaceAll(e.fields(), ", ", "`, `"), e.wrong, e.why)
	}
	return b.String()
}
