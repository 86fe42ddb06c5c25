package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

func refused(_ context.Context, target string) (*fingerprint.Report, error) {
	return &fingerprint.Report{Target: target, Outcome: report.OutcomeRefused, Reason: "the connection was refused"}, nil
}

// town is a network with one address for each outcome, and nobody at the others.
func town(ctx context.Context, target string) (*fingerprint.Report, error) {
	r, err := refused(ctx, target)
	switch strings.TrimPrefix(target, "192.0.2.") {
	case "1":
		return answering(sample())(ctx, target)
	case "2":
		r.Outcome, r.Reason = report.OutcomeTimedOut, "no connection in time"
	case "3":
		r.Outcome, r.Reason, r.Cost.Requests = report.OutcomeTimedOut, "no answer in time", 1
	case "4":
		r.Outcome, r.Reason = report.OutcomeUnreachable, "no way"
	case "5":
		r.Outcome, r.Reason = report.OutcomeNotSMB, "the server sent bytes that are not SMB"
	case "6":
		r.Outcome, r.Reason = report.OutcomeReset, "reset"
	case "7":
		r.Outcome, r.Reason = report.OutcomeError, "no such host"
	case "8":
		return answering(sample())(ctx, target)
	}
	return r, err
}

func targetsShown(table string) []string {
	return regexp.MustCompile(`(?m)^192\.0\.2\.\d+|^t\d+ `).FindAllString(rows(table), -1)
}

func TestDeadTargets(t *testing.T) {
	alive := []string{"192.0.2.1", "192.0.2.3", "192.0.2.5", "192.0.2.6", "192.0.2.7", "192.0.2.8"}
	w := world{scan: town}
	require.Equal(t, exitDone, w.run(t.Context(), "192.0.2.0/28"))
	require.Equal(t, alive, targetsShown(w.stdout.String()), "in order")
	require.Regexp(t, `\n16 targets in .*: 2 smb, 1 not-smb, 2 timed-out, 8 refused, 1 reset, 1 unreachable, 1 error\n`+
		`10 targets without a server not shown; -all shows all\n`, w.stdout.String())
	require.NotContains(t, w.stdout.String(), "the connection was refused", "nothing is said of what is not shown")

	w = world{scan: town}
	require.Equal(t, exitDone, w.run(t.Context(), "-all", "192.0.2.0/28"))
	require.Len(t, targetsShown(w.stdout.String()), 16)
	require.NotContains(t, w.stdout.String(), "-all")

	w = world{scan: town}
	require.Equal(t, exitDone, w.run(t.Context(), "-json", "192.0.2.0/28"))
	require.Len(t, parse(t, w.stdout.String()), 16, "JSON has all")

	w = world{scan: refused}
	require.Equal(t, exitDone, w.run(t.Context(), "192.0.2.0/28"))
	require.Regexp(t, `^16 targets in \S+: 16 refused\n16 targets without a server not shown; -all shows all\n$`, w.stdout.String())
}

// Targets that were named by themselves are shown, unless there are many.
func TestManyTargets(t *testing.T) {
	for n, want := range map[int]int{manyTargets: manyTargets, manyTargets + 1: 0} {
		var args []string
		for i := range n {
			args = append(args, fmt.Sprintf("t%d", i))
		}
		w := world{scan: refused}
		require.Equal(t, exitDone, w.run(t.Context(), args...))
		require.Len(t, targetsShown(w.stdout.String()), want)
		w = world{scan: refused, stdin: strings.Join(args, "\n")}
		require.Equal(t, exitDone, w.run(t.Context(), "-"))
		require.Len(t, targetsShown(w.stdout.String()), want)
	}
}

// Rows keep what they show and no more.
func TestResultsAreSmall(t *testing.T) {
	r := sample()
	r.Negotiated, r.Anomalies = []report.Negotiated{{}}, []report.Anomaly{{}}
	cases := map[string]struct {
		options          options
		evidence, probes bool
	}{
		"table":   {},
		"verbose": {options: options{verbose: true}, evidence: true, probes: true},
		"raw":     {options: options{raw: true}, probes: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newResults(c.options, &targetList{total: 1 << 16, prefixes: true})
			s.add(&r)
			s.add(&fingerprint.Report{Outcome: report.OutcomeCanceled})
			require.Len(t, s.rows, 1)
			row := s.rows[0]
			require.Equal(t, c.evidence, row.Evidence != nil && row.Anomalies != nil && row.Negotiated != nil)
			require.Equal(t, c.evidence, row.Evidence != nil || row.Anomalies != nil || row.Negotiated != nil)
			require.Equal(t, c.probes, row.Probes != nil)
			require.NotEmpty(t, row.Dialects)
			require.NotNil(t, r.Evidence, "the report is not changed")
			require.EqualValues(t, 2, s.total)
		})
	}
}
