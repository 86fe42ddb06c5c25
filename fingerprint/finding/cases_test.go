package finding_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/finding"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/testdata"
)

// A sample is a report that raises a finding, or one close to it that does not.
type sample struct {
	id     string
	name   string
	report *report.Report
	want   report.Severity // empty: it must not be raised
	says   string          // in the detail
}

const none = report.Severity("")

// samples has the samples of all themes.
func samples(t *testing.T) []sample {
	return slices.Concat(protocolSamples(t), encryptionSamples(t), nullSessionSamples(t), supportSamples(), exposureSamples(t),
		clockSamples(t), guidSamples(t), checkSamples(), windowsSamples(t), sambaSamples(t), tellSamples())
}

// observed is the day on which the reports were made that are made by hand.
var observed = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// recorded is the report of a recorded server without what is made of it afterwards.
func recorded(t *testing.T, name string) *report.Report {
	t.Helper()
	b, err := testdata.Report(name)
	require.NoError(t, err)
	r := new(report.Report)
	require.NoError(t, json.Unmarshal(b, r))
	r.Identity, r.Stack, r.Findings = nil, nil, nil
	return r
}

// with changes a report and returns it.
func with(r *report.Report, change func(r *report.Report)) *report.Report {
	change(r)
	return r
}

func all(t *testing.T) []string {
	t.Helper()
	names, err := testdata.Names()
	require.NoError(t, err)
	null, err := testdata.NullSessions()
	require.NoError(t, err)
	return append(names, null...)
}

func find(r *report.Report, id string) (report.Finding, bool) {
	list := finding.Of(r)
	i := slices.IndexFunc(list, func(f report.Finding) bool { return f.ID == id })
	if i < 0 {
		return report.Finding{}, false
	}
	return list[i], true
}

func TestSamples(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(s.id+"/"+s.name, func(t *testing.T) {
			f, ok := find(s.report, s.id)
			require.Equal(t, s.want != none, ok, f.Detail)
			if ok {
				require.Equal(t, s.want, f.Severity)
				require.Contains(t, f.Detail, s.says)
				wellFormed(t, s.report, f)
				require.NotContains(t, f.Detail, "  ")
			}
		})
	}
}

// TestNoDeadRules asks for a sample that raises each rule with each of its severities, and one that does not.
func TestNoDeadRules(t *testing.T) {
	type seen struct {
		severity report.Severity
		id       string
	}
	found := map[seen]bool{}
	for _, s := range samples(t) {
		found[seen{s.want, s.id}] = true
	}
	for _, rule := range finding.Rules() {
		for _, severity := range append(rule.Severities, none) {
			require.True(t, found[seen{severity, rule.ID}], "no sample of %s has severity %q", rule.ID, severity)
			delete(found, seen{severity, rule.ID})
		}
	}
	require.Empty(t, found, "samples of rules or severities that there are not")
}

// wellFormed checks what holds for every finding.
func wellFormed(t *testing.T, r *report.Report, f report.Finding) {
	t.Helper()
	require.NotEmpty(t, f.Title)
	require.NotEmpty(t, f.Detail)
	require.NotEmpty(t, f.References)
	require.NotEmpty(t, f.Evidence, f.ID)
	require.Contains(t, f.Remediation, "Windows: ")
	require.Contains(t, f.Remediation, "Samba: ")
	for _, text := range append(slices.Clone(f.References), f.Title, f.Detail) {
		require.Equal(t, strings.TrimSpace(text), text)
		require.False(t, strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7F || r == '\u202e' }), "%q", text)
	}
	var tree any
	b, err := json.Marshal(r)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &tree))
	for _, p := range f.Evidence {
		value, ok := resolve(tree, p)
		require.True(t, ok, "%s: nothing at %s", f.ID, p)
		require.NotContains(t, []any{nil, "", string(report.Unknown)}, value, "%s: %s", f.ID, p)
	}
	require.Equal(t, f.Evidence, slices.Compact(slices.Clone(f.Evidence)))
}

// resolve follows a JSON Pointer, RFC 6901.
func resolve(tree any, pointer string) (any, bool) {
	for i, token := range strings.Split(pointer, "/") {
		if i == 0 {
			if token != "" {
				return nil, false
			}
			continue
		}
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		switch node := tree.(type) {
		case map[string]any:
			value, ok := node[token]
			if !ok {
				return nil, false
			}
			tree = value
		case []any:
			n, err := strconv.Atoi(token)
			if err != nil || n < 0 || n >= len(node) {
				return nil, false
			}
			tree = node[n]
		default:
			return nil, false
		}
	}
	return tree, true
}
