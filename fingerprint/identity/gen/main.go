// Gen writes builds_table.go from testdata/tables/windows_builds.csv. It is run by go generate in the folder of package
// identity.
package main

import (
	"fmt"
	"os"

	"github.com/smbscope/smbscope/fingerprint/identity/internal/buildtable"
)

func main() {
	if err := run("../../testdata/tables/windows_builds.csv", "builds_table.go"); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	table, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	code, err := buildtable.Generate(table)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return os.WriteFile(to, code, 0o644)
}
