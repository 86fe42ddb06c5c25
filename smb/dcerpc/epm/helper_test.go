package epm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// parsed parses a vector and checks what holds for every message: no prefix passes for it, and what the value builds
// parses to the same value, whatever the referents are numbered.
func parsed[T wiretest.Message](t *testing.T, parse func([]byte) (T, error), vector string) T {
	t.Helper()
	msg := wiretest.Hex(t, vector)
	x, err := parse(msg)
	require.NoError(t, err)
	wiretest.Prefixes(t, parse, msg)
	wiretest.Stable(t, parse, msg)
	built, err := x.AppendBinary(nil)
	require.NoError(t, err)
	wiretest.RoundTrip(t, parse, built)
	again, err := parse(built)
	require.NoError(t, err)
	require.Equal(t, x, again)
	return x
}

// fuzz is the body of a fuzz target.
func fuzz[T wiretest.Message](f *testing.F, parse func([]byte) (T, error), vectors ...string) {
	f.Helper()
	for _, v := range vectors {
		f.Add(wiretest.Hex(f, v))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, parse, data) })
}
