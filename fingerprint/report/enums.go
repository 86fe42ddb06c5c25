package report

// An Answer is what is known of one question. The zero value means that the question was not asked, which is unknown
// too; it is left out of the JSON.
type Answer string

// The answers. Compare with Yes and No only; everything else is unknown.
const (
	Unknown Answer = "unknown" // it could not be learnt, or was not asked
	No      Answer = "no"      // asked for, and refused
	Yes     Answer = "yes"     // seen
)

// MarshalText prints an answer that was never set as unknown, where the JSON cannot leave it out.
func (a Answer) MarshalText() ([]byte, error) {
	if a == "" {
		a = Unknown
	}
	return []byte(a), nil
}

// Known tells whether the answer is yes or no.
func (a Answer) Known() bool { return a == Yes || a == No }

// AnswerOf turns an observed fact into an answer.
func AnswerOf(fact bool) Answer {
	if fact {
		return Yes
	}
	return No
}

// Enum lists the values of the type.
func (Answer) Enum() []string { return enum(Unknown, No, Yes) }

// A Level tells how much a scan asks.
type Level string

// The levels. LevelPassive marks what was observed and not asked.
const (
	LevelQuick    Level = "quick"    // the best dialect, and names
	LevelStandard Level = "standard" // each dialect
	LevelFull     Level = "full"     // each algorithm too
	LevelPassive  Level = "passive"  // nothing; read from a capture
)

// Enum lists the values of the type.
func (Level) Enum() []string { return enum(LevelQuick, LevelStandard, LevelFull, LevelPassive) }

// An Outcome tells what became of a scan as a whole.
type Outcome string

// The outcomes.
const (
	OutcomeSMB         Outcome = "smb"         // it answered in SMB
	OutcomeNotSMB      Outcome = "not-smb"     // it sent bytes, and they are not SMB
	OutcomeTimedOut    Outcome = "timed-out"   // no connection in time, or nothing received
	OutcomeClosed      Outcome = "closed"      // it closed without a byte
	OutcomeRefused     Outcome = "refused"     // it refused the connection
	OutcomeReset       Outcome = "reset"       // it reset the connection without a byte
	OutcomeUnreachable Outcome = "unreachable" // no way to it
	OutcomeCanceled    Outcome = "canceled"    // the caller ended the scan first
	OutcomeError       Outcome = "error"       // anything else
)

// Enum lists the values of the type.
func (Outcome) Enum() []string {
	return enum(OutcomeSMB, OutcomeNotSMB, OutcomeTimedOut, OutcomeClosed, OutcomeRefused, OutcomeReset, OutcomeUnreachable,
		OutcomeCanceled, OutcomeError)
}

// A Result tells what became of one probe, or what one piece of evidence is.
type Result string

// The results.
const (
	ResultSupported Result = "supported"  // the server took the offer
	ResultRefused   Result = "refused"    // the server refused it in the protocol's own way
	ResultClosed    Result = "closed"     // the server closed the connection
	ResultReset     Result = "reset"      // the server reset the connection
	ResultTimeout   Result = "timeout"    // nothing came in time
	ResultMalformed Result = "malformed"  // what came could not be read as an answer
	ResultInferred  Result = "inferred"   // it follows from another answer
	ResultNotTested Result = "not-tested" // the question was not asked
)

// Enum lists the values of the type.
func (Result) Enum() []string {
	return enum(ResultSupported, ResultRefused, ResultClosed, ResultReset, ResultTimeout, ResultMalformed, ResultInferred,
		ResultNotTested)
}

// A TimeSource tells which message a clock was read from.
type TimeSource string

// The sources of a time.
const (
	TimeSMB2   TimeSource = "smb2"   // SystemTime of an SMB2 negotiate response
	TimeSMB1   TimeSource = "smb1"   // SystemTime of an NT LM 0.12 negotiate response
	TimeLANMAN TimeSource = "lanman" // ServerTime and ServerDate of a LANMAN negotiate response: two seconds, local time
)

// Enum lists the values of the type.
func (TimeSource) Enum() []string { return enum(TimeSMB2, TimeSMB1, TimeLANMAN) }

// A Basis tells what the answer for an algorithm rests on.
type Basis string

// The bases.
const (
	BasisContext Basis = "context" // a negotiate context
	BasisDialect Basis = "dialect" // what the dialect implies
)

// Enum lists the values of the type.
func (Basis) Enum() []string { return enum(BasisContext, BasisDialect) }

// A Selection tells whose order decides which of several algorithms is chosen: all of them are offered twice, in one
// order and in its reverse.
type Selection string

// The selections.
const (
	SelectionServer Selection = "server-order" // the same algorithm was chosen from both
	SelectionClient Selection = "client-order" // another one was chosen from each
)

// Enum lists the values of the type.
func (Selection) Enum() []string { return enum(SelectionServer, SelectionClient) }

func enum[T ~string](values ...T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}
