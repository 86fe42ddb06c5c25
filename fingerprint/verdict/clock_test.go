package verdict_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// In a dialogue of these tests the question is asked at 20 ms and answered at 30 ms, so that the midpoint is at 25 ms.
const midpoint = 25 * time.Millisecond

func TestTimes(t *testing.T) {
	fraction := noon.Add(time.Millisecond)
	late := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	tests := map[string]struct {
		system, start dtyp.Filetime
		want, since   time.Time
	}{
		"both":         {dtyp.FiletimeOf(noon), dtyp.FiletimeOf(noon.Add(-time.Hour)), noon, noon.Add(-time.Hour)},
		"a fraction":   {dtyp.FiletimeOf(fraction), 0, fraction, time.Time{}},
		"no start":     {dtyp.FiletimeOf(noon), 0, noon, time.Time{}},
		"zero":         {0, 0, time.Time{}, time.Time{}},
		"only start":   {0, dtyp.FiletimeOf(noon), time.Time{}, noon},
		"negative":     {1 << 63, 1 << 63, time.Time{}, time.Time{}},
		"never":        {1<<63 - 1, 1<<63 - 1, time.Time{}, time.Time{}},
		"all ones":     {1<<64 - 1, 1<<64 - 1, time.Time{}, time.Time{}},
		"far away":     {dtyp.FiletimeOf(late), 0, late, time.Time{}},
		"far too long": {dtyp.FiletimeOf(late) + 10_000_000, 0, time.Time{}, time.Time{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := of(t, conn(1, done, all(t), takesWith(t, smb.DialectSMB311, func(r *negotiate.SMB2Response) {
				r.SystemTime, r.ServerStartTime = tt.system, tt.start
			})))
			require.Equal(t, tt.want, r.SystemTime)
			require.Equal(t, tt.since, r.ServerStartTime)
			require.Equal(t, !tt.want.IsZero(), r.SystemTimeSource == report.TimeSMB2)
			require.Equal(t, !tt.want.IsZero(), r.ClockSkewMS != nil)
			if r.ClockSkewMS != nil {
				require.InDelta(t, float64(tt.want.UnixMilli()-noon.Add(midpoint).UnixMilli()), *r.ClockSkewMS, 1)
				resolution := 1000.0 // the clock of a server that counts in seconds
				if tt.want.Nanosecond() != 0 {
					resolution = 16
				}
				require.InDelta(t, 5+resolution, *r.ClockSkewErrorMS, 1e-9)
			}
		})
	}
}

func TestTimesOfSMB1(t *testing.T) {
	r := of(t, conn(1, done, smb1(t), nt(t, 4, func(r *negotiate.SMB1Response) {
		r.SystemTime, r.ServerTimeZone = dtyp.FiletimeOf(noon.Add(time.Minute)), -60
	})))
	require.Equal(t, report.TimeSMB1, r.SystemTimeSource)
	require.Equal(t, noon.Add(time.Minute), r.SystemTime, "UTC as it is")
	require.InDelta(t, 60000-25, *r.ClockSkewMS, 1e-9)
	require.EqualValues(t, -60, *r.SMB1.TimeZoneMinutes)

	local := func(r *negotiate.SMB1Response) { // 2026-11-24 13:00:04, one hour before UTC
		r.ServerDate, r.ServerTime, r.ServerTimeZone = (2026-1980)<<9|11<<5|24, 13<<11|2, -60
	}
	r = of(t, conn(1, done, smb1(t), lanman(t, 3, local)))
	require.Equal(t, report.TimeLANMAN, r.SystemTimeSource)
	require.Equal(t, noon.Add(4*time.Second), r.SystemTime)
	require.InDelta(t, 4000-25, *r.ClockSkewMS, 1e-9)
	require.InDelta(t, 5+2000, *r.ClockSkewErrorMS, 1e-9)

	r = of(t, conn(1, done, smb1(t), lanman(t, 3, nil)))
	require.True(t, r.SystemTime.IsZero(), "month 0 is no time, and never 1980")
	require.Nil(t, r.ClockSkewMS)
}

// A capture's clock may not be known, or run backwards. The server's own times stay.
func TestTimesWithoutOurClock(t *testing.T) {
	for _, at := range []time.Time{{}, noon.Add(time.Hour)} {
		d := conn(1, done, all(t), takesWith(t, smb.DialectSMB311, func(r *negotiate.SMB2Response) {
			r.ServerStartTime = dtyp.FiletimeOf(noon)
		}))
		d.Frames[0].At = at
		r := of(t, d)
		require.Equal(t, noon, r.SystemTime)
		require.Equal(t, noon, r.ServerStartTime)
		require.Nil(t, r.ClockSkewMS)
		require.Nil(t, r.ClockSkewErrorMS)
		require.Zero(t, r.Probes[0].DurationMS)
	}
}
