// Gen writes ntstatus_table.go from testdata/tables/ntstatus.csv. It is run by go generate in the folder of package
// dtyp.
package main

import (
	"fmt"
	"os"

	"github.com/smbscope/smbscope/smb/dtyp/internal/statustable"
)

func main() {
	if err := run("../../testdata/tables/ntstatus.csv", "ntstatus_table.go"); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	table, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	code, err := statustable.Generate(table)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return os.WriteFile(to, code, 0o644)
}
