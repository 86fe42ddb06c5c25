package dtyp

import "time"

// A Filetime is a time as Windows counts it: units of 100 ns since 1601-01-01 UTC, as described in [MS-DTYP] 2.3.3.
// Zero and the values that the protocols use for "never" are no times.
type Filetime uint64

const (
	ticksPerSecond = 10_000_000
	// unixEpoch is 1970-01-01 in seconds since 1601-01-01.
	unixEpoch = 11_644_473_600
	// lastUnix is the last second of the year 9999 since 1970, lastFiletime its last tick: RFC 3339 can write no later.
	lastUnix              = 253_402_300_799
	lastFiletime Filetime = (lastUnix+1+unixEpoch)*ticksPerSecond - 1
)

// IsZero tells whether the value is zero, which means that no time was given.
func (f Filetime) IsZero() bool { return f == 0 }

// Time returns the time in UTC. It is false for zero, for negative values (the sentinels 0x7FFFFFFFFFFFFFFF and
// 0xFFFFFFFFFFFFFFFF among them) and for times beyond the year 9999.
func (f Filetime) Time() (time.Time, bool) {
	if f == 0 || f > lastFiletime {
		return time.Time{}, false
	}
	seconds, ticks := int64(f/ticksPerSecond), int64(f%ticksPerSecond)
	return time.Unix(seconds-unixEpoch, ticks*100).UTC(), true
}

// FiletimeOf returns t as a Filetime, cut to 100 ns; zero for times before 1601 and beyond the year 9999. The year is that
// of UTC, so that t's zone changes nothing.
func FiletimeOf(t time.Time) Filetime {
	seconds := t.Unix()
	if seconds < -unixEpoch || seconds > lastUnix {
		return 0
	}
	return Filetime(seconds+unixEpoch)*ticksPerSecond + Filetime(t.Nanosecond()/100)
}
