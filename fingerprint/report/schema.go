package report

import (
	_ "embed"
	"slices"
)

// SchemaID is the $id of the JSON Schema of the report.
const SchemaID = "https://github.com/smbscope/smbscope/fingerprint/report/schema.json"

//go:embed schema.json
var schemaJSON []byte

// Schema returns the JSON Schema (draft 2020-12) of the report's JSON, as schema.json has it. The slice is the caller's.
func Schema() []byte { return slices.Clone(schemaJSON) }
