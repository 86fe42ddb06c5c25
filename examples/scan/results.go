package main

import (
	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// manyTargets are so many that a row for each dead one would bury the rest.
const manyTargets = 64

// results are what the table and its summary need to know of the reports, and no more: the memory of a scan of many
// addresses is that of the rows it shows.
type results struct {
	rows      []*fingerprint.Report
	outcomes  map[report.Outcome]uint64
	total     uint64
	left      uint64 // how many have no row
	onlyAlive bool
	evidence  bool // whether what answers rest on is shown
	probes    bool
	null      bool // whether it was asked if nobody gets a session
	guest     bool // whether an invented account does
	checked   bool // whether weaknesses were looked for
	findings  tally
}

func newResults(o options, targets *targetList) *results {
	return &results{
		outcomes:  map[report.Outcome]uint64{},
		onlyAlive: !o.all && (targets.prefixes || targets.total > manyTargets),
		evidence:  o.verbose || o.explain,
		probes:    o.verbose || o.raw,
		null:      o.null,
		guest:     o.guest,
		checked:   o.checks,
		findings:  newTally(),
	}
}

func (s *results) add(r *fingerprint.Report) {
	s.total++
	s.outcomes[r.Outcome]++
	s.findings.add(r)
	if s.onlyAlive && dead(r) {
		s.left++
		return
	}
	row := *r // reports are not changed once they were returned
	if !s.evidence {
		row.Evidence, row.Anomalies, row.Negotiated = nil, nil, nil
	}
	if !s.probes {
		row.Probes = nil
	}
	row.NullSession, row.Checks = s.nullSession(r), s.checks(r)
	s.rows = append(s.rows, &row)
}

// nullSession returns what is shown of it: what was asked for and has no answer is unknown, what was not has no place.
func (s *results) nullSession(r *fingerprint.Report) *report.NullSession {
	if r.Outcome != report.OutcomeSMB || !s.null && !s.guest {
		return nil
	}
	var n report.NullSession
	if r.NullSession != nil {
		n = *r.NullSession
	}
	switch {
	case !s.null:
		n.Session, n.IPC, n.Guest = "", "", ""
	case n.Session == "":
		n.Session = report.Unknown
	}
	switch {
	case !s.guest:
		n.UnknownUserMapsToGuest = ""
	case n.UnknownUserMapsToGuest == "":
		n.UnknownUserMapsToGuest = report.Unknown
	}
	return &n
}

// dead tells whether nothing was found at a target. One that took the connection and then said nothing is not dead.
func dead(r *fingerprint.Report) bool {
	switch r.Outcome {
	case report.OutcomeRefused, report.OutcomeTimedOut, report.OutcomeUnreachable:
		return r.Cost.Requests == 0
	case report.OutcomeCanceled: // what answered in SMB before that is smb
		return true
	}
	return false
}
