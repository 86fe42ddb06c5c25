package report_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
)

func marshal(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	require.NoError(t, err)
	return string(out)
}

// tree reads JSON into maps, slices and scalars.
func tree(t *testing.T, text string) map[string]any {
	t.Helper()
	var all map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &all))
	return all
}

func TestRoundTrip(t *testing.T) {
	want := full()
	fields(reflect.ValueOf(want).Elem(), "Report", func(path string, f reflect.Value) {
		require.False(t, f.IsZero(), "%s is not filled, so that the test would not see its loss", path)
	})
	text := marshal(t, want)
	got := new(report.Report)
	require.NoError(t, json.Unmarshal([]byte(text), got))
	require.True(t, reflect.DeepEqual(want, got), "lost or changed:\nwant %s\n got %s", text, marshal(t, got))
	require.Equal(t, text, marshal(t, got))
}

func TestStableBytes(t *testing.T) {
	want := marshal(t, full())
	for range 50 { // maps are made afresh each time
		require.Equal(t, want, marshal(t, full()))
	}
}

// TestNeverNull empties each field of a full report and of one whose parts say nothing, one field at a time.
func TestNeverNull(t *testing.T) {
	check := func(t *testing.T, r *report.Report, what string) {
		t.Helper()
		text := marshal(t, r)
		require.NotContains(t, text, ":null", what)
		require.NotContains(t, text, "[null", what)
		require.NotContains(t, text, ",null", what)
		require.NotContains(t, text, "0001-01-01", what)
	}
	for name, r := range map[string]*report.Report{"zero": {}, "hollow": hollow(), "full": full()} {
		t.Run(name, func(t *testing.T) {
			check(t, r, name)
			fields(reflect.ValueOf(r).Elem(), "Report", func(path string, f reflect.Value) {
				old := reflect.ValueOf(f.Interface())
				f.SetZero()
				check(t, r, path+" empty")
				f.Set(old)
			})
		})
	}
}

func TestAnswers(t *testing.T) {
	unset := tree(t, marshal(t, report.SMB1{Supported: report.No}))
	require.Equal(t, map[string]any{"supported": "no"}, unset, "what was never asked is absent")

	asked := tree(t, marshal(t, report.SMB1{ChallengeResponse: report.Unknown}))
	require.Equal(t, map[string]any{"challenge_response": "unknown"}, asked, "what was asked and not learnt is printed")

	required := tree(t, marshal(t, report.NTLM{}))
	require.Equal(t, map[string]any{"listed": "unknown", "challenge": "unknown"}, required,
		"where an answer cannot be absent, unset is unknown, and never an empty string or no")
	inMap := marshal(t, report.Report{Dialects: map[string]report.Answer{"3.1.1": ""}})
	require.Contains(t, inMap, `"dialects":{"3.1.1":"unknown"}`)

	var later report.Answer
	require.NoError(t, json.Unmarshal([]byte(`"sometimes"`), &later), "readers take values that they do not know")
	require.False(t, later.Known())
	require.False(t, report.Unknown.Known())
	require.False(t, report.Answer("").Known())
	require.True(t, report.AnswerOf(true).Known())
	require.Equal(t, report.No, report.AnswerOf(false))
}

func TestObservedZerosArePrinted(t *testing.T) {
	var zone int16
	var mpx, mode uint16
	var size uint32
	var ms float64
	r := report.Report{
		ClockSkewMS: &ms, ClockSkewErrorMS: &ms,
		Negotiated: []report.Negotiated{{}},
		SMB1: &report.SMB1{
			TimeZoneMinutes: &zone, MaxMpx: &mpx, MaxBufferSize: &size, MaxRawSize: &size, Capabilities: []string{},
		},
		Signing: &report.Signing{SMB2: &report.SigningMode{SecurityMode: &mode}},
		NTLM:    &report.NTLM{Flags: []string{}},
	}
	all := tree(t, marshal(t, r))
	require.Equal(t, 0.0, all["clock_skew_ms"])
	require.Equal(t, 0.0, all["clock_skew_error_ms"])
	require.Equal(t, map[string]any{
		"time_zone_minutes": 0.0, "max_mpx": 0.0, "max_buffer_size": 0.0, "max_raw_size": 0.0, "capabilities": []any{},
	}, all["smb1"])
	require.Equal(t, []any{map[string]any{
		"dialect": "", "transport": 0.0, "security_mode": []any{}, "capabilities": []any{},
		"max_transact_size": 0.0, "max_read_size": 0.0, "max_write_size": 0.0, "credits": 0.0,
	}}, all["negotiated"])
	require.Equal(t, 0.0, all["signing"].(map[string]any)["smb2"].(map[string]any)["security_mode"])
	require.Equal(t, []any{}, all["ntlm"].(map[string]any)["flags"])

	r = report.Report{SMB1: &report.SMB1{}}
	all = tree(t, marshal(t, r))
	require.Equal(t, map[string]any{}, all["smb1"], "what was not read is absent")
	require.NotContains(t, all, "clock_skew_ms")
}

func TestTimesAreRFC3339(t *testing.T) {
	stamp := time.Date(2026, 11, 24, 10, 0, 1, 123456700, time.UTC) // in units of 100 ns, as Windows counts
	r := report.Report{ObservedAt: stamp, SystemTime: stamp, ServerStartTime: stamp, NTLM: &report.NTLM{Timestamp: stamp}}
	text := marshal(t, r)
	require.Equal(t, 4, strings.Count(text, `"2026-11-24T10:00:01.1234567Z"`), text)

	// Whatever is a time in the schema has the form that the schema asks for.
	form := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)
	seen := 0
	all := tree(t, marshal(t, full()))
	for _, name := range []string{"observed_at", "system_time", "server_start_time"} {
		require.Regexp(t, form, all[name])
		seen++
	}
	require.Regexp(t, form, all["ntlm"].(map[string]any)["timestamp"])
	require.Equal(t, seen+1, strings.Count(string(report.Schema()), `"format": "date-time"`), "a time that the test leaves out")
}
