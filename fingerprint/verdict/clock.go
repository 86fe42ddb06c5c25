package verdict

import (
	"math"
	"time"

	"github.com/smbscope/smbscope/fingerprint/report"
)

// The resolutions of the clocks that servers send. Windows updates its system time every 15.6 ms; the LANMAN dialects
// count in units of two seconds ([MS-CIFS] 2.2.1.4.2).
const (
	smbResolution    = 16 * time.Millisecond
	lanmanResolution = 2000 * time.Millisecond
)

// resolution is that of a server's FILETIME. One without a fraction of a second comes from a server that counts in
// seconds, as impacket's does.
func resolution(t time.Time) time.Duration {
	if t.Nanosecond() == 0 {
		return time.Second
	}
	return smbResolution
}

// clock reads the server's time from the first answer that has one. Skew is measured at the midpoint of the exchange,
// which is wrong by at most half of the round trip.
func (v *verdict) clock() {
	for _, q := range v.questions {
		t, source, resolution, ok := q.serverTime()
		if !ok {
			continue
		}
		v.report.SystemTime, v.report.SystemTimeSource = t, source
		if !q.sent.IsZero() && !q.answered.Before(q.sent) {
			half := q.answered.Sub(q.sent) / 2
			skew, bound := millisecondsBetween(q.sent.Add(half), t), milliseconds(half+resolution)
			v.report.ClockSkewMS, v.report.ClockSkewErrorMS = &skew, &bound
		}
		break
	}
	for _, q := range v.questions {
		if q.smb2 == nil {
			continue
		}
		if t, ok := q.smb2.ServerStartTime.Time(); ok {
			v.report.ServerStartTime = t
			return
		}
	}
}

// millisecondsBetween subtracts also what a Duration cannot hold, which ends at 292 years: a wrong clock can be farther
// off.
func millisecondsBetween(from, to time.Time) float64 {
	if d := to.Sub(from); d != math.MaxInt64 && d != math.MinInt64 {
		return milliseconds(d)
	}
	return float64(to.UnixMicro()-from.UnixMicro()) / 1000
}

func (q *question) serverTime() (time.Time, report.TimeSource, time.Duration, bool) {
	switch {
	case q.smb2 != nil:
		t, ok := q.smb2.SystemTime.Time()
		return t, report.TimeSMB2, resolution(t), ok
	case q.smb1 != nil:
		if t, ok := q.smb1.SystemTime.Time(); ok {
			return t, report.TimeSMB1, resolution(t), true
		}
		t, ok := q.smb1.LocalTime()
		return t, report.TimeLANMAN, lanmanResolution, ok
	}
	return time.Time{}, "", 0, false
}
