// Command schemagen writes schema.json, the JSON Schema of the report. It runs by go generate in package report.
package main

import (
	"fmt"
	"os"
	"reflect"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/report/internal/schema"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "schemagen:", err)
		os.Exit(1)
	}
}

func run() error {
	out, err := schema.Generate(schema.Source{
		ID: report.SchemaID, Root: reflect.TypeFor[report.Report](), Version: report.SchemaVersion, Dir: ".",
	})
	if err != nil {
		return err
	}
	return os.WriteFile("schema.json", out, 0o644)
}
