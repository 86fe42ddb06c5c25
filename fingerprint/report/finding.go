package report

// A Finding is something about a server that its owner may want to mend. It rests on answers that are known.
type Finding struct {
	ID          string   `json:"id"`                    // stable
	Severity    Severity `json:"severity"`              // how urgent
	Title       string   `json:"title"`                 // a few words
	Evidence    []string `json:"evidence,omitempty"`    // paths of what it rests on, JSON Pointers into the report
	Detail      string   `json:"detail,omitempty"`      // what was seen, and what it means
	Remediation string   `json:"remediation,omitempty"` // what to do about it
	References  []string `json:"references,omitempty"`  // CVE, vendors' documents, MITRE ATT&CK, CIS
}

// A Severity tells how urgent a finding is. Package finding says what each means.
type Severity string

// The severities, from the least to the most.
const (
	SeverityInfo     Severity = "info"     // good to know
	SeverityLow      Severity = "low"      // weakens a defence
	SeverityMedium   Severity = "medium"   // helps an attacker who is inside, or is only possibly there
	SeverityHigh     Severity = "high"     // opens a way in
	SeverityCritical Severity = "critical" // open now, to anybody
)

// Enum lists the values of the type, from the least to the most.
func (Severity) Enum() []string {
	return enum(SeverityInfo, SeverityLow, SeverityMedium, SeverityHigh, SeverityCritical)
}

// A Check is the result of one weakness check, where those were asked for.
type Check struct {
	ID     CheckID `json:"id"`               // which
	Answer Answer  `json:"answer"`           // yes: the weakness is there; unknown: it could not be tested
	Status string  `json:"status,omitempty"` // token of the answer that decides
	Reason string  `json:"reason,omitempty"` // a sentence: what the answer rests on, or why it could not be tested
}

// A CheckID names a weakness check.
type CheckID string

// The weakness checks.
const (
	CheckMS17010      CheckID = "ms17-010"     // the update of March 2017 against EternalBlue is missing
	CheckDoublePulsar CheckID = "doublepulsar" // the implant of that name answers
)

// Enum lists the values of the type.
func (CheckID) Enum() []string { return enum(CheckMS17010, CheckDoublePulsar) }
