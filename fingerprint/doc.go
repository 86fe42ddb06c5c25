// Package fingerprint tells what an SMB server is and what it exposes, without credentials, in a few round trips, and
// never says more than the bytes prove.
//
//	var s fingerprint.Scanner
//	report, err := s.Scan(ctx, "192.0.2.10")
//
// A scan goes from a target to a plan of questions, asks them over connections of its own, keeps what was said as
// dialogues (package dialogue), and draws answers with evidence from them (package verdict) into a report (package
// report). Only the first half needs a network: [Observe] draws the same report from dialogues that were recorded or
// captured.
//
// What a scan sends is bounded and harmless: no password, no name, no authentication, nothing that writes.
package fingerprint
