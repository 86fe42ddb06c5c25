package examples_test

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/testdata"
)

// schemaOf compiles the report's schema, which also checks it against the schema of schemas.
func schemaOf(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource(report.SchemaID, parse(t, report.Schema())))
	s, err := c.Compile(report.SchemaID)
	require.NoError(t, err)
	require.Equal(t, 2020, s.DraftVersion)
	return s
}

func parse(t *testing.T, text []byte) map[string]any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	require.IsType(t, map[string]any{}, value)
	return value.(map[string]any)
}

// recorded returns the reports of all recorded servers by name. They are read from the package that embeds them: the
// go command takes no notice of changed files outside of a test's module and would repeat an old result.
func recorded(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := testdata.Names()
	require.NoError(t, err)
	require.NotEmpty(t, names, "nothing is recorded, so nothing was checked against the schema")
	all := map[string][]byte{}
	for _, name := range names {
		all[name], err = testdata.Report(name)
		require.NoError(t, err)
	}
	return all
}

func TestRecordedReportsMatchTheSchema(t *testing.T) {
	s := schemaOf(t)
	for name, text := range recorded(t) {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, s.Validate(parse(t, text)))
		})
	}
}

// TestSchemaRejectsBrokenReports breaks a recorded report in one place at a time.
func TestSchemaRejectsBrokenReports(t *testing.T) {
	s := schemaOf(t)
	in := func(r map[string]any, name string) map[string]any { return r[name].(map[string]any) }
	first := func(r map[string]any, name string) map[string]any { return r[name].([]any)[0].(map[string]any) }
	breaks := map[string]struct {
		place string // that the error names
		apply func(r map[string]any)
	}{
		"unknown outcome":      {"/outcome", func(r map[string]any) { r["outcome"] = "perhaps" }},
		"empty level":          {"/level", func(r map[string]any) { r["level"] = "" }},
		"answer as a boolean":  {"/dialects/3.1.1", func(r map[string]any) { in(r, "dialects")["3.1.1"] = true }},
		"unknown answer":       {"/dialects/3.1.1", func(r map[string]any) { in(r, "dialects")["3.1.1"] = "maybe" }},
		"unknown result":       {"/probes/0/result", func(r map[string]any) { first(r, "probes")["result"] = "fine" }},
		"no target":            {"target", func(r map[string]any) { delete(r, "target") }},
		"no capabilities":      {"capabilities", func(r map[string]any) { delete(first(r, "negotiated"), "capabilities") }},
		"no cost of requests":  {"requests", func(r map[string]any) { delete(in(r, "cost"), "requests") }},
		"null target":          {"/target", func(r map[string]any) { r["target"] = nil }},
		"null object":          {"/signing", func(r map[string]any) { r["signing"] = nil }},
		"null list":            {"/negotiated/0/security_mode", func(r map[string]any) { first(r, "negotiated")["security_mode"] = nil }},
		"null answer":          {"/dialects/2.1", func(r map[string]any) { in(r, "dialects")["2.1"] = nil }},
		"number as text":       {"/cost/requests", func(r map[string]any) { in(r, "cost")["requests"] = "3" }},
		"credits above 16 bit": {"/negotiated/0/credits", func(r map[string]any) { first(r, "negotiated")["credits"] = 65536 }},
		"time in a zone":       {"/observed_at", func(r map[string]any) { r["observed_at"] = "2026-11-24T10:00:00+02:00" }},
		"time in words":        {"/observed_at", func(r map[string]any) { r["observed_at"] = "at noonZ" }},
		"another version":      {"/schema_version", func(r map[string]any) { r["schema_version"] = 2 }},
	}
	for name, text := range recorded(t) {
		if parse(t, text)["negotiated"] == nil {
			continue // a server without SMB2 lacks the places that are broken here
		}
		for what, b := range breaks {
			r := parse(t, text)
			b.apply(r)
			err := s.Validate(r)
			require.Error(t, err, "%s with %s", name, what)
			require.ErrorContains(t, err, b.place, "%s with %s", name, what)
		}
		r := parse(t, text)
		r["from_the_future"], in(r, "cost")["watts"] = "x", 1
		require.NoError(t, s.Validate(r), "readers ignore what they do not know")
		return
	}
	require.Fail(t, "no recorded report is of a server with SMB2")
}
