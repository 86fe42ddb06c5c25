package report_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/report/internal/schema"
)

func source(dir string) schema.Source {
	return schema.Source{ID: report.SchemaID, Root: reflect.TypeFor[report.Report](), Version: report.SchemaVersion, Dir: dir}
}

func TestSchemaIsUpToDate(t *testing.T) {
	want, err := schema.Generate(source("."))
	require.NoError(t, err)
	file, err := os.ReadFile("schema.json")
	require.NoError(t, err)
	require.Equal(t, string(want), string(file), "schema.json is stale: run go generate ./fingerprint/report")
	require.Equal(t, string(file), string(report.Schema()))
}

func TestSchemaIsACopy(t *testing.T) {
	mine := report.Schema()
	clear(mine)
	require.NotEqual(t, mine, report.Schema())
}

// TestSchemaFollowsComments changes a comment: the schema must change with it, and must not be made without it.
func TestSchemaFollowsComments(t *testing.T) {
	altered := func(t *testing.T, from, to string) string {
		dir := t.TempDir()
		for _, name := range []string{"report.go", "enums.go", "nullsession.go", "identity.go", "finding.go", "client.go"} {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			changed := strings.Replace(string(text), from, to, 1)
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(changed), 0o600))
		}
		return dir
	}
	for _, where := range []string{
		"// Target is the target as it was asked for.", // a field's
		"// index into transports",                     // behind a field
		"// A Transport is one way in which the target was asked.",
		"// it answered in SMB", // a constant's
	} {
		out, err := schema.Generate(source(altered(t, where, "// Another text")))
		require.NoError(t, err, where)
		require.Contains(t, string(out), "Another text", where)
		_, err = schema.Generate(source(altered(t, where, "")))
		require.ErrorContains(t, err, "no comment", where)
	}
}

// TestSchemaShape compares what the schema says with what encoding/json does.
func TestSchemaShape(t *testing.T) {
	var s node
	require.NoError(t, json.Unmarshal(report.Schema(), &s))
	require.Equal(t, "https://json-schema.org/draft/2020-12/schema", s.Schema)
	require.Equal(t, report.SchemaID, s.ID)
	zero, all := tree(t, marshal(t, hollow())), tree(t, marshal(t, full()))
	s.compare(t, s, "", zero, all)
	for name := range tree(t, marshal(t, report.Report{})) {
		require.Contains(t, s.Required, name, "what is never left out is required")
	}
	require.Equal(t, []string{"unknown", "no", "yes"}, s.Defs["Answer"].Enum)
	for name, d := range s.Defs {
		require.NotEmpty(t, d.Description, name)
		require.True(t, d.seen || d.Type == "string", "no part of a full report is a %s", name)
	}
}

type node struct {
	Schema               string `json:"$schema"`
	ID                   string `json:"$id"`
	Ref                  string `json:"$ref"`
	Description          string
	Type                 string
	Enum                 []string
	Required             []string
	Properties           map[string]*node
	AdditionalProperties *node
	Items                *node
	Defs                 map[string]*node `json:"$defs"`

	seen bool
}

// compare walks the schema beside the JSON of a report whose parts say nothing (zero) and of a full one: every property
// must be there in the full report and no other, and those required must be there in both.
func (n *node) compare(t *testing.T, root node, path string, zero, all any) {
	if n.Ref != "" {
		def := root.Defs[strings.TrimPrefix(n.Ref, "#/$defs/")]
		require.NotNil(t, def, n.Ref)
		def.seen = true
		def.compare(t, root, path, zero, all)
		return
	}
	switch {
	case n.Items != nil:
		if list, ok := zero.([]any); ok && len(list) > 0 {
			n.Items.compare(t, root, path+"/0", list[0], all.([]any)[0])
		}
	case n.AdditionalProperties != nil:
		for key, elem := range all.(map[string]any) {
			n.AdditionalProperties.compare(t, root, path+"/"+key, zero.(map[string]any)[key], elem)
		}
	case n.Properties != nil:
		empty, filled := zero.(map[string]any), all.(map[string]any)
		require.Len(t, filled, len(n.Properties), path)
		for _, name := range n.Required {
			require.Contains(t, empty, name, path)
		}
		for name, p := range n.Properties {
			require.NotEmpty(t, p.Description, path+"/"+name)
			require.Contains(t, filled, name, path)
			if value, ok := empty[name]; ok {
				p.compare(t, root, path+"/"+name, value, filled[name])
			}
		}
	}
}
