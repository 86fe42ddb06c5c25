package finding

import (
	"fmt"
	"math"

	"github.com/smbscope/smbscope/fingerprint/report"
)

var clockRules = []rule{{
	Rule: Rule{
		ID: "clock-skew", Severities: only(report.SeverityLow), Title: "The clock is wrong by more than five minutes",
		Raised: "The server's clock differs from the scanner's by more than Kerberos allows, its error taken off. " +
			"The clock of a LANMAN dialect, which is local time, is left out.",
		References: []string{
			"https://www.rfc-editor.org/rfc/rfc4120",
			"https://learn.microsoft.com/windows/security/threat-protection/security-policy-settings/maximum-tolerance-for-computer-clock-synchronization",
		},
	},
	remedy: remedyClock, find: findSkew,
}}

// kerberosSkewMS is what Kerberos allows by default: "Maximum tolerance for computer clock synchronization" of Windows,
// clockskew of MIT and Heimdal.
const kerberosSkewMS = 5 * 60 * 1000

func findSkew(r *report.Report) (hit, bool) {
	if r.ClockSkewMS == nil || r.ClockSkewErrorMS == nil || r.SystemTimeSource == report.TimeLANMAN {
		return hit{}, false
	}
	skew, bound := *r.ClockSkewMS, *r.ClockSkewErrorMS
	if !(math.Abs(skew)-math.Abs(bound) > kerberosSkewMS) {
		return hit{}, false
	}
	direction := "ahead of"
	if skew < 0 {
		direction = "behind"
	}
	whose := "the scanner's"
	if r.Level == report.LevelPassive {
		whose = "that of the capture"
	}
	return hit{
		evidence: []string{pointer("clock_skew_ms"), pointer("clock_skew_error_ms")},
		detail: fmt.Sprintf("The server's clock is %s %s %s. Kerberos refuses tickets from five minutes on, so "+
			"that clients fall back to NTLM or fail, and times in logs do not match. One of the two clocks is "+
			"wrong: the scan cannot tell which.",
			span(math.Abs(skew)), direction, whose),
	}, true
}

// span says a number of milliseconds; it may be more than a time.Duration holds.
func span(ms float64) string {
	switch minutes := ms / 60000; {
	case minutes < 120:
		return fmt.Sprintf("%.0f minutes", minutes)
	case minutes < 2*24*60:
		return fmt.Sprintf("%.0f hours", minutes/60)
	default:
		return fmt.Sprintf("%.0f days", minutes/60/24)
	}
}
