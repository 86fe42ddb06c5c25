package finding_test

import (
	"math"
	"testing"

	"github.com/smbscope/smbscope/fingerprint/report"
)

func clockSamples(t *testing.T) []sample {
	of := func(skew, bound float64, source report.TimeSource) *report.Report {
		return &report.Report{ClockSkewMS: &skew, ClockSkewErrorMS: &bound, SystemTimeSource: source}
	}
	const minutes, hour = 60000, 3600000
	low := report.SeverityLow
	return []sample{
		{"clock-skew", "ahead", of(7*minutes, 16, report.TimeSMB2), low, "7 minutes ahead of"},
		{"clock-skew", "behind", of(-3*hour, 16, report.TimeSMB1), low, "3 hours behind"},
		{"clock-skew", "by decades", of(-30*365*24*hour, 16, report.TimeSMB2), low, "10950 days behind"},
		{"clock-skew", "captured", with(of(hour, 16, ""), func(r *report.Report) { r.Level = report.LevelPassive }), low, "ahead of that of the capture."},
		{"clock-skew", "just too much", of(5*minutes+17, 16, report.TimeSMB2), low, ""},
		{"clock-skew", "within the error", of(5*minutes+16, 16, report.TimeSMB2), none, ""},
		{"clock-skew", "within the error, behind", of(-5*minutes-1000, 1500, report.TimeSMB2), none, ""},
		{"clock-skew", "local time", of(60*minutes, 2000, report.TimeLANMAN), none, ""},
		{"clock-skew", "no number", of(math.NaN(), 16, report.TimeSMB2), none, ""},
		{"clock-skew", "no bound", with(of(hour, 1, ""), func(r *report.Report) { r.ClockSkewErrorMS = nil }), none, ""},
		{"clock-skew", "recorded", recorded(t, "samba-4.17.12-default"), none, ""},
	}
}
