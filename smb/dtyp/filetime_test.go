package dtyp_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
)

func TestFiletime(t *testing.T) {
	tests := map[dtyp.Filetime]string{
		1:                  "1601-01-01T00:00:00.0000001Z",
		116444736000000000: "1970-01-01T00:00:00Z",
		116444735999999999: "1969-12-31T23:59:59.9999999Z",
		132902804272523206: "2022-02-25T16:33:47.2523206Z",
		128166372003061629: "2007-02-22T17:00:00.3061629Z", // the example of [MS-DTYP] 2.3.3 has a date of this form
		// The last tick of the year 9999.
		2650467743999999999: "9999-12-31T23:59:59.9999999Z",
	}
	for f, want := range tests {
		got, ok := f.Time()
		require.True(t, ok, want)
		require.Equal(t, want, got.Format(time.RFC3339Nano))
		require.Equal(t, time.UTC, got.Location())
		require.Equal(t, f, dtyp.FiletimeOf(got), want)
	}
}

// Zero, sentinels, negative and far values are no times, and none overflows.
func TestFiletimeWithoutTime(t *testing.T) {
	for _, f := range []dtyp.Filetime{
		0, 2650467744000000000, math.MaxInt64, math.MaxInt64 + 1, 1 << 63, math.MaxUint64, math.MaxUint64 - 1,
	} {
		got, ok := f.Time()
		require.False(t, ok, "%d gives %v", uint64(f), got)
		require.True(t, got.IsZero())
	}
	require.True(t, dtyp.Filetime(0).IsZero())
	require.False(t, dtyp.Filetime(1).IsZero())
	require.Zero(t, dtyp.FiletimeOf(time.Date(1600, 12, 31, 23, 59, 59, 0, time.UTC)))
	require.Zero(t, dtyp.FiletimeOf(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)))
	require.Zero(t, dtyp.FiletimeOf(time.Time{}))
}

// The zone of a time changes nothing, not even at the ends of the range; far times do not overflow.
func TestFiletimeOfExtremes(t *testing.T) {
	east, west := time.FixedZone("east", 3600), time.FixedZone("west", -3600)
	for _, c := range []struct {
		in   time.Time
		want dtyp.Filetime
	}{
		{time.Date(10000, 1, 1, 0, 30, 0, 0, east), 2650467726000000000}, // 9999-12-31T23:30 in UTC
		{time.Date(9999, 12, 31, 23, 30, 0, 0, west), 0},                 // 10000-01-01T00:30 in UTC
		{time.Date(1601, 1, 1, 0, 30, 0, 0, east), 0},                    // 1600-12-31T23:30 in UTC
		{time.Date(1600, 12, 31, 23, 30, 0, 0, west), 18000000000},       // 1601-01-01T00:30 in UTC
		{time.Date(1601, 1, 1, 0, 0, 0, 99, time.UTC), 0},
		{time.Unix(math.MaxInt64, 0), 0},
		{time.Unix(math.MaxInt64-11644473600, 0), 0},
		{time.Unix(math.MinInt64, 0), 0},
	} {
		require.Equal(t, c.want, dtyp.FiletimeOf(c.in), c.in)
	}
}
